"""One watcher a verb: the facts that the store gathers live for one subject, kept for all subjects while a history goes by."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from datetime import date, datetime

from bot.config.schema import Document, Excess, FollowUp, Inactivity, Rule, ShortDwell
from bot.model import Finding
from bot.rules import document
from bot.rules.facts import DayFacts, DocumentFacts, DwellFacts, FollowUpFacts, SilenceFacts, Submitted
from bot.rules.ground import COUNTED, EPOCH, FILED, LISTED, Client, Ground, Scope, Turn, Watcher, moment_of, when
from bot.rules.inactivity import due_at
from bot.rules.short_dwell import LATEST

KEPT = 64  # dwells of a rep: a mean is over the last ten of those that were not taken back
DAYS_KEPT = 4096  # days of reps; older ones are forgotten, and what is corrected on them later judges nothing


def watcher(rule: Rule, ground: Ground) -> Watcher | None:
    """None for a rule of whose facts no history is kept."""
    match rule:
        case Inactivity():
            return Silences(rule, ground)
        case Excess():
            return Days(rule, ground)
        case ShortDwell():
            return Dwells(rule, ground)
        case Document():
            return Papers(rule, ground)
        case FollowUp() if rule.when.stage:
            return Obligations(rule, ground)
    return None


class Deadlines:
    """One deadline a customer. It may be looked at too early, which only moves it; never too late."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._waiting: dict[str, int] = {}

    settles = False

    def scopes(self) -> Sequence[Scope]:
        raise NotImplementedError

    def settle(self, _: int) -> Sequence[Finding]:
        """Nothing fires but by its deadline."""
        return ()

    def due(self, subject: str, due: int) -> Sequence[Finding]:
        """The deadline has passed, unless it has moved meanwhile."""
        if self._waiting.get(subject) != due:
            return ()
        del self._waiting[subject]
        real = self._due_of(subject)
        if real is None:
            return ()
        if real > due:
            self._wait(subject, real)
            return ()
        return self._judged(subject, due)

    def _wait(self, subject: str, due: int) -> None:
        known = self._waiting.get(subject)
        if known is None or due < known:
            self._waiting[subject] = due
            self._ground.later(due, self, subject)

    def _look(self, subject: str) -> None:
        if (due := self._due_of(subject)) is not None:
            self._wait(subject, due)

    def _due_of(self, subject: str) -> int | None:
        raise NotImplementedError

    def _judged(self, subject: str, now: int) -> Sequence[Finding]:
        raise NotImplementedError

    def turn(self, turn: Turn) -> None:
        raise NotImplementedError


def change(moments: dict[str, "array[int]"], turn: Turn) -> None:
    """Add or take away a moment of a customer, in order."""
    held = moments.get(turn.customer)
    if held is None:
        held = moments[turn.customer] = array("q")
    if turn.op == "complete":
        if not held or turn.began >= held[-1]:
            held.append(turn.began)
        else:
            insort(held, turn.began)
        return
    place = bisect_left(held, turn.began)
    if place < len(held) and held[place] == turn.began:
        del held[place]


class Silences(Deadlines):
    """Inactivity: from the last complete action, or the import."""

    def __init__(self, rule: Inactivity, ground: Ground) -> None:
        super().__init__(ground)
        self._rule = rule
        self._moments: dict[str, array[int]] = {}
        # No clock runs faster than the elapsed one: so early at the earliest. On that clock it is the very moment.
        self._span = moment_of(due_at(rule.model_copy(update={"clock": "elapsed"}), EPOCH, ground.zone))
        for customer in ground.clients:
            self._look(customer)

    def scopes(self) -> Sequence[Scope]:
        return ((COUNTED, ""),)

    def turn(self, turn: Turn) -> None:
        if self._rule.min_tier and turn.tier < self._rule.min_tier:
            return
        change(self._moments, turn)
        if turn.op == "undone" or turn.customer not in self._waiting:
            self._look(turn.customer)

    def due(self, subject: str, due: int) -> Sequence[Finding]:
        """Most were served meanwhile: those only wait on."""
        if self._waiting.get(subject) == due:
            held = self._moments.get(subject)
            if held and held[-1] + self._span > due:
                del self._waiting[subject]
                self._wait(subject, held[-1] + self._span)
                return ()
        return super().due(subject, due)

    def _last(self, customer: str, client: Client) -> int:
        held = self._moments.get(customer)
        return held[-1] if held else client.since

    def _due_of(self, subject: str) -> int | None:
        client = self._ground.clients.get(subject)
        if client is None:
            return None
        ground, last = self._ground, self._last(subject, client)
        if self._rule.clock == "elapsed":
            return last + self._span
        return moment_of(due_at(self._rule, when(last), ground.zone, ground.holidays, ground.makeup))

    def _judged(self, subject: str, now: int) -> Sequence[Finding]:
        client = self._ground.clients[subject]
        facts = SilenceFacts(
            customer=subject, name=client.name, region=client.region, owner=client.owner, last=when(self._last(subject, client))
        )
        return self._ground.judged(self._rule, facts, now)


class Papers(Deadlines):
    """Documents: from the first complete action of a stage until the paper is on file."""

    def __init__(self, rule: Document, ground: Ground) -> None:
        super().__init__(ground)
        self._rule = rule
        self._moments: dict[str, array[int]] = {}
        self._filed: dict[str, int] = {}

    def scopes(self) -> Sequence[Scope]:
        return (COUNTED, self._rule.stage), (FILED, self._rule.id)

    def turn(self, turn: Turn) -> None:
        if turn.op == "filed":
            self._filed[turn.customer] = turn.began
            return
        change(self._moments, turn)
        self._look(turn.customer)

    def _facts(self, subject: str) -> DocumentFacts | None:
        client, held = self._ground.clients.get(subject), self._moments.get(subject)
        if client is None:
            return None
        asked = document.applies(self._rule, client.industry)
        filed = self._filed.get(subject)
        return DocumentFacts(
            rule=self._rule.id,
            customer=subject,
            name=client.name,
            region=client.region,
            owner=client.owner,
            began=when(held[0]) if held and asked else None,
            filed_at=when(filed) if filed is not None else None,
        )

    def _due_of(self, subject: str) -> int | None:
        facts = self._facts(subject)
        if facts is None or facts.began is None or facts.filed_at:
            return None
        return moment_of(document.warn_at(self._rule, facts.began))

    def _judged(self, subject: str, now: int) -> Sequence[Finding]:
        facts = self._facts(subject)
        return self._ground.judged(self._rule, facts, now) if facts else ()


class Obligations(Deadlines):
    """Follow-ups that a stage starts: from its first complete action since the paper was last filed."""

    def __init__(self, rule: FollowUp, ground: Ground) -> None:
        super().__init__(ground)
        self._rule = rule
        self._moments: dict[str, array[int]] = {}
        self._filed: dict[str, int] = {}

    def scopes(self) -> Sequence[Scope]:
        return (COUNTED, self._rule.when.stage), (FILED, self._rule.id)

    def turn(self, turn: Turn) -> None:
        if turn.op == "filed":
            self._filed[turn.customer] = turn.began
        else:
            change(self._moments, turn)
        self._look(turn.customer)

    def _seen(self, subject: str) -> datetime | None:
        held, filed = self._moments.get(subject), self._filed.get(subject)
        if not held:
            return None
        place = 0 if filed is None else bisect_right(held, filed)
        return when(held[place]) if place < len(held) else None

    def _due_of(self, subject: str) -> int | None:
        seen, ground = self._seen(subject), self._ground
        if seen is None or subject not in ground.clients:
            return None
        return moment_of(due_at(self._rule, seen, ground.zone, ground.holidays, ground.makeup))

    def _judged(self, subject: str, now: int) -> Sequence[Finding]:
        client, filed = self._ground.clients[subject], self._filed.get(subject)
        facts = FollowUpFacts(
            rule=self._rule.id,
            customer=subject,
            name=client.name,
            region=client.region,
            owner=client.owner,
            seen=self._seen(subject),
            filed_at=when(filed) if filed is not None else None,
        )
        return self._ground.judged(self._rule, facts, now)


class Events:
    """What fires with the step that brings it about has no deadline."""

    settles = True

    def due(self, subject: str, due: int) -> Sequence[Finding]:
        del subject, due
        return ()


class Days(Events):
    """Excess: a rep's submitted actions of a stage, a local day each."""

    def __init__(self, rule: Excess, ground: Ground) -> None:
        self._rule, self._ground = rule, ground
        self._days: dict[tuple[str, date], list[Submitted]] = {}
        self._touched: dict[tuple[str, date], None] = {}

    def scopes(self) -> Sequence[Scope]:
        return ((LISTED, self._rule.stage),)

    def turn(self, turn: Turn) -> None:
        at = when(turn.ended or 0)
        key = (turn.rep, at.astimezone(self._ground.zone).date())
        held = self._days.setdefault(key, [])
        if turn.op == "taken":
            held[:] = [one for one in held if one.action != turn.action]
        else:
            held.append(Submitted(action=turn.action, at=at, customer=turn.customer))
        self._touched[key] = None

    def settle(self, at: int) -> Sequence[Finding]:
        found = [finding for key in self._touched for finding in self._judged(*key, at)]
        self._touched.clear()
        while len(self._days) > DAYS_KEPT:
            del self._days[next(iter(self._days))]
        return found

    def _judged(self, rep: str, day: date, at: int) -> Sequence[Finding]:
        held = tuple(self._days[rep, day])
        facts = DayFacts(rep=rep, region=self._ground.regions.get(rep, ""), stage=self._rule.stage, day=day, submitted=held)
        return self._ground.judged(self._rule, facts, at)


class Dwells(Events):
    """Short dwell: how long each submitted action of a stage took, and the rep's last ones."""

    def __init__(self, rule: ShortDwell, ground: Ground) -> None:
        self._rule, self._ground = rule, ground
        self._recent: dict[str, list[tuple[int, str, float]]] = {}
        self._closed: list[Turn] = []

    def scopes(self) -> Sequence[Scope]:
        return ((LISTED, self._rule.stage),)

    def turn(self, turn: Turn) -> None:
        held = self._recent.setdefault(turn.rep, [])
        if turn.op == "taken":
            held[:] = [one for one in held if one[1] != turn.action]
            return
        insort(held, (turn.ended or 0, turn.action, self._seconds(turn)))
        del held[:-KEPT]
        if turn.op == "submitted":
            self._closed.append(turn)

    def settle(self, at: int) -> Sequence[Finding]:
        found = [finding for turn in self._closed for finding in self._judged(turn, at)]
        self._closed.clear()
        return found

    def _judged(self, turn: Turn, at: int) -> Sequence[Finding]:
        held = self._recent[turn.rep]
        if not any(action == turn.action for _, action, _ in held):
            return ()  # taken back in the same step
        by_then = [seconds for ended, _, seconds in held if ended <= (turn.ended or 0)]
        client = self._ground.clients.get(turn.customer)
        facts = DwellFacts(
            action=turn.action,
            rep=turn.rep,
            customer=turn.customer,
            region=client.region if client else self._ground.regions.get(turn.rep, ""),
            stage=turn.stage,
            seconds=self._seconds(turn),
            recent=tuple(by_then[-LATEST:]),
        )
        return self._ground.judged(self._rule, facts, at)

    def _seconds(self, turn: Turn) -> float:
        """In the deck if one was shown, else by the platforms' message times."""
        looked = self._ground.shown.get(turn.action)
        return looked if looked is not None else ((turn.ended or 0) - turn.began) / 1000
