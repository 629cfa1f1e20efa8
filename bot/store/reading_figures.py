"""What the board counts beside coverage: completeness, opportunities, red lights, minutes, deals. One read for all who show it.

`region` and `rep` "" = all. A rep's figures are of what he did himself, a customer's of the region where it is now.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from bot.config.schema import Config
from bot.measures.alarms import Light, RuleRecord, alarms
from bot.measures.board import CompletenessMonth, FunnelMonth, Within
from bot.measures.completeness import Chain, completeness
from bot.measures.deals import Collection, Deal, Honesty, Payment, collection, honesty
from bot.measures.effort import Effort
from bot.measures.funnel import Opportunity, claims, funnel
from bot.store.fields import from_ms, to_ms
from bot.store.reading import month_bounds, rules_then
from bot.store.reading_sql import select

CHAINS = """
SELECT rep, stage, kind, photo, place, summary, COUNT(*) AS n FROM deeds
WHERE {where} at >= ? AND at < ? AND state <> 'withdrawn' AND (? = '' OR rep = ?)
GROUP BY rep, stage, kind, photo, place, summary
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
LIGHTS = """
SELECT rule, state, how, COUNT(*) AS n FROM alerts
WHERE since >= ? AND since < ? AND (? = '' OR region = ?) AND (? = '' OR owner = ?) GROUP BY rule, state, how
"""
OPEN = """
SELECT rule, COUNT(*) AS n FROM alerts
WHERE state IN ('firing', 'acknowledged', 'muted') AND (? = '' OR region = ?) AND (? = '' OR owner = ?) GROUP BY rule
"""
EFFORTS = """
SELECT e.rep AS rep, SUM(e.ms) AS ms, COUNT(DISTINCT (e.hour * CAST(3600000 AS BIGINT) + ?) / 86400000) AS days
FROM efforts e JOIN people p ON p.id = e.rep
WHERE e.hour >= ? AND e.hour < ? AND (? = '' OR p.region = ?) AND (? = '' OR e.rep = ?) GROUP BY e.rep ORDER BY e.rep
"""
FACTS = """
SELECT SUBSTR(f.id, {skip}) AS id, f.customer AS customer, f.word AS word, f.amount AS amount, f.at AS at, f.done_at AS done_at,
    c.owner AS owner, c.region AS region, c.name AS name
FROM facts f JOIN customers c ON c.id = f.customer
WHERE f.kind = ? AND (? = '' OR c.region = ?) AND (? = '' OR c.owner = ?) ORDER BY f.at, f.id
"""
HOUR_MS = 3_600_000


async def completeness_month(config: Config, asked: Within, now: datetime) -> CompletenessMonth:
    """Actions begun in the month and not taken back; a month that is over keeps the rules of its end."""
    config = await rules_then(config, asked.month, now)
    start, end = _span(config, asked.month)
    sql = CHAINS.format(where="region = ? AND" if asked.region else "")
    rows = await select(sql, *([asked.region] if asked.region else []), start, end, asked.rep, asked.rep)
    by_rep: dict[str, list[Chain]] = defaultdict(list)
    for row in rows:
        by_rep[row["rep"]].append(_chain(config, row))
    return CompletenessMonth(
        total=completeness(one for some in by_rep.values() for one in some),
        by_rep={rep: completeness(some) for rep, some in sorted(by_rep.items())},
    )


def _chain(config: Config, row: dict[str, Any]) -> Chain:
    return Chain(
        photo=bool(row["photo"]),
        place=bool(row["place"]),
        summary=bool(row["summary"]),
        place_asked=place_asked(config, row["stage"], row["kind"]),
        actions=row["n"],
    )


def place_asked(config: Config, stage: str, kind: str | None) -> bool:
    """Whether such an action had to be on site; what the config no longer knows had to."""
    kinds = {one.id: one.place for one in config.action_kinds}
    stages = {one.id: one.place for one in config.stages}
    return (kinds.get(kind or "") or stages.get(stage, "onsite")) == "onsite"


async def funnel_month(config: Config, asked: Within, now: datetime) -> FunnelMonth:
    """The funnel of all customers of a part of the company; a month that is over keeps the stages of its end."""
    config = await rules_then(config, asked.month, now)
    some = await opportunities(config, asked, now)
    stages = [stage.id for stage in config.stages]
    _, end = month_bounds(config, asked.month)
    return FunnelMonth(steps=tuple(funnel(stages, some, min(end, now))), claims=tuple(claims(stages, some)))


async def opportunities(config: Config, asked: Within, now: datetime) -> list[Opportunity]:
    """Customers with what was proved by the month's end, and what was claimed in it: by incomplete actions, and by deals as they stand."""
    start, end = _span(config, asked.month)
    reached: dict[str, dict[str, datetime]] = defaultdict(dict)
    claimed: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    whose: dict[str, tuple[str, str]] = {}
    scope = (asked.region, asked.region, asked.rep, asked.rep)
    for row in await select(MILESTONES, min(end, to_ms(now) + 1), *scope):
        reached[row["customer"]][row["stage"]] = from_ms(row["at"])
        whose[row["customer"]] = row["owner"], row["region"]
    for row in await select(CLAIMED, start, end, *scope):
        claimed[row["customer"]][row["stage"]] = "action", row["id"]
        whose[row["customer"]] = row["owner"], row["region"]
    for deal, owner, region in await _deals(asked):
        claimed[deal.customer].setdefault(deal.stage, ("deal", deal.id))  # an action that says the same has a record to look at
        whose[deal.customer] = owner, region
    return [
        Opportunity(customer=id_, owner=owner, region=region, reached=reached.get(id_, {}), claimed=claimed.get(id_, {}))
        for id_, (owner, region) in sorted(whose.items())
    ]


async def alarms_month(config: Config, asked: Within) -> list[RuleRecord]:
    """Red lights of the month by rule, in the config's order."""
    start, end = _span(config, asked.month)
    rows = await select(LIGHTS, start, end, asked.region, asked.region, asked.rep, asked.rep)
    lights = [Light(rule=row["rule"], state=row["state"], how=row["how"], count=row["n"]) for row in rows]
    return alarms(lights, [rule.id for rule in config.rules])


async def open_lights(region: str = "", rep: str = "") -> dict[str, int]:
    """Rule → red lights that nobody resolved yet."""
    return {row["rule"]: row["n"] for row in await select(OPEN, region, region, rep, rep)}


async def efforts(config: Config, since: datetime, until: datetime, region: str = "", rep: str = "") -> list[Effort]:
    """What recording cost each rep in [since, until), in whole hours."""
    offset = since.astimezone(config.zone).utcoffset() or timedelta()
    shift = offset // timedelta(milliseconds=1)
    first, last = to_ms(since) // HOUR_MS, -(-to_ms(until) // HOUR_MS)
    rows = await select(EFFORTS, shift, first, last, region, region, rep, rep)
    return [Effort(rep=row["rep"], days=row["days"], seconds=int(row["ms"]) / 1000) for row in rows]


async def honesty_now(config: Config, now: datetime, region: str = "", rep: str = "") -> Honesty:
    """Signed deals that nobody touches, crossed with overdue payments, as both stand."""
    asked = Within(month="", region=region, rep=rep)
    deals = [deal for deal, _, _ in await _deals(asked)]
    return honesty(deals, await _payments(asked), now, config.zone)


async def collection_month(config: Config, asked: Within, now: datetime) -> Collection:
    """Of what was due in the month: how much was paid within 30 days."""
    start, end = month_bounds(config, asked.month)
    return collection(await _payments(asked), start, end, now, config.zone)


async def _deals(asked: Within) -> list[tuple[Deal, str, str]]:
    """With their customer's owner and region."""
    rows = await _facts("deals", asked)
    return [
        (
            Deal(
                id=row["id"],
                customer=row["customer"],
                stage=row["word"],
                fen=row["amount"] or 0,
                updated_at=from_ms(row["at"]),
                name=row["name"],
            ),
            row["owner"],
            row["region"],
        )
        for row in rows
    ]


async def _payments(asked: Within) -> list[Payment]:
    return [
        Payment(
            id=row["id"],
            customer=row["customer"],
            fen=row["amount"] or 0,
            due_at=from_ms(row["at"]),
            paid_at=None if row["done_at"] is None else from_ms(row["done_at"]),
        )
        for row in await _facts("payments", asked)
    ]


async def _facts(kind: str, asked: Within) -> list[dict[str, Any]]:
    sql = FACTS.format(skip=len(kind) + 2)
    return await select(sql, kind, asked.region, asked.region, asked.rep, asked.rep)


def _span(config: Config, month: str) -> tuple[int, int]:
    start, end = month_bounds(config, month)
    return to_ms(start), to_ms(end)
