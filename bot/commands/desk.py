"""What the web edge may ask of the rest, made from the line."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.web.desk import Desk, Standing
from bot import corridor, entries, stats
from bot.consent import PURPOSES, withheld
from bot.evidence.check import covering
from bot.evidence.dwell import Beat, Viewing
from bot.line import Line
from bot.meter import quotas
from bot.model import Deck, Draft, Presentation, Visit
from bot.render import Renderer
from bot.seen import Seen
from bot.store import decks, people, visit_view
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
        kit=lambda platform: dossiers.parent / "jsapi" / f"{platform.value}.js",
        word=renderer.word,
        decks=_Decks(line),
        visits=_Visits(line),
        secret=secret,
        api_token=api_token,
    )
