"""客户健康度: what is known of a customer, part by part, each with its value, its bounds and its records. There is no single score."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bot.measures.silent import Dated, ratio, shown

GOOD, WATCH, BAD, UNKNOWN = "good", "watch", "bad", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vital:
    """One part. `value`: days, a count, or times; `rule`: its bounds in words; `sources`: ids of the records that it rests on."""

    id: str
    state: str
    value: str
    rule: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is on record. Payments that are due and not paid, tickets that are open; `fed`: kinds of which anything is known at all."""

    last_action: Dated | None = None
    last_order: Dated | None = None
    overdue: tuple[Dated, ...] = ()
    open_tickets: tuple[str, ...] = ()
    last_inquiry: Dated | None = None
    visits: int = 0
    visit_ms: int = 0
    usual_seconds: int | None = None
    fed: frozenset[str] = frozenset()


def health(signs: Signs, today: date) -> tuple[Vital, ...]:
    """Six parts, always in this order. Unknown is what nobody fed, not what is bad."""
    return (
        _since("action", signs.last_action, today, (14, 30), unknown=signs.last_action is None),
        _since("order", signs.last_order, today, (180, 365), unknown=signs.last_order is None),
        _payments(signs, today),
        _tickets(signs),
        _site(signs),
        _since("inquiry", signs.last_inquiry, today, (30, 90), unknown=signs.last_inquiry is None),
    )


def tally(vitals: Iterable[Vital]) -> dict[str, int]:
    """How many parts stand how."""
    states = [vital.state for vital in vitals]
    return {state: states.count(state) for state in (GOOD, WATCH, BAD, UNKNOWN)}


def _graded(value: int, bounds: tuple[int, int]) -> str:
    return GOOD if value <= bounds[0] else WATCH if value <= bounds[1] else BAD


def _since(id_: str, last: Dated | None, today: date, bounds: tuple[int, int], *, unknown: bool) -> Vital:
    rule = f"{bounds[0]} 天内良好, {bounds[1]} 天内留意"
    if unknown or last is None:
        return Vital(id=id_, state=UNKNOWN, value="", rule=rule)
    days = max((today - last.day).days, 0)
    return Vital(id=id_, state=_graded(days, bounds), value=str(days), rule=rule, sources=(last.id,))


def _payments(signs: Signs, today: date) -> Vital:
    late = sorted((item for item in signs.overdue if item.day < today), key=lambda item: (item.day, item.id))
    days = (today - late[0].day).days if late else 0
    state = UNKNOWN if "payments" not in signs.fed else _graded(days, (0, 90))
    return Vital(
        id="payments", state=state, value=str(days), rule="没有逾期良好, 逾期 90 天内留意", sources=tuple(item.id for item in late[:20])
    )


def _tickets(signs: Signs) -> Vital:
    count = len(signs.open_tickets)
    state = UNKNOWN if "tickets" not in signs.fed else _graded(count, (0, 2))
    return Vital(id="tickets", state=state, value=str(count), rule="没有未关闭的工单良好, 2 个以内留意", sources=signs.open_tickets[:20])


def _site(signs: Signs) -> Vital:
    found = ratio(signs.visits, signs.visit_ms, signs.usual_seconds)
    rule = "不低于同行良好, 不低于一半留意"
    if found is None:
        return Vital(id="site", state=UNKNOWN, value="", rule=rule)
    state = GOOD if found >= 1 else WATCH if found >= Fraction(1, 2) else BAD
    return Vital(id="site", state=state, value=shown(found), rule=rule)
