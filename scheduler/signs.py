"""Reading customers' names off photos that count. What is read becomes an entry; nobody waits for it."""

import logging

from bot import corridor, entries
from bot.errors import FetchError, StoreError
from bot.evidence.business_card import read
from bot.evidence.names import sighting
from bot.hearing.deciding import card_key
from bot.line import Line
from bot.model import Address, Draft, Outgoing, SentCard, Sign
from bot.ports import TextReader
from bot.store import readings
from bot.store.readings import ToRead

AT_ONCE = 4
OCR = "ocr"
log = logging.getLogger("salestrace.signs")


class Signs:
    """Rounds over the queue, one photo at a time: reading takes a processor for seconds."""

    def __init__(self, line: Line, reader: TextReader | None) -> None:
        """Without a reader what is queued is let go: a person is asked at the visit's end."""
        self._line = line
        self._reader = reader

    async def round(self) -> None:
        for evidence in await readings.due(self._line.clock.now(), AT_ONCE):
            try:
                await self._one(evidence)
            except (FetchError, StoreError) as problem:
                log.warning("reading of %s waits: %s", evidence, type(problem).__name__)
                await readings.later(evidence, self._line.clock.now())

    async def _one(self, evidence: str) -> None:
        if sent := await readings.card(evidence):
            await self._card(*sent)
            return
        wanted = await readings.wanted(evidence)
        path = self._line.vault.path(wanted.sha256) if wanted else None
        if wanted is None or path is None or self._reader is None or not path.is_file():
            await readings.done(evidence)
            return
        read = await self._reader.read(path, wanted.mime)
        if read is None:
            await readings.done(evidence)
            return
        found = sighting(read.lines, wanted.names)
        words, score = (found.words, found.score) if found.seen else ("", found.score)
        await self._record(wanted, Sign(seen=found.seen, by=OCR, words=words, score=score, faces=read.faces))

    async def _card(self, sent: SentCard, digest: str, mime: str, customer: str) -> None:
        """A business card: whom it names is asked of the rep, who knows."""
        line, now = self._line, self._line.clock.now()
        path = line.vault.path(digest)
        seen = await self._reader.read(path, mime) if self._reader and path.is_file() else None
        found = read(seen.lines) if seen else None
        told = {"evidence": sent.evidence, "customer": customer, "name": "", "title": "", "phone": "", "done": ""}
        told |= {"name": found.name, "title": found.title, "phone": found.phone} if found else {}
        message = Outgoing(key=card_key(sent.evidence), to=Address(person=sent.rep), template="card/business_card", values=told)
        async with line.database.step() as tx:
            if await readings.card(sent.evidence) is not None:
                fact = entries.card_read(sent.evidence, told["name"], told["title"], told["phone"], now)
                draft = Draft(entries=(fact,), messages=(message,))
                await corridor.record(tx, draft, line.config(), now, frozenset(line.adapters))
            await readings.done(sent.evidence)
        line.wake.notify("outbox")

    async def _record(self, wanted: ToRead, sign: Sign) -> None:
        line, now = self._line, self._line.clock.now()
        async with line.database.step() as tx:
            if await readings.wanted(wanted.evidence) is not None:  # else somebody was quicker
                fact = entries.evidence_signed(wanted.evidence, sign, now)
                await corridor.record(tx, Draft(entries=(fact,)), line.config(), now, frozenset(line.adapters))
            await readings.done(wanted.evidence)
