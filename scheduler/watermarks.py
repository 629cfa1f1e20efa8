"""Making watermarked copies of photos that count, and sending them back to whoever took them. The originals are not touched."""

import logging
from datetime import datetime

from bot import corridor, entries
from bot.errors import FetchError, StoreError
from bot.line import Line
from bot.model import PICTURE, Address, Draft, Outgoing
from bot.ports import Text
from bot.render import Renderer
from bot.store import derivations
from bot.store.derivations import Wanted

AT_ONCE = 4
KIND = "watermark"
log = logging.getLogger("salestrace.watermarks")


class Watermarks:
    """Rounds over the queue."""

    def __init__(self, line: Line, renderer: Renderer) -> None:
        self._line = line
        self._renderer = renderer

    async def round(self) -> None:
        for evidence in await derivations.due(self._line.clock.now(), AT_ONCE):
            try:
                await self._one(evidence)
            except (FetchError, StoreError) as problem:
                log.warning("watermark of %s waits: %s", evidence, type(problem).__name__)
                await derivations.later(evidence, self._line.clock.now())

    async def _one(self, evidence: str) -> None:
        line = self._line
        wanted = await derivations.wanted(evidence)
        digest = wanted.item.sha256 if wanted else None
        if wanted is None or not digest or not line.vault.path(digest).is_file():
            await derivations.done(evidence)
            return
        made = await line.copies.watermark(line.vault.path(digest), wanted.mime, self.lines(wanted))
        if made is None:
            await derivations.done(evidence)
            return
        copy = await line.vault.put(made)
        await self._record(wanted, digest, copy, line.clock.now())

    async def _record(self, wanted: Wanted, digest: str, copy: str, now: datetime) -> None:
        line, item = self._line, wanted.item
        fact = entries.evidence_derived(item.id, digest, copy, KIND, "image/jpeg", now)
        back = Outgoing(key=f"{KIND}:{item.id}", to=Address(person=item.rep), template=PICTURE, values={"sha256": copy})
        async with line.database.step() as tx:
            if await derivations.wanted(item.id) is None:
                return  # somebody else was quicker
            await corridor.record(tx, Draft(entries=(fact,), messages=(back,)), line.config(), now, frozenset(line.adapters))
            await derivations.done(item.id)
        line.wake.notify("outbox")

    def lines(self, wanted: Wanted) -> list[str]:
        """Time, place, device: three lines."""
        action = wanted.action
        point = action.stamp.point if action else None
        values = {
            "at": entries.instant(wanted.item.sent_at),
            "rep": wanted.rep_name,
            "customer": wanted.customer_name,
            "point": {"lat": point.lat, "lng": point.lng, "datum": point.datum.value} if point else None,
            "distance_m": action.stamp.distance_m if action else None,
            "device": (action.stamp.device if action else "") or "",
            "record": action.id if action else wanted.item.id,
        }
        told = self._renderer.render("reply/watermark", values)
        return told.text.splitlines() if isinstance(told, Text) else []
