"""Signed checkpoints and portable proofs, in the formats that other tools read.

Checkpoint (c2sp.org/tlog-checkpoint): a signed note (c2sp.org/signed-note) whose text is three lines, origin, size and root.
Key name and origin are the same string. Proof: c2sp.org/tlog-proof, version 1.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import unescape

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
SIGNED = "\u2014 "  # begins a signature line
PROOF = "c2sp.org/tlog-proof@v1"
HASH = 32
LARGEST = 65_536  # characters of a note or proof that is looked at


class BadNote(ValueError):
    """Bytes that are no checkpoint or proof, or whose signature does not hold. The text says why, in English."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its name, as a verifier key string spells it: name+hash+base64."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """First four bytes of the key's hash: what a signature line begins with."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_b64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Inverse of `str`. Raises BadNote."""
        name, _, rest = text.strip().partition("+")
        hashed, _, encoded = rest.partition("+")
        data = _unb64(encoded)
        key = cls(name, data[1:])
        if not name or data[:1] != ED25519 or len(data) != 1 + HASH or hashed != key.id.hex():
            raise BadNote("no Ed25519 verifier key")
        return key


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note states: this log had `size` entries under `root`."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The signed text."""
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"


class Signer:
    """Signs checkpoints of one log. The default origin is made of the key, so that it needs no name and is nobody else's."""

    def __init__(self, seed: bytes, origin: str = "") -> None:
        """`seed`: 32 bytes. Raises ValueError for another length or an origin that is no key name."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        name = origin or f"salestrace.ledger/{sha256(public).hexdigest()[:16]}"
        if re.search(r"[\s+]", name):
            raise ValueError("origin holds a space or a plus sign")
        self.key = Key(name, public)

    def sign(self, size: int, root: bytes) -> str:
        """Return the signed note."""
        return self.note(Checkpoint(self.key.name, size, root).text)

    def note(self, text: str) -> str:
        """Any text as a signed note. One that is no checkpoint must not look like one: not three lines that begin with the key's name."""
        signature = self._key.sign(text.encode())
        return f"{text}\n{SIGNED}{self.key.name} {_b64(self.key.id + signature)}\n"


def parse(note: str) -> Checkpoint:
    """What a note states, without looking at its signatures. Raises BadNote."""
    return _checkpoint(_split(note)[0])


def verify(note: str, key: Key) -> Checkpoint:
    """What a note states, once it is this log's and a signature of this key holds. Raises BadNote."""
    checkpoint = parse(note)
    if checkpoint.origin != key.name:
        raise BadNote("another log")
    opened(note, key)
    return checkpoint


def opened(note: str, key: Key) -> str:
    """The text of any signed note, once a signature of this key holds. Raises BadNote."""
    text, signatures = _split(note)
    for name, hashed, signature in signatures:
        if name == key.name and hashed == key.id:
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
            except (InvalidSignature, ValueError):
                raise BadNote("the signature does not hold") from None
            return text
    raise BadNote("not signed by this key")


def _split(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    text, blank, rest = note[:LARGEST].rpartition("\n\n")
    if not blank:
        raise BadNote("no checkpoint")
    return f"{text}\n", [_signature(line) for line in rest.split("\n") if line]


def _checkpoint(text: str) -> Checkpoint:
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines) or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise BadNote("no checkpoint")
    root = _unb64(lines[2])
    if len(root) != HASH:
        raise BadNote("no checkpoint")
    return Checkpoint(lines[0], int(lines[1]), root)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(SIGNED).partition(" ")
    data = _unb64(encoded)
    if not line.startswith(SIGNED) or not name or len(data) < 5:
        raise BadNote("no signature line")
    return name, data[:4], data[4:]


def pasted(text: str) -> str:
    """The note in a text that somebody copied out of a chat: words around it, lost blank lines, indentation and escapes are forgiven.

    Raises BadNote when there is none.
    """
    lines = [line.strip().lstrip("> ").strip() for line in unescape(text[:LARGEST]).replace("\r", "").split("\n")]
    lines = [line for line in lines if line]
    for at, line in enumerate(lines):
        if at >= 3 and re.match(r"^[\u2014\u2013-]+ ?\S+ \S+$", line):
            signed = re.sub(r"^[\u2014\u2013-]+ ?", SIGNED, line)
            note = "\n".join(lines[at - 3 : at]) + f"\n\n{signed}\n"
            try:
                parse(note)
            except BadNote:
                continue
            return note
    raise BadNote("no checkpoint")


def write_proof(index: int, path: Sequence[bytes], note: str) -> str:
    """An inclusion proof that needs nothing beside it but the entry and the log's key."""
    hashes = "".join(f"{_b64(part)}\n" for part in path)
    return f"{PROOF}\nindex {index}\n{hashes}\n{note}"


def read_proof(text: str) -> tuple[int, tuple[bytes, ...], str]:
    """Index, audit path and checkpoint note of a proof. Raises BadNote."""
    head, blank, note = text[:LARGEST].partition("\n\n")
    lines = [line for line in head.split("\n") if not line.startswith("extra ")]
    if not blank or lines[0] != PROOF or len(lines) < 2 or not re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines[1]):
        raise BadNote("no proof")
    path = tuple(_unb64(line) for line in lines[2:])
    if any(len(part) != HASH for part in path):
        raise BadNote("no proof")
    return int(lines[1].removeprefix("index ")), path, note


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("no base64") from None
