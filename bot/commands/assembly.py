"""Putting the product together: one function builds everything that runs, and takes it down again in the right order."""

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from adapters import ocr, speech
from adapters.media import MediaInspector
from adapters.shared import Shared, connect
from adapters.timestamp import TsaClient
from adapters.web.app import build
from bot import stats
from bot.ballots import Ballots
from bot.checkpoint import Key, Signer
from bot.commands.desk import DOSSIERS, EXPORTS, desk
from bot.commands.robots import robots
from bot.config.box import ConfigBox
from bot.config.load import Loaded
from bot.config.schema import Config
from bot.config.secrets import Secrets, seed_of
from bot.dossier.making import Tools
from bot.erasing import Retention
from bot.errors import DeliveryError, FetchError, StoreError
from bot.inbox import Inbox
from bot.line import Line
from bot.meter import CALLS, Meter
from bot.model import Platform
from bot.ports import Adapter, BackupTarget, Clock, HasMenu, Listens, Transcriber
from bot.render import Renderer
from bot.safekeeping import Backup
from bot.sealing import Sealer
from bot.seen import Seen
from bot.stamping import Stamping
from bot.store import inbox_rows, ledger_rows, outbox_rows
from bot.store.adopting import adopt_turns
from bot.store.database import TROUBLE, Database, tortoise_config
from bot.store.inbox_writer import InboxWriter, PostgresInboxWriter, SqliteInboxWriter
from bot.taking_in import adopt_master_data
from bot.vault import Vault
from handlers import HANDLERS
from scheduler.backup import Keeping
from scheduler.beat import Beat
from scheduler.configured import Watch, in_force
from scheduler.delivery import Delivery
from scheduler.dossiers import Dossiers
from scheduler.exports import Exports
from scheduler.imports import Imports
from scheduler.intake import Intake
from scheduler.pilots import Pilots
from scheduler.polling import poll
from scheduler.proposals import Proposals
from scheduler.quotas import watch as watch_quotas
from scheduler.reports import Reports
from scheduler.sealing import Sealing
from scheduler.signs import Signs
from scheduler.surveys import Surveys
from scheduler.sweep import sweep
from scheduler.transcripts import Transcripts
from scheduler.watermarks import Watermarks
from scheduler.witness import Witness

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
FLUSH = 2.0  # seconds for the last count
SEAL, HEARING, MAKING, WATCH, SWEEP, COPY = 0.5, 1.0, 2.0, 2.0, 5.0, 20.0  # seconds between rounds
COUNT, QUOTA, POLL, WITNESS, RETAIN, MENU = 10.0, 60.0, 110.0, 300.0, 3_600.0, 21_600.0

log = logging.getLogger("salestrace.assembly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a command needs before anything runs."""

    path: Path
    loaded: Loaded
    secrets: Secrets
    clock: Clock
    platforms: bool = True  # False: a command that talks to none of them
    transcriber: Transcriber | None = None  # instead of the one that the config names

    @property
    def config(self) -> Config:
        return self.loaded.config

    def place(self, folder: str) -> Path:
        """A configured path; relative ones start at the config's folder."""
        return self.path.parent / folder


@dataclass(slots=True, kw_only=True)
class Running:
    """The product, running."""

    line: Line
    renderer: Renderer
    url: str = ""

    def nudge(self) -> None:
        """Look at the clock and the queues at once."""
        self.line.wake.notify("inbox")
        self.line.wake.notify("outbox")


def data_folder(setup: Setup) -> Path:
    folder = setup.place(setup.config.storage.data)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def key_file(folder: Path, name: str) -> bytes:
    """A secret of this installation, made on first use, readable by its owner alone."""
    path = folder / name
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()


def sealer(setup: Setup) -> Sealer:
    """Who signs this installation's ledger; the key is made on first use unless it comes from outside."""
    given = setup.secrets.get("SALESTRACE_SIGNING_KEY")
    seed = seed_of(given) if given else None
    return Sealer(
        Signer(seed or key_file(data_folder(setup), "signing.key"), setup.config.ledger.origin), data_folder(setup) / "checkpoint"
    )


def public_key(setup: Setup) -> Key | None:
    """The key that checks this installation's signatures; None where nothing was ever signed."""
    if setup.secrets.get("SALESTRACE_SIGNING_KEY") or (setup.place(setup.config.storage.data) / "signing.key").is_file():
        return sealer(setup).signer.key
    return None


def timestampers(setup: Setup) -> list[TsaClient]:
    """The timestamp authorities of the config."""
    password = setup.secrets.get("SALESTRACE_TSA_SECRET") or ""
    return [
        TsaClient(one.name, one.url, roots=setup.place(one.roots) if one.roots else None, user=one.user, password=password)
        for one in setup.config.timestamps
    ]


def backup_target(setup: Setup, address: str = "") -> BackupTarget:
    """Where copies go, or are taken from. Imported here: a core of 30 MB that most processes never need."""
    from adapters.backup import open_target

    key = seed_of(setup.secrets.get("SALESTRACE_BACKUP_KEY") or "") if setup.config.storage.backup_encrypt else None
    secret = setup.secrets.get("SALESTRACE_BACKUP_SECRET") or ""
    return open_target(address or setup.config.storage.backup, setup.path.parent, secret=secret, key=key)


def speech_engine(setup: Setup) -> speech.Engine:
    """The configured recogniser; only for an engine that is not off."""
    told = setup.config.speech
    return speech.Engine(
        name=told.engine,
        model=setup.place(told.model),
        vad=setup.place(told.vad) if told.vad else None,
        punctuation=setup.place(told.punctuation) if told.punctuation else None,
        threads=told.threads,
    )


def transcriber(setup: Setup, decoder: MediaInspector) -> Transcriber | None:
    """Who hears voices. An engine that is not installed hears none, and `doctor` says so: the rest of the product works on."""
    if setup.transcriber is not None or setup.config.speech.engine == "off":
        return setup.transcriber
    engine = speech_engine(setup)
    if not speech.installed(engine.name):
        log.warning("%s 的组件没有安装, 语音不会转成文字; 请运行 make install-speech", engine.name)
        return None
    return speech.SpeechWorker(engine, decoder, memory_mb=setup.config.speech.memory_mb)


def backup(setup: Setup, base: Database, vault: Vault) -> Backup | None:
    """The backup, if one is configured."""
    return Backup(base, vault, backup_target(setup)) if setup.config.storage.backup else None


def database(setup: Setup, *, make: bool = True) -> Database:
    if make:
        data_folder(setup)
    return Database(tortoise_config(setup.config.storage.database, setup.path.parent, setup.secrets.get("SALESTRACE_DATABASE_PASSWORD")))


def adapters(setup: Setup, shared: Shared, meter: Meter) -> dict[Platform, Adapter]:
    """The platforms whose table is there. Imported here, so that one that is off costs nothing."""
    found: dict[Platform, Adapter] = {}

    def counting(platform: Platform) -> Callable[[], None]:
        return lambda: meter.count(platform, CALLS)

    if not setup.platforms:
        return found
    if setup.config.wecom:
        from adapters.wecom import WeComAdapter

        found[Platform.WECOM] = WeComAdapter(
            setup.config.wecom,
            secret=setup.secrets["WECOM_SECRET"],
            token=setup.secrets["WECOM_TOKEN"],
            aes_key=setup.secrets["WECOM_AES_KEY"],
            clock=setup.clock,
            tokens=shared.tokens,
            limits=shared.limit,
            count=counting(Platform.WECOM),
        )
    if setup.config.feishu:
        from adapters.feishu import FeishuAdapter

        found[Platform.FEISHU] = FeishuAdapter(
            setup.config.feishu,
            app_secret=setup.secrets["FEISHU_APP_SECRET"],
            encrypt_key=setup.secrets.get("FEISHU_ENCRYPT_KEY") or "",
            verification_token=setup.secrets.get("FEISHU_VERIFICATION_TOKEN") or "",
            clock=setup.clock,
            tokens=shared.tokens,
            limits=shared.limit,
            count=counting(Platform.FEISHU),
        )
    if setup.config.dingtalk:
        from adapters.dingtalk import DingTalkAdapter

        found[Platform.DINGTALK] = DingTalkAdapter(
            setup.config.dingtalk,
            secret=setup.secrets["DINGTALK_CLIENT_SECRET"],
            event_token=setup.secrets.get("DINGTALK_EVENT_TOKEN") or "",
            event_aes_key=setup.secrets.get("DINGTALK_EVENT_AES_KEY") or "",
            clock=setup.clock,
            tokens=shared.tokens,
            limits=shared.limit,
            count=counting(Platform.DINGTALK),
        )
    return found


async def existing(setup: Setup) -> Database:
    """The database of an installation that is there already, open. Raises StoreError, and leaves nothing behind at a wrong path."""
    base = database(setup, make=False)
    missing = StoreError(
        f"{setup.config.storage.database} 还没有建立, 请先运行 python -m bot migrate (相对路径从 {setup.path.name} 所在的目录算起)"
    )
    if base.sqlite and not Path(base.credentials["file_path"]).is_file():
        raise missing
    await base.open(migrate=False)
    if await stats.ready(base):
        await base.close()
        raise missing
    return base


def _writer(base: Database) -> InboxWriter:
    if base.sqlite:
        return SqliteInboxWriter(Path(base.credentials["file_path"]))
    return PostgresInboxWriter(base.credentials)


@asynccontextmanager
async def opened(setup: Setup, *, migrate: bool) -> AsyncIterator[tuple[Line, ConfigBox]]:
    """Database, vault, adapters and inbox, without anything that moves by itself."""
    shared = connect(setup.config.storage.redis, password=setup.secrets.get("SALESTRACE_REDIS_PASSWORD") or "", clock=setup.clock)
    base = database(setup)
    box = ConfigBox(setup.loaded)
    try:
        await base.open(migrate=migrate)
        if not migrate and await stats.ready(base):
            raise StoreError("还没有建立, 或是更早版本的; 请先运行 python -m bot migrate")
        await ledger_rows.ensure_head()
        if migrate:
            await adopt_master_data(base, setup.clock.now())
            await adopt_turns(base)
        media, meter = MediaInspector(), Meter()
        line = Line(
            database=base,
            inbox=Inbox(_writer(base), shared.wake),
            vault=Vault(setup.place(setup.config.storage.vault)),
            adapters=adapters(setup, shared, meter),
            robots=robots(setup.config, setup.secrets, setup.clock, shared.limit) if setup.platforms else {},
            meter=meter,
            handlers=HANDLERS,
            inspector=media,
            copies=media,
            config=box.current,
            clock=setup.clock,
            wake=shared.wake,
        )
        try:
            yield line, box
        finally:
            with suppress(*TROUBLE, TimeoutError):
                async with asyncio.timeout(FLUSH):
                    await meter.flush(base, box.current(), setup.clock.now())
            await line.inbox.close()
            for outlet in (*line.adapters.values(), *line.robots.values()):
                await outlet.close()
    finally:
        await base.close()
        await shared.close()


@asynccontextmanager
async def running(setup: Setup, *, role: str = "all") -> AsyncIterator[Running]:
    """The whole product of a role. On leaving: stop taking, finish what is under way, close."""
    async with opened(setup, migrate=role == "all") as (line, box):
        ballots = Ballots(key_file(data_folder(setup), "session.key"))
        product = Running(line=line, renderer=Renderer(TEMPLATES, lambda: line.config().zone, ballots.new))
        async with _web(setup, product, role), _workers(setup, product, box, role):
            yield product


@asynccontextmanager
async def _web(setup: Setup, product: Running, role: str) -> AsyncIterator[None]:
    if role not in ("all", "web"):
        yield
        return
    secret, seen = key_file(data_folder(setup), "session.key"), Seen(product.line.meter.count)
    names = {"api": "SALESTRACE_API_TOKEN", "hook": "SALESTRACE_HOOK_SECRET"}
    tokens = {what: setup.secrets.get(name) or "" for what, name in names.items()}
    app = build(desk(product.line, product.renderer, seen, secret, tokens, data_folder(setup), lambda: public_key(setup)))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    site = web.TCPSite(runner, setup.config.server.host, setup.config.server.port)
    await site.start()
    product.url = f"http://{setup.config.server.host}:{runner.addresses[0][1]}"
    listening = [asyncio.create_task(_listen(product.line, adapter, seen)) for adapter in product.line.adapters.values()]
    try:
        yield
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        await runner.cleanup()
        await seen.close()


async def _listen(line: Line, adapter: Adapter, seen: Seen) -> None:
    """A long connection, where the platform has one: whoever takes callbacks takes these messages too."""
    if isinstance(adapter, Listens):
        await adapter.listen(line.inbox.receive, lambda: seen(adapter.platform, line.clock.now()))


@asynccontextmanager
async def _workers(setup: Setup, product: Running, box: ConfigBox, role: str) -> AsyncIterator[None]:
    line = product.line
    intake = Intake(line)
    given = (line.database, line.adapters, product.renderer, line.clock, line.wake, line.vault.path, line.meter, line.robots)
    delivery = Delivery(*given, line.config)
    beat = Beat()
    tasks: list[asyncio.Task[None]] = []
    authorities = timestampers(setup)
    reader = ocr.OcrReader() if ocr.installed() else None
    hearing = transcriber(setup, MediaInspector()) if role in ("all", "scheduler") else None
    if role == "all" and line.database.sqlite:
        await inbox_rows.reclaim()
        await outbox_rows.reclaim()
    if role in ("all", "worker"):
        tasks = [asyncio.create_task(intake.run()), asyncio.create_task(delivery.run())]
    if role in ("all", "scheduler"):
        await in_force(line, setup.loaded)
        _rounds(beat, setup, product, box, Stamping(line.database, line.clock, authorities), (reader, hearing))
    beat.every(COUNT, "usage", lambda: line.meter.flush(line.database, line.config(), line.clock.now()))
    beat.every(WATCH, "config", Watch(setup.path, box, line).look)
    beat.start()
    try:
        yield
    finally:
        intake.stop()
        delivery.stop()
        await beat.stop()
        await asyncio.gather(*tasks)
        for authority in authorities:
            await authority.close()
        for worker in (reader, hearing):
            if worker:
                await worker.close()


def _rounds(
    beat: Beat, setup: Setup, product: Running, box: ConfigBox, stamping: Stamping, given: tuple[ocr.OcrReader | None, Transcriber | None]
) -> None:
    """What is done again and again beside messages. `given`: what reads pictures and voices, where there is one."""
    line, (reader, hearing) = product.line, given
    signing = sealer(setup)
    made_with = Tools(line=line, sealer=signing, word=product.renderer.word, copies=line.copies, stamps=stamping)
    beat.every(SEAL, "seal", Sealing(line, signing).round, at_once=True)
    beat.every(WITNESS, "witness", Witness(line, stamping).round, at_once=True)
    beat.every(MAKING, "signs", Signs(line, reader).round)
    beat.every(HEARING, "transcripts", Transcripts(line, hearing).round)
    retention = Retention(line.database, line.vault, data_folder(setup) / DOSSIERS)
    beat.every(RETAIN, "retention", lambda: retention.round(line.config(), line.clock.now()), at_once=True)
    beat.every(COPY, "backup", Keeping(line, backup(setup, line.database, line.vault)).round)
    beat.every(MAKING, "watermarks", Watermarks(line, product.renderer).round)
    beat.every(MAKING, "imports", Imports(line).round)
    beat.every(MAKING, "dossiers", Dossiers(made_with, data_folder(setup) / DOSSIERS).round)
    beat.every(MAKING, "exports", Exports(line, signing, data_folder(setup) / EXPORTS).round)
    beat.every(QUOTA, "reports", Reports(line).round, at_once=True)
    beat.every(QUOTA, "surveys", Surveys(line).round, at_once=True)
    beat.every(MAKING, "pilots", Pilots(setup.path, line).round)
    beat.every(SWEEP, "sweep", lambda: sweep(line), at_once=True)
    beat.every(POLL, "poll", lambda: poll(line))
    beat.every(MENU, "menu", lambda: menus(line), at_once=True)
    beat.every(QUOTA, "quotas", lambda: watch_quotas(line))
    proposed = Proposals(setup.path, box, line)
    beat.every(WATCH, "proposals", proposed.round)
    beat.every(WATCH, "shadow runs", proposed.try_out)


async def menus(line: Line) -> None:
    """Make the app's menu where the platform lets an API do that."""
    for adapter in line.adapters.values():
        try:
            if isinstance(adapter, HasMenu):
                await adapter.ensure_menu()
        except (DeliveryError, FetchError) as error:
            log.warning("%s: 应用菜单未能创建 (%s); 运行 python -m bot doctor 看怎样修好", adapter.platform.value, error.reason)
