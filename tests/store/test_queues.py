"""Inbox and outbox: durable, once, in order a sender or recipient, claimed by one."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.inbox import Inbox
from bot.model import Address, Envelope, Outgoing, Platform
from bot.store import inbox_rows, outbox_rows, tables
from bot.store.database import Database
from bot.store.inbox_writer import InboxWriter, PostgresInboxWriter, SqliteInboxWriter

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
EVERY = frozenset(Platform)


class Hints:
    def __init__(self) -> None:
        self.topics: list[str] = []

    def notify(self, topic: str) -> None:
        self.topics.append(topic)

    async def wait(self, topic: str, timeout: float) -> None:  # noqa: ASYNC109 - the port's signature
        return None


def envelope(key: str, sender: str = "li", at: datetime = NOW) -> Envelope:
    return Envelope(platform=Platform.WECOM, key=key, sender=sender, payload=b"x", received_at=at)


def writer(database: Database) -> InboxWriter:
    if database.sqlite:
        return SqliteInboxWriter(Path(database.credentials["file_path"]))
    return PostgresInboxWriter(database.credentials)


async def test_concurrent_receipts_are_all_stored_and_redeliveries_absorbed(database: Database) -> None:
    inbox = Inbox(writer(database), Hints())
    fresh = await asyncio.gather(*[inbox.receive(envelope(f"k{number % 50}")) for number in range(100)])
    assert sum(fresh) == 50
    assert await inbox.receive(envelope("k1")) is False
    await inbox.close()
    assert await tables.Inbox.all().count() == 50


async def test_nothing_is_acked_when_the_database_refuses(database: Database) -> None:
    inbox = Inbox(writer(database), Hints())
    await database.connection.execute_script("ALTER TABLE inbox RENAME TO elsewhere")
    with pytest.raises(StoreError):
        await inbox.receive(envelope("k"))
    await database.connection.execute_script("ALTER TABLE elsewhere RENAME TO inbox")
    assert await inbox.receive(envelope("k")) is True
    await inbox.close()


async def put(database: Database, *envelopes: Envelope) -> None:
    inbox = writer(database)
    await inbox.write(envelopes)
    await inbox.close()


async def claim_all(database: Database, now: datetime) -> list[inbox_rows.Claimed]:
    claims = [await inbox_rows.claim(id_, now) for id_ in await inbox_rows.due(database.connection, now, 10)]
    return [claim for claim in claims if claim]


async def test_one_row_a_sender_is_worked_at_a_time_in_order(database: Database) -> None:
    await put(database, envelope("a1"), envelope("a2", at=NOW + timedelta(milliseconds=1)), envelope("b1", sender="wang"))
    now = NOW + timedelta(seconds=1)
    first = await claim_all(database, now)
    assert [claim.envelope.key for claim in first] == ["a1", "b1"]
    assert await claim_all(database, now) == []
    assert await inbox_rows.finish(first[0], now)
    assert [claim.envelope.key for claim in await claim_all(database, now)] == ["a2"]


async def test_a_row_given_back_goes_behind_what_came_meanwhile(database: Database) -> None:
    await put(database, envelope("message"))
    [claim] = await claim_all(database, NOW)
    await put(database, envelope("record", at=NOW + timedelta(seconds=1)))
    await inbox_rows.postpone(claim, NOW + timedelta(seconds=2))
    now = NOW + timedelta(seconds=3)
    assert [one.envelope.key for one in await claim_all(database, now)] == ["record"]


async def test_a_lost_lease_is_taken_over_and_the_loser_cannot_finish(database: Database) -> None:
    await put(database, envelope("a"))
    [slow] = await claim_all(database, NOW)
    later = NOW + inbox_rows.LEASE + timedelta(seconds=1)
    [quick] = await claim_all(database, later)
    assert quick.envelope == slow.envelope
    assert await inbox_rows.finish(slow, later) is False
    assert await inbox_rows.finish(quick, later) is True


async def test_racing_claims_have_one_winner(database: Database) -> None:
    await put(database, envelope("a"))
    [id_] = await inbox_rows.due(database.connection, NOW, 5)
    claims = await asyncio.gather(*[inbox_rows.claim(id_, NOW) for _ in range(20)])
    assert len([claim for claim in claims if claim]) == 1


# ---- outbox ---------------------------------------------------------------------------------------------------------


def message(key: str, chat: str = "oc", **more: object) -> Outgoing:
    return Outgoing(key=key, to=Address(platform=Platform.FEISHU, chat=chat), template="reply/x", **more)  # type: ignore[arg-type] # test shorthand


async def letters(database: Database, now: datetime) -> list[outbox_rows.Letter]:
    claims = [await outbox_rows.claim(id_, now) for id_ in await outbox_rows.due(database.connection, now, 10)]
    return [claim for claim in claims if claim]


async def test_a_key_is_put_once(database: Database) -> None:
    async with database.step():
        await outbox_rows.put([message("a"), message("a")], NOW, EVERY)
        await outbox_rows.put([message("a")], NOW, EVERY)
    assert await tables.Outbox.all().count() == 1


async def test_a_backing_off_chat_waits_and_blocks_no_other(database: Database) -> None:
    await outbox_rows.put([message("a1"), message("a2"), message("b1", chat="oc_b")], NOW, EVERY)
    first, other = await letters(database, NOW)
    assert (first.key, other.key) == ("a1", "b1")
    await outbox_rows.retry(first, NOW + timedelta(hours=1), "down", maybe_sent=True)
    await outbox_rows.sent(other, {}, NOW)
    assert await letters(database, NOW + timedelta(minutes=5)) == []
    [again] = await letters(database, NOW + timedelta(hours=1))
    assert (again.key, again.attempts, again.maybe_sent, again.first_tried_at) == ("a1", 1, True, NOW)


async def test_a_message_held_for_working_hours_holds_up_no_reply(database: Database) -> None:
    await outbox_rows.put([message("held", not_before=NOW + timedelta(hours=9)), message("reply")], NOW, EVERY)
    assert [letter.key for letter in await letters(database, NOW)] == ["reply"]


async def test_an_expired_lease_is_sent_again_under_the_same_uuid(database: Database) -> None:
    await outbox_rows.put([message("a")], NOW, EVERY)
    [first] = await letters(database, NOW)
    [second] = await letters(database, NOW + outbox_rows.LEASE + timedelta(seconds=1))
    assert second.uuid == first.uuid
    assert second.maybe_sent


async def test_an_edit_finds_the_receipt_of_what_it_edits(database: Database) -> None:
    await outbox_rows.put([message("card")], NOW, EVERY)
    [card] = await letters(database, NOW)
    await outbox_rows.sent(card, {"message_id": "om_1"}, NOW)
    await outbox_rows.put([message("card:2", edits="card")], NOW, EVERY)
    [edit] = await letters(database, NOW)
    assert edit.edits
    assert edit.receipt == {"message_id": "om_1"}


async def test_who_cannot_be_reached_is_named(database: Database) -> None:
    nobody = Outgoing(key="x", to=Address(person="E404"), template="reply/x")
    assert await outbox_rows.put([nobody], NOW, EVERY) == ["x"]
