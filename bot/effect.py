"""What a shadow run found, as the values of the templates that tell it: in chat, and by the command."""

from bot.config.saying import said
from bot.config.schema import Config, Rule
from bot.config.terms import CHOICES, KINDS
from bot.entries import instant
from bot.model import Json
from bot.replay import Effect, Incident
from bot.store import people


async def told(effect: Effect, present: Config, new: Config, most: int) -> Json:
    """Values of `reply/config_effect`: the counts, a line a rule that differs, and the first `most` incidents of each side."""
    rules = {rule.id: rule for config in (new, present) for rule in config.rules}
    named = await people.named(effect.people)
    listed = [_item(one, sign, present, new, named) for sign, some in (("+", effect.more), ("-", effect.fewer)) for one in some[:most]]
    return {
        "since": instant(effect.since),
        "until": instant(effect.until),
        "days": max(round((effect.until - effect.since).total_seconds() / 86_400), 1),
        "to": _to(present, new),
        "more": len(effect.more),
        "fewer": len(effect.fewer),
        "people": len(effect.people),
        "before": effect.before,
        "after": effect.after,
        "sooner": effect.sooner,
        "later": effect.later,
        "rules": [_rule(effect, rule) for rule in rules.values() if any(effect.of(rule.id))],
        "listed": listed,
        "rest": len(effect.more) + len(effect.fewer) - len(listed),
        "left_out": [title(rule) for rule in effect.left_out],
    }


def title(rule: Rule) -> str:
    """A rule as an admin knows it."""
    return f"{KINDS[rule.kind]}（{rule.id}）"


def _to(present: Config, new: Config) -> str:
    """Where one value alone was changed, what it was changed to."""
    lines = said(present, new)
    return lines[0].partition(" → ")[2] if len(lines) == 1 else ""


def _rule(effect: Effect, rule: Rule) -> Json:
    more, fewer, persons = effect.of(rule.id)
    return {"name": title(rule), "more": more, "fewer": fewer, "people": persons}


def _item(one: Incident, sign: str, present: Config, new: Config, named: Json) -> Json:
    config = new if sign == "+" else present
    region, person = config.region(one.region), named.get(one.owner)
    return {
        "sign": sign,
        "at": instant(one.moment),
        "rule": one.rule,
        "customer": one.customer,
        "person": person.name if person else one.owner,
        "region": region.name if region else one.region,
        "tell": [CHOICES["tell"][who] for who in one.tell],
    }
