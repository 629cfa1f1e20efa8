"""The offline page in a real browser, opened from a file: it says what the Python verifier says, word for word where both name a thing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.checkpoint import Signer
from bot.commands.assembly import public_key
from bot.dossier import check
from bot.store import checkpoint_rows
from tests.dossier.conftest import pack
from tests.dossier.test_dossier import TAMPERED, Files, repacked, resummed, signed_anew, unpacked
from tests.e2e.house import House
from tests.outside import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
async def page(visited: House, tmp_path: Path) -> AsyncIterator[Page]:
    """verify.html as it lies in the archive, without a network."""
    line = visited.product.line
    early = await checkpoint_rows.last()
    assert early
    async with line.database.step():
        await checkpoint_rows.keep_stamps(early.size, {"tsa": b"posted"}, line.clock.now())
    await pack(visited, tmp_path / "F.zip", without=frozenset({"phones"}))
    (tmp_path / "verify.html").write_bytes(unpacked(tmp_path / "F.zip")["verify.html"])
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = await browser.new_context(offline=True)
        opened = await context.new_page()
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("request", lambda request: None if request.url.startswith(("file:", "blob:")) else complaints.append(request.url))
        await opened.goto((tmp_path / "verify.html").as_uri())
        yield opened
        assert complaints == []
        await browser.close()


async def verdict(page: Page, archive: Path) -> set[str]:
    """What the page says is broken."""
    await page.set_input_files("#file", [])
    await page.set_input_files("#file", str(archive))
    await expect(page.locator("#verdict.good, #verdict.bad")).to_be_visible(timeout=60_000)
    return set(await page.locator("li.bad").all_inner_texts())


async def test_the_page_and_the_script_agree(visited: House, page: Page, tmp_path: Path) -> None:
    archive = tmp_path / "F.zip"
    assert await verdict(page, archive) == set(check.check(archive).broken) == set()
    await expect(page.locator("#verdict")).to_have_text("全部相符")
    notes = " ".join(await page.locator("li.note").all_inner_texts())
    assert "电话号码不随本份提供" in notes and "C001" in notes

    files = unpacked(archive)
    changes: list[Files] = [resummed(change(files)) for change, _ in TAMPERED]
    changes += [files | {"index.pdf": b"%PDF-"}, {name: data for name, data in files.items() if name != "SHA256SUMS"}]
    for number, changed in enumerate(changes):
        path = repacked(changed, tmp_path / f"{number}.zip")
        expected = set(check.check(path).broken)
        assert expected and await verdict(page, path) == expected, number
    cut = tmp_path / "cut.zip"
    cut.write_bytes(archive.read_bytes()[:-400])
    assert await verdict(page, cut) == {"cut.zip: 读不了, 或不是完整的 zip 文件"}


async def test_a_key_and_a_checkpoint_from_elsewhere(visited: House, page: Page, tmp_path: Path) -> None:
    archive = tmp_path / "F.zip"
    files = unpacked(archive)
    await page.locator("summary").click()
    await page.fill("#key", str(public_key(visited.setup())))
    forged = repacked(resummed(signed_anew(files)), tmp_path / "forged.zip")
    assert any("与你给出的公钥不同" in line for line in await verdict(page, forged))

    size = int(next(name for name in files if name.startswith("consistency/")).split("/")[1].removesuffix(".json"))
    row = await checkpoint_rows.at_size(size)
    assert row
    await page.fill("#against", f"群里那张卡片：\n{row.note}")
    assert await verdict(page, archive) == set()
    forked = Signer((visited.path.parent / "data" / "signing.key").read_bytes()).sign(size, b"\x01" * 32)
    await page.fill("#against", forked)
    assert await verdict(page, archive) == {"对照的检查点与取证包的账本接不上: 那之前的记录被改写过"}
