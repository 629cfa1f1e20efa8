"""Red lights of the sample company's past: recorded while the regions were not live yet, so nobody was told then."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random

from adapters.sandbox.company import Client, Company
from bot import entries
from bot.config.schema import Config, Inactivity
from bot.ids import new_id
from bot.model import Alert, AlertState, Entry, Finding
from bot.rules.evaluate import evaluate
from bot.rules.facts import SilenceFacts

Served = tuple[Client, datetime, datetime]  # customer, stage word of a complete action, when it was recorded
Moment = tuple[datetime, tuple[Entry, ...]]
LEFT_FIRING = 5
SWITCHED_ON = timedelta(days=21)  # the rules came into force this long before the opening


def incidents(company: Company, served: Iterable[Served], until: datetime, config: Config, random: Random) -> Iterator[Moment]:
    """Raise each silence of 72 h when it was reached, clear it with the next complete action; the director took most of what is open."""
    by_client: dict[str, list[Served]] = defaultdict(list)
    for one in served:
        by_client[one[0].id].append(one)
    still_open: list[tuple[str, Client, datetime]] = []
    for times in by_client.values():
        times.sort(key=lambda one: one[1])
        for this, following in zip(times, [*times[1:], None], strict=True):
            found = _silence(company, this, following[1] if following else until, config)
            if found is None or (following and following[2] < until - SWITCHED_ON):
                continue
            alert, moment = _raised(found)
            yield moment
            if following:
                yield following[2], (entries.alert_moved(alert, "resolved", "bot", following[2], "cleared"),)
            else:
                still_open.append((alert, this[0], found.since))
    yield from _followed(company, still_open, until, random)


def _silence(company: Company, this: Served, ends: datetime, config: Config) -> Finding | None:
    client, last, _ = this
    owner = company.member(client.owner)
    facts = SilenceFacts(customer=client.id, name=client.name, region=client.region, owner=owner.id, owner_name=owner.name, last=last)
    rules = [rule for rule in config.rules if isinstance(rule, Inactivity)]
    return next(iter(evaluate(rules, [facts], ends, config.zone)), None)


def _raised(found: Finding) -> tuple[str, Moment]:
    alert = Alert(
        id=new_id("al_", found.since, f"{found.rule}|{found.subject}|{found.period}"),
        rule=found.rule,
        subject=found.subject,
        period=found.period,
        region=found.region,
        state=AlertState.FIRING,
        count=found.count,
        since=found.since,
        told=False,
        values=found.values,
    )
    return alert.id, (found.since, (entries.alert_raised(alert, found.owner),))


def _followed(company: Company, still_open: list[tuple[str, Client, datetime]], until: datetime, random: Random) -> Iterator[Moment]:
    random.shuffle(still_open)
    for alert, client, since in still_open[LEFT_FIRING:]:
        at = min(since + timedelta(hours=random.uniform(1, 20)), until)
        yield at, (entries.alert_moved(alert, "acknowledged", company.director(client.region).id, at, "follow"),)
