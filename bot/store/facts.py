"""What the rules judge: facts of one subject, read inside the step."""

from datetime import datetime, timedelta

from bot.calendar import days
from bot.case import Paper
from bot.config.schema import Config, Document, FollowUp
from bot.model import Alert, Json
from bot.rules import followup
from bot.rules.document import applies, due_at, standing
from bot.rules.facts import DayFacts, DocumentFacts, DwellFacts, SilenceFacts, Submitted
from bot.rules.inactivity import due_at as owed_at
from bot.store import convert, decks, obligations
from bot.store.tables import ActionRow, AlertRow, CustomerRow, DocumentRow, PersonRow

RECENT_DEMOS = 10


async def silence(customer: str, min_tier: str | None = None) -> SilenceFacts | None:
    """Since when nothing complete (of that tier at least) was done for a customer: his last such action, or his import."""
    row = await CustomerRow.get_or_none(id=customer)
    if row is None:
        return None
    last = await last_of(customer, min_tier) if min_tier else row.last_complete_at
    return SilenceFacts(customer=row.id, name=row.name, region=row.region, owner=row.owner, last=last or row.imported_at)


async def document(customer: str, rule: Document) -> DocumentFacts | None:
    """None for a customer that is not there."""
    row = await CustomerRow.get_or_none(id=customer)
    if row is None:
        return None
    began = None
    if applies(rule, row.industry):
        first = await ActionRow.filter(customer=customer, stage=rule.stage, state="complete").order_by("at").first()
        began = first.at if first else None
    filed = await DocumentRow.get_or_none(id=f"{customer}:{rule.id}")
    return DocumentFacts(
        rule=rule.id,
        customer=row.id,
        name=row.name,
        region=row.region,
        owner=row.owner,
        began=began,
        filed_at=filed.at if filed else None,
    )


async def papers(customer: str, config: Config, now: datetime) -> list[Paper]:
    """What a customer must have on file, and how that stands."""
    found = []
    row = await CustomerRow.get_or_none(id=customer)
    for rule in config.rules:
        if row and isinstance(rule, Document) and applies(rule, row.industry) and (known := await document(customer, rule)):
            due = due_at(rule, known.began) if known.began else None
            state = standing(rule, known, now)
            found.append(Paper(customer=customer, rule=rule.id, name=rule.name, aliases=rule.aliases, state=state, due=due))
        if isinstance(rule, FollowUp) and (owed := await obligations.followup(customer, rule)):
            due = owed_at(rule, owed.seen, config.zone, *days(config)) if owed.seen else None
            state = followup.standing(owed, due, now)
            found.append(Paper(customer=customer, rule=rule.id, name=rule.name, aliases=rule.aliases, state=state, due=due))
    return found


async def last_of(customer: str, min_tier: str) -> datetime | None:
    """When the last complete action of that tier at least was."""
    row = await ActionRow.filter(customer=customer, state="complete", tier__gte=min_tier).order_by("-at").first()
    return row.at if row else None


async def day(rep: str, stage: str, moment: datetime, config: Config) -> DayFacts:
    """The submitted, not withdrawn actions of a stage on the local day of `moment`, in order."""
    start = moment.astimezone(config.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = ActionRow.filter(rep=rep, stage=stage, submitted_at__gte=start, submitted_at__lt=start + timedelta(days=1))
    found = await rows.exclude(state="withdrawn").order_by("submitted_at", "id")
    person = await PersonRow.get_or_none(id=rep)
    return DayFacts(
        rep=rep,
        region=person.region if person else "",
        stage=stage,
        day=start.date(),
        submitted=tuple(Submitted(action=row.id, at=row.submitted_at, customer=row.customer) for row in found if row.submitted_at),
    )


async def dwell(action: str) -> DwellFacts | None:
    """How long a submitted stage lasted, with the rep's last ten."""
    row = await ActionRow.get_or_none(id=action)
    if row is None or row.submitted_at is None or row.state == "withdrawn":
        return None
    same = ActionRow.filter(rep=row.rep, stage=row.stage, submitted_at__lte=row.submitted_at).exclude(state="withdrawn")
    recent = await same.order_by("-submitted_at").limit(RECENT_DEMOS)
    looked = await decks.shown_seconds([row.id, *(one.id for one in recent)])

    def lasted(one: ActionRow) -> float:
        """In the deck if one was shown, else by the platforms' message times."""
        return looked[one.id] if one.id in looked else _seconds(one.at, one.submitted_at or one.at)

    return DwellFacts(
        action=row.id,
        rep=row.rep,
        customer=row.customer,
        region=row.region,
        stage=row.stage,
        seconds=lasted(row),
        recent=tuple(lasted(one) for one in reversed(recent) if one.submitted_at),
    )


def _seconds(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds()


async def incident(rule: str, subject: str, period: str) -> Alert | None:
    row = await AlertRow.get_or_none(rule=rule, subject=subject, period=period)
    return convert.alert(row) if row else None


async def incidents(rule: str, subject: str) -> list[Alert]:
    """Unresolved incidents of a rule about a subject."""
    return [convert.alert(row) for row in await AlertRow.filter(rule=rule, subject=subject).exclude(state="resolved")]


async def owner_of(alert: str) -> str | None:
    row = await AlertRow.get_or_none(id=alert)
    return row.owner if row else None


async def names(values: Json) -> Json:
    """The values of a finding with the names that its card says: `rep_name`, `customer_name`, and in its list of actions."""
    ids = {str(values[field]) for field in ("rep", "owner") if values.get(field)}
    listed = values.get("actions", [])
    customers = {str(item["customer"]) for item in listed} | ({str(values["customer"])} if values.get("customer") else set())
    people = {row.id: row.name for row in await PersonRow.filter(id__in=list(ids))}
    known = {row.id: row.name for row in await CustomerRow.filter(id__in=list(customers))}
    named = [{**item, "customer_name": known.get(item["customer"], item["customer"])} for item in listed]
    return {
        **values,
        "rep_name": people.get(values.get("rep") or values.get("owner") or "", ""),
        "customer_name": known.get(values.get("customer", ""), ""),
        **({"actions": named} if listed else {}),
    }
