"""Writes a planned visit down as the product would have recorded it, judged by the product's own functions."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from adapters.sandbox.company import Client, Company
from adapters.sandbox.decks import paper
from adapters.sandbox.pictures import photo
from adapters.sandbox.planning import Plan
from bot import entries
from bot.config.schema import Config
from bot.evidence.amr import amr_seconds
from bot.evidence.check import judge_check
from bot.evidence.items import judge_item
from bot.evidence.verdict import judge_action, place_mode
from bot.ids import new_id
from bot.model import (
    Action,
    Check,
    Customer,
    Datum,
    Device,
    Entry,
    Evidence,
    EvidenceState,
    Platform,
    Point,
    Site,
    Stamp,
    Verdict,
    VerdictState,
)

AUDIO = Path(__file__).parent / "audio"
SUBJECTS = ("meeting", "plant", "front")
PHOTOS_EACH = 8
CLIPS = ("budget-tender", "tech-concern", "price-objection", "new-person", "competitor")
LONG_CLIP, SHORT_CLIP = "demo-closing", "short-note"
File = tuple[bytes, str]


@cache
def clip(name: str) -> File:
    return (AUDIO / f"{name}.amr").read_bytes(), "audio/amr"


@cache
def picture(subject: str, seed: int) -> File:
    return photo(subject, seed), "image/jpeg"


@cache
def story() -> File:
    return paper("客户案例"), "application/pdf"


class Retelling:
    """One visit, step by step; `files` are the originals that its evidence names."""

    def __init__(self, plan: Plan, company: Company, config: Config, random: Random) -> None:
        self._plan = plan
        self._config = config
        self._random = random
        self._rep = company.member(plan.client.owner)
        self._key = f"sample:{plan.client.id}:{entries.instant(plan.start)}"
        self._visit = new_id("v_", plan.start, self._key)
        self._checks: list[Check] = []
        self._action: Action | None = None
        self.files: list[File] = []

    def entries(self) -> Iterator[Entry]:
        """Check-in, opening, stage, evidence, closing; each judged anew, as it came."""
        plan, at = self._plan, self._plan.start
        if not plan.online and plan.flaw != "nocheck":
            yield self._checked(at)
        cause = "checkin" if self._checks and plan.flaw != "away" else "text"
        point = self._checks[0].point if cause == "checkin" else None
        yield entries.visit_opened(self._visit, plan.client.owner, plan.client.id, at, cause, point)
        stage_at = at + timedelta(minutes=2)
        yield from self._stage(stage_at)
        end = stage_at + timedelta(minutes=plan.dwell)
        wanted = [*self._wanted(), *([("file", story())] if plan.brings else [])]
        for turn, (kind, file) in enumerate(wanted, 1):
            share = 0.2 + 0.7 * turn / 5
            yield from self._sent(kind, file, stage_at + timedelta(minutes=plan.dwell * share), turn)
        yield from self._ended(end)

    @property
    def ends(self) -> datetime:
        """When the last of it happened."""
        if self._plan.flaw == "nothing":
            return self._plan.start + timedelta(hours=self._config.visit.timeout_hours)
        return self._plan.start + timedelta(minutes=2 + self._plan.dwell)

    # ---- the steps ----------------------------------------------------------------------------------------------

    def _checked(self, at: datetime) -> Entry:
        client, metres = self._plan.client, self._random.uniform(8, 180)
        if self._plan.flaw == "away":
            metres = self._random.uniform(900, 2600)
        point = Point(
            lat=round(client.lat + metres / 111_195, 6), lng=client.lng, datum=Datum.GCJ02, accuracy_m=None, source="wecom.checkin"
        )
        check = judge_check(
            id=new_id("ch_", at, self._key),
            rep=client.owner,
            customer=as_customer(client),
            point=point,
            at=at,
            device=self._rep.device,
            platform=Platform.WECOM,
            bindings=(self._binding(),),
            config=self._config,
            place=client.address,
        )
        self._checks.append(check)
        return entries.check_made(check, source=self._source(0))

    def _binding(self) -> Device:
        filed = datetime.fromisoformat("2026-01-01T00:00:00+08:00")
        return Device(id="", person=self._rep.id, platform=Platform.WECOM, device=self._rep.device, state="active", since=filed)

    def _stage(self, at: datetime) -> Iterator[Entry]:
        plan, stamp = self._plan, Stamp(at=at, received_at=at + timedelta(seconds=1))
        action = Action(
            id=new_id("a_", at, self._key),
            visit=self._visit,
            rep=plan.client.owner,
            customer=plan.client.id,
            region=plan.client.region,
            stage=plan.stage,
            kind=plan.kind,
            stamp=stamp,
            verdict=Verdict(state=VerdictState.INCOMPLETE, tier="T0"),
        )
        self._action = action
        yield entries.action_opened(
            action.id, action.visit, action.rep, action.customer, action.region, action.stage, action.kind, stamp, source=self._source(1)
        )
        yield from self._judged()

    def _judged(self) -> Iterator[Entry]:
        """Written when the verdict or the place that covers it changed."""
        assert self._action is not None
        before = (self._action.verdict, self._action.stamp)
        verdict, stamp = judge_action(self._action, self._config, self._checks)
        self._action = replace(self._action, verdict=verdict, stamp=stamp)
        if (verdict, stamp) != before:
            yield entries.action_judged(self._action.id, verdict, stamp, self._action.kind)

    def _wanted(self) -> Sequence[tuple[str, File]]:
        """What the rep sent: enough for every stage, unless the plan has a flaw."""
        subject = self._random.choice(SUBJECTS)
        shot, together = picture(subject, self._random.randrange(PHOTOS_EACH)), picture("group", self._random.randrange(PHOTOS_EACH))
        spoken = clip(LONG_CLIP if self._plan.stage == "demo" else self._random.choice(CLIPS))
        if self._plan.flaw in {"voice", "nocheck", "away"}:
            return (("photo", shot),)
        if self._plan.flaw == "nothing":
            return ()
        if self._plan.flaw == "short":
            return (("photo", shot), ("voice", clip(SHORT_CLIP)), ("photo", together))
        if self._plan.brief:
            return (("photo", together), ("voice", spoken))
        return (("photo", shot), ("voice", spoken), ("photo", together))

    def _sent(self, kind: str, file: File, at: datetime, turn: int) -> Iterator[Entry]:
        assert self._action is not None
        data, mime = file
        self.files.append(file)
        item = Evidence(
            id=new_id("e_", at, f"{self._key}:{turn}"),
            visit=self._visit,
            action=self._action.id,
            rep=self._action.rep,
            customer=self._action.customer,
            kind=kind,
            state=EvidenceState.PENDING,
            sent_at=at,
            sha256=hashlib.sha256(data).hexdigest(),
            seconds=amr_seconds(data).seconds if kind == "voice" else None,
            name=self._plan.brings if kind == "file" else "",
        )
        item = judge_item(
            item,
            place_mode=place_mode(self._config, self._action),
            checks=self._checks,
            read_at=at + timedelta(seconds=1),
            has_records=True,
            needs=self._config.stage(self._action.stage).evidence,
        )
        yield entries.evidence_added(item, mime=mime, source=self._source(turn + 1), received_at=at + timedelta(seconds=1))
        self._action = replace(self._action, evidence=(*self._action.evidence, item))
        yield from self._judged()

    def _ended(self, end: datetime) -> Iterator[Entry]:
        assert self._action is not None
        left_open = self._plan.flaw == "nothing"
        at = self.ends if left_open else end
        yield entries.action_submitted(self._action.id, at)
        yield entries.visit_ended(self._visit, at, "timed_out" if left_open else "closed")

    def _source(self, turn: int) -> str:
        return f"{self._key}:{turn}"

    @property
    def served(self) -> datetime | None:
        """When the customer was really served: the stage word of a complete action."""
        done = self._action and self._action.verdict.state is VerdictState.COMPLETE
        return self._action.stamp.at if self._action and done else None


def as_customer(client: Client) -> Customer:
    """The customer as its fence is judged; the registered address is its one site."""
    point = Point(lat=client.lat, lng=client.lng, datum=Datum.GCJ02)
    site = Site(id=client.id, customer=client.id, name="注册地址", point=point)
    return Customer(id=client.id, name=client.name, owner=client.owner, region=client.region, sites=(site,))
