"""Materials in a customer's hands: opened knowingly, read page by page, taken away; each a fact, and the sender hears of the first."""

import secrets
from datetime import datetime

from bot import corridor, entries
from bot.calendar import days
from bot.config.schema import Config
from bot.entries import instant
from bot.ids import new_id
from bot.line import Line
from bot.model import Address, Draft, Json, Material, Opening, Outgoing
from bot.rules.working import next_working_minute
from bot.store import decks, materials
from bot.store.signings import parties

LEAST = 1.0  # seconds of a page that are worth telling


async def opened(line: Line, material: Material, pages: int) -> Opening:
    """Record that it was opened."""
    now = line.clock.now()
    opening = Opening(id=new_id("op_", now, secrets.token_hex(16)), material=material.id, at=now)
    async with line.database.step() as tx:
        facts = (entries.material_opened(opening),)
        told = () if material.opens else (await _notice(line.config(), material, now),)
        await corridor.record(tx, Draft(entries=facts, messages=told), line.config(), now, frozenset(line.adapters))
        await materials.begin(tx, opening, pages)
    line.wake.notify("outbox")
    return opening


async def downloaded(line: Line, opening: Opening) -> None:
    """Recorded before the first byte leaves."""
    now = line.clock.now()
    async with line.database.step() as tx:
        draft = Draft(entries=(entries.material_downloaded(opening.id, opening.material, now),))
        await corridor.record(tx, draft, line.config(), now, frozenset(line.adapters))


async def closed(id_: str, config: Config, now: datetime) -> Draft:
    """Nobody looks any more: what was looked at is a fact; of the first time the sender is told."""
    opening = await materials.opening_of(id_)
    if opening is None or opening.state != "open":
        return Draft()
    material = await materials.by_id(opening.material)
    deck = await decks.deck_of(material.deck) if material else None
    first = material is not None and (await materials.openings_of(material.id))[0].id == id_
    messages = (
        (await _result(config, material, opening, len(deck.pages) if deck else len(opening.seconds), now),) if material and first else ()
    )
    return Draft(entries=(entries.material_read(opening, now),), messages=messages)


async def _notice(config: Config, material: Material, now: datetime) -> Outgoing:
    return await _told(config, material, "opened", {"at": instant(now)}, now)


async def _result(config: Config, material: Material, opening: Opening, of: int, now: datetime) -> Outgoing:
    pages = [{"page": at, "seconds": lasted} for at, lasted in enumerate(opening.seconds, 1) if lasted >= LEAST]
    values = {"seconds": sum(opening.seconds), "pages": pages, "of": of, "downloads": len(opening.downloads)}
    return await _told(config, material, "read", values, now)


async def _told(config: Config, material: Material, what: str, values: Json, now: datetime) -> Outgoing:
    """The bot starts this by itself, so it waits for working hours."""
    _, customer = await parties(material.by, material.customer)
    url = f"{config.server.public_url.rstrip('/')}/materials/{material.id}"
    same = {"name": material.name, "customer": customer, "recipient": material.recipient, "url": url}
    held = next_working_minute(now, config.privacy, config.zone, *days(config))
    to = Address(person=material.by)
    return Outgoing(
        key=f"material:{material.id}:{what}", to=to, template=f"card/material_{what}", values={**same, **values}, not_before=held
    )
