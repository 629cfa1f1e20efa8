"""Opportunities: added up for the board, one by one for the lists behind it. A customer is of the region where it is now; "" = all."""

from collections import defaultdict
from datetime import datetime

from bot.config.schema import Config
from bot.measures.board import FunnelMonth, Within
from bot.measures.funnel import Claim, Opportunity, beyond, claims, funnel
from bot.store.fields import from_ms, to_ms
from bot.store.reading import month_bounds, rules_then
from bot.store.reading_sql import select, tuples

REACHED = """
SELECT m.customer, {moments} FROM milestones m
WHERE m.at < ? AND m.customer IN (SELECT id FROM customers WHERE (? = '' OR region = ?) AND (? = '' OR owner = ?)) GROUP BY m.customer
"""
MOMENT = "MIN(CASE WHEN m.stage = CAST(? AS TEXT) THEN m.at END)"
CLAIMS = """
SELECT customer, stage FROM (
    SELECT m.customer AS customer, m.stage AS stage FROM deeds m
    WHERE m.at >= ? AND m.at < ? AND m.state IN ('incomplete', 'quarantined')
    UNION SELECT m.customer AS customer, m.word AS stage FROM facts m WHERE m.kind = 'deals'
) said WHERE customer || '' IN (SELECT id FROM customers WHERE (? = '' OR region = ?) AND (? = '' OR owner = ?))
"""
MILESTONES = """
SELECT m.customer AS customer, m.stage AS stage, m.at AS at, c.owner AS owner, c.region AS region
FROM customers c JOIN milestones m ON m.customer = c.id
WHERE m.at < ? AND (? = '' OR c.region = ?) AND (? = '' OR c.owner = ?)
"""
CLAIMED = """
SELECT d.action AS id, d.customer AS customer, d.stage AS stage, c.owner AS owner, c.region AS region
FROM deeds d JOIN customers c ON c.id = d.customer
WHERE d.at >= ? AND d.at < ? AND d.state IN ('incomplete', 'quarantined') AND (? = '' OR c.region = ?) AND (? = '' OR c.owner = ?)
ORDER BY d.at, d.action
"""
DEALS = """
SELECT SUBSTR(f.id, 7) AS id, f.customer AS customer, f.word AS stage, c.owner AS owner, c.region AS region
FROM facts f JOIN customers c ON c.id = f.customer
WHERE f.kind = 'deals' AND (? = '' OR c.region = ?) AND (? = '' OR c.owner = ?) ORDER BY f.at, f.id
"""


async def funnel_month(config: Config, asked: Within, now: datetime) -> FunnelMonth:
    """The funnel of all customers of a part of the company; a month that is over keeps the stages of its end."""
    config = await rules_then(config, asked.month, now)
    stages = [stage.id for stage in config.stages]
    start, end = month_bounds(config, asked.month)
    scope = (asked.region, asked.region, asked.rep, asked.rep)
    rows = await tuples(REACHED.format(moments=", ".join([MOMENT] * len(stages))), *stages, _before(end, now), *scope)
    reached = {row[0]: row[1:] for row in map(tuple, rows)}
    claimed = await tuples(CLAIMS, to_ms(start), to_ms(end), *scope)
    return FunnelMonth(
        steps=tuple(funnel(stages, reached.values(), to_ms(min(end, now)))),
        claims=beyond(stages, reached, map(tuple, claimed)),
    )


async def claims_month(config: Config, asked: Within, now: datetime) -> list[Claim]:
    """Every stage that is claimed beyond what is proved, one by one."""
    some = await opportunities(config, asked, now)
    return claims([stage.id for stage in (await rules_then(config, asked.month, now)).stages], some)


async def opportunities(config: Config, asked: Within, now: datetime) -> list[Opportunity]:
    """Customers with what was proved by the month's end, and what was claimed in it: by incomplete actions, and by deals as they stand."""
    config = await rules_then(config, asked.month, now)
    start, end = month_bounds(config, asked.month)
    reached: dict[str, dict[str, datetime]] = defaultdict(dict)
    claimed: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    whose: dict[str, tuple[str, str]] = {}
    scope = (asked.region, asked.region, asked.rep, asked.rep)
    for row in await select(MILESTONES, _before(end, now), *scope):
        reached[row["customer"]][row["stage"]] = from_ms(row["at"])
        whose[row["customer"]] = row["owner"], row["region"]
    for source, rows in (("action", await select(CLAIMED, to_ms(start), to_ms(end), *scope)), ("deal", await select(DEALS, *scope))):
        for row in rows:  # an action that says the same as a deal has a record to look at
            known = claimed[row["customer"]].get(row["stage"])
            if known is None or known[0] == source == "action":
                claimed[row["customer"]][row["stage"]] = source, row["id"]
            whose[row["customer"]] = row["owner"], row["region"]
    return [
        Opportunity(customer=id_, owner=owner, region=region, reached=reached.get(id_, {}), claimed=claimed.get(id_, {}))
        for id_, (owner, region) in sorted(whose.items())
    ]


def _before(end: datetime, now: datetime) -> int:
    """What happened at this very moment counts."""
    return min(to_ms(end), to_ms(now) + 1)
