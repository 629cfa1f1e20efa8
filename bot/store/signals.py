"""What customers do by themselves and what was shown to them, read for the measures of silence, repurchase and health."""

from datetime import date, datetime, timedelta
from typing import Any

from bot.config.schema import Config
from bot.measures.repurchase import Shown
from bot.measures.silent import Dated, Known
from bot.store.fields import from_ms, to_ms
from bot.store.reading_sql import select
from bot.store.tables import ActionRow, CustomerRow, DeckRow, EvidenceRow, FactRow, MarkRow, PresentationRow

VISITS = """
SELECT COUNT(*) AS n, COALESCE(SUM(amount), 0) AS ms, MIN(at) AS first
FROM facts WHERE kind = 'web_visits' AND customer = ? AND at >= ? AND at < ?
"""
MOST = 500  # demos, orders or showings of one customer that are looked at, the latest
OPENED = f"""
SELECT m.id AS id, m.deck AS deck, m.name AS name, MIN(o.at) AS first FROM materials m JOIN openings o ON o.material = m.id
WHERE m.customer = ? GROUP BY m.id, m.deck, m.name ORDER BY MIN(o.at) DESC LIMIT {MOST}
"""
DEMO = "demo"


def day_of(at: datetime, config: Config) -> date:
    """The company's calendar day of a moment."""
    return at.astimezone(config.zone).date()


def first_moment(day: date, config: Config) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=config.zone)


async def known(customer: CustomerRow, config: Config, now: datetime) -> Known:
    """Facts of the silence measure. What lies in the future is read too: its day may come."""
    today, rule = day_of(now, config), config.silence
    since = first_moment(today - timedelta(days=rule.days), config)
    demos = ActionRow.filter(customer=customer.id, stage=DEMO, state="complete", at__gte=since).order_by("-at").limit(MOST)
    orders = FactRow.filter(kind="orders", customer=customer.id, at__gte=since).order_by("-at").limit(MOST)
    visits = (await select(VISITS, customer.id, to_ms(since), to_ms(first_moment(today + timedelta(days=1), config))))[0]
    inquiry = await FactRow.filter(kind="inquiries", customer=customer.id, at__lte=now).order_by("-at", "-id").first()
    return Known(
        industry=customer.industry,
        demos=tuple(Dated(day=day_of(row.at, config), id=row.id) for row in await demos),
        orders=tuple(Dated(day=day_of(row.at, config), id=row.id) for row in await orders),
        visits=int(visits["n"]),
        visit_ms=int(visits["ms"]),
        first_visit=_day(visits["first"], config),
        inquiry=Dated(day=day_of(inquiry.at, config), id=inquiry.id) if inquiry else None,
        topic=inquiry.word if inquiry else "",
    )


def _day(value: Any, config: Config) -> date | None:
    return day_of(from_ms(int(value)), config) if value is not None else None


async def shown_to(customer: str) -> list[Shown]:
    """Decks that were really looked at in his visits, files sent in them, and materials that he opened, each once: as he first did."""
    rows = await PresentationRow.filter(customer=customer, state="closed").order_by("-at").limit(MOST)
    tags = {deck.id: tuple(deck.tags) for deck in await DeckRow.filter(id__in=list({row.deck for row in rows}))}
    decks = [Shown(id=row.id, at=row.at, words=(row.name, *tags.get(row.deck, ()))) for row in rows if sum(row.seconds) > 0]
    files = EvidenceRow.filter(customer=customer, kind="file").exclude(state__in=["refused", "lost"]).exclude(name="")
    sent = [Shown(id=row.id, at=row.sent_at, words=(row.name,)) for row in await files.order_by("-sent_at").limit(MOST)]
    return decks + sent + await _opened(customer)


async def _opened(customer: str) -> list[Shown]:
    """A link that nobody opened showed nothing."""
    rows = await select(OPENED, customer)
    tags = {deck.id: tuple(deck.tags) for deck in await DeckRow.filter(id__in=list({row["deck"] for row in rows}))}
    return [Shown(id=row["id"], at=from_ms(int(row["first"])), words=(row["name"], *tags.get(row["deck"], ()))) for row in rows]


async def closed_tickets(customer: str, config: Config) -> list[Dated]:
    rows = await FactRow.filter(kind="tickets", customer=customer).exclude(at=None).order_by("-at").limit(MOST)
    return [Dated(day=day_of(row.at, config), id=row.id) for row in rows]


async def marks_of(customers: list[str]) -> dict[str, tuple[str, ...]]:
    """Customer → marks that he bears now."""
    found: dict[str, tuple[str, ...]] = {}
    for row in await MarkRow.filter(customer__in=customers, until=None).order_by("mark"):
        found[row.customer] = (*found.get(row.customer, ()), row.mark)
    return found
