"""What other rules would have told on the recorded history, against the present ones: two shadow runs side by side, nobody is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.calendar import days
from bot.config.schema import Config, Document, FollowUp, Inactivity, Rule, ShortDwell
from bot.model import Finding
from bot.rules.ground import Client, Ground, Turn, moment_of, when
from bot.rules.shadow import Shadow
from bot.store import decks, turns

MARGIN = timedelta(days=31)  # of history before the asked span, so that what is under way at its beginning is known
SLACK = 2.5  # of hours that only run on working days: a week of holidays among them
RESTED_ON = ("timezone", "calendar", "regions")  # of the config, by all rules
Progress = Callable[[float], None]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Incident:
    """One that would have been told. `tell`: whom its rule names."""

    rule: str
    subject: str
    period: str
    region: str
    owner: str
    at: int  # epoch milliseconds
    tell: tuple[str, ...]
    customer: str  # by name; "" for what is about a rep

    @property
    def key(self) -> Key:
        return self.rule, self.subject, self.period

    @property
    def moment(self) -> datetime:
        return when(self.at)


@dataclass(slots=True)
class Effect:
    """What the new rules change in a span: incidents that only they raise (`more`), and that only the present ones do, in order of time.

    `before` + more − fewer − `sooner` + `later` = `after`: one that both raise may lie in the span for one of them alone.
    """

    since: datetime
    until: datetime
    turns: int = 0  # changes looked at
    before: int = 0  # incidents of the present rules, of those that differ
    after: int = 0
    sooner: int = 0  # of the present rules, that the new ones raise before the span begins
    later: int = 0  # of the new rules, that the present ones did
    more: list[Incident] = field(default_factory=list)
    fewer: list[Incident] = field(default_factory=list)
    left_out: tuple[Rule, ...] = ()

    @property
    def people(self) -> set[str]:
        """Whom the difference concerns: reps and owners."""
        return {one.owner for one in (*self.more, *self.fewer) if one.owner}

    def of(self, rule: str) -> tuple[int, int, int]:
        """Of one rule: more, fewer, people."""
        more, fewer = ([one for one in some if one.rule == rule] for some in (self.more, self.fewer))
        return len(more), len(fewer), len({one.owner for one in (*more, *fewer) if one.owner})


class _Side:
    """One of the two: what it raised in the span, and the keys of what it raised before."""

    def __init__(self, config: Config, ground: Ground, rules: Sequence[Rule], since: int) -> None:
        self._clients, self._since = ground.clients, since
        self._live = {region.id for region in config.regions if region.live}
        self.ground, self.rules = ground, {rule.id: rule for rule in rules}
        self.early: set[int] = set()
        self.raised: dict[Key, Incident] = {}
        self.other: _Side | None = None
        self.count = 0
        self.moved = 0  # of these, what the other raised before the span
        self.shadow = Shadow(ground, rules, self._raise)

    def _raise(self, finding: Finding, at: int) -> None:
        key = (finding.rule, finding.subject, finding.period)
        if finding.region not in self._live:
            return  # recorded alone: nobody is told of what happens where the pilot has not begun
        if at < self._since:
            self.early.add(hash(key))
            if self.other and self.other.raised.pop(key, None):
                self.other.moved += 1
            return
        self.count += 1
        if self.other and hash(key) in self.other.early:
            self.moved += 1
            return
        if self.other and self.other.raised.pop(key, None):
            return  # both raise it: the difference holds nothing of it
        client = self._clients.get(str(finding.values.get("customer", "")))
        self.raised[key] = Incident(
            rule=finding.rule,
            subject=finding.subject,
            period=finding.period,
            region=finding.region,
            owner=finding.owner or "",
            at=at,
            tell=self.rules[finding.rule].tell,
            customer=client.name if client else "",
        )


async def replay(
    present: Config, new: Config, since: datetime | None, until: datetime, progress: Progress | None = None, page: int = turns.PAGE
) -> Effect:
    """Run what differs over what was recorded in [since, until); `since` None: from the first record. `progress`: the share done, 0–1."""
    first = await turns.first_at() or until
    effect = Effect(since=since or first, until=until)
    sides = _sides(present, new, *await turns.company(), moment_of(since) if since else 0)
    scopes = list(dict.fromkeys(scope for side in sides for scope in side.shadow.scopes))
    start = None if since is None else since - _lookback(*(rule for side in sides for rule in side.rules.values()))
    begins, ends = moment_of(max(start or first, first)), moment_of(until)
    async for some in _whole(turns.pages(scopes, start, until, page)):
        shown = await _shown(some, sides)
        for side in sides:
            side.ground.shown = shown
            side.shadow.take(some)
        effect.turns += len(some)
        if progress:
            progress((some[-1].at - begins) / max(ends - begins, 1))
        await asyncio.sleep(0)
    for side in sides:
        side.shadow.until(ends - 1)
    old, other = sides
    effect.before, effect.after = old.count, other.count
    effect.sooner, effect.later = old.moved, other.moved
    effect.fewer, effect.more = (sorted(side.raised.values(), key=lambda one: (one.at, one.key)) for side in sides)
    effect.left_out = tuple({rule.id: rule for side in sides for rule in side.shadow.left_out}.values())
    return effect


def _sides(present: Config, new: Config, clients: dict[str, Client], regions: dict[str, str], since: int) -> tuple[_Side, _Side]:
    """Rules that both have tell the same: only the others run, unless what all rules rest on differs."""
    same = all(getattr(present, name) == getattr(new, name) for name in RESTED_ON)
    both = [rule for rule in present.rules if rule in new.rules] if same else []
    old, other = (
        _Side(config, Ground(config, clients, regions, *days(config)), [rule for rule in config.rules if rule not in both], since)
        for config in (present, new)
    )
    old.other, other.other = other, old
    return old, other


async def _whole(pages: AsyncIterator[list[Turn]]) -> AsyncIterator[list[Turn]]:
    """Pages that end where a step ends: the turns of one step were recorded at one moment."""
    held: list[Turn] = []
    async for page in pages:
        some = [*held, *page]
        cut = next((n for n in range(len(some) - 1, 0, -1) if some[n].at != some[n - 1].at), 0)
        held = some[cut:]
        if cut:
            yield some[:cut]
    if held:
        yield held


async def _shown(page: Sequence[Turn], sides: Iterable[_Side]) -> dict[str, float]:
    stages = {rule.stage for side in sides for rule in side.rules.values() if isinstance(rule, ShortDwell)}
    asked = {turn.action for turn in page if turn.ended is not None and turn.stage in stages}
    return await decks.shown_seconds(asked) if asked else {}


def _lookback(*rules: Rule) -> timedelta:
    """How long before the span something may have begun that is still under way in it."""
    return max(map(_span, rules), default=timedelta(0)) + MARGIN


def _span(rule: Rule) -> timedelta:
    match rule:
        case Inactivity() | FollowUp():
            return timedelta(hours=rule.hours * (SLACK if rule.clock == "workdays" else 1))
        case Document():
            return timedelta(days=rule.days)
    return timedelta(0)
