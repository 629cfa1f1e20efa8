"""预测 <客户> <金额> <月>: one line; 预测偏差 [区域]: what became of such lines."""

from datetime import datetime

from bot import entries
from bot.errors import Refusal
from bot.intake.bad import BadRow
from bot.intake.fields import fen
from bot.measures.forecasting import Line
from bot.model import Json
from handlers.customers import meant, similar
from handlers.roles import decides_for, leads, region_asked
from handlers.words import MONTH_SAID, Command
from handlers.work import Work

REPS = 10  # lines of an answer


def state(work: Work, command: Command) -> None:
    """Record what a rep expects of a customer in a month; said again, it is a correction and both stay."""
    amount_said, month_said = command.more
    found = [one for one in meant(command.arg, work.case.customers) if one.owner == work.person.id or decides_for(work.person, one.region)]
    if not found:
        raise Refusal("no_customer", words=command.arg, similar=similar(command.arg, work.own))
    if len(found) > 1:
        raise Refusal("several_customers", names=[one.name for one in found])
    try:
        amount = fen(amount_said, "金额")
    except BadRow as bad:
        raise Refusal("forecast", why=str(bad)) from None
    at = work.interaction.sent_at
    month = month_of(month_said, at.astimezone(work.config.zone))
    if month is None:
        raise Refusal("forecast", why=f"月份「{month_said}」看不懂，或已经过去")
    fact = f"forecasts:{work.person.id[:40]}_{found[0].id[:40]}_{month}"
    values = {"customer": found[0].id, "at": entries.instant(at), "amount": amount, "rep": work.person.id, "month": month}
    work.record(entries.fact_stated(fact, "forecasts", values, work.person.id, work.source, at))
    work.reply("reply/forecast_taken", customer=found[0].name, amount=amount, month=month)


def month_of(said: str, now: datetime) -> str | None:
    """`2026-12`, 12月, 本月, 下月 → YYYY-MM, this month or one of the eleven after it where no year is given; None for what is past."""
    here = now.year * 12 + now.month - 1
    plain = said.strip()
    if plain in ("本月", "这个月", "当月"):
        return _spelled(here)
    if plain in ("下月", "下个月"):
        return _spelled(here + 1)
    found = MONTH_SAID.fullmatch(plain)
    if not found or not 1 <= int(found[2]) <= 12:
        return None
    if found[1]:
        asked = int(found[1]) * 12 + int(found[2]) - 1
        return _spelled(asked) if here <= asked <= here + 60 else None
    return _spelled(here + (int(found[2]) - now.month) % 12)


def _spelled(months: int) -> str:
    return f"{months // 12}-{months % 12 + 1:02}"


def deviations(work: Work, command: Command) -> None:
    """The last months that are over, this one, and the reps of the last; with the reason where there is no figure."""
    if not leads(work.person):
        raise Refusal("directors_only")
    region_asked(work, command.arg)
    months = work.case.forecasts
    if not months:
        raise Refusal("stale_button")
    region = work.config.region(months[0].region or "")
    over = [one for one in months if not one.running]
    work.reply(
        "reply/deviations",
        region=region.name if region else "全部区域",
        months=[{"month": one.month, **line(one.whole)} for one in months],
        last=over[-1].month if over else "",
        reps=[line(one) for one in over[-1].reps[:REPS]] if over else [],
        regions=[line(one) for one in over[-1].regions] if over and not region else [],
    )


def line(found: Line) -> Json:
    """A line as templates read it."""
    values = {"deviation": found.deviation, "own_deviation": found.own_deviation}
    same = {name: getattr(found, name) for name in ("name", "said", "own", "actual", "why", "late")}
    return same | {name: float(value) if value is not None else None for name, value in values.items()}
