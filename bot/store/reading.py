"""Figures of a month, read for chat, API and reports alike: the one place where facts become counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

from bot.config.load import compile_bytes
from bot.config.schema import Config
from bot.errors import ConfigError
from bot.evidence.tiers import at_least
from bot.measures.coverage import CoverageReport, CustomerMonth, coverage
from bot.store.fields import to_ms
from bot.store.reading_sql import select

# Whoever was a customer by then, with what it bought a year by then; without a history, what it buys now.
CUSTOMERS = """
SELECT c.id AS id, COALESCE(
    (SELECT p.fen FROM purchases p WHERE p.customer = c.id AND p.since < ? ORDER BY p.since DESC, p.id DESC LIMIT 1),
    c.annual_purchase_fen) AS fen
FROM customers c WHERE c.imported_at < ? AND (? = '' OR c.region = ?) ORDER BY c.id
"""
DONE = """
SELECT customer, kind, tier, COUNT(*) AS n FROM actions
WHERE at >= ? AND at < ? AND state = 'complete' AND kind IS NOT NULL GROUP BY customer, kind, tier
"""
NOTES = "SELECT customer, kind, text FROM notes WHERE month = ? ORDER BY at, id"
VERSION_BEFORE = "SELECT sha256, text FROM config_versions WHERE at < ? ORDER BY at DESC, id DESC LIMIT 1"
VERSION_FIRST = "SELECT sha256, text FROM config_versions ORDER BY at, id LIMIT 1"
FUNNEL = """
SELECT stage, COUNT(*) AS actions, COUNT(DISTINCT customer) AS customers FROM actions
WHERE at >= ? AND at < ? AND state = 'complete' AND (? = '' OR region = ?) GROUP BY stage
"""

MOMENT = timedelta(milliseconds=1)  # the database's grain

Pair: TypeAlias = tuple[str, str]  # customer, kind


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCount:
    """A step of the funnel: complete actions of a stage, and how many customers they were with."""

    stage: str
    name: str
    actions: int
    customers: int


def month_bounds(config: Config, month: str) -> tuple[datetime, datetime]:
    """First instant of a local `YYYY-MM` and of the one after it. Raises ValueError on anything else."""
    start = datetime.strptime(month, "%Y-%m").replace(tzinfo=config.zone)
    after = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start, after


async def coverage_report(config: Config, month: str, region: str | None, now: datetime) -> CoverageReport:
    """Coverage of a local month; `region` None = all. Grades as of the month's end, or of now while it runs."""
    start, end = month_bounds(config, month)
    notes: dict[Pair, list[str]] = defaultdict(list)
    for row in await select(NOTES, month):
        notes[row["customer"], row["kind"]].append(row["text"])
    rules = await _rules(config, end, now)
    start, end = month_bounds(rules, month)
    done, weak = _counted(rules, await select(DONE, to_ms(start), to_ms(end)))
    grades = await _grades(rules, min(end - MOMENT, now), region or "")
    by_customer = _by_customer(grades, done, weak, notes)
    return replace(coverage(month, region, by_customer, rules.grades), version=rules.version)


async def _rules(config: Config, end: datetime, now: datetime) -> Config:
    """Grades and quotas of a month that is over are those in force at its end: today's edit does not move it."""
    if end > now:
        return config
    versions = await select(VERSION_BEFORE, to_ms(end)) or await select(VERSION_FIRST)
    then = _compiled(versions[0]["text"]) if versions else None
    return then.of_version(versions[0]["sha256"]) if then else config


@lru_cache(maxsize=16)
def _compiled(text: str) -> Config | None:
    """None for a text that this version of the product no longer takes."""
    try:
        return compile_bytes(text.encode(), "config.toml").config
    except ConfigError:
        return None


async def _grades(config: Config, at: datetime, region: str) -> Mapping[str, str]:
    """Customer → grade at a moment; who fits no grade has no quota and is not counted."""
    before = to_ms(at + MOMENT)  # what was imported at this very moment counts
    rows = await select(CUSTOMERS, before, before, region, region)
    graded = ((row["id"], config.grade_of(row["fen"])) for row in rows)
    return {customer: grade.id for customer, grade in graded if grade}


def _counted(config: Config, rows: Iterable[Mapping[str, Any]]) -> tuple[dict[Pair, int], dict[str, int]]:
    """Actions by customer and kind that are strong enough, and by customer those that are not."""
    wanted = {kind.id: kind.min_tier or config.coverage.min_tier for kind in config.action_kinds}
    done: dict[Pair, int] = defaultdict(int)
    weak: dict[str, int] = defaultdict(int)
    for row in rows:
        if at_least(row["tier"], wanted.get(row["kind"], config.coverage.min_tier)):
            done[row["customer"], row["kind"]] += row["n"]
        else:
            weak[row["customer"]] += row["n"]
    return done, weak


def _by_customer(
    grades: Mapping[str, str], done: Mapping[Pair, int], weak: Mapping[str, int], notes: Mapping[Pair, list[str]]
) -> list[CustomerMonth]:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    said: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for (customer, kind), count in done.items():
        counts[customer][kind] = count
    for (customer, kind), texts in notes.items():
        said[customer][kind] = tuple(texts)
    return [
        CustomerMonth(
            customer=customer, grade=grade, done=counts.get(customer, {}), weak=weak.get(customer, 0), notes=said.get(customer, {})
        )
        for customer, grade in grades.items()
    ]


async def funnel(config: Config, month: str, region: str | None, now: datetime | None = None) -> tuple[StageCount, ...]:
    """Complete actions of a local month by stage; with `now`, by the stages that were in force at the end of a month that is over."""
    start, end = month_bounds(config, month)
    config = await _rules(config, end, now) if now else config
    start, end = month_bounds(config, month)
    rows = await select(FUNNEL, to_ms(start), to_ms(end), region or "", region or "")
    counted = {row["stage"]: row for row in rows}
    return tuple(_step(stage.id, stage.name, counted.get(stage.id, {})) for stage in config.stages)


def _step(stage: str, name: str, row: Mapping[str, int]) -> StageCount:
    return StageCount(stage=stage, name=name, actions=row.get("actions", 0), customers=row.get("customers", 0))
