"""Hashes near a new photo's are found by an index, on both databases."""

import random

import pytest
from tortoise.connection import get_connection

from bot.evidence.alike import NEAR, parts
from bot.store import twins
from bot.store.database import Database
from bot.store.tables import PhotoPrint

WINDOWS = 11
chance = random.Random(5)


def prints() -> list[str]:
    return [f"{chance.getrandbits(64):016x}" for _ in range(WINDOWS)]


def bent(print_: str, bits: int) -> str:
    """The same but for so many bits."""
    whole = int(print_, 16)
    for bit in chance.sample(range(63), bits):
        whole ^= 1 << bit
    return f"{whole:016x}"


def named(number: int) -> str:
    return f"{number:064x}"


@pytest.fixture
async def stored(database: Database) -> dict[str, list[str]]:
    del database
    known = {named(n): prints() for n in range(60)}
    for photo, hashes in known.items():
        await PhotoPrint.bulk_create(twins.rows(photo, hashes))
    return known


async def found(photo: str, hashes: list[str]) -> list[str]:
    return await twins.near(get_connection("default"), photo, hashes)


@pytest.mark.parametrize("window", range(WINDOWS))
@pytest.mark.parametrize("bits", [0, 5, 11])
async def test_a_whole_near_any_window_and_a_window_near_a_whole(stored: dict[str, list[str]], window: int, bits: int) -> None:
    theirs = stored[named(7)]
    assert named(7) in await found("new", [bent(theirs[window], bits), *prints()[1:]])
    ours = prints()
    ours[window] = bent(theirs[0], bits)
    assert named(7) in await found("new", ours) or (window and bits > 5)


async def test_two_windows_of_two_photos_say_nothing(stored: dict[str, list[str]]) -> None:
    ours = prints()
    ours[3] = stored[named(7)][4]
    assert named(7) not in await found("new", ours)


async def test_the_nearest_come_first_and_only_so_many(stored: dict[str, list[str]]) -> None:
    base = prints()
    for n in range(twins.CANDIDATES + 4):
        await PhotoPrint.bulk_create(twins.rows(named(900 + n), [bent(base[0], n % 12), *prints()[1:]]))
    near = await found("new", base)
    assert len(near) == twins.CANDIDATES
    assert near[0] in {named(900), named(912)}


async def test_far_ones_itself_and_nothing(stored: dict[str, list[str]]) -> None:
    theirs = stored[named(7)]
    assert named(7) not in await found(named(7), theirs)
    assert named(7) not in await found("new", [bent(theirs[0], NEAR + 9), *prints()[1:]])
    assert await found("new", []) == []


async def test_each_part_has_its_index(database: Database, stored: dict[str, list[str]]) -> None:
    if not database.sqlite:
        return  # it plans by the table's size; tests/bench measures it at a million
    hashes = [parts(one) for one in stored[named(7)]]
    for keys, condition in ((hashes[:1], ""), (hashes[1:], twins.WHOLES)):
        told = str(await database.connection.execute_query_dict("EXPLAIN QUERY PLAN " + twins.query(keys, 1, condition, sqlite=True)))
        assert all(f"photo_prints_b{part}" in told for part in range(3)) and "SCAN" not in told, told
