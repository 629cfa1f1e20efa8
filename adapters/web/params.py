"""Query parameters of the JSON API: what is accepted, and how the OpenAPI document describes it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

from multidict import MultiMapping
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from adapters.web.problems import refuse
from bot.store.fields import EPOCH, from_ms, to_ms
from bot.store.reading_records import Position

IDENT = r"^[^\x00-\x1f\x7f]*$"
MONTH = r"^((19|20)[0-9]{2}-(0[1-9]|1[0-2]))?$"
CURSOR = re.compile(r"^([0-9]{1,15}-[0-9A-Za-z_]{1,40})?$")
OFFSET = re.compile(r"^[0-9]{0,7}$", re.ASCII)
LIMIT_DIGITS = re.compile(r"[0-9]{1,4}")
# A "+" that was not percent-encoded arrives as a space: +08:00 is what everybody forgets to encode.
LOST_PLUS = re.compile(r"(.{11}[^ ]*) (\d\d:\d\d)")
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
EARLIEST, LATEST = EPOCH, datetime(9999, 1, 1, tzinfo=UTC)

Query = TypeVar("Query", bound=BaseModel)


def instant(text: str) -> datetime | None:
    """RFC 3339 → UTC; "" → None. What lies outside the years that databases know is moved to their edge. Raises ValueError."""
    if not text:
        return None
    spelled = LOST_PLUS.sub(r"\1+\2", text)
    if not INSTANT.fullmatch(spelled):
        raise ValueError("not RFC 3339")
    if spelled.startswith("0000"):
        return EARLIEST
    leap = spelled[17:19] == "60"
    at = datetime.fromisoformat((spelled[:17] + "59" + spelled[19:] if leap else spelled).upper())
    if not EARLIEST < at < LATEST:
        return EARLIEST if at <= EARLIEST else LATEST
    return at.astimezone(UTC) + timedelta(seconds=leap)


def position(text: str) -> Position | None:
    """A cursor's page break; "" → None. Raises ValueError."""
    if not CURSOR.fullmatch(text):
        raise ValueError("no cursor")
    at, _, id_ = text.partition("-")
    return (from_ms(min(int(at), to_ms(LATEST))), id_) if text else None


def cursor(at: datetime, id_: str) -> str:
    """Inverse of `position`."""
    return f"{max(0, to_ms(at))}-{id_}"


def _digits(value: Any) -> Any:
    if isinstance(value, str) and not LIMIT_DIGITS.fullmatch(value):
        raise ValueError("not a number")
    return value


def _offset(value: Any) -> Any:
    if isinstance(value, str) and not OFFSET.fullmatch(value):
        raise ValueError("no cursor")
    return int(value or 0)


EMPTY_OR_TIME = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "maxLength": 0}]}

Ident = Annotated[str, Field(pattern=IDENT, max_length=64)]
Month = Annotated[str, Field(pattern=MONTH, description="YYYY-MM，默认本月")]
Instant = Annotated[datetime | None, BeforeValidator(instant), WithJsonSchema(EMPTY_OR_TIME)]
Cursor = Annotated[Position | None, BeforeValidator(position), WithJsonSchema({"type": "string", "pattern": CURSOR.pattern})]
Offset = Annotated[int, BeforeValidator(_offset), WithJsonSchema({"type": "string", "pattern": OFFSET.pattern})]
Limit = Annotated[int, Field(ge=1, le=200, description="每页条数"), BeforeValidator(_digits)]


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(_Query):
    """Takes no parameters."""


class ActionsQuery(_Query):
    customer: Ident = ""
    rep: Ident = ""
    since: Instant = Field(default=None, description="含该时刻，RFC 3339")
    until: Instant = Field(default=None, description="不含该时刻，RFC 3339")
    cursor: Cursor = Field(default=None, description="上一页的 next")
    limit: Limit = 50


class AlertsQuery(_Query):
    state: Literal["firing", "acknowledged", "muted", "resolved", ""] = ""
    cursor: Cursor = Field(default=None, description="上一页的 next")
    limit: Limit = 50


class RecordsQuery(_Query):
    """The filters of the page of records."""

    customer: Ident = ""
    rep: Ident = ""
    region: Ident = ""
    stage: Ident = ""
    kind: Ident = ""
    state: Literal["complete", "incomplete", "quarantined", "withdrawn", ""] = ""
    month: Month = ""
    cursor: Cursor = None


class NowQuery(_Query):
    region: Ident = Field(default="", description="区域编号，默认全部可见区域")
    rep: Ident = Field(default="", description="客户经理工号，默认全部")


class PartQuery(NowQuery):
    month: Month = ""


class CoverageQuery(PartQuery):
    grade: Ident = Field(default="", description="客户等级，默认全部")


class TrendQuery(PartQuery):
    months: Annotated[int, Field(ge=1, le=24, description="往回多少个月"), BeforeValidator(_digits)] = 6


class ListQuery(PartQuery):
    cursor: Offset = Field(default=0, description="上一页的 next")
    limit: Limit = 50


class SlotsQuery(ListQuery):
    grade: Ident = Field(default="", description="客户等级，默认全部")
    customer: Ident = ""
    state: Literal["done", "explained", "missing", ""] = ""


class BoardQuery(PartQuery):
    """The board's filters, and those of the lists behind it."""

    grade: Ident = ""
    state: Literal["done", "explained", "missing", "open", "false", ""] = ""
    lack: Literal["photo", "place", "summary", "any", ""] = ""
    stage: Ident = ""
    rule: Ident = ""
    cursor: Offset = 0


def usable(text: str) -> bool:
    """Whether a text can be looked for: PostgreSQL refuses NUL, and no encoding takes half a surrogate pair."""
    return len(text) <= 80 and "\x00" not in text and text == text.encode(errors="replace").decode()


def read(model: type[Query], query: MultiMapping[str]) -> Query:
    """Raises Problem 422 that names the first bad parameter."""
    if len(set(query)) != len(query):
        refuse(422, "参数重复")
    try:
        return model.model_validate(dict(query))
    except ValidationError as error:
        name = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        known = name in model.model_fields
        refuse(422, f"参数 {name} 的值不对" if known else "有不认识的参数")
