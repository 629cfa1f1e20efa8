"""What the web edge may ask of the rest, made from the line."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from adapters.web.desk import Desk, Told
from bot import corridor, entries, stats
from bot.checkpoint import Key
from bot.evidence.dwell import Beat, Viewing
from bot.line import Line
from bot.meter import quotas
from bot.model import Choice, Deck, Draft, Outgoing, Person, Presentation
from bot.ports import Text
from bot.proving import Proven, prove
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


class _Records:
    """Records as the web edge sees them: the corridor, the vault and the key are ours."""

    def __init__(self, line: Line, renderer: Renderer, key: Callable[[], Key | None]) -> None:
        self._line, self._renderer, self._key = line, renderer, key

    async def prove(self, action: str) -> Proven | None:
        return await prove(self._line.database, self._line.vault, self._key(), action)

    async def ask(self, person: Person, words: str) -> Told:
        return self._told(*await corridor.ask(self._line, person, words))

    async def tap(self, person: Person, op: str, arg: str) -> Told:
        return self._told(*await corridor.ask(self._line, person, choice=Choice(op=op, arg=arg)))

    def _told(self, answers: Sequence[Outgoing], done: bool) -> Told:
        said = (self._renderer.render(one.template, one.values) for one in answers)
        return Told(done=done, words="\n".join(one.text for one in said if isinstance(one, Text)))


def desk(line: Line, renderer: Renderer, seen: Seen, secret: bytes, api_token: str, dossiers: Path, key: Callable[[], Key | None]) -> Desk:
    """The web edge's whole outside. `dossiers`: the folder of archives that were made; `key`: what checkpoints are signed with."""

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
        records=_Records(line, renderer, key),
        secret=secret,
        api_token=api_token,
    )
