"""Delivering one letter: render, send or update, and only then mark it sent."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot import failpoint
from bot.errors import DeliveryError, OutOfReach
from bot.meter import REFUSED, Meter
from bot.model import ROBOT, Platform
from bot.ports import Adapter, Attachment, Clock, Message, Outlet, Parcel, Picture
from bot.render import Renderer
from bot.store import outbox_rows
from bot.store.outbox_rows import Letter

PICTURE, FILE = "image", "file"
ALERT, ALERTS, BUNDLED = "card/alert", "card/alerts", "bundled"
GATHER, LISTED = timedelta(minutes=10), 20
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
        parcel = _parcel(letter, renderer, files)
        failpoint.reach("send.before")
        if letter.receipt.get(BUNDLED):
            raise OutOfReach(BUNDLED)
        if not letter.edits:
            receipt = await adapter.send(parcel)
        elif parcel.receipt or parcel.token:
            receipt = await adapter.update(parcel)
        else:
            raise DeliveryError("original_unsent", permanent=True)
    except DeliveryError as error:
        await outbox_rows.let_go(letter.along)
        if QUOTA in error.reason:
            meter.count(letter.platform, REFUSED)
        await _settle(letter, error, clock.now())
        return False
    failpoint.reach("send.after")
    if letter.chat != ROBOT:  # a group robot takes nothing of the app's allowance
        meter.went(letter.platform)
    if letter.along:
        receipt = {**receipt, BUNDLED: True}
        await outbox_rows.sent_along(letter.along, {BUNDLED: True}, clock.now())
    await outbox_rows.sent(letter, receipt, clock.now())
    failpoint.reach("send.marked")
    story.info("发出 %s → %s", letter.template, letter.platform.value)
    return True


async def gathered(letter: Letter, short: frozenset[Platform], now: datetime) -> Letter | None:
    """Where little of a month's calls is left, a group's red lights of ten minutes go out as one card. None: it waits for the others."""
    if letter.platform not in short or letter.template != ALERT or not letter.chat or letter.edits:
        return letter
    if letter.attempts == 0 and now < letter.created_at + GATHER:
        await outbox_rows.postpone(letter, letter.created_at + GATHER)
        return None
    others = await outbox_rows.take_along(letter, now)
    if not others:
        return letter
    told = [letter.values, *(one.values for one in others)]
    return replace(letter, template=ALERTS, values={"alerts": told[:LISTED], "count": len(told)}, along=tuple(one.id for one in others))


def _parcel(letter: Letter, renderer: Renderer, files: Callable[[str], Path]) -> Parcel:
    return Parcel(
        uuid=letter.uuid,
        message=_message(letter, renderer, files),
        user=letter.user,
        chat=letter.chat,
        receipt=letter.receipt,
        token=letter.token,
        first_tried_at=letter.first_tried_at,
        maybe_sent=letter.maybe_sent,
    )


def _message(letter: Letter, renderer: Renderer, files: Callable[[str], Path]) -> Message | Picture | Attachment:
    """A letter of template `image` is a picture, one of `file` a file, not words."""
    if letter.template == PICTURE:
        return Picture(path=files(letter.values["sha256"]))
    if letter.template == FILE:
        return Attachment(path=files(letter.values["sha256"]), name=letter.values["name"])
    return renderer.render(letter.template, letter.values)


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
