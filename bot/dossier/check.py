"""Checks a SalesTrace dossier (取证包): one file, Python 3.9 or newer, nothing but the standard library, no network.

    python3 check.py DOSSIER.zip [--key NAME+HASH+BASE64] [--against OLD_CHECKPOINT.txt]

What is checked, from the outside in: every file against the list that the ledger committed to (`dossier.made`), every entry against its
leaf, every leaf against the signed tree (RFC 6962), the tree head's signature (Ed25519, RFC 8032, written out below), every original and
platform message against the digest that an entry names, and what each timestamp token (RFC 3161) was made for. The chain of a token's
certificate is left to `openssl ts -verify`. Exit code: 0 all sound, 1 with every broken item named, 2 wrong call.
"""

# ruff: noqa: T201 - it talks to the person at the terminal
from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

MANIFEST, CHECKPOINT, KEY, SUMS, MADE = "manifest.json", "checkpoint.txt", "ledger.key", "SHA256SUMS", "made"
LARGEST = 1 << 31  # bytes of one file that is looked at
CHUNK = 1 << 20
PROOF = "c2sp.org/tlog-proof@v1"

# ---- Ed25519 (RFC 8032 §5.1) --------------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]  # extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z
NEUTRAL: Point = (0, 1, 1, 0)


def _add(a: Point, b: Point) -> Point:
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    x, y, z, t = f - e, h - g, h + g, f + e
    return (x * y % P, z * t % P, y * z % P, x * t % P)


def _times(scalar: int, point: Point) -> Point:
    found = NEUTRAL
    while scalar:
        if scalar & 1:
            found = _add(found, point)
        point, scalar = _add(point, point), scalar >> 1
    return found


def _recover_x(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _decode(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _recover_x(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _recover_x(_BASE_Y, 0) or 0
BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64-byte signature of the message was made by the key of this 32-byte public half."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r = _decode(public), _decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = _times(s, BASE), _add(r, _times(h, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# ---- the tree (RFC 6962) --------------------------------------------------------------------------------------------------


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at `index` of the tree (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    last, found = size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            found = _node(sibling, found)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            found = _node(found, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and found == root


def consistent(first: int, second: int, old: bytes, new: bytes, path: Sequence[bytes]) -> bool:
    """Whether the older tree is the beginning of the newer one (RFC 9162 §2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and old == new
    steps = [old, *path] if first & (first - 1) == 0 else list(path)
    index, last = first - 1, second - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    if not steps:
        return False
    older = newer = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            older, newer = _node(sibling, older), _node(sibling, newer)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            newer = _node(newer, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and (older, newer) == (old, new)


# ---- notes ----------------------------------------------------------------------------------------------------------------


class Broken(Exception):
    """Something that is not as it was recorded; the text says what, in Chinese."""


class Head(NamedTuple):
    """What a checkpoint states."""

    origin: str
    size: int
    root: bytes


def _b64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Broken("不是 base64") from None


def key_of(text: str) -> tuple[str, bytes]:
    """Name and public half of a verifier key `name+hash+base64`. Raises Broken."""
    name, _, rest = text.strip().partition("+")
    hashed, _, encoded = rest.partition("+")
    data = _b64(encoded)
    if not name or len(data) != 33 or data[:1] != b"\x01" or key_id(name, data[1:]).hex() != hashed:
        raise Broken("公钥格式不对")
    return name, data[1:]


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]


def opened(note: str, name: str, public: bytes) -> Head:
    """A checkpoint whose signature by this key holds. Raises Broken."""
    text, blank, rest = note.rpartition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) < 3 or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise Broken("不是检查点")
    for line in rest.split("\n"):
        if line.startswith(f"\u2014 {name} "):
            data = _b64(line.rpartition(" ")[2])
            if data[:4] == key_id(name, public):
                if not ed25519(public, (text + "\n").encode(), data[4:]):
                    raise Broken("签名不成立")
                if lines[0] != name:
                    raise Broken("是另一个账本的检查点")
                return Head(lines[0], int(lines[1]), _b64(lines[2]))
    raise Broken("不是由这个密钥签署的")


def proof_of(text: str) -> tuple[int, list[bytes], str]:
    """Index, path and checkpoint of a tlog-proof. Raises Broken."""
    head, blank, note = text.partition("\n\n")
    lines = [line for line in head.split("\n") if not line.startswith("extra ")]
    if not blank or lines[0] != PROOF or len(lines) < 2 or not re.fullmatch(r"index [0-9]{1,19}", lines[1]):
        raise Broken("不是归属证明")
    return int(lines[1][6:]), [_b64(line) for line in lines[2:]], note


# ---- timestamp tokens -----------------------------------------------------------------------------------------------------


def _der(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start and end of the value of a DER element."""
    tag, size, start = data[at], data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        size, start = int.from_bytes(data[start : start + count], "big"), start + count
    if start + size > len(data):
        raise IndexError
    return tag, start, start + size


def _children(data: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
    found = []
    while start < end:
        element = _der(data, start)
        found.append(element)
        start = element[2]
    return found


def stamped(token: bytes) -> tuple[bytes, str]:
    """The digest that a timestamp response was made for, and its time (UTC). Raises Broken."""
    try:
        response = _children(token, *_der(token, 0)[1:])  # status, ContentInfo
        content = _children(token, *response[1][1:])  # oid, [0] SignedData
        signed = _children(token, *_der(token, content[1][1])[1:])  # version, digest algorithms, encapsulated content …
        wrapped = _children(token, *signed[2][1:])[1]  # [0] OCTET STRING
        _, start, _ = _der(token, wrapped[1])
        info = _children(token, *_der(token, start)[1:])  # version, policy, imprint, serial, time …
        imprint = _children(token, *info[2][1:])[1]
        when = next(part for part in info if part[0] == 0x18)
        time = token[when[1] : when[2]].decode("ascii")
        return token[imprint[1] : imprint[2]], f"{time[:4]}-{time[4:6]}-{time[6:8]} {time[8:10]}:{time[10:12]}:{time[12:14]} UTC"
    except (IndexError, StopIteration, UnicodeDecodeError):
        raise Broken("不是时间戳") from None


# ---- the dossier ----------------------------------------------------------------------------------------------------------

ORIGINALS = {"evidence.added": "sha256", "original.sealed": "original", "evidence.derived": "sha256", "message.received": "sha256"}
NAMED = ("original", "derived", "message")  # kinds of files that an entry must name


class Found:
    """What was looked at and what is wrong with it."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.notes: list[str] = []
        self.entries = 0
        self.files = 0


class Dossier:
    """An open dossier and its checking, part by part."""

    def __init__(self, archive: zipfile.ZipFile, key: str, against: str) -> None:
        self._zip = archive
        self._key = key
        self._against = against
        self.found = Found()
        self._digests: dict[str, str] = {}
        self._known = {MANIFEST, CHECKPOINT, KEY, SUMS}

    def check(self) -> Found:
        """Check everything; what is broken is named, nothing stops at the first."""
        self._hash_all()
        try:
            head, note = self._head()
            manifest = json.loads(self._text(MANIFEST))
            self._commitment(head, note)
            named = self._entries(head, note, manifest)
            self._files(manifest, named)
            self._timestamps()
            self._older(head)
        except (Broken, ValueError, KeyError, TypeError, AttributeError) as problem:
            self._says(str(problem) if isinstance(problem, Broken) else f"{MANIFEST}: 内容无法读取")
        self._extra()
        self._sums()
        return self.found

    def _says(self, line: str) -> None:
        if line not in self.found.broken:
            self.found.broken.append(line)

    def _hash_all(self) -> None:
        seen: set[str] = set()
        for info in self._zip.infolist():
            if info.filename in seen:
                self._says(f"{info.filename}: 同名文件出现两次")
            seen.add(info.filename)
            if info.is_dir():
                continue
            if info.file_size > LARGEST:
                self._says(f"{info.filename}: 大得不合常理")
                continue
            self._digests[info.filename] = self._digest(info)
        self.found.files = len(self._digests)

    def _digest(self, info: zipfile.ZipInfo) -> str:
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(info) as file:
                while True:
                    chunk = file.read(CHUNK)
                    if not chunk:
                        return digest.hexdigest()
                    size += len(chunk)
                    digest.update(chunk)
                    if size > LARGEST:
                        raise zipfile.BadZipFile
        except Exception:  # noqa: BLE001 - a broken archive raises anything
            self._says(f"{info.filename}: 压缩数据已损坏")
            return ""

    def _text(self, name: str) -> str:
        if name not in self._digests:
            raise Broken(f"{name}: 缺失")
        if not self._digests[name]:
            raise Broken(f"{name}: 压缩数据已损坏")
        try:
            return self._zip.read(name).decode("utf-8")
        except UnicodeDecodeError:
            raise Broken(f"{name}: 内容无法读取") from None

    def _head(self) -> tuple[Head, str]:
        note = self._text(CHECKPOINT)
        packed = self._text(KEY).strip()
        if self._key and self._key.strip() != packed:
            self._says(f"{KEY}: 与你给出的公钥不同, 签署者不是你以为的那一位")
        try:
            name, public = key_of(self._key or packed)
        except Broken as problem:
            raise Broken(f"{KEY}: {problem}") from None
        try:
            return opened(note, name, public), note
        except Broken as problem:
            raise Broken(f"{CHECKPOINT}: {problem}") from None

    def _entry(self, name: str, head: Head, note: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
        """Leaf, disclosed values and leaf hash of an entry that holds. Raises Broken."""
        path, proof_path = f"entries/{name}.json", f"proofs/{name}.tlog-proof"
        self._known |= {path, proof_path}
        try:
            entry = json.loads(self._text(path))
            leaf_bytes = entry["leaf"].encode()
            leaf = json.loads(entry["leaf"])
            values = {}
            for field, given in entry["disclosed"].items():
                if hashlib.sha256(bytes.fromhex(given["key"]) + given["json"].encode()).hexdigest() != leaf["c"].get(field):
                    raise Broken(f"{path}: {field} 与记录时不同")
                values[field] = json.loads(given["json"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Broken(f"{path}: 内容无法读取") from None
        try:
            index, steps, its_note = proof_of(self._text(proof_path))
        except Broken as problem:
            raise Broken(str(problem) if proof_path in str(problem) else f"{proof_path}: {problem}") from None
        hashed = leaf_hash(leaf_bytes)
        if its_note != note:
            raise Broken(f"{proof_path}: 证明的不是这份检查点")
        if leaf.get("i") != index or not included(hashed, index, head.size, steps, head.root):
            raise Broken(f"{path}: 这条记录不在签名的账本里, 或已被改动")
        return leaf, values, hashed

    def _commitment(self, head: Head, note: str) -> None:
        """The list itself was committed to in the ledger: nobody can leave an item out and shorten the list."""
        leaf, values, _ = self._entry(MADE, head, note)
        if leaf.get("t") != "dossier.made" or values.get("manifest") != self._digests[MANIFEST]:
            self._says(f"{MANIFEST}: 与账本里登记的清单不同, 有条目被增删或改动")

    def _entries(self, head: Head, note: str, manifest: dict[str, Any]) -> dict[str, str]:
        """Check every listed entry; return who names which digest."""
        named: dict[str, str] = {}
        for listed in manifest["entries"]:
            name = f"{listed['index']:08d}"
            try:
                leaf, values, hashed = self._entry(name, head, note)
                if hashed.hex() != listed["leaf"] or leaf["i"] != listed["index"]:
                    raise Broken(f"entries/{name}.json: 与清单不符")
            except Broken as problem:
                self._says(str(problem))
                continue
            self.found.entries += 1
            digest = values.get(ORIGINALS.get(leaf["t"], ""))
            if digest:
                named.setdefault(digest, "entries/{}.json {}".format(name, leaf["t"]))
        return named

    def _files(self, manifest: dict[str, Any], named: dict[str, str]) -> None:
        there: set[str] = set()
        for listed in manifest["files"]:
            path, digest = listed["path"], listed["sha256"]
            self._known.add(path)
            if path not in self._digests:
                self._says(f"{path}: 缺失")
            elif self._digests[path] != digest:
                self._says(f"{path}: 内容已被改动")
            there.add(digest)
            if listed["kind"] in NAMED and digest not in named:
                self._says(f"{path}: 不属于任何一条记录")
        withheld = {item["sha256"]: item["why"] for item in manifest["withheld"]}
        for digest, who in named.items():
            if digest not in there and digest not in withheld:
                self._says(f"{who}: 提到的文件 {digest} 缺失")
        if withheld:
            self.found.notes.append(f"有 {len(withheld)} 个文件没有随包提供: {'; '.join(sorted(set(withheld.values())))}")

    def _timestamps(self) -> None:
        for name in sorted(self._digests):
            if not re.fullmatch(r"timestamps/[A-Za-z0-9_.-]+\.tsr", name):
                continue
            self._known |= {name, name[:-4] + ".txt"}
            try:
                imprint, time = stamped(self._zip.read(name))
            except Broken as problem:
                self._says(f"{name}: {problem}")
                continue
            if self._digests[CHECKPOINT] and imprint.hex() != self._digests[CHECKPOINT]:
                self._says(f"{name}: 不是为这份检查点盖的时间戳")
            else:
                self.found.notes.append(f"{name}: {time} 之前已有这份检查点 (证书链请用 openssl ts -verify)")

    def _older(self, head: Head) -> None:
        """The consistency proofs packed along, and the checkpoint that somebody kept."""
        name, public = key_of(self._key or self._text(KEY))
        proofs: dict[int, tuple[Head, list[bytes]]] = {}
        for path in sorted(self._digests):
            if not re.fullmatch(r"consistency/[0-9]+\.json", path):
                continue
            self._known.add(path)
            try:
                packed = json.loads(self._text(path))
                old = opened(packed["checkpoint"], name, public)
                steps = [_b64(step) for step in packed["path"]]
            except (Broken, ValueError, KeyError, TypeError):
                self._says(f"{path}: 内容无法读取, 或签名不成立")
                continue
            if not consistent(old.size, head.size, old.root, head.root, steps):
                self._says(f"{path}: 这份旧检查点与现在的账本接不上")
            proofs[old.size] = (old, steps)
        if self._against:
            self._held_against(head, proofs, name, public)

    def _held_against(self, head: Head, proofs: dict[int, tuple[Head, list[bytes]]], name: str, public: bytes) -> None:
        try:
            kept = opened(self._against, name, public)
        except Broken as problem:
            self._says(f"对照的检查点: {problem}")
            return
        if kept.size > head.size:
            self._says(f"对照的检查点有 {kept.size} 条, 取证包的账本只有 {head.size} 条")
        elif kept.size == head.size:
            if kept.root != head.root:
                self._says("对照的检查点与取证包的不同: 账本有两份")
        elif kept.size in proofs:
            if not consistent(kept.size, head.size, kept.root, head.root, proofs[kept.size][1]):
                self._says("对照的检查点与取证包的账本接不上: 那之前的记录被改写过")
        else:
            self._says(f"对照的检查点 ({kept.size} 条) 没有随包的衔接证明, 请出证方用 verify --against 核对")

    def _extra(self) -> None:
        for name in sorted(self._digests.keys() - self._known):
            self._says(f"{name}: 多出来的文件, 不在清单里")

    def _sums(self) -> None:
        try:
            lines = self._text(SUMS).splitlines()
        except Broken as problem:
            self._says(str(problem))
            return
        listed = {}
        for line in lines:
            match = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)
            if not match:
                self._says(f"{SUMS}: 有一行无法读取")
                continue
            listed[match.group(2)] = match.group(1)
        for name, digest in listed.items():
            if name not in self._digests:
                self._says(f"{name}: 缺失")
            elif self._digests[name] != digest:
                self._says(f"{name}: 内容已被改动")
        for name in sorted(self._digests.keys() - listed.keys() - {SUMS}):
            self._says(f"{name}: 不在 {SUMS} 里")


def check(path: Path, key: str = "", against: str = "") -> Found:
    """Check one dossier. `key`: the log's key as you got it elsewhere; `against`: text of a checkpoint that you kept."""
    try:
        with zipfile.ZipFile(path) as archive:
            return Dossier(archive, key, against).check()
    except (OSError, zipfile.BadZipFile):
        found = Found()
        found.broken.append(f"{path.name}: 读不了, 或不是完整的 zip 文件")
        return found


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    given, options = [], {"--key": "", "--against": ""}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in options and rest:
            options[word] = rest.pop(0)
        elif word.startswith("-"):
            print("用法: python3 check.py 取证包.zip [--key 公钥] [--against 旧检查点.txt]", file=sys.stderr)
            return 2
        else:
            given.append(word)
    if len(given) != 1:
        print("用法: python3 check.py 取证包.zip [--key 公钥] [--against 旧检查点.txt]", file=sys.stderr)
        return 2
    try:
        against = Path(options["--against"]).read_text(encoding="utf-8") if options["--against"] else ""
    except (OSError, UnicodeDecodeError):
        print("读不了 {}".format(options["--against"]), file=sys.stderr)
        return 2
    found = check(Path(given[0]), options["--key"], against)
    for line in found.broken:
        print("不符  " + line)
    for line in found.notes:
        print("说明  " + line)
    result = f"不符 {len(found.broken)} 处" if found.broken else "全部相符"
    print(f"核对 {found.files} 个文件, {found.entries} 条记录: {result}")
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
