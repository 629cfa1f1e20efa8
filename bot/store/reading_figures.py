"""What the board counts of people's doings beside coverage: completeness, red lights, minutes. One read for all who show it.

`region` and `rep` "" = all. A rep's figures are of what he did himself.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from bot.config.schema import Config
from bot.measures.alarms import Light, RuleRecord, alarms
from bot.measures.board import CompletenessMonth, Within
from bot.measures.completeness import Chain, completeness
from bot.measures.effort import Effort
from bot.store.fields import to_ms
from bot.store.month_sql import added, values
from bot.store.reading import month_bounds, rules_then
from bot.store.reading_sql import select

WHOSE = "AND state <> 'withdrawn' AND (? = '' OR region = ?) AND (? = '' OR rep = ?)"
CHAINS = f"""
SELECT rep, stage, kind, photo, place, summary, SUM(n) AS n
FROM ({added("rep, stage, COALESCE(kind, '') AS kind, photo, place, summary", "rep_months", WHOSE)}) told
GROUP BY rep, stage, kind, photo, place, summary HAVING SUM(n) > 0
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
HOUR_MS = 3_600_000


async def completeness_month(config: Config, asked: Within, now: datetime) -> CompletenessMonth:
    """Actions begun in the month and not taken back; a month that is over keeps the rules of its end."""
    config = await rules_then(config, asked.month, now)
    start, end = _span(config, asked.month)
    rows = await select(CHAINS, *values(asked.month, start, end, asked.region, asked.region, asked.rep, asked.rep))
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
        actions=int(row["n"]),
    )


def place_asked(config: Config, stage: str, kind: str | None) -> bool:
    """Whether such an action had to be on site; what the config no longer knows had to."""
    kinds = {one.id: one.place for one in config.action_kinds}
    stages = {one.id: one.place for one in config.stages}
    return (kinds.get(kind or "") or stages.get(stage, "onsite")) == "onsite"


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


def _span(config: Config, month: str) -> tuple[int, int]:
    start, end = month_bounds(config, month)
    return to_ms(start), to_ms(end)
