"""Forecasts and what came, read for chat and reports alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from bot.config.schema import Config
from bot.entries import parse_instant
from bot.measures.forecasting import (
    Backtest,
    Figures,
    Lead,
    Line,
    MonthReport,
    Said,
    calibration,
    grouped,
    in_force,
    mean_error,
    total,
    weight,
    weighted,
)
from bot.store.fields import from_ms, to_ms
from bot.store.reading import month_bounds
from bot.store.reading_sql import select
from bot.store.tables import FactBefore, FactRow, PersonRow

CUSTOMERS = "SELECT id, owner, region, annual_purchase_fen AS fen FROM customers WHERE (? = '' OR region = ?)"
ORDERED = """
SELECT customer, SUM(amount) AS amount FROM facts WHERE kind = 'orders' AND at >= ? AND at < ? AND (? = '' OR "by" <> ?) GROUP BY customer
"""
LAST_ORDER = "SELECT customer, MAX(at) AS at FROM facts WHERE kind = 'orders' AND at >= ? AND at < ? GROUP BY customer"
DONE = """
SELECT customer, stage, tier, MAX(at) AS at FROM actions WHERE state = 'complete' AND at >= ? AND at < ? GROUP BY customer, stage, tier
"""
SPAN = """SELECT MIN(at) AS first FROM facts WHERE kind = 'orders' AND "by" <> ?"""
YEAR = timedelta(days=365)
SAMPLE = "sample"  # facts of the invented company
MONTHS = 12  # of a backtest, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    figures: list[Figures]
    leads: list[tuple[Fraction, bool]]
    from_said: int
    from_purchase: int


async def month_report(config: Config, month: str, region: str | None, now: datetime) -> MonthReport:
    """`region` None = all. Raises ValueError for what is no YYYY-MM."""
    _, end = month_bounds(config, month)
    running = end > now
    read = await _read(config, month, region, now, real=False)
    names = {str(id_): str(name) for id_, name in await PersonRow.all().values_list("id", "name")}
    regions = {one.id: one.name for one in config.regions}
    return MonthReport(
        month=month,
        region=region,
        running=running,
        whole=total("", read.figures, running=running),
        regions=_named(grouped(read.figures, "region", running=running), regions),
        reps=_named(grouped(read.figures, "rep", running=running), names),
        from_said=read.from_said,
        from_purchase=read.from_purchase,
    )


def _named(lines: Sequence[Line], names: Mapping[str, str]) -> tuple[Line, ...]:
    return tuple(replace(one, name=names.get(one.name, one.name) or "—") for one in lines)


async def backtest(config: Config, region: str | None, now: datetime) -> Backtest | None:
    """None without imported orders in a month that is over: of the invented company nothing is claimed."""
    first = (await select(SPAN, SAMPLE))[0]["first"]
    months = _months(config, from_ms(int(first)), now) if first is not None else []
    if not months:
        return None
    lines, leads = [], []
    for month in months:
        read = await _read(config, month, region, now, real=True)
        lines.append(total(month, read.figures, running=False))
        leads += read.leads
    return Backtest(
        months=tuple(lines),
        said_error=mean_error(lines, "deviation"),
        own_error=mean_error(lines, "own_deviation"),
        bins=tuple(calibration(leads)),
    )


def _months(config: Config, first: datetime, now: datetime) -> list[str]:
    """Months that are over, from that of the first order on; the last twelve."""
    found, month = [], f"{first.astimezone(config.zone):%Y-%m}"
    while (bounds := month_bounds(config, month))[1] <= now:
        found.append(month)
        month = f"{bounds[1]:%Y-%m}"
    return found[-MONTHS:]


async def _read(config: Config, month: str, region: str | None, now: datetime, *, real: bool) -> _Read:
    """`real`: without the invented company's facts."""
    start, end = month_bounds(config, month)
    left_out = SAMPLE if real else ""
    customers = {str(row["id"]): row for row in await select(CUSTOMERS, region or "", region or "")}
    ordered = {str(row["customer"]): int(row["amount"]) for row in await select(ORDERED, to_ms(start), to_ms(end), left_out, left_out)}
    said = {key: value for key, value in (await _said(month, start, real=real)).items() if key[1] in customers}
    by_customer: dict[str, int] = {}
    for (_, customer), (amount, _) in said.items():
        by_customer[customer] = by_customer.get(customer, 0) + amount
    leads = await _leads(config, customers, by_customer, min(start, now))
    figures = [Figures(rep=rep, region=customers[id_]["region"], said=amount, late=late) for (rep, id_), (amount, late) in said.items()]
    for id_ in (ordered.keys() & customers.keys()) | leads.keys():
        own = weighted(leads[id_], config.forecast) if id_ in leads else None
        figures.append(Figures(rep=customers[id_]["owner"], region=customers[id_]["region"], own=own, actual=ordered.get(id_, 0)))
    counted = [(weight(lead, config.forecast), ordered.get(id_, 0) > 0) for id_, lead in leads.items()]
    from_said = len(leads.keys() & by_customer.keys())
    return _Read(figures=figures, leads=counted, from_said=from_said, from_purchase=len(leads) - from_said)


async def _said(month: str, start: datetime, *, real: bool) -> dict[tuple[str, str], tuple[int, bool]]:
    """(rep, customer) → amount in force, and whether it was said late."""
    rows = [row for row in await FactRow.filter(kind="forecasts", month=month) if not (real and row.by == SAMPLE)]
    versions: dict[tuple[str, str], list[Said]] = {}
    for row in rows:
        said = Said(fact=row.id, rep=row.rep, customer=row.customer, amount=row.amount or 0, made_at=row.at or row.recorded_at)
        versions.setdefault((row.rep, row.customer), []).append(said)
    corrected = [row.id for row in rows if row.corrections]
    for before in await FactBefore.filter(fact__in=corrected) if corrected else []:
        body = before.body
        if body["month"] != month or (body["rep"], body["customer"]) not in versions:
            continue
        made_at = parse_instant(body["at"]) if body["at"] else before.recorded_at
        said = Said(fact=before.fact, rep=body["rep"], customer=body["customer"], amount=body["amount"] or 0, made_at=made_at)
        versions[body["rep"], body["customer"]].append(said)
    found = {key: in_force(some, start) for key, some in versions.items()}
    return {key: (one.said.amount, one.late) for key, one in found.items() if one}


async def _leads(config: Config, customers: Mapping[str, Mapping[str, Any]], said: Mapping[str, int], at: datetime) -> dict[str, Lead]:
    """Customers met within a year who have not ordered since."""
    order = {stage.id: rank for rank, stage in enumerate(config.stages)}
    since, until = to_ms(at - YEAR), to_ms(at)
    bought = {str(row["customer"]): int(row["at"]) for row in await select(LAST_ORDER, since, until)}
    best: dict[str, tuple[int, str, str]] = {}
    last: dict[str, int] = {}
    for row in await select(DONE, since, until):
        id_ = str(row["customer"])
        if id_ in customers:
            best[id_] = max(best.get(id_, (-1, "", "")), (order.get(row["stage"], -1), row["tier"], row["stage"]))
            last[id_] = max(last.get(id_, 0), int(row["at"]))
    day = 86_400_000
    return {
        id_: Lead(
            customer=id_,
            basis=said.get(id_, int(customers[id_]["fen"]) // 12),
            stage=stage,
            tier=tier,
            idle_days=(until - last[id_]) // day,
        )
        for id_, (_, tier, stage) in best.items()
        if bought.get(id_, -1) < last[id_] - day  # an order is dated by its day
    }
