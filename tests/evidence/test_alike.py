"""Near hashes are found by an index; what was sent before is said of the right photo."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence import alike
from bot.evidence.alike import PART_BITS, PARTS, REACH, apart, around, parts
from bot.evidence.photo import repeated
from bot.model import Evidence, EvidenceState, Twin
from tests.evidence.build import NOON, item

FOUND_FOR_SURE = PARTS * (REACH + 1) - 1
HASHES = st.integers(0, 2**64 - 1)


@given(HASHES, st.sets(st.integers(0, 62), max_size=FOUND_FOR_SURE))
def test_a_near_hash_shares_a_part_with_what_is_looked_up(whole: int, flipped: set[int]) -> None:
    other = whole
    for bit in flipped:
        other ^= 1 << bit
    ours, theirs = parts(f"{whole:016x}"), parts(f"{other:016x}")
    assert apart(whole, other) == len(flipped)
    assert any(b in around(a) for a, b in zip(ours, theirs, strict=True))


@given(HASHES)
def test_the_parts_are_the_hash(whole: int) -> None:
    cut = parts(f"{whole:016x}")
    assert all(0 <= part < 2 ** (PART_BITS + 1) for part in cut)
    assert alike.whole(cut) == whole


def sent(**fields: object) -> Twin:
    told: dict[str, object] = {"evidence": "e_1", "action": "a_1", "visit": "v_0", "rep": "E001", "rep_name": "李娜"}
    told |= {"customer_name": "华强", "at": NOON - timedelta(days=40), "exact": True, **fields}
    return Twin(**told)  # type: ignore[arg-type] # fields by name


NEW = item("photo", 1)
HERE = NEW.visit


@pytest.mark.parametrize(
    ("twins", "code"),
    [
        ((), None),
        ((sent(),), "photo.reused"),
        ((sent(exact=False),), "photo.alike"),
        ((sent(rep="E003"),), "photo.reused"),
        ((sent(stands=False),), "photo.reused"),  # another visit's binds, whatever became of it
        ((sent(withdrawn=True),), None),
        ((sent(withdrawn=True, rep="E003"),), "photo.reused"),
        ((sent(visit=HERE),), "photo.again"),
        ((sent(visit=HERE, stands=False),), None),
        ((sent(visit=HERE, exact=False),), None),  # two shots of one scene
        ((sent(visit=HERE), sent(evidence="e_2")), "photo.reused"),
        ((sent(evidence=NEW.id),), None),
    ],
)
def test_what_was_sent_before(twins: tuple[Twin, ...], code: str | None) -> None:
    found: Evidence | None = repeated(NEW, twins)
    assert (found and found.reasons[0].code) == code
    assert found is None or found.state is EvidenceState.REFUSED


def test_the_earliest_record_is_named() -> None:
    found = repeated(NEW, (sent(), sent(evidence="e_2", action="a_2", visit="v_2", at=NOON)))
    assert found and found.reasons[0].values["record"] == "a_1"
