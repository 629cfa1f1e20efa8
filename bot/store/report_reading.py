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
from bot.store.reading_sql import select

OURS = "(? = '' OR {table}.region = ?)"
LIGHTS = f"""
SELECT rule, state, how, COUNT(*) AS n FROM alerts
WHERE since >= ? AND since < ? AND {OURS.format(table="alerts")} GROUP BY rule, state, how
"""
OPEN = f"SELECT COUNT(*) AS n FROM alerts WHERE state <> 'resolved' AND since < ? AND {OURS.format(table='alerts')}"
CHAINS = f"""
SELECT a.stage AS stage, a.kind AS kind, photo, place, summary, COUNT(*) AS n FROM (
    SELECT actions.stage, actions.kind,
        CASE WHEN EXISTS (SELECT 1 FROM evidence e WHERE e.action = actions.id AND e.kind = 'photo' AND e.state = 'counted')
            THEN 1 ELSE 0 END AS photo,
        CASE WHEN actions.point IS NULL THEN 0 ELSE 1 END AS place,
        CASE WHEN EXISTS (SELECT 1 FROM evidence e LEFT JOIN transcripts t ON t.evidence = e.id
            WHERE e.action = actions.id AND e.kind = 'voice' AND e.state = 'counted'
            AND (t.evidence IS NULL OR COALESCE(t.edited, t.machine) <> '')) THEN 1 ELSE 0 END AS summary
    FROM actions WHERE actions.at >= ? AND actions.at < ? AND actions.state <> 'withdrawn' AND {OURS.format(table="actions")}) a
GROUP BY a.stage, a.kind, photo, place, summary
"""
REPS = """
SELECT p.id AS id, p.name AS name, p.roles AS roles FROM people p WHERE p.active AND (? = '' OR p.region = ?) ORDER BY p.id
"""
DONE = f"""
SELECT rep, COUNT(*) AS actions, SUM(CASE WHEN state = 'complete' THEN 1 ELSE 0 END) AS complete FROM actions
WHERE at >= ? AND at < ? AND state <> 'withdrawn' AND {OURS.format(table="actions")} GROUP BY rep
"""
TIMES = """
SELECT t.rep AS rep, t.at AS at FROM (
    SELECT rep, started_at AS at FROM visits WHERE started_at >= ? AND started_at < ? UNION ALL
    SELECT rep, at FROM actions WHERE at >= ? AND at < ? UNION ALL
    SELECT rep, sent_at FROM evidence WHERE sent_at >= ? AND sent_at < ?) t
JOIN people p ON p.id = t.rep WHERE (? = '' OR p.region = ?) ORDER BY t.rep, t.at
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


async def open_lights(of: Stretch) -> int:
    """How many are on now, of those that came on before the end."""
    return int((await select(OPEN, to_ms(of.end), *of.ours))[0]["n"])


async def chains(of: Stretch, config: Config) -> list[Chain]:
    """What the actions have and lack; a stage or kind that the config no longer knows asks for no place."""
    rows = await select(CHAINS, *of.span, *of.ours)
    return [
        Chain(
            photo=bool(row["photo"]),
            place=bool(row["place"]),
            summary=bool(row["summary"]),
            place_asked=_on_site(config, row["stage"], row["kind"]),
            actions=row["n"],
        )
        for row in rows
    ]


def _on_site(config: Config, stage: str, kind: str | None) -> bool:
    try:
        return config.place_of(stage, kind) == "onsite"
    except KeyError:
        return False


async def reps(of: Stretch) -> list[Rep]:
    """The region's reps, and whoever else recorded something there."""
    done = {row["rep"]: row for row in await select(DONE, *of.span, *of.ours)}
    people = await select(REPS, *of.ours)
    named = {row["id"]: row["name"] for row in people if '"rep"' in row["roles"] or row["id"] in done}
    return [_rep(id_, named.get(id_, id_), done.get(id_, {})) for id_ in sorted({*named, *done})]


def _rep(id_: str, name: str, row: Mapping[str, int]) -> Rep:
    return Rep(id=id_, name=name, actions=row.get("actions", 0), complete=row.get("complete", 0))


async def message_times(of: Stretch) -> dict[str, list[datetime]]:
    """When each rep recorded something."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for row in await select(TIMES, *of.span, *of.span, *of.span, *of.ours):
        found[row["rep"]].append(from_ms(row["at"]))
    return found


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
