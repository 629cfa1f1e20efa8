"""What the rules judge: facts of one subject, read inside the step."""

from datetime import datetime, timedelta

from bot.config.schema import Config
from bot.model import Alert
from bot.rules.evaluate import DayFacts, DwellFacts, SilenceFacts
from bot.store import convert
from bot.store.tables import ActionRow, AlertRow, CustomerRow, PersonRow

RECENT_DEMOS = 10


async def silence(customer: str) -> SilenceFacts | None:
    """Since when nothing complete was done for a customer: his last complete action, or his import."""
    row = await CustomerRow.get_or_none(id=customer)
    if row is None:
        return None
    owner = await PersonRow.get_or_none(id=row.owner)
    return SilenceFacts(
        customer=row.id,
        name=row.name,
        region=row.region,
        owner=row.owner or None,
        owner_name=owner.name if owner else "",
        last=row.last_complete_at or row.imported_at,
    )


async def day(rep: str, stage: str, moment: datetime, config: Config) -> DayFacts:
    """The submitted, not withdrawn actions of a stage on the local day of `moment`, in order."""
    start = moment.astimezone(config.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = ActionRow.filter(rep=rep, stage=stage, submitted_at__gte=start, submitted_at__lt=start + timedelta(days=1))
    found = await rows.exclude(state="withdrawn").order_by("submitted_at", "id")
    names = {row.id: row.name for row in await CustomerRow.filter(id__in=[row.customer for row in found])}
    person = await PersonRow.get_or_none(id=rep)
    return DayFacts(
        rep=rep,
        rep_name=person.name if person else rep,
        region=person.region if person else "",
        stage=stage,
        day=start.date(),
        submitted=tuple((row.id, row.submitted_at, names.get(row.customer, row.customer)) for row in found if row.submitted_at),
    )


async def dwell(action: str) -> DwellFacts | None:
    """How long a submitted stage lasted, by the platforms' message times, with the rep's last ten."""
    row = await ActionRow.get_or_none(id=action)
    if row is None or row.submitted_at is None or row.state == "withdrawn":
        return None
    same = ActionRow.filter(rep=row.rep, stage=row.stage, submitted_at__lte=row.submitted_at).exclude(state="withdrawn")
    recent = await same.order_by("-submitted_at").limit(RECENT_DEMOS)
    customer = await CustomerRow.get_or_none(id=row.customer)
    person = await PersonRow.get_or_none(id=row.rep)
    return DwellFacts(
        action=row.id,
        rep=row.rep,
        rep_name=person.name if person else row.rep,
        customer=row.customer,
        customer_name=customer.name if customer else row.customer,
        region=row.region,
        stage=row.stage,
        at=row.submitted_at,
        seconds=_seconds(row),
        recent=tuple(_seconds(one) for one in recent),
    )


def _seconds(row: ActionRow) -> float:
    assert row.submitted_at is not None
    return (row.submitted_at - row.at).total_seconds()


async def incident(rule: str, subject: str, period: str) -> Alert | None:
    row = await AlertRow.get_or_none(rule=rule, subject=subject, period=period)
    return convert.alert(row) if row else None


async def incidents(rule: str, subject: str) -> list[Alert]:
    """Unresolved incidents of a rule about a subject."""
    return [convert.alert(row) for row in await AlertRow.filter(rule=rule, subject=subject).exclude(state="resolved")]


async def owner_of(alert: str) -> str | None:
    row = await AlertRow.get_or_none(id=alert)
    return row.owner if row else None
