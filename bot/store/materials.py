"""Materials by the link's secret or by id, their openings, and the beats of a page that shows one."""

from datetime import datetime

from bot.entries import parse_instant
from bot.evidence.dwell import Beat, Viewing, heard, joined
from bot.ids import secret_digest
from bot.model import Material, Opening
from bot.store import deadlines, decks
from bot.store.database import Database, Tx
from bot.store.tables import CustomerRow, MaterialRow, OpeningRow, ViewingRow

DEADLINE = "material.close"


async def by_secret(secret: str) -> Material | None:
    row = await MaterialRow.get_or_none(digest=secret_digest(secret))
    return _material(row) if row else None


async def by_id(id_: str) -> Material | None:
    row = await MaterialRow.get_or_none(id=id_)
    return _material(row) if row else None


async def opening_of(id_: str) -> Opening | None:
    """With what was looked at so far."""
    row = await OpeningRow.get_or_none(id=id_)
    return await _opening(row) if row else None


async def belongs_to(material: Material) -> tuple[str, str]:
    """Owner and region of the customer; "" for one that is not there any more."""
    row = await CustomerRow.get_or_none(id=material.customer)
    return (row.owner, row.region) if row else ("", "")


async def openings_of(material: str) -> list[Opening]:
    """Oldest first."""
    return [await _opening(row) for row in await OpeningRow.filter(material=material).order_by("at", "id")]


async def begin(tx: Tx, opening: Opening, pages: int) -> None:
    """Inside the step that records it: it is over soon, unless a page joins."""
    fresh = joined(None, "", pages, opening.at)
    await decks.keep(opening.id, fresh)
    await deadlines.arm(tx, [(DEADLINE, f"opening:{opening.id}", fresh.due_at)])


async def join(database: Database, id_: str, nonce: str, pages: int, now: datetime) -> None:
    """A page shows it: that page counts from now on."""
    async with database.step() as tx:
        row = await ViewingRow.get_or_none(presentation=id_)
        fresh = joined(decks.viewing(row) if row else None, nonce, pages, now)
        await decks.keep(id_, fresh)
        await deadlines.arm(tx, [(DEADLINE, f"opening:{id_}", fresh.due_at)])


async def beat(database: Database, id_: str, told: Beat, now: datetime) -> Viewing | None:
    """Take a beat in; None where it does not count (told before, over)."""
    async with database.step() as tx:
        row = await ViewingRow.get_or_none(presentation=id_)
        open_ = await OpeningRow.exists(id=id_, state="open")
        viewing = heard(decks.viewing(row), told, now) if row and open_ else None
        if viewing:
            await decks.keep(id_, viewing)
            await deadlines.arm(tx, [(DEADLINE, f"opening:{id_}", viewing.due_at)])
        return viewing


def _material(row: MaterialRow) -> Material:
    same = ("id", "deck", "name", "customer", "by", "recipient", "at", "until", "opens", "downloads")
    return Material(**{name: getattr(row, name) for name in same})


async def _opening(row: OpeningRow) -> Opening:
    live = await ViewingRow.get_or_none(presentation=row.id) if row.state == "open" else None
    taken = tuple(parse_instant(moment) for moment in row.downloads)
    seconds = tuple(live.seconds if live else row.seconds)
    return Opening(id=row.id, material=row.material, at=row.at, state=row.state, seconds=seconds, downloads=taken)
