"""A dossier made on one machine, checked with nothing of ours at hand; and everything that somebody could do to it."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from bot.checkpoint import Signer, parse
from bot.commands.assembly import public_key
from bot.dossier import check
from bot.store import checkpoint_rows
from tests.dossier.conftest import pack
from tests.e2e.house import House

Files = dict[str, bytes]


def unpacked(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(files: Files, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def broken(files: Files, tmp_path: Path, **options: str) -> list[str]:
    return check.check(repacked(files, tmp_path / "changed.zip"), **options).broken


def resummed(files: Files) -> Files:
    """With the plain sums made right again, as somebody would who knows the tools."""
    import hashlib

    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items() if name != "SHA256SUMS"]
    return files | {"SHA256SUMS": "".join(lines).encode()}


def test_it_checks_where_nothing_of_ours_is(dossier: Path, tmp_path: Path) -> None:
    """The packed verifier, alone in a folder, isolated from every installed package."""
    away = tmp_path / "away"
    away.mkdir()
    shutil.copy(dossier, away / "F.zip")
    (away / "check.py").write_bytes(unpacked(dossier)["check.py"])
    done = subprocess.run([sys.executable, "-I", "-S", "check.py", "F.zip"], cwd=away, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "全部相符" in done.stdout


def test_plain_tools_suffice(dossier: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(dossier) as archive:
        archive.extractall(tmp_path / "out")
    done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=tmp_path / "out", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


async def test_what_is_in_it(visited: House, dossier: Path) -> None:
    files = unpacked(dossier)
    manifest = json.loads(files["manifest.json"])
    folders = {name.partition("/")[0] for name in files}
    assert folders >= {"originals", "messages", "entries", "proofs", "index.pdf", "check.py", "verify.html", "README.txt", "checkpoint.txt"}
    assert manifest["customer"] == "C001"
    assert str(public_key(visited.setup())) in files["README.txt"].decode()
    types = {json.loads(json.loads(data)["leaf"])["t"] for name, data in files.items() if name.startswith("entries/")}
    assert types >= {"visit.opened", "action.opened", "action.judged", "evidence.added", "check.made", "contact.added", "master.set"}
    assert types >= {"message.received", "original.sealed", "dossier.made"}
    words = b"".join(data for name, data in files.items() if name.startswith(("entries/", "messages/"))).decode(errors="ignore")
    assert "恒达" not in words and "C002" not in words, "another customer's records"


async def test_the_index_tells_the_visit(dossier: Path) -> None:
    pages = pypdfium2.PdfDocument(unpacked(dossier)["index.pdf"])
    words = "".join(page.get_textpage().get_text_range() for page in pages)
    for expected in ("深圳华强精密模具有限公司", "方案演示", "李娜", "T4", "完整", "SHA-256", "SM3", "怎样核验"):
        assert expected in words, expected


async def test_every_file_changed_removed_or_added_is_named(dossier: Path, tmp_path: Path) -> None:
    files = unpacked(dossier)
    assert broken(files, tmp_path) == []
    for name, data in files.items():
        flipped = data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]
        for changed in (files | {name: flipped}, {other: content for other, content in files.items() if other != name}):
            stem = Path(name).stem
            assert any(name in line or stem in line for line in broken(changed, tmp_path)), name
    added = broken(files | {"originals/extra.jpg": b"x"}, tmp_path)
    assert any(line.startswith("originals/extra.jpg: 多出来的文件") for line in added)


def originals(files: Files) -> list[str]:
    return sorted(name for name in files if name.startswith("originals/"))


def an_entry(files: Files, type_: str) -> str:
    return next(
        name for name, data in sorted(files.items()) if name.startswith("entries/") and json.loads(json.loads(data)["leaf"])["t"] == type_
    )


def without_entry(files: Files) -> Files:
    """One record dropped, and the list shortened to match."""
    name = an_entry(files, "check.made")
    manifest = json.loads(files["manifest.json"])
    manifest["entries"] = [one for one in manifest["entries"] if f"{one['index']:08d}" not in name]
    kept = {other: data for other, data in files.items() if other not in (name, f"proofs/{Path(name).stem}.tlog-proof")}
    return kept | {"manifest.json": json.dumps(manifest).encode()}


def without_photo(files: Files) -> Files:
    name = next(one for one in originals(files) if one.endswith(".jpg"))
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = [one for one in manifest["files"] if one["path"] != name]
    return {other: data for other, data in files.items() if other != name} | {"manifest.json": json.dumps(manifest).encode()}


def swapped(files: Files) -> Files:
    first, second = originals(files)[:2]
    return files | {first: files[second], second: files[first]}


def another_value(files: Files) -> Files:
    name = an_entry(files, "check.made")
    entry = json.loads(files[name])
    entry["disclosed"]["distance_m"]["json"] = "1"
    return files | {name: json.dumps(entry).encode()}


def another_leaf(files: Files) -> Files:
    """A leaf that commits to the changed value: consistent in itself, but nowhere in the tree."""
    import hashlib

    name = an_entry(files, "check.made")
    entry = json.loads(files[name])
    leaf, given = json.loads(entry["leaf"]), entry["disclosed"]["distance_m"]
    given["json"] = "1"
    leaf["c"]["distance_m"] = hashlib.sha256(bytes.fromhex(given["key"]) + b"1").hexdigest()
    entry["leaf"] = json.dumps(leaf, separators=(",", ":"), sort_keys=True)
    return files | {name: json.dumps(entry).encode()}


def signed_anew(files: Files) -> Files:
    """By a key of the forger's own, with the key file changed to match."""
    stated, other = parse(files["checkpoint.txt"].decode()), Signer(b"x" * 32)
    note = other.sign(stated.size, stated.root)
    proofs = {name: data.replace(files["checkpoint.txt"], note.encode()) for name, data in files.items() if name.startswith("proofs/")}
    return files | proofs | {"checkpoint.txt": note.encode(), "ledger.key": f"{other.key}\n".encode()}


TAMPERED: list[tuple[Callable[[Files], Files], str]] = [
    (without_entry, "manifest.json: 与账本里登记的清单不同"),
    (without_photo, "manifest.json: 与账本里登记的清单不同"),
    (swapped, "originals/"),
    (another_value, "distance_m 与记录时不同"),
    (another_leaf, "不在签名的账本里"),
    (lambda files: files | {"checkpoint.txt": files["checkpoint.txt"].replace(b"\n\n", b"\nextension\n\n")}, "checkpoint.txt: 签名不成立"),
    (lambda files: files | {"entries/00000000.json": b"{}", "proofs/00000000.tlog-proof": b"x"}, "多出来的文件"),
    (lambda files: files | {"manifest.json": b"[]"}, "manifest.json"),
    (lambda files: files | {"ledger.key": b"x"}, "ledger.key: 公钥格式不对"),
]


@pytest.mark.parametrize(("change", "says"), TAMPERED, ids=range(len(TAMPERED)))
async def test_whoever_mends_the_sums_is_named_all_the_same(
    dossier: Path, tmp_path: Path, change: Callable[[Files], Files], says: str
) -> None:
    assert any(says in line for line in broken(resummed(change(unpacked(dossier))), tmp_path))


async def test_signed_with_another_key(visited: House, dossier: Path, tmp_path: Path) -> None:
    """In itself it holds: only the key known from elsewhere tells."""
    files = resummed(signed_anew(unpacked(dossier)))
    assert broken(files, tmp_path) == []
    lines = broken(files, tmp_path, key=str(public_key(visited.setup())))
    assert any("与你给出的公钥不同" in line for line in lines) and any(line.startswith("checkpoint.txt") for line in lines)


async def test_held_against_a_checkpoint_from_the_group(visited: House, tmp_path: Path) -> None:
    line = visited.product.line
    early = await checkpoint_rows.last()
    assert early
    async with line.database.step():
        await checkpoint_rows.keep_stamps(early.size, {"tsa": b"posted"}, line.clock.now())
    await pack(visited, tmp_path / "F.zip")
    files = unpacked(tmp_path / "F.zip")
    assert f"consistency/{early.size}.json" in files
    assert broken(files, tmp_path, against=early.note) == []
    key = public_key(visited.setup())
    assert key
    signer = Signer((visited.path.parent / "data" / "signing.key").read_bytes())
    forked = signer.sign(early.size, b"\x01" * 32)
    assert any("接不上" in one for one in broken(files, tmp_path, against=forked))
    assert any("没有随包的衔接证明" in one for one in broken(files, tmp_path, against=signer.sign(1, b"\x01" * 32)))
    assert any("只有" in one for one in broken(files, tmp_path, against=signer.sign(10**6, b"\x01" * 32)))


async def test_what_is_left_out_for_an_outsider(visited: House, tmp_path: Path) -> None:
    out = tmp_path / "F.zip"
    await pack(visited, out, without=frozenset({"photos", "phones"}))
    files = unpacked(out)
    found = check.check(out)
    assert found.broken == []
    assert any("照片不随本份提供" in note and "电话号码不随本份提供" in note for note in found.notes)
    assert [name for name in files if name.endswith(".jpg")] == []
    assert [name for name in files if name.startswith("originals/")] != [], "the voices stay"
    assert b"13812345678" not in b"".join(files.values())
    pages = pypdfium2.PdfDocument(files["index.pdf"])
    assert not [one for page in pages for one in page.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE,))]


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", b"x" * 1000])
def test_what_is_no_archive(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    assert check.check(tmp_path / "x.zip").broken == ["x.zip: 读不了, 或不是完整的 zip 文件"]
