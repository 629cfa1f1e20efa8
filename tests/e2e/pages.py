"""Opening a link as somebody does in his chat client: through the platform's sign-in, cookies and all."""

import re
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.e2e.director import Director
from tests.e2e.house import House

PUBLIC = "http://127.0.0.1:8080"
DINGTALK = {"User-Agent": "Mozilla/5.0 (iPhone) AliApp(DingTalk/7.6.0)"}
WECOM = {"User-Agent": "Mozilla/5.0 (iPhone) wxwork/4.1.22 MicroMessenger/7.0.1"}
FEISHU = {"User-Agent": "Mozilla/5.0 (iPhone) Lark/7.30"}


async def opened(h: House, url: str, open_id: str, client: dict[str, str] | None = None) -> tuple[int, str, list[str]]:
    """Open a link in Feishu (or another client) as this person: (status, page, what was passed through)."""
    status, body, passed = await fetched(h, url, open_id, client)
    return status, body.decode(), passed


async def fetched(h: House, url: str, open_id: str, client: dict[str, str] | None = None) -> tuple[int, bytes, list[str]]:
    """The same, of a link to a file."""
    passed: list[str] = []
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(
        headers=client or FEISHU, cookie_jar=jar, cookies={"feishu_user": open_id, "dingtalk_user": open_id, "wecom_user": open_id}
    ) as session:
        for _ in range(8):
            url = url.replace(PUBLIC, h.product.url)
            async with session.get(url, allow_redirects=False) as answer:
                passed.append(urlsplit(url).path)
                if answer.status not in {301, 302, 303, 307}:
                    return answer.status, await answer.read(), passed
                url = answer.headers["Location"]
                url = url if url.startswith("http") else f"{h.product.url}{url}"
    raise AssertionError(f"too many redirects: {passed}")


def link(card: dict[str, Any], label: str = "查看记录") -> str:
    behaviour = Director.button(card, label)
    assert behaviour
    return str(behaviour["default_url"])


def csrf_of(page: str) -> str:
    """What its scripts send along as X-CSRF-Token."""
    found = re.search(r'<meta name="csrf" content="([\w-]+)">', page)
    return found[1] if found else ""
