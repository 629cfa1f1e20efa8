"""What the web edge may ask of the rest, made from the line."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from adapters.web.desk import Desk, Standing, Told
from bot import corridor, entries, stats
from bot.ballots import Ballots
from bot.checkpoint import Key
from bot.commands.links import Links
from bot.consent import PURPOSES, withheld
from bot.evidence.check import covering
from bot.evidence.dwell import Beat, Viewing
from bot.line import Line
from bot.meter import quotas
from bot.model import Deck, Draft, Person, Presentation, Visit
from bot.ports import Text
from bot.proving import Proven, prove
from bot.render import Renderer
from bot.seen import Seen
from bot.store import decks, hooks, people, surveys, visit_view
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


class _Records:
    """Records as the web edge sees them: the corridor, the vault and the key are ours."""

    def __init__(self, line: Line, renderer: Renderer, key: Callable[[], Key | None]) -> None:
        self._line, self._renderer, self._key = line, renderer, key

    async def prove(self, action: str) -> Proven | None:
        return await prove(self._line.database, self._line.vault, self._key(), action)

    async def ask(self, person: Person, words: str) -> Told:
        answers, done = await corridor.ask(self._line, person, words)
        said = (self._renderer.render(one.template, one.values) for one in answers)
        return Told(done=done, words="\n".join(one.text for one in said if isinstance(one, Text)))


class _Visits:
    """Visits as the web edge sees them."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.incoming = line.vault.incoming

    async def visit(self, id_: str) -> Visit | None:
        return await visit_view.visit(id_)

    async def standing(self, visit: Visit) -> Standing:
        now, config = self._line.clock.now(), self._line.config()
        checks = await visit_view.checks(visit, now)
        consents = await people.consents(visit.rep)
        return Standing(
            check=checks[-1] if checks else None,
            holds=covering(checks, visit.customer, now) is not None,
            devices=await visit_view.devices(visit.rep),
            withheld=frozenset(purpose for purpose in PURPOSES if withheld(config, consents, purpose)),
        )

    async def kept(self, key: str) -> bytes | None:
        return await visit_view.kept(key)

    async def worked(self, key: str) -> bool:
        return await visit_view.worked(key)

    async def keep(self, path: Path) -> str:
        return await self._line.vault.put(path)


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


def desk(
    line: Line, renderer: Renderer, seen: Seen, secret: bytes, tokens: Mapping[str, str], archives: Path, key: Callable[[], Key | None]
) -> Desk:
    """The web edge's whole outside.

    `tokens`: of the API and the hook; `archives`: the folder below which lie those that were made; `key`: what checkpoints are signed with.
    """

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

    async def taken(kind: str, rows: Sequence[Mapping[str, str]], data: bytes, by: str) -> Taken:
        return await take_in(line, kind, rows, data, by)

    async def push_done(digest: str, answer: Mapping[str, Any]) -> None:
        await hooks.remember(line.database, digest, answer, line.clock.now())

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
        pushed=hooks.answered,
        push_done=push_done,
        vault=line.vault.path,
        dossier=lambda id_: archives / DOSSIERS / f"{id_}.zip",
        export=lambda id_: archives / EXPORTS / f"{id_}.zip",
        kit=lambda platform: archives / "jsapi" / f"{platform.value}.js",
        word=renderer.word,
        decks=_Decks(line),
        records=_Records(line, renderer, key),
        visits=_Visits(line),
        links=Links(line),
        survey=_Survey(line, Ballots(secret)),
        secret=secret,
        api_token=tokens.get("api", ""),
        hook_secret=tokens.get("hook", ""),
    )
