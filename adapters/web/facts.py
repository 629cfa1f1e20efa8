"""Facts by HTTP: the same kinds and columns as `import`, as JSON items or as the CSV file itself."""

import csv
import io
import json
from collections.abc import Sequence

from aiohttp import web

from adapters.web.callbacks import read_capped
from adapters.web.desk import Desk
from adapters.web.problems import refuse
from adapters.web.viewer import caller_of
from bot.model import Json

KINDS = ("people", "customers", "sites", "contacts")
CAP = 4 * 1024 * 1024
ROWS = 20_000
COLUMNS = 64


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
        taken = await desk.take_in(kind, rows_of(data, request.content_type), data)
        rejected = [{"row": row, "reason": reason} for row, reason in taken.rejected]
        return web.json_response({"accepted": taken.accepted, "unchanged": taken.unchanged, "rejected": rejected})

    return web.post(f"{base}/facts/{{kind}}", take)


def rows_of(data: bytes, content_type: str) -> Sequence[Json]:
    """Rows as columns of text. Raises Problem."""
    if content_type not in ("application/json", "text/csv"):
        refuse(415)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse(400, "内容须为 UTF-8")
    if "\x00" in text:
        refuse(422)
    return _from_csv(text) if content_type == "text/csv" else _from_json(text)


def _from_csv(text: str) -> Sequence[Json]:
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        refuse(400, "CSV 无法解析")
    if len(rows) > ROWS:
        refuse(413, f"一次最多 {ROWS} 行")
    # A row longer than the header lies under None.
    return [{name: value or "" for name, value in row.items() if name is not None} for row in rows]


def _from_json(text: str) -> Sequence[Json]:
    try:
        body = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        refuse(400, "JSON 无法解析")
    items = body.get("items") if isinstance(body, dict) and body.keys() == {"items"} else None
    if not isinstance(items, list):
        refuse(422, '须为 {"items": [{列: 值}, …]}')
    if len(items) > ROWS:
        refuse(413, f"一次最多 {ROWS} 行")
    return [_row(number, item) for number, item in enumerate(items, start=1)]


def _row(number: int, item: object) -> Json:
    if not isinstance(item, dict) or len(item) > COLUMNS:
        refuse(422, f"第 {number} 项不是 {{列: 值}}")
    return {_text(number, name): _text(number, value) for name, value in item.items()}


def _text(number: int, value: object) -> str:
    """A number is spelled as its digits, nothing as nothing; what the columns say is judged by intake."""
    text = "" if value is None else str(value)
    sound = "\x00" not in text and text == text.encode(errors="replace").decode()
    if isinstance(value, bool) or not isinstance(value, str | int | float | None) or not sound:
        refuse(422, f"第 {number} 项的值须为文字或数字")
    return text


def _no_number(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are no JSON
