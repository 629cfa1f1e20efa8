"""Decks and presentations: what is there, what is open, and the beats of the page that shows it."""

from collections.abc import Iterable
from datetime import datetime

from bot.evidence.dwell import Beat, Viewing, heard, joined
from bot.model import Deck, DeckPage, Presentation
from bot.store import deadlines
from bot.store.database import Database
from bot.store.tables import DeckRow, EvidenceRow, PresentationRow, ViewingRow

DEADLINE = "deck.close"


async def all_decks() -> list[Deck]:
    return [_deck(row) for row in await DeckRow.all().order_by("name")]


async def deck_of(id_: str) -> Deck | None:
    row = await DeckRow.get_or_none(id=id_)
    return _deck(row) if row else None


async def source_of(id_: str) -> str:
    """What a deck was made from; "" for one that is not there."""
    row = await DeckRow.get_or_none(id=id_)
    return row.source if row else ""


async def open_of(rep: str) -> Presentation | None:
    """The presentation that a rep has open, with what was looked at so far."""
    row = await PresentationRow.filter(rep=rep, state="open").order_by("-at").first()
    return await _presentation(row) if row else None


async def presentation_of(id_: str) -> Presentation | None:
    row = await PresentationRow.get_or_none(id=id_)
    return await _presentation(row) if row else None


async def rep_of(presentation: str) -> str:
    row = await PresentationRow.get_or_none(id=presentation)
    return row.rep if row else ""


async def join(database: Database, id_: str, nonce: str, pages: int, now: datetime) -> None:
    """A page shows it: that page counts from now on."""
    async with database.step() as tx:
        row = await ViewingRow.get_or_none(presentation=id_)
        fresh = joined(viewing(row) if row else None, nonce, pages, now)
        await keep(id_, fresh)
        await deadlines.arm(tx, [(DEADLINE, f"deck:{id_}", fresh.due_at)])


async def beat(database: Database, id_: str, told: Beat, now: datetime) -> Viewing | None:
    """Take a beat in; None where it does not count (another page took over, told before, closed)."""
    async with database.step() as tx:
        row = await ViewingRow.get_or_none(presentation=id_)
        open_ = await PresentationRow.exists(id=id_, state="open")
        counted = heard(viewing(row), told, now) if row and open_ else None
        if counted:
            await keep(id_, counted)
            await deadlines.arm(tx, [(DEADLINE, f"deck:{id_}", counted.due_at)])
        return counted


async def shown_seconds(actions: Iterable[str]) -> dict[str, float]:
    """Active seconds of the decks that were shown in these actions; one without is missing."""
    rows = EvidenceRow.filter(action__in=list(actions), kind="deck").exclude(state__in=["refused", "lost"])
    found: dict[str, float] = {}
    for row in await rows.only("action", "seconds"):
        found[str(row.action)] = found.get(str(row.action), 0.0) + (row.seconds or 0.0)
    return found


async def keep(id_: str, now: Viewing) -> None:
    """What a page has told so far."""
    same = {name: getattr(now, name) for name in ("nonce", "seq", "allowance", "beat_at", "due_at")}
    await ViewingRow.update_or_create(defaults={**same, "seconds": list(now.seconds)}, presentation=id_)


def viewing(row: ViewingRow) -> Viewing:
    """Inverse of `keep`."""
    same = {name: getattr(row, name) for name in ("nonce", "seq", "allowance", "beat_at", "due_at")}
    return Viewing(**same, seconds=tuple(row.seconds))


def _deck(row: DeckRow) -> Deck:
    return Deck(id=row.id, name=row.name, tags=tuple(row.tags), pages=tuple(DeckPage(**page) for page in row.pages))


async def _presentation(row: PresentationRow) -> Presentation:
    live = await ViewingRow.get_or_none(presentation=row.id) if row.state == "open" else None
    return Presentation(
        id=row.id,
        deck=row.deck,
        name=row.name,
        rep=row.rep,
        at=row.at,
        visit=row.visit,
        customer=row.customer,
        state=row.state,
        seconds=tuple(live.seconds if live else row.seconds),
        due_at=live.due_at if live else None,
    )
