"""Notes, checkpoints and proofs in the formats of others, against published values."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import checkpoint
from bot.checkpoint import BadNote, Key, Signer
from bot.ledger import Frontier, inclusion_proof, leaf_hash, verify_inclusion

# golang.org/x/mod/sumdb/note, documentation and tests
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
SEED = bytes(range(32))
LOG = Signer(SEED, "example.com/log")


def test_a_published_note_opens_with_its_published_key() -> None:
    key = Key.parse(NEUMANN)
    assert str(key) == NEUMANN
    assert checkpoint.opened(NOTE, key).startswith("If you think cryptography")
    with pytest.raises(BadNote, match="does not hold"):
        checkpoint.opened(NOTE.replace("answer", "anchor"), key)
    assert Key.parse(SUMDB).id.hex() == "033de0ae"


def test_the_format_of_a_checkpoint() -> None:
    note = LOG.sign(3, b"\x01" * 32)
    text, signature = note.split("\n\n")
    root = base64.b64encode(b"\x01" * 32).decode()
    assert text == f"example.com/log\n3\n{root}"
    assert signature.startswith("— example.com/log ") and signature.endswith("\n")
    assert checkpoint.verify(note, LOG.key) == checkpoint.Checkpoint("example.com/log", 3, b"\x01" * 32)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("\n3\n", "\n4\n"), "does not hold"),
        (("\n3\n", "\n03\n"), "no checkpoint"),
        (("\n3\n", "\n-3\n"), "no checkpoint"),
        (("— example.com/log", "— example.com/lag"), "not signed"),
        (("example.com/log\n", "example.com/lag\n"), "another log"),
        (("\n\n", "\n"), "no checkpoint"),
    ],
)
def test_what_is_no_checkpoint_of_ours(change: tuple[str, str], says: str) -> None:
    with pytest.raises(BadNote, match=says):
        checkpoint.verify(LOG.sign(3, b"\x01" * 32).replace(*change, 1), LOG.key)


def test_another_key_of_the_same_name() -> None:
    with pytest.raises(BadNote, match="not signed by this key"):
        checkpoint.verify(Signer(b"x" * 32, "example.com/log").sign(3, b"\x01" * 32), LOG.key)


def test_the_origin_is_the_keys_own_unless_it_is_named() -> None:
    assert Signer(SEED).key.name.startswith("salestrace.ledger/")
    assert Signer(SEED).key.name != Signer(b"x" * 32).key.name
    with pytest.raises(ValueError, match="space"):
        Signer(SEED, "a b")


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "今日账本 2026-11-26\n{}\n请保存",
        "> {}",
        "  {}  ",
        "\r\n{}\r\n",
    ],
)
def test_a_checkpoint_pasted_from_a_chat(around: str) -> None:
    note = LOG.sign(1234, b"\x07" * 32)
    text = around.format(note.replace("\n", "\n> ") if around.startswith(">") else note)
    assert checkpoint.verify(checkpoint.pasted(text), LOG.key).size == 1234
    without_blank_lines = around.format(note.replace("\n\n", "\n"))
    assert checkpoint.verify(checkpoint.pasted(without_blank_lines), LOG.key).size == 1234


def test_no_checkpoint_in_a_pasted_text() -> None:
    with pytest.raises(BadNote):
        checkpoint.pasted("看一下账本\n3\n谢谢\n— 张三 你好")


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=40), st.data())
def test_a_proof_that_stands_alone(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    index = data.draw(st.integers(0, len(hashes) - 1))
    frontier = Frontier()
    for hashed in hashes:
        frontier.append(hashed)
    written = checkpoint.write_proof(index, inclusion_proof(hashes, index, len(hashes)), LOG.sign(len(hashes), frontier.root()))
    read, path, note = checkpoint.read_proof(written)
    stated = checkpoint.verify(note, LOG.key)
    assert read == index
    assert verify_inclusion(hashes[index], index, stated.size, path, stated.root)


def test_the_format_of_a_proof() -> None:
    """The example of c2sp.org/tlog-proof: header, optional extra, index, hashes, a blank line, the checkpoint."""
    h1, h2 = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    assert checkpoint.write_proof(5, [b"\x01" * 32, b"\x02" * 32], "note\n") == f"c2sp.org/tlog-proof@v1\nindex 5\n{h1}\n{h2}\n\nnote\n"
    with_extra = f"c2sp.org/tlog-proof@v1\nextra {h1}\nindex 5\n{h1}\n\nnote\n"
    assert checkpoint.read_proof(with_extra) == (5, (b"\x01" * 32,), "note\n")
    for wrong in ("", "c2sp.org/tlog-proof@v2\nindex 5\n\nnote", "c2sp.org/tlog-proof@v1\nindex -5\n\nnote", f"{with_extra[:60]}"):
        with pytest.raises(BadNote):
            checkpoint.read_proof(wrong)
