"""Voices into words, one at a time, beside everything else: nobody's message waits for it."""

import logging

from bot import corridor
from bot.errors import FetchError, StoreError
from bot.hearing.deciding import Voice, heard, unheard
from bot.hearing.lexicons import hotwords
from bot.line import Line
from bot.model import Draft
from bot.ports import Heard, Transcriber
from bot.store import voices

log = logging.getLogger("salestrace.transcripts")


class Transcripts:
    """Rounds over the queue until it is empty; the queue itself stands in the database."""

    def __init__(self, line: Line, transcriber: Transcriber | None) -> None:
        """Without a transcriber what is queued is let go: voices then carry their length only."""
        self._line = line
        self._transcriber = transcriber

    async def round(self) -> None:
        """Hear what is due."""
        if self._transcriber is None:
            await voices.drop_all()
            return
        while evidence := await voices.due(self._line.clock.now()):
            await self._one(self._transcriber, evidence)

    async def _one(self, transcriber: Transcriber, evidence: str) -> None:
        wanted = await voices.voice(evidence, self._line.clock.now())
        if wanted is None:
            await voices.done(evidence)
            return
        try:
            said = await self._hear(transcriber, wanted, await voices.mime_of(evidence))
        except (FetchError, StoreError) as problem:
            reason = problem.reason if isinstance(problem, FetchError) else "unavailable"
            permanent = isinstance(problem, FetchError) and problem.permanent
            if not permanent and await voices.later(evidence, self._line.clock.now()):
                log.warning("transcript of %s waits: %s", evidence, reason)
                return
            log.warning("no transcript of %s: %s", evidence, reason)
            await self._record(evidence, reason)
            return
        await self._record(evidence, said)

    async def _hear(self, transcriber: Transcriber, wanted: Voice, mime: str) -> Heard:
        path = self._line.vault.path(wanted.item.sha256 or "")
        if not path.is_file():
            raise FetchError("file_gone", permanent=True)
        return await transcriber.transcribe(path, mime, hotwords(self._line.config(), (wanted.customer_name,)))

    async def _record(self, evidence: str, outcome: Heard | str) -> None:
        """What was known before hearing may have changed while it took its seconds, so it is read again inside the step."""
        line, now = self._line, self._line.clock.now()
        async with line.database.step() as tx:
            wanted = await voices.voice(evidence, now)
            if wanted is not None:
                config = line.config()
                draft: Draft = heard(wanted, outcome, config, now) if isinstance(outcome, Heard) else unheard(wanted, outcome, now)
                await corridor.record(tx, draft, config, now, frozenset(line.adapters))
            await voices.done(evidence)
        line.wake.notify("outbox")
