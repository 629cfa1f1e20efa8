"""Filling a Case: everything about the sender always, the rest as the handler wants it."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from tortoise.expressions import Q

from bot.alerts import doers
from bot.case import LATEST, Approval, Case, Held, Look, Member, Question, Safety, Wants
from bot.config.schema import Config, Document, FollowUp
from bot.measures.board import Within
from bot.measures.coverage import CoverageReport
from bot.model import Action, Alert, Check, Customer, Interaction, MediaFile, OpenScene, Person, Platform, Role, Twin, Visit
from bot.store import convert, copies, decks, facts, forecasts, looking, people, pool, proposals, signals, signings, twins
from bot.store.board import board
from bot.store.members import members, offer_of, unknown_sender
from bot.store.reading import coverage_report, months_until
from bot.store.tables import (
    ActionRow,
    AlertRow,
    ApprovalRow,
    CardRow,
    CheckRow,
    ContactRow,
    CustomerRow,
    Deadline,
    DeviceRow,
    EvidenceRow,
    Inbox,
    PersonRow,
    QuestionRow,
    SceneRow,
    SiteRow,
    StatementRow,
    TitleRow,
    TranscriptRow,
    VisitRow,
)
from bot.store.trend import Trend

DAY = timedelta(hours=24)
NAMED_AT_MOST = 20
LATEST_ALERTS = 50
EARLIER = 20  # checks of days before
LOOKS = 5
POOL_LISTED, MONTHS_BACK = 8, 3
SPOKEN = 200  # transcripts looked through for snippets


async def question_of(person: Person | None) -> Question | None:
    """What the bot waits to be told by this person."""
    row = await QuestionRow.get_or_none(person=person.id) if person else None
    return Question(op=row.op, arg=row.arg, at=row.at) if row else None


async def gather(
    interaction: Interaction,
    person: Person | None,
    wants: Wants,
    config: Config,
    now: datetime,
    media: tuple[MediaFile, ...] = (),
    trend: Trend | None = None,
) -> Case:
    """The case of one interaction, read inside the step that will decide it."""
    case = Case(now=now, config=config, person=person, media=media, chance=secrets.token_urlsafe(16))
    if person is None:
        return await unknown_sender(case, interaction, wants)
    case = await _sender(case, person, interaction.sent_at)
    case = replace(case, twins=await _twins(media))
    case = replace(case, customers=await _customers(case, person, wants, config))
    case = await _around(case, person, wants, interaction)
    if wants.today:
        case = replace(case, today=await _today(person, config, now), due=await _due(case.customers, now))
    case = await _figures(case, person, wants, trend or Trend())
    if wants.alerts:
        case = await _alerts(case, scope(person))
    if wants.alert:
        case = replace(case, alert=await alert_of(wants.alert), admins=tuple(await people.with_role(Role.ADMIN)))
    if wants.approval:
        case = await _approval(case, wants.approval, config, now)
    if wants.action:
        case = await _record(case, wants.action, config, now)
    case = await _heard(case, person, wants)
    case = await _company(case, wants)
    case = await _signing(case, person, wants)
    if (wants.papers or media) and any(isinstance(rule, Document | FollowUp) for rule in config.rules):
        found = [paper for customer in case.customers for paper in await facts.papers(customer.id, config, now)]
        case = replace(case, papers=tuple(found))
    return replace(case, people=await people.named(_ids(case)))


async def _company(case: Case, wants: Wants) -> Case:
    """Others of the company, as wanted."""
    if wants.proposal:
        case = replace(case, proposal=await proposals.of(wants.proposal))
    if wants.decks:
        case = replace(case, decks=tuple(await decks.all_decks()))
    if wants.admins:
        case = replace(case, admins=tuple(await people.with_role(Role.ADMIN)))
    if wants.offer or wants.members:
        case = replace(case, offer=await offer_of(wants.offer), members=await _members(wants))
    return case


async def _signing(case: Case, person: Person, wants: Wants) -> Case:
    """With the signature that is spoken of, its visit and its customer."""
    asked = wants.signing
    found = None if not asked else await (signings.latest_of(person.id) if asked == LATEST else signings.by_id(asked))
    if found is None:
        return case
    visits, customers = case.visits, case.customers
    if found.visit not in {visit.id for visit in (*visits, *([case.visit] if case.visit else []))}:
        visits = (*[await visit_of(row) for row in await VisitRow.filter(id=found.visit)], *visits)
    if case.customer(found.customer) is None:
        customers = (*customers, *await full(await CustomerRow.filter(id=found.customer), case.config))
    return replace(case, signing=found, visits=visits, customers=customers)


async def _members(wants: Wants) -> dict[str, tuple[Member, ...]]:
    found = {words: await members(words) for words in wants.members}
    return {words: tuple([await _with_visit(one) for one in some]) for words, some in found.items()}


async def _with_visit(member: Member) -> Member:
    row = await VisitRow.filter(rep=member.person.id, state="open").first()
    return replace(member, visit=await visit_of(row)) if row else member


async def _heard(case: Case, person: Person, wants: Wants) -> Case:
    """Contacts, titles and transcripts, as wanted."""
    if wants.transcript:
        rows = TranscriptRow.filter(rep=person.id).exclude(state="unheard")
        rows = rows if wants.transcript == LATEST else rows.filter(evidence=wants.transcript)
        row = await rows.order_by("-sent_at", "-evidence").first()
        case = replace(case, transcript=convert.transcript(row) if row else None)
    if wants.title:
        title = await TitleRow.get_or_none(id=wants.title)
        case = replace(case, title=convert.title(title) if title else None)
    if wants.card:
        card = await CardRow.get_or_none(evidence=wants.card)
        case = replace(case, card=convert.card(card) if card else None)
    for about in (case.transcript, case.title, case.card):
        if about and case.customer(about.customer) is None:
            case = replace(case, customers=(*case.customers, *await full(await CustomerRow.filter(id=about.customer), case.config)))
    ids = [customer.id for customer in case.customers]
    if wants.contacts_of or wants.contacts:
        contacts = tuple(convert.contact(row) for row in await ContactRow.filter(customer__in=ids).order_by("name", "id"))
        open_ = tuple(convert.title(row) for row in await TitleRow.filter(customer__in=ids, state="asked").order_by("at", "id"))
        case = replace(case, contacts=contacts, titles=open_)
    if wants.words_of:
        spoken = TranscriptRow.filter(rep=person.id, customer__in=ids, state__in=["heard", "submitted"])
        case = replace(case, words=tuple(convert.transcript(row) for row in await spoken.order_by("-sent_at").limit(SPOKEN)))
    return case


def scope(person: Person) -> str | None:
    """The region a person sees; None = all of them (admins)."""
    return None if Role.ADMIN in person.roles else person.region


async def _sender(case: Case, person: Person, at: datetime) -> Case:
    row = await PersonRow.get(id=person.id)
    open_row = await VisitRow.filter(rep=person.id, state="open").order_by("-started_at").first()
    last_row = None
    if open_row is None:
        recent = VisitRow.filter(rep=person.id, started_at__gte=case.now - DAY, state__in=["closed", "timed_out"])
        last_row = await recent.order_by("-started_at").first()
    return replace(
        case,
        visit=await visit_of(open_row) if open_row else None,
        last_visit=await visit_of(last_row) if last_row else None,
        checks=await _checks(person.id, min(at, case.now) - DAY),
        devices=tuple(convert.device(device) for device in await DeviceRow.filter(person=person.id).order_by("since")),
        read_at=row.read_at,
        question=await question_of(person),
        first_contact=row.met_at is None,
        consents=await people.consents(person.id),
        told_version=await people.told_version(person.id),
        scene=await _scene(person.id),
        presentation=await decks.open_of(person.id),
        has_records=any(platform in person.accounts for platform in _recorders(case.config)),
    )


def _recorders(config: Config) -> Iterator[Platform]:
    """Platforms whose native check-in records are read."""
    if config.wecom and config.wecom.checkin:
        yield Platform.WECOM
    if config.dingtalk and (config.dingtalk.checkin or config.dingtalk.attendance):
        yield Platform.DINGTALK
    if config.feishu and config.feishu.attendance:
        yield Platform.FEISHU


async def _scene(person: str) -> OpenScene | None:
    row = await SceneRow.get_or_none(person=person)
    return OpenScene(scene=row.scene, visit=row.visit, at=row.at, until=row.until) if row else None


async def _around(case: Case, person: Person, wants: Wants, interaction: Interaction) -> Case:
    """The sender's day, who decides about him, and what is held and safe."""
    at = interaction.sent_at
    return replace(
        case,
        safety=await _safety(interaction) if wants.safety else None,
        held=await _held(person, case.now) if wants.held else None,
        visits=await _visits(person.id, min(at, case.now) - DAY) if wants.visits else (),
        directors=await _approvers(person) if wants.directors else (),
        earlier=await _earlier(person.id, min(at, case.now) - DAY) if wants.earlier else (),
    )


async def _visits(rep: str, since: datetime) -> tuple[Visit, ...]:
    rows = VisitRow.filter(rep=rep, started_at__gte=since, state__in=["closed", "timed_out"]).order_by("started_at")
    return tuple([await visit_of(row) for row in await rows])


async def _approvers(person: Person) -> tuple[Person, ...]:
    return tuple(await people.with_role(Role.DIRECTOR, person.region) or await people.with_role(Role.ADMIN))


async def _checks(rep: str, since: datetime) -> tuple[Check, ...]:
    return tuple(convert.check(row) for row in await CheckRow.filter(rep=rep, at__gte=since).order_by("at"))


async def _safety(interaction: Interaction) -> Safety:
    """The asker's own message, which is being worked now, does not count as waiting."""
    standing = await copies.standing()
    own = {"platform": interaction.platform.value, "key": interaction.key}
    oldest = await Inbox.filter(state__in=["new", "claimed"]).exclude(**own).order_by("received_at").first()
    return Safety(
        done=standing.done,
        waiting=standing.waiting,
        oldest=standing.oldest,
        problem=standing.problem,
        checked_at=standing.checked_at,
        inbox=oldest.received_at if oldest else None,
    )


async def _held(person: Person, now: datetime) -> Held:
    items = EvidenceRow.filter(rep=person.id)
    users = [Q(platform=platform.value, sender=user) for platform, user in {**person.accounts, Platform.PAGE: person.id}.items()]
    seen, looked = await looking.looks_of(person.id, now, LOOKS)
    return Held(
        counts={
            "photos": await items.filter(kind="photo").count(),
            "voices": await items.filter(kind="voice").count(),
            "files": await items.filter(kind="file").count(),
            "actions": await ActionRow.filter(rep=person.id).count(),
            "checks": await CheckRow.filter(rep=person.id).count(),
            "messages": await Inbox.filter(reduce(or_, users)).count() if users else 0,
            "looks": looked,
        },
        looks=tuple(Look(record=one.action, by=one.person, at=one.last_at) for one in seen),
    )


async def _twins(media: tuple[MediaFile, ...]) -> dict[str, tuple[Twin, ...]]:
    photos = [file for file in media if file.ref.kind == "photo" and file.sha256 and not file.problem]
    return {str(file.sha256): await twins.sent(file) for file in photos}


async def _earlier(rep: str, before: datetime) -> tuple[Check, ...]:
    rows = await CheckRow.filter(rep=rep, at__lt=before).order_by("-at").limit(EARLIER)
    return tuple(convert.check(row) for row in reversed(rows))


async def visit_of(row: VisitRow) -> Visit:
    """A visit with its actions and evidence."""
    name = await CustomerRow.get_or_none(id=row.customer)
    actions = await ActionRow.filter(visit=row.id).exclude(state="withdrawn").order_by("at", "id")
    items = await EvidenceRow.filter(visit=row.id).order_by("sent_at", "id")
    return convert.visit(row, name.name if name else row.customer, actions, items)


async def _customers(case: Case, person: Person, wants: Wants, config: Config) -> tuple[Customer, ...]:
    rows: dict[str, CustomerRow] = {}
    if wants.own:
        rows |= {row.id: row for row in await CustomerRow.filter(owner=person.id).order_by("name")}
    text = wants.named or wants.contacts_of or wants.words_of
    if text:
        rows |= {row.id: row for row in await _named(person, text)}
    visits = [visit.customer for visit in (case.visit, case.last_visit) if visit and visit.customer not in rows]
    rows |= {row.id: row for row in await CustomerRow.filter(id__in=visits)}
    return await full(rows.values(), config)


async def _named(person: Person, text: str) -> list[CustomerRow]:
    """Customers in the person's scope one of whose names is in the text, or holds the text."""
    scoped = CustomerRow.filter(region=person.region) if scope(person) else CustomerRow.all()
    if person.roles <= {Role.REP}:
        scoped = CustomerRow.filter(owner=person.id)
    exact = await scoped.filter(name__icontains=text).limit(NAMED_AT_MOST)
    if exact:
        return exact
    known = [
        (id_, [word.casefold() for word in (id_, name, *aliases)])
        for id_, name, aliases in await scoped.values_list("id", "name", "aliases")
    ]
    whole, parts = "".join(text.split()).casefold(), text.casefold().split()
    found = [id_ for id_, names in known if any(_matches(name, whole) for name in names)]
    found = found or [id_ for id_, names in known if any(_matches(name, part) for name in names for part in parts if len(part) > 1)]
    return await CustomerRow.filter(id__in=found[:NAMED_AT_MOST])


def _matches(word: str, text: str) -> bool:
    return len(word) > 1 and (word in text or text in word)


async def full(rows: Iterable[CustomerRow], config: Config) -> tuple[Customer, ...]:
    """Customers with their sites and the furthest stage that a complete action proves."""
    rows = list(rows)
    ids = [row.id for row in rows]
    sites = await SiteRow.filter(customer__in=ids)
    done = await ActionRow.filter(customer__in=ids, state="complete").distinct().values_list("customer", "stage")
    deciders = {row.customer for row in await ContactRow.filter(customer__in=ids, role="decider")}
    marks = await signals.marks_of(ids)
    order = {stage.id: rank for rank, stage in enumerate(config.stages)}
    furthest = {str(customer): str(stage) for customer, stage in sorted(done, key=lambda pair: order.get(pair[1], -1))}
    return tuple(
        replace(
            convert.customer(row, [site for site in sites if site.customer == row.id], furthest.get(row.id)),
            has_decider=row.id in deciders,
            marks=marks.get(row.id, ()),
        )
        for row in rows
    )


async def _today(person: Person, config: Config, now: datetime) -> tuple[Action, ...]:
    start = now.astimezone(config.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = await ActionRow.filter(rep=person.id, at__gte=start).exclude(state="withdrawn").order_by("at")
    return tuple([await _action(row) for row in rows])


async def _action(row: ActionRow) -> Action:
    return convert.action(row, await EvidenceRow.filter(action=row.id).order_by("sent_at"))


async def action_of(id_: str) -> Action | None:
    row = await ActionRow.get_or_none(id=id_)
    return await _action(row) if row else None


async def alert_of(id_: str) -> Alert | None:
    row = await AlertRow.get_or_none(id=id_)
    return convert.alert(row) if row else None


async def _due(customers: Iterable[Customer], now: datetime) -> tuple[tuple[Customer, datetime], ...]:
    """Customers whose silence ends within a day, soonest first."""
    by_subject = {f"customer:{customer.id}": customer for customer in customers}
    rows = await Deadline.filter(subject__in=list(by_subject), due_at__lte=now + DAY).order_by("due_at")
    return tuple((by_subject[row.subject], row.due_at) for row in rows if row.due_at)


async def _coverage(person: Person, wants: Wants, config: Config, now: datetime) -> CoverageReport:
    region = _region(person, wants.coverage or "", config)
    return await coverage_report(config, _month(wants.month, config, now), region, now)


def _region(person: Person, asked: str, config: Config) -> str | None:
    """The region to count: his own, or for an admin the one that he names, None = all."""
    named = next((item.id for item in config.regions if asked and asked in (item.id, item.name)), None)
    return scope(person) or named


def _month(named: str, config: Config, now: datetime) -> str:
    """Wants.month → `YYYY-MM`. A month by its number alone is the latest one that has begun."""
    local = now.astimezone(config.zone)
    if "-" in named[1:]:
        return named
    back = -int(named) if named.startswith("-") else (local.month - int(named)) % 12 if named not in ("", "0") else 0
    return months_until(f"{local:%Y-%m}", back + 1)[0]


async def _figures(case: Case, person: Person, wants: Wants, trend: Trend) -> Case:
    """Of the region in scope, as wanted."""
    config, now = case.config, case.now
    if wants.report or wants.coverage is not None or wants.board is not None:
        case = replace(case, month=_month(wants.month, config, now))
    if wants.coverage is not None:
        case = replace(case, coverage=await _coverage(person, wants, config, now))
    if wants.board is not None and person.roles & {Role.DIRECTOR, Role.ADMIN}:
        within = Within(month=case.month, region=_region(person, wants.board, config) or "")
        case = replace(case, board=await board(config, within, now, trend if wants.trend else None))
    if wants.pool is not None:
        case = replace(case, pool=await pool.pool(config, _region(person, wants.pool, config), now, POOL_LISTED))
    if wants.forecasts is not None:
        here = now.astimezone(config.zone)
        months = [here.year * 12 + here.month - 1 - back for back in range(MONTHS_BACK, -1, -1)]
        region = _region(person, wants.forecasts, config)
        reports = [await forecasts.month_report(config, f"{one // 12}-{one % 12 + 1:02}", region, now) for one in months]
        case = replace(case, forecasts=tuple(reports))
    return case


async def _alerts(case: Case, region: str | None) -> Case:
    """With the alerts that nobody resolved, newest first, and their number; `region` None = all."""
    rows = AlertRow.exclude(state="resolved")
    rows = rows.filter(region=region) if region else rows
    latest = await rows.order_by("-since", "-id").limit(LATEST_ALERTS)
    return replace(case, alerts=tuple(convert.alert(row) for row in latest), alerts_open=await rows.count())


async def _approval(case: Case, id_: str, config: Config, now: datetime) -> Case:
    row = await ApprovalRow.get_or_none(id=id_)
    if row is None:
        return case
    approval = convert.approval(row)
    case = await _subject(replace(case, approval=approval), approval)
    return replace(case, rep=await _theirs(approval.rep, row.at, config, now))


async def _record(case: Case, id_: str, config: Config, now: datetime) -> Case:
    record = await action_of(id_)
    if record is None:
        return case
    said = await StatementRow.filter(action=id_, by=case.person.id if case.person else "").only("text")
    theirs = await _theirs(record.rep, record.stamp.at, config, now)
    return replace(case, record=record, rep=theirs, stated=frozenset(row.text for row in said))


async def _theirs(rep: str, at: datetime, config: Config, now: datetime) -> Case | None:
    """The case of the rep whom a decision concerns, with everything since the day before `at`."""
    person = await people.by_id(rep)
    if person is None:
        return None
    case = await _sender(Case(now=now, config=config, person=person), person, at)
    customers = await _customers(case, person, Wants(own=True), config)
    return replace(case, customers=customers, visits=await _visits(rep, min(at, now) - DAY))


async def _subject(case: Case, approval: Approval) -> Case:
    """With the thing that the approval is about."""
    if approval.what == "device":
        device = await DeviceRow.get_or_none(id=approval.subject)
        return replace(case, device=convert.device(device) if device else None)
    if approval.what == "site":
        site = await SiteRow.get_or_none(id=approval.subject)
        return replace(case, site=convert.site(site) if site else None)
    check = await CheckRow.get_or_none(id=approval.subject)
    return replace(case, check=convert.check(check) if check else None)


def _ids(case: Case) -> set[str]:
    """People whose names may have to be said."""
    ids = {action.rep for action in case.today} | {customer.owner for customer in case.customers}
    ids |= {look.by for look in case.held.looks} if case.held else set()
    for item in (case.approval, case.record):
        if item:
            ids.add(item.rep)
    told = [*case.alerts, *([case.alert] if case.alert else [])]
    ids |= {str(alert.values.get(name, "")) for alert in told for name in ("owner", "rep")}.union(*map(doers, told))
    return ids - {""}
