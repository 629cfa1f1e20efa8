"""Nouns → the plain values that templates show."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from bot.case import Case
from bot.config.schema import Config
from bot.entries import instant, reasons_json
from bot.evidence.check import covering
from bot.evidence.needs import Missing, progress
from bot.evidence.verdict import place_mode
from bot.model import Action, Check, Customer, Evidence, Json, VerdictState, Visit
from handlers.customers import SHOWN

BUTTON = 10  # characters that WeCom shows
PIN, REPURCHASE = "📌", "repurchase"  # a mark that puts a customer on top of lists


def stage_name(config: Config, id_: str) -> str:
    """The name in force; an id that the config no longer has stands for itself."""
    return next((stage.name for stage in config.stages if stage.id == id_), id_)


def kind_name(config: Config, id_: str) -> str:
    return next((kind.name for kind in config.action_kinds if kind.id == id_), id_)


def action_name(config: Config, action: Action) -> str:
    """方案演示, or 商务谈判（高层拜访） where the kind says more than the stage."""
    stage = stage_name(config, action.stage)
    kind = kind_name(config, action.kind) if action.kind else stage
    return stage if kind == stage else f"{stage}（{kind}）"


def stages(config: Config) -> list[Json]:
    """The stage buttons."""
    return [{"id": stage.id, "name": stage.name} for stage in config.stages[:SHOWN]]


def customers(found: Iterable[Customer]) -> list[Json]:
    """The customer buttons."""
    return [{"id": customer.id, "name": label(customer)} for customer in list(found)[:SHOWN]]


def label(customer: Customer) -> str:
    """A name that fits a button: the shortest alias where the name does not."""
    names = [name for name in (customer.name, *customer.aliases) if name]
    name = customer.name if len(customer.name) <= BUTTON else min(names, key=len)
    return pinned(customer, name)


def pinned(customer: Customer, name: str = "") -> str:
    """A customer's name (or another word for him) in a list, with the pin of who is likely to buy again."""
    return f"{PIN if REPURCHASE in customer.marks else ''}{name or customer.name}"


def customer_name(case: Case, id_: str) -> str:
    """A customer's name; the id of one that is not in the case."""
    known = case.customer(id_)
    return known.name if known else id_


def gaps(missing: Iterable[Missing]) -> list[Json]:
    """What closing still asks for, as the `missing` filter reads it."""
    return [_gap(gap) for gap in missing]


def _gap(gap: Missing) -> Json:
    return {"kind": gap.kind, "have": _number(gap.have), "want": _number(gap.want), "kinds": list(gap.kinds), "seconds": 0}


def come(config: Config, action: Action) -> list[Json]:
    """What a stage asks for, with what has come: 照片 1/1，语音 0/1."""
    needs = next((stage.evidence for stage in config.stages if stage.id == action.stage), None)
    return [{**asdict(line), "kinds": list(line.kinds)} for line in progress(needs, action.evidence)] if needs else []


def item(evidence: Evidence) -> Json:
    return {
        "kind": evidence.kind,
        "seconds": evidence.seconds,
        "state": evidence.state.value,
        "reasons": reasons_json(evidence.reasons),
    }


def check(made: Check) -> Json:
    """A presence check; `place` is the record's own, or the customer's site that it was held against."""
    site = next((str(reason.values["site"]) for reason in made.reasons if reason.values.get("site")), "")
    return {
        "state": made.state.value,
        "place": made.place or site,
        "distance_m": made.distance_m,
        "until": instant(made.until),
        "battery": made.battery,
        "reasons": reasons_json(made.reasons),
    }


def action(config: Config, done: Action) -> Json:
    return {
        "id": done.id,
        "name": action_name(config, done),
        "at": instant(done.stamp.at),
        "state": done.verdict.state.value,
        "tier": done.verdict.tier,
        "lacks": reasons_json(done.verdict.reasons) if done.verdict.state is not VerdictState.COMPLETE else [],
    }


def wants_check(config: Config, checks: Iterable[Check], acted: Action, at: datetime) -> bool:
    """Whether the rep should be told to check in before he sends anything."""
    return place_mode(config, acted) == "onsite" and covering(checks, acted.customer, at) is None


def visit_values(visit: Visit) -> Json:
    return {"customer": visit.customer_name, "started": instant(visit.started_at)}


def _number(amount: float) -> float | int:
    return int(amount) if float(amount).is_integer() else amount
