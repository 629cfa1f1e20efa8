"""What is to be seen of the product from outside: the API, and cards put into plain words."""

import json
from typing import Any

import aiohttp

from tests.e2e.house import ENVIRON, House

Json = dict[str, Any]


async def api(h: House, path: str, field: str = "") -> Any:
    """Ask the JSON API as an integrator does."""
    headers = {"Authorization": f"Bearer {ENVIRON['SALESTRACE_API_TOKEN']}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{h.product.url}/api/v1/{path}") as answer:
        told = await answer.json()
        assert answer.status == 200, told
        return told[field] if field else told


async def taken_in(h: House, kind: str, csv: str) -> None:
    """Master data brought in over the API, as a CSV file or as JSON."""
    content = "application/json" if csv.startswith("{") else "text/csv"
    headers = {"Authorization": f"Bearer {ENVIRON['SALESTRACE_API_TOKEN']}", "Content-Type": content}
    url = f"{h.product.url}/api/v1/facts/{kind}"
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, data=csv.encode()) as answer:
        told = await answer.json()
        assert answer.status == 200 and not told["rejected"], told


def words(item: Json) -> str:
    """Everything that a message shows, as one text."""
    return json.dumps(item.get("card", item.get("text", "")), ensure_ascii=False)


def button_of(item: Json, label: str) -> str:
    """Key of a WeCom card's button, "" when it has none of that label."""
    buttons = item.get("card", {}).get("button_list", [])
    return next((button.get("key", "") for button in buttons if button["text"] == label), "")


async def coverage(h: House, region: str = "") -> Json:
    """This month's figures by the API."""
    return await api(h, f"coverage?region={region}" if region else "coverage")  # type: ignore[no-any-return]
