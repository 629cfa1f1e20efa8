"""The two queries behind a month's coverage, for either database: all customers added up, and customers one by one.

Both say who was a customer by then, whose, of which region and of which grade: by his purchases and his owner as they were at that moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.config.schema import Config
from bot.store.reading_sql import select

GRADED = """
WITH held AS MATERIALIZED (
    SELECT c.id AS customer, COALESCE(h.owner, c.owner) AS owner, COALESCE(h.region, c.region) AS region, COALESCE(
        (SELECT p.fen FROM purchases p WHERE p.customer = c.id AND p.since < ? ORDER BY p.since DESC, p.id DESC LIMIT 1),
        c.annual_purchase_fen) AS fen
    FROM customers c
    LEFT JOIN (SELECT customer, MIN(until) AS until FROM holdings WHERE until >= ? GROUP BY customer) f ON f.customer = c.id
    LEFT JOIN holdings h ON h.customer = f.customer AND h.until = f.until
    WHERE c.imported_at < ?
), graded AS MATERIALIZED (
    SELECT customer, owner, region, CASE {grades} END AS grade FROM held
)
"""
ADDED_UP = """, quotas (grade, kind, quota) AS (VALUES {quotas}
), counts AS MATERIALIZED (
    SELECT customer, kind, SUM(strong) AS strong, COUNT(*) - SUM(strong) AS weak FROM (
        SELECT customer, kind, CASE WHEN tier >= CASE kind {tiers} ELSE ? END THEN 1 ELSE 0 END AS strong
        FROM deeds WHERE at >= ? AND at < ? AND state = 'complete' AND kind IS NOT NULL
    ) proved GROUP BY customer, kind
)
SELECT g.owner AS owner, g.region AS region, g.grade AS grade, COUNT(DISTINCT g.customer) AS customers,
    SUM(CASE WHEN n.strong < COALESCE(q.quota, 0) THEN n.strong ELSE COALESCE(q.quota, 0) END) AS done,
    SUM(n.strong) AS strong, SUM(n.weak) AS weak
FROM graded g LEFT JOIN counts n ON n.customer = g.customer LEFT JOIN quotas q ON q.grade = g.grade AND q.kind = n.kind
WHERE g.grade IS NOT NULL AND (? = '' OR g.region = ?) GROUP BY g.owner, g.region, g.grade ORDER BY g.owner, g.region, g.grade
"""
ONE_BY_ONE = """
SELECT customer, owner, region, grade FROM graded
WHERE grade IS NOT NULL AND (? = '' OR region = ?) AND (? = '' OR owner = ?) AND (? = '' OR grade = ?) {noted}
ORDER BY region, owner, customer
"""
NOTED = "AND customer IN (SELECT customer FROM notes WHERE month = ?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A month in milliseconds: [start, end), and `before`, just after the last moment whose grades and owners count."""

    start: int
    end: int
    before: int


async def added_up(rules: Config, at: Moment, region: str) -> list[dict[str, Any]]:
    """Rows of owner, region, grade, customers, done (capped), strong, weak; the last three None where nothing was done."""
    grades, values = _graded(rules, at)
    quotas = [(grade.id, kind, quota) for grade in rules.grades for kind, quota in grade.quota.items()] or [("", "", 0)]
    tiers = [(kind.id, kind.min_tier or rules.coverage.min_tier or "") for kind in rules.action_kinds]
    sql = (grades + ADDED_UP).format(
        quotas=", ".join(["(CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS INTEGER))"] * len(quotas)),
        tiers=" ".join(["WHEN CAST(? AS TEXT) THEN CAST(? AS TEXT)"] * len(tiers)),
    )
    sql = sql.replace("ELSE ? END", "ELSE CAST(? AS TEXT) END")
    told = [*_flat(quotas), *_flat(tiers), rules.coverage.min_tier or "", at.start, at.end, region, region]
    return await select(sql, *values, *told)


async def one_by_one(
    rules: Config, at: Moment, *, region: str = "", owner: str = "", grade: str = "", noted: str = ""
) -> list[dict[str, Any]]:
    """Customers with their owner, region and grade; `noted`: only those with an exception note of that month."""
    graded, values = _graded(rules, at)
    sql = graded + ONE_BY_ONE.format(noted=NOTED if noted else "")
    return await select(sql, *values, *(region, region, owner, owner, grade, grade), *([noted] if noted else []))


def _graded(rules: Config, at: Moment) -> tuple[str, list[Any]]:
    cases: list[Any] = []
    signs: list[str] = []
    for grade in rules.grades:
        sign, fen = grade.floor
        signs.append(f"WHEN fen {sign} ? THEN CAST(? AS TEXT)")
        cases += [fen, grade.id]
    sql = GRADED.replace("{grades}", " ".join(signs) or "WHEN 1 = 0 THEN NULL")
    return sql, [at.before, at.before, at.before, *cases]


def _flat(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [value for row in rows for value in row]


def strong_enough(rules: Config) -> Mapping[str, str]:
    """Kind → the least tier that counts, "" = any; "" → of kinds that the config does not know."""
    return {"": rules.coverage.min_tier or ""} | {kind.id: kind.min_tier or rules.coverage.min_tier or "" for kind in rules.action_kinds}
