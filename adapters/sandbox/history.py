"""Three months and more of the sample company's work as ledger entries: the same for the same seed and moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from adapters.sandbox.company import Company
from adapters.sandbox.incidents import incidents
from adapters.sandbox.planning import ZONE, Plan, plan
from adapters.sandbox.retelling import File, Retelling
from bot import entries
from bot.config.schema import Config
from bot.ids import new_id
from bot.model import Entry

EXCUSES = ("客户CEO出差", "电话无人接听", "客户产线检修，改约下月", "采购总监休假", "电话无人接听")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was recorded at one moment; `files` are originals that appear here for the first time, with their MIME type."""

    at: datetime
    entries: tuple[Entry, ...]
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A visit, written down."""

    plan: Plan
    ends: datetime
    served: datetime | None
    entries: tuple[Entry, ...]
    files: tuple[File, ...]


def history(company: Company, until: datetime, seed: int = 1) -> Iterator[Batch]:
    """Yield it in the order of time, from the first of the month three months ago; nothing in it is later than `until`."""
    random, config = Random(f"{seed}-history"), Config()
    told = [_tell(one, company, config, random) for one in plan(company, until, random)]
    told = [one for one in told if one.ends <= until]
    batches = [Batch(at=one.ends, entries=one.entries, files=one.files) for one in told]
    served = [(one.plan.client, one.served, one.ends) for one in told if one.served]
    batches += [Batch(at=at, entries=facts) for at, facts in incidents(company, served, until, config, random)]
    batches += _notes(company, told, until, random)
    seen: set[bytes] = set()
    for batch in sorted(batches, key=lambda one: one.at):
        fresh = tuple({data: (data, mime) for data, mime in batch.files if data not in seen}.values())
        seen |= {data for data, _ in fresh}
        yield Batch(at=batch.at, entries=batch.entries, files=fresh)


def _tell(one: Plan, company: Company, config: Config, random: Random) -> Told:
    retelling = Retelling(one, company, config, random)
    facts = tuple(retelling.entries())
    return Told(plan=one, ends=retelling.ends, served=retelling.served, entries=facts, files=tuple(retelling.files))


def _notes(company: Company, told: list[Told], until: datetime, random: Random) -> Iterator[Batch]:
    """Reps explain a few of this month's missing 高层拜访 and 线上需求梳理."""
    local = until.astimezone(ZONE)
    met = {(one.plan.client.id, one.plan.kind) for one in told if one.served and one.served.astimezone(ZONE).month == local.month}
    lacking = [
        (client, kind)
        for client in company.clients
        for kind, grade in (("executive_visit", "A"), ("online_need_review", "C"))
        if client.grade == grade and (client.id, kind) not in met
    ]
    month_start = local.replace(day=1, hour=9, minute=0, second=0, microsecond=0)
    span = (until - month_start).total_seconds()
    for (client, kind), excuse in zip(random.sample(lacking, k=min(len(EXCUSES), len(lacking))), EXCUSES, strict=False):
        at = until - timedelta(seconds=random.uniform(0, max(span, 1) * 0.5))
        note = new_id("n_", at, f"sample:{client.id}:{kind}")
        yield Batch(at=at, entries=(entries.note_added(note, client.id, kind, f"{local:%Y-%m}", excuse, client.owner, at),))
