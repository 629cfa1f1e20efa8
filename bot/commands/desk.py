"""What the web edge may ask of the rest, made from the line."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.web.desk import Desk
from bot import corridor, entries, stats
from bot.ballots import Ballots
from bot.evidence.dwell import Beat, Viewing
from bot.line import Line
from bot.meter import quotas
from bot.model import Deck, Draft, Presentation
from bot.render import Renderer
from bot.seen import Seen
from bot.store import decks, surveys
from bot.taking_in import Taken, take_in

DOSSIERS = "dossiers"  # folder of archives, below the data folder
EXPORTS = f"{DOSSIERS}/exports"  # below it: where something is erased, all archives that may hold it go


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


class _Survey:
    """The survey as the web edge sees it."""

    answers = surveys.ANSWERS

    def __init__(self, line: Line, ballots: Ballots) -> None:
        self._line = line
        self.genuine = ballots.genuine

    async def is_open(self, survey: str) -> bool:
        going = await surveys.under_way(survey)
        return going is not None and self._line.clock.now() < going.closes_at

    async def answer(self, survey: str, ballot: str, given: str) -> bool:
        async with self._line.database.step():
            return await surveys.answer(survey, ballot, given)


def desk(line: Line, renderer: Renderer, seen: Seen, secret: bytes, api_token: str, archives: Path) -> Desk:
    """The web edge's whole outside. `archives`: the folder below which lie those that were made."""

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
        dossier=lambda id_: archives / DOSSIERS / f"{id_}.zip",
        export=lambda id_: archives / EXPORTS / f"{id_}.zip",
        word=renderer.word,
        decks=_Decks(line),
        survey=_Survey(line, Ballots(secret)),
        secret=secret,
        api_token=api_token,
    )
