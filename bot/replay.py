"""What other rules would have told on the recorded history, against the present ones: two shadow runs side by side, nobody is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from bot.calendar import days
from bot.config.schema import Config, Document, FollowUp, Inactivity, Rule, ShortDwell
from bot.model import Finding
from bot.rules.ground import Client, Ground, Turn, moment_of, when
from bot.rules.shadow import Shadow
from bot.store import decks, turns

MARGIN = timedelta(days=31)  # of history before the asked span, so that what is under way at its beginning is known
SLACK = 2.5  # of hours that only run on working days: a week of holidays among them
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
    """What the new rules change in a span: incidents that only they raise (`more`), and that only the present ones do, in order of time."""

    since: datetime
    until: datetime
    turns: int = 0  # changes looked at
    before: int = 0  # incidents of the present rules
    after: int = 0
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

    def __init__(self, config: Config, ground: Ground, since: int) -> None:
        self._config, self._clients, self._since = config, ground.clients, since
        self._rules = {rule.id: rule for rule in config.rules}
        self.early: set[int] = set()
        self.raised: dict[Key, Incident] = {}
        self.other: _Side | None = None
        self.count = 0
        self.shadow = Shadow(ground, self._raise)

    def _raise(self, finding: Finding, at: int) -> None:
        key, region = (finding.rule, finding.subject, finding.period), self._config.region(finding.region)
        if region is None or not region.live:
            return  # recorded alone: nobody is told of what happens where the pilot has not begun
        if at < self._since:
            self.early.add(hash(key))
            if self.other:
                self.other.raised.pop(key, None)
            return
        self.count += 1
        if self.other and (self.other.raised.pop(key, None) or hash(key) in self.other.early):
            return  # both raise it: the difference holds nothing of it
        client = self._clients.get(str(finding.values.get("customer", "")))
        self.raised[key] = Incident(
            rule=finding.rule,
            subject=finding.subject,
            period=finding.period,
            region=finding.region,
            owner=finding.owner or "",
            at=at,
            tell=self._rules[finding.rule].tell,
            customer=client.name if client else "",
        )


async def replay(
    present: Config, new: Config, since: datetime | None, until: datetime, progress: Progress | None = None, page: int = turns.PAGE
) -> Effect:
    """Run both over what was recorded in [since, until); `since` None: from the first record. `progress`: the share that is done, 0–1."""
    first = await turns.first_at() or until
    start = None if since is None else since - _lookback(present, new)
    effect = Effect(since=since or first, until=until)
    clients, regions = await turns.company()
    sides = _sides(present, new, clients, regions, moment_of(since) if since else 0)
    begins = moment_of(max(start or first, first))
    span = max(moment_of(until) - begins, 1)
    grounds = [ground for _, ground in sides]
    async for some in _whole(turns.pages(start, until, page)):
        shown = await _shown(some, present, new)
        for ground in grounds:
            ground.shown = shown
        for step in _steps(some):
            for side, _ in sides:
                side.shadow.step(step)
        effect.turns += len(some)
        if progress:
            progress((some[-1].at - begins) / span)
        await asyncio.sleep(0)
    for side, _ in sides:
        side.shadow.until(moment_of(until) - 1)
    (old, _), (other, _) = sides
    effect.before, effect.after = old.count, other.count
    effect.fewer, effect.more = (sorted(side.raised.values(), key=lambda one: (one.at, one.key)) for side in (old, other))
    effect.left_out = tuple({rule.id: rule for rule in (*old.shadow.left_out, *other.shadow.left_out)}.values())
    return effect


def _sides(present: Config, new: Config, clients: dict[str, Client], regions: dict[str, str], since: int) -> list[tuple[_Side, Ground]]:
    made = []
    for config in (present, new):
        ground = Ground(config, clients, regions, *days(config))
        made.append((_Side(config, ground, since), ground))
    (old, _), (other, _) = made
    old.other, other.other = other, old
    return made


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


def _steps(page: Sequence[Turn]) -> Iterator[Sequence[Turn]]:
    return (list(step) for _, step in groupby(page, key=lambda turn: turn.at))


async def _shown(page: Sequence[Turn], *configs: Config) -> dict[str, float]:
    stages = {rule.stage for config in configs for rule in config.rules if isinstance(rule, ShortDwell)}
    asked = {turn.action for turn in page if turn.ended is not None and turn.stage in stages}
    return await decks.shown_seconds(asked) if asked else {}


def _lookback(*configs: Config) -> timedelta:
    """How long before the span something may have begun that is still under way in it."""
    spans = [_span(rule) for config in configs for rule in config.rules]
    return max(spans, default=timedelta(0)) + MARGIN


def _span(rule: Rule) -> timedelta:
    match rule:
        case Inactivity() | FollowUp():
            return timedelta(hours=rule.hours * (SLACK if rule.clock == "workdays" else 1))
        case Document():
            return timedelta(days=rule.days)
    return timedelta(0)
