"""What the web edge may ask of the rest, made from the line."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.web.desk import Desk
from bot import corridor, entries, stats
from bot.commands.links import Links
from bot.evidence.dwell import Beat, Viewing
from bot.line import Line
from bot.meter import quotas
from bot.model import Deck, Draft, Presentation
from bot.render import Renderer
from bot.seen import Seen
from bot.store import decks
from bot.taking_in import Taken, take_in


class _Decks:
    """Decks as the web edge sees them: the clock and the database are ours."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def presentation(self, id_: str) -> Presentation | None:
        return await decks.presentation_of(id_)

    async def deck(self, id_: str) -> Deck | None:
        return await decks.deck_of(id_)

    async def join(self, id_: str, nonce: str, pages: int) -> None:
        await decks.join(self._line.database, id_, nonce, pages, self._line.clock.now())

    async def beat(self, id_: str, told: Beat) -> Viewing | None:
        return await decks.beat(self._line.database, id_, told, self._line.clock.now())


def desk(line: Line, renderer: Renderer, seen: Seen, secret: bytes, api_token: str, dossiers: Path) -> Desk:
    """The web edge's whole outside. `dossiers`: the folder of archives that were made."""

    async def viewed(record: str, person: str, how: str) -> None:
        now = line.clock.now()
        async with line.database.step() as tx:
            draft = Draft(entries=(entries.record_viewed(record, person, now, how),))
            await corridor.record(tx, draft, line.config(), now, frozenset(line.adapters))

    async def figures() -> Mapping[str, float]:
        now = line.clock.now()
        return await stats.figures(line.database, now, seen.latest) | stats.allowances(await quotas(line.config(), now))

    async def ready() -> list[str]:
        return await stats.ready(line.database)

    async def taken(kind: str, rows: Sequence[Mapping[str, str]], data: bytes) -> Taken:
        return await take_in(line, kind, rows, data)

    return Desk(
        clock=line.clock,
        config=line.config,
        adapters=line.adapters,
        receive=line.inbox.receive,
        seen=seen,
        refused=seen.refused,
        ready=ready,
        stats=figures,
        record_viewed=viewed,
        take_in=taken,
        vault=line.vault.path,
        dossier=lambda id_: dossiers / f"{id_}.zip",
        word=renderer.word,
        decks=_Decks(line),
        links=Links(line),
        secret=secret,
        api_token=api_token,
    )
