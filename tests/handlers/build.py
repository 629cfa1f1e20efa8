"""A small company in memory: what is decided is folded back into the next case, so that a test reads like the chat it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.case import Approval, Case, Question
from bot.config.schema import Config, Region
from bot.consent import VERSION
from bot.entries import parse_instant
from bot.errors import Refusal
from bot.model import (
    Action,
    Alert,
    AlertState,
    Check,
    Checkin,
    CheckState,
    Choice,
    Contact,
    Customer,
    Datum,
    Device,
    Draft,
    Entry,
    Evidence,
    EvidenceState,
    Interaction,
    Kind,
    MediaFile,
    MediaRef,
    Outgoing,
    Person,
    Platform,
    Point,
    Reason,
    Role,
    Site,
    Stamp,
    Verdict,
    VerdictState,
    Visit,
    VisitState,
)
from bot.ports import Card, Message
from bot.render import Renderer
from handlers import HANDLERS

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Monday
LAT, LNG = 22.5431, 114.0579
METRES_A_DEGREE = 6371008.8 * 3.141592653589793 / 180
RENDERER = Renderer(Path(__file__).parents[2] / "templates")
CONFIG = Config(
    regions=(
        Region(id="south", name="华南", alert_chat="feishu:oc_south"),
        Region(id="east", name="华东", alert_chat="feishu:oc_east"),
    )
)


def person(id_: str = "E001", name: str = "王强", *roles: Role, region: str = "south", **accounts: str) -> Person:
    known = {Platform(platform): user for platform, user in (accounts or {"wecom": id_.lower()}).items()}
    return Person(id=id_, name=name, roles=frozenset(roles or {Role.REP}), region=region, accounts=known)


REP = person()
DIRECTOR = person("D001", "李总", Role.DIRECTOR, feishu="ou_li")
OTHER_DIRECTOR = person("D002", "陈总", Role.DIRECTOR, region="east", feishu="ou_chen")
ADMIN = person("A001", "赵管理", Role.ADMIN, feishu="ou_zhao")


def north(metres: float, *, accuracy: float | None = None, source: str = "wecom.checkin") -> Point:
    """So many metres north of the first customer."""
    return Point(lat=LAT + metres / METRES_A_DEGREE, lng=LNG, datum=Datum.GCJ02, accuracy_m=accuracy, source=source)


def customer(id_: str = "C001", name: str = "深圳华强电子有限公司", *aliases: str, metres: float = 0, **fields: Any) -> Customer:
    site = Site(id=f"{id_}-s", customer=id_, name="注册地址", point=north(metres))
    given = {"owner": "E001", "region": "south", "aliases": aliases, "sites": (site,), **fields}
    return Customer(id=id_, name=name, **given)


HUAQIANG = customer("C001", "深圳华强电子有限公司", "华强")
HENGDA = customer("C002", "恒达机电", metres=5000)


class Bot:
    """The product as one rep meets it, without its database."""

    def __init__(self, *customers: Customer, config: Config = CONFIG, who: Person = REP, devices: Iterable[str] = ("phone",)) -> None:
        self.config, self.who, self.now = config, who, NOON
        self.customers = {one.id: one for one in customers or (HUAQIANG, HENGDA)}
        self.visits: dict[str, Visit] = {}
        self.checks: dict[str, Check] = {}
        self.devices: dict[str, Device] = {}
        for name in devices:
            self.devices[name] = Device(id=f"d_{name}", person=who.id, platform=Platform.WECOM, device=name, state="active", since=NOON)
        self.approvals: dict[str, Approval] = {}
        self.sites: dict[str, Site] = {}
        self.contacts: dict[str, Contact] = {}
        self.alerts: dict[str, Alert] = {}
        self.question: Question | None = None
        self.entries: list[Entry] = []
        self.sent: list[Outgoing] = []
        self.known, self.has_records, self.reads = True, True, True
        self.directors: tuple[Person, ...] = (DIRECTOR,)
        self.more: dict[str, Any] = {}
        self._turn = 0

    # ---- what people do ------------------------------------------------------------------------------------------

    def wait(self, **step: float) -> None:
        self.now += timedelta(**step)

    def text(self, words: str, **more: Any) -> list[Message]:
        return self.act(Kind.TEXT, text=words, **more)

    def tap(self, op: str, arg: str = "", **more: Any) -> list[Message]:
        return self.act(Kind.TAP, choice=Choice(op=op, arg=arg, card="card", token="token"), **more)

    def photo(self, problem: str | None = None, **more: Any) -> list[Message]:
        return self.act(Kind.IMAGE, media=(self.file("photo", problem=problem),), **more)

    def voice(self, seconds: float, problem: str | None = None, **more: Any) -> list[Message]:
        return self.act(Kind.VOICE, media=(self.file("voice", seconds, problem),), **more)

    def file(self, kind: str, seconds: float | None = None, problem: str | None = None) -> MediaFile:
        ref = MediaRef(id=f"m{self._turn}", kind=kind)
        return MediaFile(ref=ref, sha256="0" * 64, size=9, mime="image/jpeg", seconds=seconds, problem=problem)

    def checkin(self, metres: float = 48, device: str = "phone", **more: Any) -> list[Message]:
        point = more.pop("point", north(metres))
        return self.act(Kind.CHECKIN, point=point, checkin=Checkin(device=device, place="华强北路 1 号"), **more)

    def location(self, metres: float = 48, kind: Kind = Kind.LOCATION, **more: Any) -> list[Message]:
        source = "wecom.location" if kind is Kind.LOCATION else "wecom.position"
        return self.act(kind, point=more.pop("point", north(metres, source=source)), **more)

    def act(
        self, kind: Kind, *, by: Person | None = None, media: tuple[MediaFile, ...] = (), at: datetime | None = None, **fields: Any
    ) -> list[Message]:
        """One interaction: decided, folded back, rendered."""
        self._turn += 1
        who = by or self.who
        platform = fields.pop("platform", next(iter(who.accounts), Platform.WECOM))
        interaction = Interaction(
            platform=platform,
            key=fields.pop("key", f"k{self._turn}"),
            sender=who.accounts.get(platform, who.id),
            kind=kind,
            sent_at=at or self.now,
            received_at=self.now,
            media=tuple(file.ref for file in media),
            **fields,
        )
        before = len(self.sent)
        draft = self.decide(interaction, who, media)
        for entry in draft.entries:
            self.fold(entry)
        self.entries += draft.entries
        self.sent += draft.messages
        self.now += timedelta(seconds=1)
        return [RENDERER.render(one.template, one.values) for one in self.sent[before:]]

    def decide(self, interaction: Interaction, who: Person, media: tuple[MediaFile, ...] = ()) -> Draft:
        """As the corridor does: a Refusal becomes a message."""
        handler = HANDLERS[interaction.kind]
        handler.wants(interaction, self.config, self.question)
        try:
            return handler.decide(interaction, self.case(who, interaction, media))
        except Refusal as refusal:
            return Draft(messages=(Outgoing(key="no", to=None, template=f"reply/refuse_{refusal.code}", values=refusal.values),))  # type: ignore[arg-type] # nobody looks

    def case(self, who: Person, interaction: Interaction, media: tuple[MediaFile, ...]) -> Case:
        case = self._sender(who, interaction)
        wants = HANDLERS[interaction.kind].wants(interaction, self.config, self.question)
        approval = self.approvals.get(wants.approval)
        record = next((one for visit in self.visits.values() for one in visit.actions if one.id == wants.action), None)
        theirs = replace(self._sender(self.who, interaction)) if approval or record else None
        given = {
            "media": media,
            "approval": approval,
            "record": record,
            "rep": theirs,
            "device": next((one for one in self.devices.values() if approval and one.id == approval.subject), None),
            "alert": self.alerts.get(wants.alert),
            "alerts": tuple(self.alerts.values()) if wants.alerts else (),
            "alerts_open": len(self.alerts) if wants.alerts else 0,
            **self.more,
        }
        return replace(case, **given)

    def _sender(self, who: Person, interaction: Interaction) -> Case:
        mine = who.id == self.who.id
        done = [one for one in self.visits.values() if mine and one.state in {VisitState.CLOSED, VisitState.TIMED_OUT}]
        visit = next((one for one in self.visits.values() if mine and one.state is VisitState.OPEN), None)
        read_at = interaction.sent_at if self.reads else None
        return Case(
            now=self.now,
            config=self.config,
            person=who,
            visit=visit,
            last_visit=done[-1] if done and not visit else None,
            visits=tuple(done),
            checks=tuple(self.checks.values()) if mine else (),
            devices=tuple(self.devices.values()) if mine else (),
            read_at=read_at,
            has_records=self.has_records,
            question=self.question if mine else None,
            first_contact=not self.known,
            told_version=VERSION,
            customers=tuple(self.customers.values()),
            contacts=tuple(self.contacts.values()),
            directors=self.directors,
            people={one.id: one for one in (REP, DIRECTOR)},
        )

    # ---- what the entries make of it -----------------------------------------------------------------------------

    def fold(self, entry: Entry) -> None:
        fold = getattr(self, "_" + entry.type.replace(".", "_"), None)
        if fold:
            fold(entry.body)

    def _visit_opened(self, body: Mapping[str, Any]) -> None:
        assert body["visit"] not in self.visits
        self.visits[body["visit"]] = Visit(
            id=body["visit"],
            rep=body["rep"],
            customer=body["customer"],
            customer_name=self.customers[body["customer"]].name,
            state=VisitState.OPEN,
            started_at=parse_instant(body["at"]),
        )

    def _visit_ended(self, body: Mapping[str, Any]) -> None:
        state = VisitState(body["how"])
        self.visits[body["visit"]] = replace(self.visits[body["visit"]], state=state, ended_at=parse_instant(body["at"]))

    def _action_opened(self, body: Mapping[str, Any]) -> None:
        visit = self.visits[body["visit"]]
        stamp = Stamp(at=parse_instant(body["at"]), received_at=parse_instant(body["received_at"]))
        action = Action(
            id=body["action"],
            visit=visit.id,
            rep=body["rep"],
            customer=body["customer"],
            region=body["region"],
            stage=body["stage"],
            kind=body["kind"],
            stamp=stamp,
            verdict=Verdict(state=VerdictState.INCOMPLETE, tier="T0"),
            override=body["override"] or None,
        )
        self.visits[visit.id] = replace(visit, actions=(*visit.actions, action))

    def _change(self, id_: str, **fields: Any) -> None:
        for visit in self.visits.values():
            actions = tuple(replace(one, **fields) if one.id == id_ else one for one in visit.actions)
            self.visits[visit.id] = replace(visit, actions=actions)

    def _action_judged(self, body: Mapping[str, Any]) -> None:
        action = self.action(body["action"])
        verdict = Verdict(state=VerdictState(body["state"]), tier=body["tier"], reasons=_reasons(body))
        stamp = replace(action.stamp, point=_point(body["point"]), device=body["device"], distance_m=body["distance_m"])
        self._change(action.id, verdict=verdict, stamp=stamp, kind=body["kind"])
        if verdict.state is VerdictState.COMPLETE:
            known = self.customers[action.customer]
            order = [stage.id for stage in self.config.stages]
            furthest = max(known.furthest or action.stage, action.stage, key=order.index)
            self.customers[known.id] = replace(known, furthest=furthest)

    def _action_submitted(self, body: Mapping[str, Any]) -> None:
        assert self.action(body["action"]).submitted_at is None
        self._change(body["action"], submitted_at=parse_instant(body["at"]))

    def _action_corrected(self, body: Mapping[str, Any]) -> None:
        before = self.action(body["action"])
        self._change(before.id, stage=body["stage"], kind=body["kind"], corrected_from=before.corrected_from or before.stage)

    def _evidence_added(self, body: Mapping[str, Any]) -> None:
        item = Evidence(
            id=body["evidence"],
            visit=body["visit"],
            rep=body["rep"],
            customer=body["customer"],
            kind=body["kind"],
            state=EvidenceState(body["state"]),
            sent_at=parse_instant(body["sent_at"]),
            action=body["action"],
            sha256=body["sha256"],
            seconds=body["seconds"],
            reasons=_reasons(body),
        )
        self._place(item)

    def _evidence_judged(self, body: Mapping[str, Any]) -> None:
        old = next(one for one in self.items() if one.id == body["evidence"])
        visit = self.visits[old.visit]
        kept = tuple(replace(one, evidence=tuple(e for e in one.evidence if e.id != old.id)) for one in visit.actions)
        self.visits[visit.id] = replace(visit, actions=kept, evidence=tuple(e for e in visit.evidence if e.id != old.id))
        self._place(replace(old, action=body["action"], state=EvidenceState(body["state"]), reasons=_reasons(body)))

    def _place(self, item: Evidence) -> None:
        visit = self.visits[item.visit]
        if item.action is None:
            self.visits[visit.id] = replace(visit, evidence=(*visit.evidence, item))
        else:
            action = self.action(item.action)
            self._change(action.id, evidence=tuple(sorted((*action.evidence, item), key=lambda one: (one.sent_at, one.id))))

    def _check_made(self, body: Mapping[str, Any]) -> None:
        assert body["check"] not in self.checks
        point = _point(body["point"])
        assert point is not None
        self.checks[body["check"]] = Check(
            id=body["check"],
            rep=body["rep"],
            customer=body["customer"],
            site=body["site"],
            at=parse_instant(body["at"]),
            until=parse_instant(body["until"]),
            point=point,
            state=CheckState(body["state"]),
            distance_m=body["distance_m"],
            device=body["device"],
            reasons=_reasons(body),
            place=body["place"],
        )

    def _check_decided(self, body: Mapping[str, Any]) -> None:
        self.checks[body["check"]] = replace(self.checks[body["check"]], state=CheckState(body["state"]))

    def _device_seen(self, body: Mapping[str, Any]) -> None:
        at = parse_instant(body["at"])
        device = Device(
            id=body["device"],
            person=body["person"],
            platform=Platform(body["platform"]),
            device=body["name"],
            state=body["state"],
            since=at,
        )
        self.devices.setdefault(body["name"], device)

    def _device_decided(self, body: Mapping[str, Any]) -> None:
        for name, device in self.devices.items():
            if device.id == body["device"]:
                self.devices[name] = replace(device, state=body["state"])
            elif body["state"] == "active" and device.state == "active":
                self.devices[name] = replace(device, state="retired")

    def _site_proposed(self, body: Mapping[str, Any]) -> None:
        point = _point(body["point"])
        assert point is not None
        known = self.customers[body["customer"]]
        site = Site(id=body["site"], customer=known.id, name=body["name"], point=point, approved=False)
        self.customers[known.id] = replace(known, sites=(*known.sites, site))

    def _site_decided(self, body: Mapping[str, Any]) -> None:
        for known in self.customers.values():
            sites = tuple(replace(one, approved=body["state"] == "approved") if one.id == body["site"] else one for one in known.sites)
            self.customers[known.id] = replace(known, sites=sites)

    def _approval_asked(self, body: Mapping[str, Any]) -> None:
        assert body["approval"] not in self.approvals
        same = {name: body[name] for name in ("what", "subject", "rep", "region", "values")}
        self.approvals[body["approval"]] = Approval(id=body["approval"], decided=None, by="", **same)

    def _approval_decided(self, body: Mapping[str, Any]) -> None:
        self.approvals[body["approval"]] = replace(self.approvals[body["approval"]], decided=body["yes"], by=body["by"])

    def _contact_added(self, body: Mapping[str, Any]) -> None:
        same = {name: body[name] for name in ("customer", "name", "title", "role", "phone")}
        self.contacts[body["contact"]] = Contact(id=body["contact"], **same)

    def _question_asked(self, body: Mapping[str, Any]) -> None:
        self.question = Question(op=body["op"], arg=body["arg"], at=parse_instant(body["at"])) if body["op"] else None

    def _alert_moved(self, body: Mapping[str, Any]) -> None:
        until = parse_instant(body["until"]) if body["until"] else None
        self.alerts[body["alert"]] = replace(self.alerts[body["alert"]], state=AlertState(body["state"]), until=until)

    # ---- what tests look at --------------------------------------------------------------------------------------

    def action(self, id_: str) -> Action:
        return next(one for visit in self.visits.values() for one in visit.actions if one.id == id_)

    @property
    def actions(self) -> list[Action]:
        return [one for visit in self.visits.values() for one in visit.actions]

    @property
    def visit(self) -> Visit:
        """The latest visit."""
        return list(self.visits.values())[-1]

    def worth(self) -> VerdictState:
        """Of the first action."""
        return self.actions[0].verdict.state

    def items(self) -> list[Evidence]:
        return [item for visit in self.visits.values() for item in (*visit.evidence, *(e for one in visit.actions for e in one.evidence))]

    def types(self) -> list[str]:
        return [entry.type for entry in self.entries]


def _reasons(body: Mapping[str, Any]) -> tuple[Reason, ...]:
    return tuple(Reason(code=one["code"], values=one["values"]) for one in body["reasons"])


def _point(body: Mapping[str, Any] | None) -> Point | None:
    return Point(**{**body, "datum": Datum(body["datum"])}) if body else None


def words(messages: Iterable[Message]) -> str:
    """All that can be read, buttons in brackets."""
    return "\n".join(_read(one) for one in messages)


def _read(message: Message) -> str:
    if not isinstance(message, Card):
        return message.text
    facts = [f"{label}：{value} {url}".strip() for label, value, url in message.rows]
    buttons = [f"[{button.label}]" for button in message.buttons]
    return "\n".join(filter(None, [message.title, message.tag, message.text, *facts, *buttons, message.done, message.footer]))


def buttons(messages: Iterable[Message]) -> dict[str, tuple[str, str]]:
    """Label → (op, arg) of every button."""
    cards = [one for one in messages if isinstance(one, Card)]
    return {button.label: (button.op, button.arg) for card in cards for button in card.buttons if button.op}


def alert(id_: str = "al_1", **fields: Any) -> Alert:
    values = {
        "customer": "C001",
        "customer_name": "华强",
        "owner": "E001",
        "rep_name": "王强",
        "hours": 72.0,
        "last": "2026-11-20T04:00:00.000Z",
    }
    given = {
        "rule": "inactive-72h",
        "subject": "customer:C001",
        "period": "p",
        "region": "south",
        "state": AlertState.FIRING,
        "count": 1,
        **fields,
    }
    return Alert(id=id_, since=NOON, told=True, **{"values": values, **given})
