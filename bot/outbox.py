"""Delivering one letter: render, send or update, and only then mark it sent."""

import logging
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot import failpoint
from bot.errors import DeliveryError, OutOfReach, SalesTraceError
from bot.meter import REFUSED, Meter
from bot.model import DRAWN, PICTURE, ROBOT, SHOWN, Json, Platform
from bot.ports import Adapter, Attachment, Card, Clock, Message, Outlet, Parcel, Picture
from bot.render import Renderer
from bot.reporting import paper
from bot.store import outbox_rows
from bot.store.outbox_rows import Letter

FILE = "file"  # the template of a letter that is one
ALERT, ALERTS, BUNDLED = "card/alert", "card/alerts", "bundled"
GATHER, LISTED = timedelta(minutes=10), 20
FLOOD, LISTED_WHOLE = timedelta(seconds=3), 40  # a card names all of a flood; what is beyond goes out as another
ROOM = {Platform.WECOM: 12}  # lines with their links that a message of a platform holds, where that is less: 2,048 bytes
QUOTA = "quota"  # in the reason of a platform whose month is used up: that may take weeks, and is nobody's fault
GIVE_UP_AFTER = timedelta(days=5)
FIRST_WAIT, LONGEST_WAIT = 2.0, 600.0  # seconds
story = logging.getLogger("salestrace.story")
log = logging.getLogger("salestrace.outbox")


def backoff(attempts: int, asked: float | None) -> timedelta:
    """How long to wait: what the platform asked for, else doubling from 2 s to 10 min, with jitter off the round hours."""
    wait = asked if asked is not None else min(FIRST_WAIT * 2**attempts, LONGEST_WAIT)
    return timedelta(seconds=wait * random.uniform(1.0, 1.2))  # noqa: S311 - spreads load, guards nothing


async def deliver(
    letter: Letter,
    adapters: Mapping[Platform, Adapter],
    renderer: Renderer,
    clock: Clock,
    files: Callable[[str], Path],
    meter: Meter,
    robots: Mapping[Platform, Outlet],
) -> bool:
    """Send one claimed letter. True when it is out. `files`: path of a picture by its SHA-256."""
    outlets: Mapping[Platform, Adapter | Outlet] = robots if letter.chat == ROBOT else adapters
    adapter = outlets.get(letter.platform)
    try:
        if adapter is None:  # its secret or its table came after the start, or is gone: it waits for the next start
            raise DeliveryError("not_configured", retry_after=LONGEST_WAIT)
        async with _drawn(letter) as drawn:
            receipt = await _send(adapter, letter, _parcel(letter, renderer, files, drawn))
    except DeliveryError as error:
        if QUOTA in error.reason:
            meter.count(letter.platform, REFUSED)
        await _settle(letter, error, clock.now())
        return False
    failpoint.reach("send.after")
    if letter.chat != ROBOT:  # a group robot takes nothing of the app's allowance
        meter.went(letter.platform)
    await outbox_rows.sent(letter, {**receipt, BUNDLED: True} if letter.along else receipt, clock.now())
    failpoint.reach("send.marked")
    story.info("发出 %s → %s", letter.template, letter.platform.value)
    return True


async def _send(adapter: Adapter | Outlet, letter: Letter, parcel: Parcel) -> Json:
    failpoint.reach("send.before")
    if letter.receipt.get(BUNDLED):
        raise OutOfReach(BUNDLED)
    if not letter.edits:
        return await adapter.send(parcel)
    if not (parcel.receipt or parcel.token):
        raise DeliveryError("original_unsent", permanent=True)
    return await adapter.update(parcel)


@asynccontextmanager
async def _drawn(letter: Letter) -> AsyncIterator[Path | None]:
    """The picture of a letter that brings its figures: made for the sending alone, and kept nowhere."""
    figures = letter.values.get(DRAWN)
    if figures is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="salestrace-") as folder:
        made = Path(folder) / "figures.png"
        try:
            made.write_bytes(await paper.picture(figures["report"], figures))
        except SalesTraceError as problem:  # the same figures stand in words
            log.error("no picture: %s: %s", letter.template, problem)
            if letter.template == PICTURE:
                raise DeliveryError("undrawn", permanent=True) from problem
            yield None
            return
        yield made


async def gathered(letter: Letter, short: frozenset[Platform], now: datetime, group_at: int = 0) -> Letter | None:
    """Red lights that go out as one card: where little of a month's calls is left, a group's of ten minutes; where `group_at` of them or
    more wait for one group, at once (0: never). None: it waits for the others.
    """
    if letter.template != ALERT or not letter.chat or letter.edits:
        return letter
    saving = letter.platform in short
    if bound := await outbox_rows.bound(letter):  # went out with these before, or may have: the same card again
        return _bundle(letter, bound, saving)
    if not saving and not (group_at and letter.attempts == 0 and await outbox_rows.alike(letter) >= group_at):
        return letter
    until = letter.created_at + (GATHER if saving else FLOOD)
    if letter.attempts == 0 and now < until:
        await outbox_rows.postpone(letter, until)
        return None
    most = ROOM.get(letter.platform, LISTED_WHOLE)
    others = await outbox_rows.take_along(letter, now, None if saving else most - 1)
    return _bundle(letter, others, saving) if others else letter


def _bundle(letter: Letter, others: Sequence[Letter], saving: bool) -> Letter:
    told = [letter.values, *(one.values for one in others)]
    shown = told[: min(LISTED if saving else LISTED_WHOLE, ROOM.get(letter.platform, LISTED_WHOLE))]
    values = {"alerts": shown, "count": len(told), "saving": saving}
    return replace(letter, template=ALERTS, values=values, along=tuple(one.id for one in others))


def _parcel(letter: Letter, renderer: Renderer, files: Callable[[str], Path], drawn: Path | None) -> Parcel:
    return Parcel(
        uuid=letter.uuid,
        message=_message(letter, renderer, files, drawn),
        user=letter.user,
        chat=letter.chat,
        receipt=letter.receipt,
        token=letter.token,
        first_tried_at=letter.first_tried_at,
        maybe_sent=letter.maybe_sent,
    )


def _message(letter: Letter, renderer: Renderer, files: Callable[[str], Path], drawn: Path | None) -> Message | Picture | Attachment:
    """A letter of template `image` is a picture, one of `file` a file, not words."""
    if letter.template == PICTURE:
        return Picture(path=drawn or files(letter.values["sha256"]))
    if letter.template == FILE:
        return Attachment(path=files(letter.values["sha256"]), name=letter.values["name"])
    message = renderer.render(letter.template, letter.values)
    shown = letter.values.get(SHOWN)
    image = drawn or (files(shown) if shown else None)
    return replace(message, image=image) if isinstance(message, Card) and image else message


async def _settle(letter: Letter, error: DeliveryError, now: datetime) -> None:
    if isinstance(error, OutOfReach):
        log.info("left as it is: %s %s: %s", letter.platform.value, letter.template, error.reason)
        await outbox_rows.leave(letter, error.reason)
        return
    if error.permanent or (now - letter.created_at > GIVE_UP_AFTER and QUOTA not in error.reason):
        log.error("gave up: %s %s: %s", letter.platform.value, letter.template, error.reason)
        await outbox_rows.give_up(letter, error.reason)
        return
    log.warning("will retry: %s %s: %s", letter.platform.value, letter.template, error.reason)
    await outbox_rows.retry(letter, now + backoff(letter.attempts, error.retry_after), error.reason, maybe_sent=error.unknown)
