"""The packed verifier's own mathematics: Ed25519 against RFC 8032, the tree against the product's, which is tested against RFC 6962."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import ledger
from bot.checkpoint import Signer
from bot.dossier import check

# RFC 8032 §7.1, TEST 1 to 3
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_published_signatures(public: str, message: str, signature: str) -> None:
    key, text, signed = (bytes.fromhex(part) for part in (public, message, signature))
    assert check.ed25519(key, text, signed)
    assert not check.ed25519(key, text + b"x", signed)
    assert not check.ed25519(key, text, signed[:-1] + bytes([signed[-1] ^ 1]))
    # S + L is the same number modulo L: accepting it would let anybody make a second signature of one message
    s = int.from_bytes(signed[32:], "little") + check.L
    assert not check.ed25519(key, text, signed[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("wrong", [b"", b"x" * 31, b"\xff" * 32])
def test_what_is_no_key(wrong: bytes) -> None:
    assert not check.ed25519(wrong, b"", bytes(64))
    assert not check.ed25519(bytes.fromhex(VECTORS[0][0]), b"", wrong)


@settings(max_examples=25)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.integers(0, 511))
def test_it_agrees_with_the_library(seed: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert check.ed25519(public, message, signature)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not check.ed25519(public, message, bytes(flipped))


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=1, max_size=40), st.data())
def test_the_tree_is_the_products(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [check.leaf_hash(leaf) for leaf in leaves]
    assert hashes == [ledger.leaf_hash(leaf) for leaf in leaves]
    size = len(hashes)
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, old = ledger.root_of(hashes), ledger.root_of(hashes[:first])
    path = ledger.inclusion_proof(hashes, index, size)
    assert check.included(hashes[index], index, size, path, root)
    assert not check.included(hashes[index], index, size, path, old) or first == size
    steps = ledger.consistency_proof(hashes, first, size)
    assert check.consistent(first, size, old, root, steps)
    assert not check.consistent(first, size, bytes(32), root, steps)


def test_a_checkpoint_of_the_product_opens() -> None:
    signer = Signer(bytes(32), "example.com/log")
    note = signer.sign(7, b"\x05" * 32)
    name, public = check.key_of(str(signer.key))
    assert check.opened(note, name, public) == check.Head("example.com/log", 7, b"\x05" * 32)
    for changed in (note.replace("\n7\n", "\n8\n"), note.replace("example.com/log\n7", "example.com/lag\n7"), "x", ""):
        with pytest.raises(check.Broken):
            check.opened(changed, name, public)
