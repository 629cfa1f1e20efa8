"""The tree against the published vectors of RFC 6962 (Certificate Transparency), and the leaves of format version 1."""

import hmac
import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import ledger
from bot.model import Entry

LEAVES = [
    bytes.fromhex(text) for text in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
]
HASHES = [ledger.leaf_hash(leaf) for leaf in LEAVES]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
L10 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
L4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

some_hashes = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40)


def hexed(proof: ledger.Proof) -> list[str]:
    return [part.hex() for part in proof]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert ledger.root_of(HASHES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [(0, 1, []), (0, 8, [L10, N23, N47]), (5, 8, [L4, N67, ROOTS[4]]), (2, 3, [ROOTS[2]]), (1, 5, [ROOTS[1], N23, L4])],
)
def test_inclusion_paths_are_the_published_ones(index: int, size: int, path: list[str]) -> None:
    assert hexed(ledger.inclusion_proof(HASHES, index, size)) == path
    proof = [bytes.fromhex(part) for part in path]
    assert ledger.verify_inclusion(HASHES[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(
    ("first", "second", "path"), [(1, 1, []), (1, 8, [L10, N23, N47]), (6, 8, [N45, N67, ROOTS[4]]), (2, 5, [N23, L4])]
)
def test_consistency_paths_are_the_published_ones(first: int, second: int, path: list[str]) -> None:
    assert hexed(ledger.consistency_proof(HASHES, first, second)) == path
    proof = [bytes.fromhex(part) for part in path]
    assert ledger.verify_consistency(first, second, bytes.fromhex(ROOTS[first]), bytes.fromhex(ROOTS[second]), proof)


def recursive_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + recursive_root(hashes[:k]) + recursive_root(hashes[k:])).digest()


@given(some_hashes)
def test_the_frontiers_root_is_the_recursive_definitions(hashes: list[bytes]) -> None:
    assert ledger.root_of(hashes) == recursive_root(hashes)


@given(some_hashes, st.data())
def test_a_frontier_survives_its_json(hashes: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(hashes)))
    frontier = ledger.Frontier()
    assert [frontier.append(one) for one in hashes[:cut]] == list(range(cut))
    again = ledger.Frontier.from_json(json.loads(json.dumps(frontier.to_json())))
    for one in hashes[cut:]:
        again.append(one)
    assert (again.size, again.root()) == (len(hashes), ledger.root_of(hashes))


@pytest.mark.parametrize("state", [{"size": 3, "peaks": []}, {"size": 1, "peaks": ["00"]}, {"size": -1, "peaks": []}, {"size": 1}])
def test_a_frontier_that_does_not_fit_is_refused(state: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        ledger.Frontier.from_json(state)


@given(some_hashes, st.data())
def test_every_leaf_is_proven_and_nothing_else(hashes: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(hashes)))
    index = data.draw(st.integers(0, size - 1))
    root, proof = ledger.root_of(hashes[:size]), ledger.inclusion_proof(hashes, index, size)
    leaf = hashes[index]
    assert ledger.verify_inclusion(leaf, index, size, proof, root)
    assert not ledger.verify_inclusion(sha256(leaf).digest(), index, size, proof, root)
    assert not ledger.verify_inclusion(leaf, index, size, proof, sha256(root).digest())
    assert not ledger.verify_inclusion(leaf, index, size, (*proof, leaf), root)
    assert not ledger.verify_inclusion(leaf, size, size, proof, root)
    if proof:
        assert not ledger.verify_inclusion(leaf, index, size, proof[:-1], root)
        broken = bytes([proof[0][0] ^ 1]) + proof[0][1:]
        assert not ledger.verify_inclusion(leaf, index, size, (broken, *proof[1:]), root)


@given(some_hashes, st.data())
def test_a_tree_is_consistent_with_its_beginnings_and_with_no_rewritten_one(hashes: list[bytes], data: st.DataObject) -> None:
    second = data.draw(st.integers(1, len(hashes)))
    first = data.draw(st.integers(1, second))
    old, new = ledger.root_of(hashes[:first]), ledger.root_of(hashes[:second])
    proof = ledger.consistency_proof(hashes, first, second)
    assert ledger.verify_consistency(first, second, old, new, proof)
    changed = data.draw(st.integers(0, first - 1))
    rewritten = [sha256(one).digest() if n == changed else one for n, one in enumerate(hashes[:second])]
    assert not ledger.verify_consistency(first, second, old, ledger.root_of(rewritten), ledger.consistency_proof(rewritten, first, second))
    assert not ledger.verify_consistency(first, second, old, new, (*proof, old))
    if proof:
        assert not ledger.verify_consistency(first, second, old, new, proof[:-1])
        assert not ledger.verify_consistency(first, second, old, new, ())


def test_an_empty_tree_begins_every_tree() -> None:
    assert ledger.verify_consistency(0, 3, ledger.EMPTY_ROOT, bytes.fromhex(ROOTS[3]), ())
    assert not ledger.verify_consistency(0, 3, bytes(32), bytes.fromhex(ROOTS[3]), ())
    assert not ledger.verify_consistency(3, 2, bytes.fromhex(ROOTS[3]), bytes.fromhex(ROOTS[2]), ())


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 9), (0, 0)])
def test_proofs_outside_the_tree_are_refused(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        ledger.inclusion_proof(HASHES, index, size)


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3), (1, 9)])
def test_consistency_outside_the_tree_is_refused(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        ledger.consistency_proof(HASHES, first, second)


# ---- leaves ----------------------------------------------------------------------------------------------------------

SALT = bytes(range(32))
ENTRY = Entry(
    type="evidence.added",
    body={"evidence": "e_1", "seconds": 30.0, "kind": "voice", "sha256": None, "reasons": [{"code": "x", "values": {}}]},
)
AT_MS = 1_795_413_909_042  # 2026-11-23T06:05:09.042Z


def made(entry: Entry = ENTRY, salt: bytes = SALT) -> ledger.Leaf:
    return ledger.make_leaf(entry, index=412, at_ms=AT_MS, salt=salt)


def test_a_leaf_can_be_made_again_from_the_documented_format_alone() -> None:
    def commitment(name: str, canonical: str) -> str:
        return sha256(hmac.new(SALT, name.encode(), sha256).digest() + canonical.encode()).hexdigest()

    fields = {"evidence": '"e_1"', "kind": '"voice"', "reasons": '[{"code":"x","values":{}}]', "seconds": "30", "sha256": "null"}
    inner = ",".join(f'"{name}":"{commitment(name, canonical)}"' for name, canonical in fields.items())
    expected = f'{{"at":"2026-11-23T06:05:09.042Z","c":{{{inner}}},"i":412,"t":"evidence.added","v":1}}'.encode()
    assert made().data == expected
    assert made().hash == sha256(b"\x00" + expected).digest()


def test_the_leaf_of_a_known_entry_never_changes() -> None:
    assert made().hash.hex() == "96ddc9ae160aa280ec83486aea736472a03c480d7066ae71b3621d6f546cb831"


def test_the_body_as_stored_and_read_back_still_matches() -> None:
    assert ledger.check_body(made().data, json.loads(json.dumps(dict(ENTRY.body))), SALT) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seconds": 31}, ["seconds"]),
        ({"kind": "photo", "evidence": "e_2"}, ["evidence", "kind"]),
        ({"extra": 1}, ["extra"]),
        ({"seconds": 2**60}, ["seconds"]),
    ],
)
def test_a_changed_field_is_named(change: dict[str, object], named: list[str]) -> None:
    assert ledger.check_body(made().data, {**ENTRY.body, **change}, SALT) == named


def test_a_missing_field_is_named() -> None:
    assert ledger.check_body(made().data, {"evidence": "e_1"}, SALT) == ["kind", "reasons", "seconds", "sha256"]


def test_a_body_that_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="object"):
        ledger.check_body(made().data, [], SALT)  # type: ignore[arg-type]


def test_another_salt_matches_nothing() -> None:
    assert ledger.check_body(made().data, ENTRY.body, bytes(32)) == sorted(ENTRY.body)


def test_one_field_is_disclosed_without_the_others() -> None:
    shown = ledger.disclose(ENTRY.body, SALT, ["seconds"])
    assert list(shown) == ["seconds"]
    assert ledger.check_disclosed(made().data, shown) == []
    lied = {"seconds": ledger.Disclosed(31.0, shown["seconds"].key)}
    moved = {"kind": shown["seconds"]}
    assert ledger.check_disclosed(made().data, lied) == ["seconds"]
    assert ledger.check_disclosed(made().data, moved) == ["kind"]
    with pytest.raises(KeyError):
        ledger.disclose(ENTRY.body, SALT, ["nothing"])


def test_equal_values_look_different_under_different_salts_and_names() -> None:
    twins = Entry(type="x", body={"a": "same", "b": "same"})
    first = ledger.commitments_of(made(twins).data)
    second = ledger.commitments_of(made(twins, bytes(32)).data)
    assert len({*first.values(), *second.values()}) == 4


@pytest.mark.parametrize("body", [{"n": 2**53}, {"n": float("nan")}, {"n": {1, 2}}, {"n": "\ud800"}])
def test_what_is_no_canonical_json_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        made(Entry(type="x", body=body))


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(ValueError, match="salt"):
        made(salt=b"short")


@pytest.mark.parametrize("data", [b"", b"[]", b'{"v":2,"c":{}}', b'{"v":1}', b'{"v":1,"c":{"a":1}}', b"\xff"])
def test_what_is_no_leaf_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ledger.commitments_of(data)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text("abcdef_", min_size=1, max_size=6), json_values, max_size=5), st.binary(min_size=32, max_size=32))
def test_any_body_matches_its_own_leaf_after_a_round_trip(body: dict[str, object], salt: bytes) -> None:
    leaf = ledger.make_leaf(Entry(type="x", body=body), index=0, at_ms=AT_MS, salt=salt)
    assert ledger.check_body(leaf.data, json.loads(json.dumps(body)), salt) == []


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=30), st.integers(0, 600))
def test_many_at_once_are_the_same_as_one_by_one(more: list[bytes], before: int) -> None:
    one, many = ledger.Frontier(), ledger.Frontier()
    many.extend(bytes([n % 256]) * 32 for n in range(before))
    tiles = many.extend(more)
    expected = []
    for n in range(before):
        one.append(bytes([n % 256]) * 32)
    for hashed in more:
        expected += one.completes(hashed)
        one.append(hashed)
    assert (many.size, many.peaks, tiles) == (one.size, one.peaks, expected)
