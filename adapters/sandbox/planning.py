"""Decides which visits the sample company made: who went where, when, for which stage, and what went wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from adapters.sandbox.company import Client, Company
from bot.config.schema import DEFAULT_GRADES

ZONE = ZoneInfo("Asia/Shanghai")
SLOTS = ("09:20", "10:40", "13:30", "14:50", "16:10")
SILENCE = timedelta(hours=72)
STAGE_OF = {"need_diagnosis": "need", "solution_demo": "demo", "executive_visit": "negotiate", "online_need_review": "need"}
TARGETS = (0.52, 0.58, 0.73)  # share of the quota done: the month before last, last month, this month
YOUNG_DAYS = 14  # in a month this young, a third one is told, so that there is always a good month to see
FRESH_REPS = ("E001", "E004", "E006", "E007", "E008", "E010", "E012")  # their customers are not silent yet
NEAR = "E002"  # the first customer of this rep falls silent within the hour
BUSY = "E003"  # claims five 需求确认 on the last day


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A visit as it went. `flaw`: "" | voice | short | nocheck | away | nothing; `dwell` in minutes."""

    client: Client
    start: datetime
    stage: str
    kind: str | None
    flaw: str = ""
    dwell: float = 25.0

    @property
    def online(self) -> bool:
        return self.kind == "online_need_review"


class Diary:
    """Free hours of the reps: nobody is in two places at once."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._taken: set[tuple[str, datetime]] = set()

    def book(self, rep: str, first: datetime, last: datetime) -> datetime | None:
        """Return a free moment on a working day between the two, or None."""
        slots = [slot for slot in _slots(first, last) if (rep, slot) not in self._taken]
        if not slots:
            return None
        slot = self._random.choice(slots)
        self._taken.add((rep, slot))
        return slot + timedelta(minutes=self._random.randrange(0, 12), seconds=self._random.randrange(60))


def _slots(first: datetime, last: datetime) -> Iterator[datetime]:
    day: date = first.astimezone(ZONE).date()
    while day <= last.astimezone(ZONE).date():
        if day.weekday() < 5:
            for slot in SLOTS:
                at = datetime.combine(day, time.fromisoformat(slot), ZONE)
                if first <= at <= last - timedelta(hours=1):
                    yield at
        day += timedelta(days=1)


def plan(company: Company, until: datetime, random: Random) -> list[Plan]:
    """Plan from the first of last month (early in a month: of the one before) until `until`, in order."""
    diary = Diary(random)
    made = [*_last_day(company, until), *_near(company, until)]
    months, edge = _months(until), until - SILENCE - timedelta(hours=2)
    for client in company.clients:
        recent = _recent(client, until, diary)
        made += recent
        for first, last, target in months:
            made += _month(client, first, min(last, edge), target, recent if last == until else [], diary, random)
        made += _at_least_once(client, made, months[0][0], edge, diary)
    return sorted(made, key=lambda one: one.start)


def _months(until: datetime) -> list[tuple[datetime, datetime, float]]:
    """(first, end, target) of each month told. One that has only begun cannot be as far as one that ends."""
    local = until.astimezone(ZONE)
    this = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = (this - timedelta(days=1)).replace(day=1)
    before = (last - timedelta(days=1)).replace(day=1)
    told = [(last, this, TARGETS[1]), (this, until, TARGETS[2] * min(1.0, local.day / 20))]
    return [(before, last, TARGETS[0]), *told] if local.day <= YOUNG_DAYS else told


def _month(
    client: Client, first: datetime, last: datetime, target: float, done: list[Plan], diary: Diary, random: Random
) -> Iterator[Plan]:
    """Quota slots met with probability `target`, then what does not count: other stages, and visits that stayed incomplete."""
    open_slots = _quota(client)
    for one in done:
        if one.kind in open_slots:
            open_slots.remove(one.kind)
    wanted: list[tuple[str, str | None, str]] = [(STAGE_OF[kind], kind, "") for kind in open_slots if random.random() < target]
    wanted += [(stage, None, "") for stage in ("lead", "negotiate", "deliver") if random.random() < 0.2]
    wanted += [_failed(random) for _ in range(2) if random.random() < 0.55]
    for stage, kind, flaw in wanted:
        start = diary.book(client.owner, first, last)
        if start:
            yield Plan(client=client, start=start, stage=stage, kind=kind, flaw=flaw, dwell=random.uniform(8, 40))


def _at_least_once(client: Client, made: list[Plan], first: datetime, last: datetime, diary: Diary) -> Iterator[Plan]:
    """Nobody was forgotten altogether."""
    if not any(one.client == client and not one.flaw for one in made) and (start := diary.book(client.owner, first, last)):
        yield Plan(client=client, start=start, stage="lead", kind=None)


def _quota(client: Client) -> list[str]:
    grade = next(grade for grade in DEFAULT_GRADES if grade.id == client.grade)
    return [kind for kind, count in grade.quota.items() for _ in range(count)]


def _failed(random: Random) -> tuple[str, str | None, str]:
    stage, kind, flaws = random.choice(
        (("demo", "solution_demo", ("voice", "short")), ("need", "need_diagnosis", ("nocheck", "away", "nothing")))
    )
    return stage, kind, random.choice(flaws)


def _recent(client: Client, until: datetime, diary: Diary) -> list[Plan]:
    """Every second customer of the diligent reps was served within the last 70 hours."""
    if client.owner not in FRESH_REPS or int(client.id[1:]) % 2 == 0:
        return []
    start = diary.book(client.owner, until - timedelta(hours=70), until)
    kind = _quota(client)[0]
    return [Plan(client=client, start=start, stage="need", kind=kind)] if start else []


def _near(company: Company, until: datetime) -> list[Plan]:
    """Silent since 71 h 20 min: one wind of an hour lights its red light. The stage word comes two minutes into a visit."""
    client = company.clients_of(NEAR)[0]
    start = until - timedelta(hours=71, minutes=20) - timedelta(minutes=2)
    return [Plan(client=client, start=start, stage="need", kind="need_diagnosis")]


def _last_day(company: Company, until: datetime) -> Iterator[Plan]:
    """Five 需求确认 of one rep since the morning, none of them with a check-in: the sixth is one too many."""
    local = until.astimezone(ZONE)
    for turn, client in enumerate(company.clients_of(BUSY)[:5]):
        start = datetime.combine(local.date(), time(9, 5), ZONE) + timedelta(minutes=55 * turn)
        if start + timedelta(minutes=45) < until:
            yield Plan(client=client, start=start, stage="need", kind="need_diagnosis", flaw="nocheck", dwell=21.0)
