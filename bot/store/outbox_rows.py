"""Outbox rows: put once by key, claimed under a lease, one at a time a recipient, marked sent after sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.queryset import QuerySet

from bot.model import ROBOT, Address, Json, Outgoing, Platform, Role
from bot.store import people
from bot.store.fields import from_ms, to_ms
from bot.store.tables import Outbox

LEASE = timedelta(seconds=45)
SOON = timedelta(minutes=10)  # what is held beyond waits for quiet hours to end
PREFERRED = {Role.DIRECTOR: (Platform.FEISHU, Platform.WECOM, Platform.DINGTALK)}
USUAL = (Platform.WECOM, Platform.DINGTALK, Platform.FEISHU)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A claimed row, with the receipt of the message that it edits."""

    id: int
    key: str
    uuid: str
    platform: Platform
    user: str
    chat: str
    template: str
    values: Json
    token: str
    edits: bool
    attempts: int
    created_at: datetime
    lease_until: datetime
    first_tried_at: datetime | None
    maybe_sent: bool
    receipt: Json
    along: tuple[int, ...] = ()  # rows that go out with this one


async def put(messages: Sequence[Outgoing], now: datetime, enabled: frozenset[Platform]) -> list[str]:
    """Queue messages inside the caller's step; a key that is there already is left alone. Returns keys nobody can receive."""
    unreachable = []
    for message in messages:
        recipient = await _recipient(message, enabled)
        if recipient is None:
            unreachable.append(message.key)
            continue
        if message.edits and await _amended(message):
            continue
        platform, target = recipient
        await Outbox.bulk_create([_row(message, platform, target, now)], ignore_conflicts=True)
    return unreachable


async def _amended(message: Outgoing) -> bool:
    """Change a message that nobody tried to send yet (held back for working hours): it goes out as it stands by then, once."""
    waiting = Outbox.filter(key=message.edits, state="new", first_tried_at=None)
    return bool(await waiting.update(template=message.template, body=dict(message.values)))


def _row(message: Outgoing, platform: Platform, target: str, now: datetime) -> Outbox:
    return Outbox(
        key=message.key,
        uuid=sha256(message.key.encode()).hexdigest()[:32],
        platform=platform.value,
        recipient=target,
        template=message.template,
        body=dict(message.values),
        edits=message.edits,
        token=message.token,
        created_at=now,
        due_at=max(now, message.not_before) if message.not_before else now,
    )


async def _recipient(message: Outgoing, enabled: frozenset[Platform]) -> tuple[Platform, str] | None:
    if message.edits:
        original = await Outbox.get_or_none(key=message.edits)
        return (Platform(original.platform), original.recipient) if original else None
    to = await _resolve(message.to) if message.to.person else message.to
    if to is None or to.platform is None or (to.platform not in enabled and to.chat != ROBOT):  # a group robot wants no app
        return None
    return to.platform, f"chat:{to.chat}" if to.chat else f"user:{to.user}"


async def _resolve(to: Address) -> Address | None:
    person = await people.by_id(to.person)
    if person is None:
        return None
    order = PREFERRED[Role.DIRECTOR] if Role.DIRECTOR in person.roles else USUAL
    platform = next((platform for platform in order if platform in person.accounts), None)
    return Address(platform=platform, user=person.accounts[platform]) if platform else None


async def due(db: BaseDBAsyncClient, now: datetime, limit: int) -> list[int]:
    """Ids to claim. Of one recipient only the oldest; one held back for working hours holds up nobody else."""
    at = to_ms(now)
    sql = (
        f"SELECT o.id FROM outbox o WHERE o.state IN ('new', 'claimed') AND o.due_at <= {at}"
        f" AND (o.state = 'new' OR o.lease_until < {at})"
        " AND o.leader IS NULL AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.platform = o.platform AND p.recipient = o.recipient"
        f" AND p.leader IS NULL AND p.state IN ('new', 'claimed') AND p.id < o.id AND (p.due_at <= {at} OR p.attempts > 0))"
        f" ORDER BY o.due_at, o.id LIMIT {int(limit)}"
    )
    return [row["id"] for row in await db.execute_query_dict(sql)]


async def claim(id_: int, now: datetime) -> Letter | None:
    """Take the row if it is free. A lease that ran out means that the message may have gone out."""
    lease = now + LEASE
    won = await Outbox.filter(id=id_, state="new", due_at__lte=now).update(state="claimed", lease_until=lease)
    if not won:
        lost = Outbox.filter(id=id_, state="claimed", lease_until__lt=now)
        won = await lost.update(lease_until=lease, maybe_sent=True)
    if not won:
        return None
    await Outbox.filter(id=id_, first_tried_at=None).update(first_tried_at=now)
    return await _letter(await Outbox.get(id=id_), lease)


async def _letter(row: Outbox, lease: datetime) -> Letter:
    original = await Outbox.get_or_none(key=row.edits) if row.edits else None
    kind, _, target = row.recipient.partition(":")
    return Letter(
        id=row.id,
        key=row.key,
        uuid=row.uuid,
        platform=Platform(row.platform),
        user=target if kind == "user" else "",
        chat=target if kind == "chat" else "",
        template=row.template,
        values=row.body,
        token=row.token,
        edits=bool(row.edits),
        attempts=row.attempts,
        created_at=row.created_at,
        lease_until=lease,
        first_tried_at=row.first_tried_at,
        maybe_sent=row.maybe_sent,
        receipt=(original.receipt or {}) if original else {},
    )


async def reclaim() -> None:
    """Take back what a killed process had claimed, and may have sent; only for the one process of a SQLite installation, at start."""
    await Outbox.filter(state="claimed", leader=None).update(state="new", lease_until=None, maybe_sent=True)


async def sent(letter: Letter, receipt: Json, now: datetime) -> None:
    """Written after sending, at once for all that went out as one; an edit's new receipt replaces the original's, so that the next edit
    finds it.
    """
    await Outbox.filter(id__in=[letter.id, *letter.along]).update(
        state="sent", sent_at=now, receipt=dict(receipt), lease_until=None, reason=""
    )
    row = await Outbox.get(id=letter.id)
    if row.edits and receipt:
        original = await Outbox.get(key=row.edits)
        await Outbox.filter(id=original.id).update(receipt={**(original.receipt or {}), **receipt})


async def retry(letter: Letter, due_at: datetime, reason: str, *, maybe_sent: bool) -> None:
    """Give it back for later. `maybe_sent` sticks: once unknown, always unknown."""
    await Outbox.filter(id=letter.id, state="claimed", lease_until=letter.lease_until).update(
        state="new",
        due_at=due_at,
        attempts=letter.attempts + 1,
        lease_until=None,
        reason=reason,
        maybe_sent=letter.maybe_sent or maybe_sent,
    )


async def postpone(letter: Letter, due_at: datetime) -> None:
    """Not yet: nobody tried to send it."""
    held = Outbox.filter(id=letter.id, state="claimed", lease_until=letter.lease_until)
    await held.update(state="new", due_at=due_at, lease_until=None, first_tried_at=None)


def _like(letter: Letter) -> QuerySet[Outbox]:
    recipient = f"chat:{letter.chat}" if letter.chat else f"user:{letter.user}"
    rows = Outbox.filter(platform=letter.platform.value, recipient=recipient, template=letter.template, edits="", state="new", attempts=0)
    return rows.exclude(id=letter.id)


async def alike(letter: Letter) -> int:
    """How many of the same kind wait for the same recipient and were not tried yet, this one included. Those held for later are none."""
    return 1 + await _like(letter).filter(due_at__lte=letter.lease_until - LEASE + SOON).count()


async def take_along(letter: Letter, now: datetime, most: int | None = None) -> list[Letter]:
    """Claim what else of the same kind waits for the same recipient, and was not tried yet; `most` of them, where that is given. They are
    bound to this letter until it is out or given up: whatever breaks off meanwhile, it goes out again as the same message.
    """
    mine = {"state": "claimed", "leader": letter.id, "lease_until": letter.lease_until, "first_tried_at": now}
    rows = _like(letter).filter(due_at__lte=now + SOON).order_by("id")
    waiting = await (rows if most is None else rows.limit(most))
    return [await _letter(row, letter.lease_until) for row in waiting if await Outbox.filter(id=row.id, state="new").update(**mine)]


async def bound(letter: Letter) -> list[Letter]:
    """What was to go out with this letter when it was tried before."""
    rows = await Outbox.filter(leader=letter.id, state="claimed").order_by("id")
    return [await _letter(row, letter.lease_until) for row in rows]


async def give_up(letter: Letter, reason: str) -> None:
    """What was to go along waits by itself again."""
    await Outbox.filter(id=letter.id).update(state="dead", lease_until=None, reason=reason, attempts=letter.attempts + 1)
    await Outbox.filter(leader=letter.id, state="claimed").update(state="new", leader=None, lease_until=None, first_tried_at=None)


async def leave(letter: Letter, reason: str) -> None:
    """Close a change that the platform takes no more. Nothing failed, so it is neither tried again nor counted as given up."""
    await Outbox.filter(id=letter.id).update(state="void", lease_until=None, reason=reason)


async def revive(now: datetime) -> int:
    """Put given-up messages back to be tried again; how many."""
    return int(await Outbox.filter(state="dead").update(state="new", due_at=now, attempts=0, created_at=now, lease_until=None))


@dataclass(frozen=True, slots=True)
class Refused:
    """Letters of a platform that were given up, or wait after a refusal, for one reason."""

    platform: str
    state: str
    reason: str
    count: int


async def refused(db: BaseDBAsyncClient) -> list[Refused]:
    """Of the apps alone: group robots are reported by themselves."""
    sql = (
        "SELECT platform, state, reason, COUNT(*) AS n FROM outbox"
        " WHERE reason <> '' AND (state = 'dead' OR (state = 'new' AND attempts > 0))"
        f" AND recipient <> 'chat:{ROBOT}'"
        " GROUP BY platform, state, reason ORDER BY platform, state, reason"
    )
    return [Refused(row["platform"], row["state"], row["reason"], row["n"]) for row in await db.execute_query_dict(sql)]


async def latest(platform: Platform, recipient: str) -> Outbox | None:
    """The last message to a recipient that anybody tried to send, or the first that waits."""
    tried = await Outbox.filter(platform=platform.value, recipient=recipient, first_tried_at__isnull=False).order_by("-id").first()
    return tried or await Outbox.filter(platform=platform.value, recipient=recipient).order_by("id").first()


async def depth(db: BaseDBAsyncClient) -> dict[str, int]:
    rows = await db.execute_query_dict("SELECT state, COUNT(*) AS n FROM outbox WHERE state NOT IN ('sent', 'void') GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


async def oldest(db: BaseDBAsyncClient, now: datetime) -> datetime | None:
    """Creation time of the oldest message that should have gone out by now."""
    sql = f"SELECT MIN(created_at) AS at FROM outbox WHERE state IN ('new', 'claimed') AND due_at <= {to_ms(now)}"
    rows = await db.execute_query_dict(sql)
    return from_ms(rows[0]["at"]) if rows and rows[0]["at"] is not None else None
