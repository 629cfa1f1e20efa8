"""Taking in a deck: its pages into the vault, its entry into the ledger; the same deck again changes nothing."""

from collections.abc import Sequence
from hashlib import sha256

from bot import corridor, entries
from bot.line import Line
from bot.model import Deck, DeckPage, Draft, Entry
from bot.store import decks
from bot.vault import sm3_of


async def keep(line: Line, data: bytes) -> tuple[str, Entry]:
    """A page's picture, durable; its digest, and what the ledger says of it."""
    digest = await line.vault.put(data)
    return digest, entries.original_sealed(digest, sm3_of(line.vault.path(digest)), len(data))


async def take_deck(line: Line, name: str, tags: Sequence[str], pages: Sequence[DeckPage], facts: Sequence[Entry], by: str) -> bool:
    """True when it is new or changed. A deck is known by its name."""
    now = line.clock.now()
    deck = Deck(id=f"dk_{sha256(name.encode()).hexdigest()[:20]}", name=name, tags=tuple(tags), pages=tuple(pages))
    source = sha256("".join(page.large for page in pages).encode()).hexdigest()
    known = await decks.deck_of(deck.id)
    if known == deck and await decks.source_of(deck.id) == source:
        return False
    async with line.database.step() as tx:
        draft = Draft(entries=(*facts, entries.deck_imported(deck, source, by, now)))
        await corridor.record(tx, draft, line.config(), now, frozenset(line.adapters))
    return True
