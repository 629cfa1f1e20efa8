"""Timestamps by a real authority: `openssl ts` behind HTTP, checked by its own verifier and by ours."""

import asyncio
import hashlib
import json
import subprocess
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import encode_basic_auth, web

from adapters.feishu.cards import card_content
from adapters.timestamp import TsaClient
from bot.checkpoint import Signer, pasted, verify
from bot.commands.assembly import TEMPLATES, public_key
from bot.dossier import check
from bot.errors import ConfigError, FetchError
from bot.ports import Card
from bot.render import Renderer
from bot.stamping import Stamping
from bot.store import checkpoint_rows
from bot.store.tables import CheckpointRow
from scheduler.witness import Witness, card_values
from tests.dossier.conftest import pack
from tests.e2e.house import House
from tests.e2e.rep import Rep

pytestmark = pytest.mark.openssl

CONFIG = """
[tsa]
default_tsa = ours
[ours]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def openssl(*arguments: str, folder: Path) -> str:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and certificates of an authority: a root, and a signer below it."""
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    (folder / "tsa.ext").write_text("extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n")
    for name, subject in (("root", "/CN=Test Root"), ("other", "/CN=Another Root")):
        key = ("-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "3650")
        openssl("req", "-x509", *key, "-subj", subject, "-addext", "keyUsage=critical,keyCertSign", folder=folder)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA", folder=folder)
    signed = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "3650", "-extfile", "tsa.ext")
    openssl("x509", "-req", "-in", "tsa.csr", *signed, "-out", "tsa.pem", folder=folder)
    return folder


@dataclass
class Server:
    """The authority over HTTP; `mood` breaks it."""

    folder: Path
    mood: str = ""
    asked: int = 0
    url: str = ""
    auth: str = ""
    kept: bytes = field(default=b"")

    async def reply(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.auth and request.headers.get("Authorization") != self.auth:
            return web.Response(status=401)
        if self.mood == "down":
            return web.Response(status=503)
        if self.mood == "garbage":
            return web.Response(body=b"<html>sorry</html>")
        (self.folder / "q.tsq").write_bytes(await request.read())
        process = await asyncio.create_subprocess_exec(
            *("openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "r.tsr"),
            cwd=self.folder,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await process.wait()
        answer = (self.folder / "r.tsr").read_bytes()
        if self.mood == "replay" and self.kept:
            return web.Response(body=self.kept)
        self.kept = answer
        return web.Response(body=answer, content_type="application/timestamp-reply")


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Server]:
    server = Server(folder)
    app = web.Application()
    app.router.add_post("/tsr", server.reply)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/tsr"
    try:
        yield server
    finally:
        await runner.cleanup()


@pytest.fixture
async def tsa(authority: Path) -> AsyncIterator[Server]:
    async with serving(authority) as server:
        yield server


@asynccontextmanager
async def client(server: Server, name: str = "tsa", **options: str | Path) -> AsyncIterator[TsaClient]:
    made = TsaClient(name, server.url, **options)  # type: ignore[arg-type] # roots is a path, the rest are words
    try:
        yield made
    finally:
        await made.close()


async def test_a_dossier_is_stamped_and_openssl_agrees(visited: House, tsa: Server, tmp_path: Path) -> None:
    async with client(tsa, roots=tsa.folder / "root.pem") as ours:
        made = await pack(visited, tmp_path / "F.zip", ours)
    assert made.stamps == ("tsa",)
    found = check.check(tmp_path / "F.zip")
    assert found.broken == []
    assert any(note.startswith("timestamps/tsa.tsr: 20") for note in found.notes)
    with zipfile.ZipFile(tmp_path / "F.zip") as archive:
        archive.extractall(tmp_path / "out")
    out = tmp_path / "out"
    chain = ("-CAfile", str(tsa.folder / "root.pem"))
    told = await asyncio.to_thread(openssl, "ts", "-verify", "-in", "timestamps/tsa.tsr", "-data", "checkpoint.txt", *chain, folder=out)
    assert "Verification: OK" in told
    imprint, _ = check.stamped((out / "timestamps/tsa.tsr").read_bytes())
    assert imprint == hashlib.sha256((out / "checkpoint.txt").read_bytes()).digest()


async def test_a_token_of_something_else_is_named(visited: House, tsa: Server, tmp_path: Path) -> None:
    async with client(tsa) as ours:
        foreign = await ours.stamp(b"something else")
        await pack(visited, tmp_path / "F.zip", ours)
    with zipfile.ZipFile(tmp_path / "F.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "changed.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, foreign if name == "timestamps/tsa.tsr" else data)
    assert "timestamps/tsa.tsr: 不是为这份检查点盖的时间戳" in check.check(tmp_path / "changed.zip").broken


@pytest.mark.parametrize(("mood", "reason"), [("down", "http_503"), ("garbage", "no_token"), ("replay", "another_request")])
async def test_an_authority_that_fails(tsa: Server, mood: str, reason: str) -> None:
    async with client(tsa) as ours:
        assert await ours.stamp(b"data")
        tsa.mood = mood
        with pytest.raises(FetchError) as refused:
            await ours.stamp(b"data")
    assert refused.value.reason == reason


async def test_a_chain_that_ends_elsewhere(tsa: Server, tmp_path: Path) -> None:
    async with client(tsa, roots=tsa.folder / "other.pem") as ours:
        with pytest.raises(FetchError) as refused:
            await ours.stamp(b"data")
    assert refused.value.reason == "chain"
    (tmp_path / "no.pem").write_text("x")
    with pytest.raises(ConfigError, match="PEM"):
        TsaClient("tsa", tsa.url, roots=tmp_path / "no.pem")


async def test_an_authority_behind_a_password(tsa: Server) -> None:
    tsa.auth = encode_basic_auth("us", "secret")
    async with client(tsa, user="us", password="secret") as ours:
        assert await ours.stamp(b"data")
    async with client(tsa, user="us", password="wrong") as ours:
        with pytest.raises(FetchError, match="http_401"):
            await ours.stamp(b"data")


async def test_several_authorities_once_a_day(h: House, li_na: Rep, tsa: Server) -> None:
    """One that is away is asked again, and keeps none of the others waiting."""
    await li_na.visits()
    line = h.product.line
    today = line.clock.now().replace(hour=0)
    async with client(tsa) as first, serving(tsa.folder) as away, client(away, name="second") as second:
        away.mood = "down"
        witness = Witness(line, Stamping(line.database, line.clock, [first, second]))
        for _ in range(3):
            await witness.round()
        assert await checkpoint_rows.stamped_since(today) == {"tsa"}
        assert (tsa.asked, away.asked) == (1, 3)
        away.mood = ""
        await witness.round()
        assert await checkpoint_rows.stamped_since(today) == {"tsa", "second"}


async def test_the_days_checkpoint_is_posted_in_the_group(h: House, li_na: Rep) -> None:
    """After working hours, once, and what somebody copies out of the group holds against the ledger."""
    await li_na.visits()
    line = h.product.line
    witness = Witness(line, Stamping(line.database, line.clock, ()))
    await witness.round()
    assert not [card for card in h.group() if "账本检查点" in str(card)]
    h.clock.wind(hours=4.2)
    await h.settled()
    await witness.round()
    await witness.round()
    card = await h.until("the checkpoint in the group", lambda: next((one for one in h.group() if "账本检查点" in str(one)), None))
    assert len([one for one in h.group() if "账本检查点" in str(one)]) == 1
    text = shown(card)
    key = public_key(h.setup())
    assert key
    stated = verify(pasted(text), key)
    assert stated.size > 10
    assert "区块链" not in text


def test_a_card_is_pasted_back_whatever_its_hashes_begin_with() -> None:
    """Feishu's markdown escapes a + at the beginning of a line; on a screen it is a + again, in a copied source it is not."""
    signer = Signer(bytes(32))
    note = signer.sign(49, b"\xfb\xef" + bytes(30))  # its root is spelt ++8A…
    card = Renderer(TEMPLATES).render("card/checkpoint", card_values(CheckpointRow(note=note, size=49), datetime(2026, 11, 23, tzinfo=UTC)))
    assert isinstance(card, Card)
    text = shown(json.loads(card_content(card, "u", private=False)))
    assert "&#43;" in text
    assert verify(pasted(text), signer.key).size == 49


def shown(card: dict[str, object]) -> str:
    """What a director copies: the words of the card, one part a line."""
    words: list[str] = []

    def walk(part: object) -> None:
        if isinstance(part, dict):
            words.extend(value for name, value in part.items() if name == "content" and isinstance(value, str))
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(card)
    return "\n".join(words)
