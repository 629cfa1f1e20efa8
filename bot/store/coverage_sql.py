"""The two queries behind a month's coverage, for either database: all customers added up, and customers one by one.

Both say who was a customer by then, whose, of which region and of which grade: by his purchases and his owner as they were at that moment.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.config.schema import Config
from bot.evidence.tiers import at_least
from bot.store.month_sql import added
from bot.store.month_sql import values as values_of
from bot.store.reading_sql import select

GRADED = """
WITH held AS MATERIALIZED (
    SELECT c.id AS customer, COALESCE(h.owner, c.owner) AS owner, COALESCE(h.region, c.region) AS region, COALESCE(
        (SELECT p.fen FROM purchases p WHERE p.customer = c.id AND p.since < ? ORDER BY p.since DESC, p.id DESC LIMIT 1),
        c.annual_purchase_fen) AS fen
    FROM customers c
    LEFT JOIN (SELECT customer, MIN(until) AS until FROM holdings WHERE until >= ? GROUP BY customer) f ON f.customer = c.id
    LEFT JOIN holdings h ON h.customer = f.customer AND h.until = f.until
    WHERE c.imported_at < ? {only}
), graded AS MATERIALIZED (
    SELECT customer, owner, region, CASE {grades} END AS grade FROM held
)
"""
ADDED_UP = """, quotas (grade, kind, quota) AS (VALUES {quotas}
), counts AS MATERIALIZED (
    SELECT customer, kind, SUM(CASE WHEN strong THEN n ELSE 0 END) AS strong, SUM(CASE WHEN strong THEN 0 ELSE n END) AS weak FROM (
        SELECT customer, kind, tier >= CASE kind {tiers} ELSE ? END AS strong, n FROM ({added}) told
    ) proved GROUP BY customer, kind
), done AS MATERIALIZED (
    SELECT g.owner AS owner, g.region AS region, g.grade AS grade,
        SUM(CASE WHEN n.strong < COALESCE(q.quota, 0) THEN n.strong ELSE COALESCE(q.quota, 0) END) AS done,
        SUM(n.strong) AS strong, SUM(n.weak) AS weak
    FROM counts n JOIN graded g ON g.customer = n.customer LEFT JOIN quotas q ON q.grade = g.grade AND q.kind = n.kind
    GROUP BY g.owner, g.region, g.grade
)
SELECT g.owner AS owner, g.region AS region, g.grade AS grade, g.customers AS customers, d.done AS done, d.strong AS strong, d.weak AS weak
FROM (SELECT owner, region, grade, COUNT(*) AS customers FROM graded GROUP BY owner, region, grade) g
LEFT JOIN done d ON d.owner = g.owner AND d.region = g.region AND d.grade = g.grade
WHERE g.grade IS NOT NULL ORDER BY g.owner, g.region, g.grade
"""
OF_THESE = " AND customer IN (SELECT customer FROM graded WHERE grade IS NOT NULL)"
COUNTED = "AND kind <> ''"  # of a deed without a kind it is not true either
ONE_BY_ONE = """
SELECT customer, owner, region, grade FROM graded
WHERE grade IS NOT NULL AND (? = '' OR region = ?) AND (? = '' OR owner = ?) AND (? = '' OR grade = ?)
ORDER BY region, owner, customer
"""
NOTED = "AND c.id IN (SELECT customer FROM notes WHERE month = ?)"


WITHIN = " AND COALESCE(h.region, c.region) = ?"
OF_NOTED = "AND kind <> '' AND customer IN (SELECT customer FROM notes WHERE month = ?)"
NOTED_COUNTS = f"""
SELECT customer, kind, tier, SUM(n) AS n FROM ({added("customer, kind, tier", "customer_months", OF_NOTED, "AND state = 'complete'")}) told
GROUP BY customer, kind, tier HAVING SUM(n) > 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A local month in milliseconds: [start, end), and `before`, just after the last moment whose grades and owners count."""

    month: str
    start: int
    end: int
    before: int


async def added_up(rules: Config, at: Moment, region: str) -> list[dict[str, Any]]:
    """Rows of owner, region, grade, customers, done (capped), strong, weak; the last three None where nothing was done."""
    grades, values = _graded(rules, at, region=region)
    quotas = [(grade.id, kind, quota) for grade in rules.grades for kind, quota in grade.quota.items()] or [("", "", 0)]
    tiers = [(kind.id, kind.min_tier or rules.coverage.min_tier or "") for kind in rules.action_kinds]
    sql = (grades + ADDED_UP).format(
        quotas=", ".join(["(CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS INTEGER))"] * len(quotas)),
        tiers=" ".join(["WHEN CAST(? AS TEXT) THEN CAST(? AS TEXT)"] * len(tiers)),
        added=added("customer, kind, tier", "customer_months", COUNTED + (OF_THESE if region else ""), "AND state = 'complete'"),
    )
    sql = sql.replace("ELSE ? END", "ELSE CAST(? AS TEXT) END")
    told = [*_flat(quotas), *_flat(tiers), rules.coverage.min_tier or "", *values_of(at.month, at.start, at.end)]
    return await select(sql, *values, *told)


async def one_by_one(
    rules: Config, at: Moment, *, region: str = "", owner: str = "", grade: str = "", noted: str = ""
) -> list[dict[str, Any]]:
    """Customers with their owner, region and grade; `noted`: only those with an exception note of that month."""
    graded, values = _graded(rules, at, region=region, noted=noted)
    return await select(graded + ONE_BY_ONE, *values, *(region, region, owner, owner, grade, grade))


async def noted_counts(rules: Config, at: Moment) -> dict[str, dict[str, int]]:
    """Customer → kind → complete actions that are strong enough, of customers with an exception note of the month."""
    wanted = strong_enough(rules)
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in await select(NOTED_COUNTS, *values_of(at.month, at.start, at.end, at.month)):
        if at_least(row["tier"], wanted.get(row["kind"], wanted[""])):
            found[row["customer"]][row["kind"]] += int(row["n"])
    return found


def _graded(rules: Config, at: Moment, *, region: str = "", noted: str = "") -> tuple[str, list[Any]]:
    cases: list[Any] = []
    signs: list[str] = []
    for grade in rules.grades:
        sign, fen = grade.floor
        signs.append(f"WHEN fen {sign} ? THEN CAST(? AS TEXT)")
        cases += [fen, grade.id]
    sql = GRADED.replace("{grades}", " ".join(signs) or "WHEN 1 = 0 THEN NULL")
    sql = sql.replace("{only}", (NOTED if noted else "") + (WITHIN if region else ""))
    return sql, [at.before, at.before, at.before, *([noted] if noted else []), *([region] if region else []), *cases]


def _flat(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [value for row in rows for value in row]


def strong_enough(rules: Config) -> Mapping[str, str]:
    """Kind → the least tier that counts, "" = any; "" → of kinds that the config does not know."""
    return {"": rules.coverage.min_tier or ""} | {kind.id: kind.min_tier or rules.coverage.min_tier or "" for kind in rules.action_kinds}
