"""How the pages look: readable contrast, no sideways scrolling on a phone, and nothing that the page's own policy forbids."""

import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from adapters.web.pages import SCRIPT, STYLE
from tests.outside import chromium
from tests.web.company import DEMO, EXCESS, NEED, SILENT
from tests.web.outside import Bench

Web = TestClient[Any, Any]
PAIRS = [
    *((text, ground) for text in ("ink", "ink-soft", "accent") for ground in ("paper", "card", "sunk")),
    *((tone, ground) for tone in ("good", "warn", "bad", "calm") for ground in (f"{tone}-wash", "card")),
    *(("ink", f"{tone}-wash") for tone in ("good", "warn", "bad", "calm", "accent")),
    ("card", "accent"),
    ("card", "bad"),
    ("accent", "accent-wash"),
    ("bad", "paper"),
    ("sheet-ink", "sheet"),
    ("sheet-soft", "sheet"),
]
GROUNDS = ("paper", "card", "sunk")
SEEN = [(mark, ground) for mark in ("focus", "edge", *(f"series-{n}" for n in range(1, 5))) for ground in GROUNDS]

LENGTH = """sound => new Promise((done, fail) => {
    sound.onloadedmetadata = () => done(sound.duration)
    sound.onerror = () => fail(sound.error.message)
    sound.preload = "auto"
    sound.load()
})"""


def tokens(scheme: str) -> dict[str, str]:
    """Colours by name; the dark block stands after the light one and overrides it."""
    light, _, dark = (STYLE / "tokens.css").read_text().partition("prefers-color-scheme: dark")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return found | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if scheme == "dark" else {})


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(scheme: str, one: str, other: str) -> float:
    colours = tokens(scheme)
    lighter, darker = sorted((luminance(colours[one]), luminance(colours[other])), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out(scheme: str, text: str, ground: str) -> None:
    assert contrast(scheme, text, ground) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), SEEN)
def test_rings_edges_and_charts_are_seen(scheme: str, mark: str, ground: str) -> None:
    """WCAG 1.4.11."""
    assert contrast(scheme, mark, ground) >= 3


def test_no_style_names_a_colour_of_its_own() -> None:
    """What is no token escapes the tests above, and the dark scheme."""
    named = {file.name for file in STYLE.glob("*.css") if re.search(r"#[0-9a-f]{3,8}\b|\brgb|\bhsl", file.read_text())}
    assert named == {"tokens.css"}


def test_pages_name_only_files_that_are_there(tmp_path: Path) -> None:
    named = {name for page in STYLE.parent.rglob("*.j2") for name in re.findall(r"style\('([^']+)'\)", page.read_text())}
    assert named and named <= {file.name for folder in (STYLE, SCRIPT) for file in folder.iterdir()}


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
async def test_pages_fit_and_keep_to_their_policy(web: Web, desk: Bench, width: int, scheme: Any) -> None:
    from playwright.async_api import async_playwright

    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        context = await browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        url = str(web.make_url("/"))
        await context.add_cookies([{"name": name, "value": value, "url": url} for name, value in desk.session("D001").items()])
        page = await context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for record in (DEMO, NEED, SILENT, EXCESS):
            await page.goto(str(web.make_url(f"/record/{record}")))
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, record
        await page.goto(str(web.make_url(f"/record/{DEMO}")))
        assert await page.locator("audio").evaluate(LENGTH) > 1
        assert await page.locator(".shot img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        await browser.close()
    assert complaints == []
