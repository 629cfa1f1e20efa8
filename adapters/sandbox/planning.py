"""Decides which visits the sample company made: who went where, when, for which stage, and what went wrong."""

from collections.abc import Iterator, Mapping, Sequence
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
TARGETS = (0.58, 0.73, 0.89)  # share of the quota done in the three months that are over, the latest last; the article's figures
PACE = 20  # days of the running month after which it stands where the last one ended
FAILED = (0.3, 0.25, 0.2, 0.5)  # chance of each of two visits a customer and month that stayed incomplete; the running month's last
BESIDE = 0.1  # chance of a visit a customer, month and stage without a quota
FRESH_REPS = ("E001", "E004", "E006", "E007", "E008", "E010", "E012")  # their customers are not silent yet
NEAR = "E002"  # the first customer of this rep falls silent within the hour
BUSY = "E003"  # claims five 需求确认 on the last day
QUIET = "南沙湾"  # saw three demos and never ordered; his other signs are in adapters/sandbox/figures.py
LOYAL = "珠穗"  # was sent the success story three times in a row
STORY = "老客户成功案例.pdf"
SPELLS = ((62, 50), (40, 28), (18, 8))  # days before the opening between which they were visited


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A visit as it went. `flaw`: "" | voice | short | nocheck | away | nothing; `dwell` in minutes."""

    client: Client
    start: datetime
    stage: str
    kind: str | None
    flaw: str = ""
    dwell: float = 25.0
    brings: str = ""  # name of a file that is sent along
    brief: bool = False  # no photo beyond what the stage asks for: a demo should start soon

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
    """Plan three whole months and the running one until `until`, in order."""
    diary = Diary(random)
    made = [*_last_day(company, until), *_near(company, until)]
    for client in company.clients:
        made += _recent(client, until, diary)
        made += _told_of(client, until, diary)
    months, edge = _months(until), until - SILENCE - timedelta(hours=2)
    for turn, (first, last, target) in enumerate(months):
        for client, kind in _chosen(company, first, last, target, made, random):
            made += _visit(client, first, min(last, edge), (STAGE_OF[kind], kind, ""), diary, random, brief=last < until)
        for client in company.clients:
            for wanted in _beside(FAILED[turn], random):
                made += _visit(client, first, min(last, edge), wanted, diary, random)
    for client in company.clients:
        made += _at_least_once(client, made, months[0][0], edge, diary)
    return sorted(made, key=lambda one: one.start)


def _months(until: datetime) -> list[tuple[datetime, datetime, float]]:
    """(first, end, target) of each month told. One that has only begun cannot be as far as one that ended."""
    local = until.astimezone(ZONE)
    this = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    told = [(this, until, TARGETS[-1] * min(1.0, local.day / PACE))]
    for target in reversed(TARGETS):
        end = told[0][0]
        told.insert(0, ((end - timedelta(days=1)).replace(day=1), end, target))
    return told


def _chosen(
    company: Company, first: datetime, last: datetime, target: float, made: Sequence[Plan], random: Random
) -> Iterator[tuple[Client, str]]:
    """Which slots of the month's quota are met beside those that already are: the same share of every region's, exactly so many."""
    done = {(one.client.id, one.kind) for one in made if not one.flaw and first <= one.start < last}
    slots = {
        region: [(one, kind) for one in company.clients if one.region == region for kind in _quota(one)] for region in _regions(company)
    }
    for region, wanted in _shared({region: len(some) for region, some in slots.items()}, target).items():
        met, still = 0, []
        for client, kind in slots[region]:
            if (client.id, kind) in done:
                done.discard((client.id, kind))  # one visit meets one slot
                met += 1
            else:
                still.append((client, kind))
        yield from random.sample(still, k=min(max(wanted - met, 0), len(still)))


def _regions(company: Company) -> list[str]:
    return sorted({client.region for client in company.clients})


def _shared(quota: Mapping[str, int], target: float) -> dict[str, int]:
    """So many slots of each region that they come to the target of all, by the largest remainders."""
    shares = {region: count * target for region, count in quota.items()}
    found = {region: int(share) for region, share in shares.items()}
    lacking = round(sum(quota.values()) * target) - sum(found.values())
    for region in sorted(shares, key=lambda one: found[one] - shares[one])[:lacking]:
        found[region] += 1
    return found


def _beside(failing: float, random: Random) -> list[tuple[str, str | None, str]]:
    """What does not count: other stages, and visits that stayed incomplete."""
    wanted: list[tuple[str, str | None, str]] = [
        (stage, None, "") for stage in ("lead", "negotiate", "deliver") if random.random() < BESIDE
    ]
    return wanted + [_failed(random) for _ in range(2) if random.random() < failing]


def _visit(
    client: Client,
    first: datetime,
    last: datetime,
    wanted: tuple[str, str | None, str],
    diary: Diary,
    random: Random,
    *,
    brief: bool = False,
) -> Iterator[Plan]:
    stage, kind, flaw = wanted
    if start := diary.book(client.owner, first, last):
        yield Plan(client=client, start=start, stage=stage, kind=kind, flaw=flaw, dwell=random.uniform(8, 40), brief=brief)


def _told_of(client: Client, until: datetime, diary: Diary) -> Iterator[Plan]:
    """Demos at the two customers whom the lists of silent and of loyal ones are to show on any day."""
    if client.alias not in (QUIET, LOYAL):
        return
    for early, late in SPELLS:
        if start := diary.book(client.owner, until - timedelta(days=early), until - timedelta(days=late)):
            brings = STORY if client.alias == LOYAL else ""
            yield Plan(client=client, start=start, stage="demo", kind="solution_demo", brings=brings)


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
