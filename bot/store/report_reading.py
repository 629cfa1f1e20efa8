"""What a report is made of, read for a region ("" = all) and a stretch of time."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.config.schema import Config
from bot.measures.alarms import Light
from bot.measures.completeness import Chain
from bot.measures.submission import Recording
from bot.store.fields import from_ms, to_ms
from bot.store.reading_figures import place_asked
from bot.store.reading_sql import select

OURS = "(? = '' OR {table}.region = ?)"
LIGHTS = f"""
SELECT rule, state, how, COUNT(*) AS n FROM alerts
WHERE since >= ? AND since < ? AND {OURS.format(table="alerts")} GROUP BY rule, state, how
"""
CHAINS = f"""
SELECT stage, kind, photo, place, summary, COUNT(*) AS n FROM deeds
WHERE at >= ? AND at < ? AND state <> 'withdrawn' AND {OURS.format(table="deeds")} GROUP BY stage, kind, photo, place, summary
"""
REPS = """
SELECT p.id AS id, p.name AS name, p.roles AS roles FROM people p WHERE p.active AND (? = '' OR p.region = ?) ORDER BY p.id
"""
DONE = f"""
SELECT rep, COUNT(*) AS actions, SUM(CASE WHEN state = 'complete' THEN 1 ELSE 0 END) AS complete FROM deeds
WHERE at >= ? AND at < ? AND state <> 'withdrawn' AND {OURS.format(table="deeds")} GROUP BY rep
"""
RECORDED = """
SELECT t.rep AS rep, t.sent_at AS at, t.state AS state FROM transcripts t JOIN people p ON p.id = t.rep
WHERE t.scene <> '' AND t.sent_at >= ? AND t.sent_at < ? AND (? = '' OR p.region = ?)
"""
# What a rep typed and tapped while a visit was open; the message that ends it arrives a little after its own time.
TAPS = """
SELECT v.rep AS rep, v.id AS visit, COUNT(i.id) AS n FROM visits v JOIN people p ON p.id = v.rep
LEFT JOIN inbox i ON i.person = v.rep AND i.received_at >= v.started_at AND i.received_at <= v.ended_at + 10000
    AND i.kind IN ('text', 'menu', 'tap')
WHERE v.state = 'closed' AND v.started_at >= ? AND v.started_at < ? AND (? = '' OR p.region = ?) GROUP BY v.rep, v.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """A rep and what he recorded in the period."""

    id: str
    name: str
    actions: int
    complete: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Whose, and when: `start` ≤ t < `end`."""

    region: str
    start: datetime
    end: datetime

    @property
    def span(self) -> tuple[int, int]:
        return to_ms(self.start), to_ms(self.end)

    @property
    def ours(self) -> tuple[str, str]:
        return self.region, self.region


async def lights(of: Stretch) -> list[Light]:
    """Red lights that came on."""
    rows = await select(LIGHTS, *of.span, *of.ours)
    return [Light(rule=row["rule"], state=row["state"], how=row["how"], count=row["n"]) for row in rows]


async def chains(of: Stretch, config: Config) -> list[Chain]:
    """What the actions have and lack."""
    rows = await select(CHAINS, *of.span, *of.ours)
    return [
        Chain(
            photo=bool(row["photo"]),
            place=bool(row["place"]),
            summary=bool(row["summary"]),
            place_asked=place_asked(config, row["stage"], row["kind"]),
            actions=row["n"],
        )
        for row in rows
    ]


async def reps(of: Stretch) -> list[Rep]:
    """The region's reps, and whoever else recorded something there."""
    done = {row["rep"]: row for row in await select(DONE, *of.span, *of.ours)}
    people = await select(REPS, *of.ours)
    named = {row["id"]: row["name"] for row in people if '"rep"' in row["roles"] or row["id"] in done}
    return [_rep(id_, named.get(id_, id_), done.get(id_, {})) for id_ in sorted({*named, *done})]


def _rep(id_: str, name: str, row: Mapping[str, int]) -> Rep:
    return Rep(id=id_, name=name, actions=row.get("actions", 0), complete=row.get("complete", 0))


async def recordings(of: Stretch) -> list[Recording]:
    """Recordings of scenes."""
    rows = await select(RECORDED, *of.span, *of.ours)
    return [Recording(rep=row["rep"], at=from_ms(row["at"]), state=row["state"]) for row in rows]


async def taps(of: Stretch) -> dict[str, list[int]]:
    """Per rep: what was typed and tapped in each visit that was ended."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in await select(TAPS, *of.span, *of.ours):
        found[row["rep"]].append(row["n"])
    return found
