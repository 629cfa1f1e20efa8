"""Facts by HTTP: the same kinds and columns as `import`, as JSON items or as the CSV file itself."""

import json
from collections.abc import Mapping, Sequence

from aiohttp import web

from adapters.web.callbacks import read_capped
from adapters.web.desk import Desk
from adapters.web.problems import answer, refuse
from adapters.web.viewer import caller_of
from bot.intake import FEEDS, BadTable, read_table

KINDS = ("people", "customers", "sites", "contacts", *FEEDS)
CAP = 4 * 1024 * 1024
ROWS = 20_000
COLUMNS = 64
FIRST = 2  # the number that intake gives to the first row

Rows = Sequence[tuple[int, Mapping[str, str]]]


def facts_route(base: str, desk: Desk) -> web.RouteDef:
    async def take(request: web.Request) -> web.Response:
        viewer = await caller_of(request, desk)
        if viewer.person:
            refuse(403, "只有持访问令牌的系统可以写入")
        if request.query:
            refuse(422, "有不认识的参数")
        kind = request.match_info["kind"]
        if kind not in KINDS:
            refuse(404)
        data = await read_capped(request, CAP)
        if data is None:
            refuse(413)
        rows = rows_of(data, request.content_type)
        taken = await desk.take_in(kind, [row for _, row in rows], data, "api")
        rejected = [{"row": rows[one.row - FIRST][0], "reason": one.reason} for one in taken.rejected]
        return answer({"accepted": taken.accepted, "unchanged": taken.unchanged, "rejected": rejected})

    return web.post(f"{base}/facts/{{kind}}", take)


def rows_of(data: bytes, content_type: str) -> Rows:
    """Numbered rows of text by column: lines of the CSV file, items of the JSON list from 1. Raises Problem."""
    if content_type == "text/csv":
        rows = _from_csv(data)
    elif content_type == "application/json":
        rows = _from_json(data)
    else:
        refuse(415)
    return rows if len(rows) <= ROWS else refuse(422, f"一次最多 {ROWS} 行")


def _from_csv(data: bytes) -> Rows:
    try:
        rows = list(read_table(data, "facts.csv")) if data.strip() else []
    except BadTable as error:
        refuse(400, str(error))
    return [(number, {_sound(number, name): _sound(number, cell) for name, cell in row.items()}) for number, row in rows]


def _from_json(data: bytes) -> Rows:
    try:
        body = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError):
        refuse(400, "JSON 无法解析")
    items = body.get("items") if isinstance(body, dict) and body.keys() == {"items"} else None
    if not isinstance(items, list):
        refuse(422, '应为 {"items": [{列: 值}, …]}')
    return [(number, _row(number, item)) for number, item in enumerate(items, start=1)]


def _row(number: int, item: object) -> Mapping[str, str]:
    if not isinstance(item, dict) or len(item) > COLUMNS:
        refuse(422, f"第 {number} 项不是 {{列: 值}}")
    return {_sound(number, name): _cell(number, value) for name, value in item.items()}


def _cell(number: int, value: object) -> str:
    """A number is spelled as its digits, nothing as nothing; what the columns say is judged by intake."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        refuse(422, f"第 {number} 项的值应为文字或数字")
    return "" if value is None else _sound(number, str(value))


def _sound(number: int, text: str) -> str:
    """What no database column takes is refused here: NUL, and half a surrogate pair."""
    if "\x00" in text or text != text.encode(errors="replace").decode():
        refuse(422, f"第 {number} 项含有无法保存的字符")
    return text


def _no_number(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are no JSON
