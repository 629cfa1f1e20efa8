"""A local month of actions: the months that are added up already, in UTC, with the hours at both edges put in and taken out."""

from datetime import UTC, datetime

from bot.store.fields import to_ms
from bot.store.month_fold import month_of


def added(columns: str, table: str, where: str = "", only: str = "") -> str:
    """A query of `columns` and `n`, of which a sum is the local month's count. Its marks are filled by `values`.

    `columns` and `where` say the same of `deeds` as of `table`; `only`: which deeds the table holds.
    """
    deeds = f"SELECT {columns}, CAST(? AS INTEGER) AS n FROM deeds WHERE at >= ? AND at < ? {only} {where}"
    return f"SELECT {columns}, n FROM {table} WHERE month = ? {where} UNION ALL {deeds} UNION ALL {deeds}"


def values(month: str, start: int, end: int, *scope: object) -> list[object]:
    """`start`, `end`: of the local `YYYY-MM`, in milliseconds; `scope` fills the marks of `where`."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    since, until = to_ms(first), to_ms(first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1))
    before = (1, start, since) if start < since else (-1, since, start)
    after = (1, until, end) if end > until else (-1, end, until)
    return [month_of(first), *scope, *before, *scope, *after, *scope]
