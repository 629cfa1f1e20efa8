"""Two column types that behave alike on SQLite and PostgreSQL."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tortoise import Model, fields

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970, exact. Raises ValueError on a naive datetime: the reader would shift it by eight hours."""
    if at.tzinfo is None:
        raise ValueError("naive datetime")
    return (at - EPOCH) // timedelta(milliseconds=1)


def from_ms(value: int) -> datetime:
    """Aware, UTC."""
    return EPOCH + timedelta(milliseconds=value)


class _Instant(fields.BigIntField):
    def to_db_value(self, value: Any, instance: type[Model] | Model) -> int | None:  # noqa: ARG002 - the ORM's signature
        return to_ms(value) if isinstance(value, datetime) else value

    def to_python_value(self, value: Any) -> Any:
        return from_ms(value) if isinstance(value, int) else value


class _JsonText(fields.TextField):
    def to_db_value(self, value: Any, instance: type[Model] | Model) -> str | None:  # noqa: ARG002 - the ORM's signature
        return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def to_python_value(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value


def table_of(model: type[Model]) -> str:
    """Name of a model's table."""
    return str(model._meta.db_table)  # noqa: SLF001 - the ORM tells it nowhere else without describing all columns


def columns_of(model: type[Model]) -> Mapping[str, fields.Field[Any]]:
    """A model's columns by name."""
    return model._meta.fields_map  # noqa: SLF001 - as above


def is_instant(column: fields.Field[Any]) -> bool:
    return isinstance(column, _Instant)


def is_document(column: fields.Field[Any]) -> bool:
    return isinstance(column, _JsonText)


if TYPE_CHECKING:
    # What is read from such a column is not what the base class says it is.
    def Instant(*, null: bool = False, db_index: bool = False) -> Any: ...  # noqa: N802 - a column type
    def JsonText(*, null: bool = False) -> Any: ...  # noqa: N802 - a column type
else:
    Instant = _Instant
    JsonText = _JsonText
