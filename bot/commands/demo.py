"""`demo`: the whole product on this computer, with stand-ins for the platforms, a sample company and a page to play on."""

import argparse
import asyncio
import logging
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from adapters import speech, speech_models
from adapters.media import MediaInspector
from adapters.sandbox.chronicle import Chronicle
from adapters.sandbox.company import (
    AGENT_ID,
    CORP_ID,
    DINGTALK_ID,
    FEISHU_APP_ID,
    Company,
    Member,
    alert_chat,
    config_toml,
    ding_chat,
    environment,
    led_on,
    sample_company,
    seated,
)
from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.hearing import StandInRecogniser, sample_words
from adapters.sandbox.narration import Plain, telling
from adapters.sandbox.play import Missed, Player
from adapters.sandbox.roster import REGIONS
from adapters.sandbox.scenes import on_stage, prologue, whole_story
from adapters.sandbox.stage.app import Stage
from adapters.sandbox.stage.clock import DemoClock, curtain
from adapters.sandbox.stage.picture import leaders_of, members_of
from adapters.sandbox.stage.theatre import Narrator, Theatre
from adapters.sandbox.wecom import WeComStandIn
from bot.clock import SystemClock
from bot.commands.assembly import Running, Setup, running
from bot.commands.demo_past import ESTABLISHED, move_in
from bot.commands.opening import add_config
from bot.config.load import load
from bot.config.secrets import Secrets
from bot.ports import Transcriber
from bot.taking_in import store
from scheduler.sweep import sweep

NAME = "demo"
HELP = "整个产品在这台电脑上跑起来, 无需任何账号: 三个聊天窗口、样板公司、可快进的时钟"
PORT = 8090
ROOT = Path(__file__).resolve().parents[2]
MODELS = (ROOT / "data" / "models" / "whisper-base", ROOT / ".models" / "whisper-base")
MOVE_TRIES = 60  # tenths of a second that a saved config may take to be in force
TRY = "试试：左边点「外出打卡」，或右上角点「自动演示一次拜访」；再「快进 1 小时」，看启衡怎样亮起红灯"
story = logging.getLogger("salestrace.story")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--port", type=int, default=None, metavar="N", help=f"演示页的端口 (默认 {PORT}, 被占用时任选一个)")
    way = parser.add_mutually_exclusive_group()  # the story is told of a fresh company only
    way.add_argument("--play", action="store_true", help="不开浏览器, 自动演完整个故事后结束")
    way.add_argument("--keep", action="store_true", help="数据留在配置文件旁的 data/demo, 下次接着用 (默认每次重新开始)")


def run(args: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("salestrace.outbox").setLevel(logging.ERROR)  # platforms' limits are kept by sending again: nothing to see
    story.setLevel(logging.INFO)
    story.propagate = False
    with _folder(args) as folder, suppress(KeyboardInterrupt):
        return asyncio.run(_demo(folder, args))
    return 0


@contextmanager
def _folder(args: argparse.Namespace) -> Iterator[Path]:
    """A folder of its own, gone afterwards; with --keep one that stays."""
    if args.keep:
        folder = args.config.resolve().parent / "data" / "demo"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield folder
        return
    folder = Path(tempfile.mkdtemp(prefix="salestrace-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _demo(folder: Path, args: argparse.Namespace) -> int:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    _say("正在准备样板公司：3 个区域，12 名销售，49 家客户，三个多月的记录 …")
    async with _theatre(folder) as theatre, _narrated(theatre):
        if args.play:
            return await _play(theatre, stop)
        try:
            await prologue(Player(theatre, _say))
        except Missed as missed:
            _say(f"开场没有走完：{missed}")
        stage = Stage(theatre, on_stage)
        await _listen(stage, args.port)
        try:
            theatre.narrate(TRY)
            _say(f"\n演示页：{stage.address}\n\n按 Ctrl-C 结束。下面是旁白：\n")
            await stop.wait()
        finally:
            await stage.close()
    return 0


async def _listen(stage: Stage, port: int | None) -> None:
    """The usual port, or any; a port that was asked for, or an error."""
    try:
        await stage.start(PORT if port is None else port)
    except OSError:
        if port is not None:
            raise
        await stage.start(0)


async def _play(theatre: Theatre, stop: asyncio.Event) -> int:
    """The story until its end, or until somebody stops it."""
    telling = asyncio.create_task(whole_story(Player(theatre, lambda text: _say(f"\n● {text}"))))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((telling, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in (telling, stopping):
        task.cancel()
    try:
        await telling
    except asyncio.CancelledError:
        return 0
    except Missed as missed:
        sys.stdout.flush()
        print(f"\n演示没有走完：{missed}", file=sys.stderr)
        return 1
    _say("\n故事讲完了：每一步都在屏幕和接口上核对过。")
    return 0


# ---- putting the stage together -------------------------------------------------------------------------------------


@asynccontextmanager
async def _theatre(folder: Path) -> AsyncIterator[Theatre]:
    """Stand-ins, sample company, product; taken down in the opposite order."""
    company, secrets = sample_company(), environment()
    opening = curtain(SystemClock().now())
    clock = DemoClock(opening - ESTABLISHED)
    wecom, feishu, dingtalk = await _platforms(company, clock, secrets)
    try:
        setup = _setup(folder, clock, secrets, wecom.base_url, await feishu.start(), await dingtalk.start())
        await move_in(setup, company, clock, opening)
        async with running(setup) as product:
            theatre = Theatre(
                company=company,
                clock=clock,
                wecom=wecom,
                feishu=feishu,
                dingtalk=dingtalk,
                product=product.url,
                api_token=secrets["SALESTRACE_API_TOKEN"],
            )
            theatre.wake = _Waker(product).wake
            theatre.moved = _Mover(setup, product, theatre).move
            wecom.callback_url, feishu.callback_url = f"{product.url}/wecom/callback", f"{product.url}/feishu/event"
            for id_, name in REGIONS:
                feishu.add_chat(alert_chat(id_), f"{name}区 · 过程告警群", members_of(theatre, id_))
                dingtalk.add_group(ding_chat(id_), [one.handles["dingtalk"] for one in leaders_of(theatre, id_)])
            yield theatre
    finally:
        await wecom.close()
        await feishu.close()
        await dingtalk.close()


async def _platforms(company: Company, clock: DemoClock, secrets: dict[str, str]) -> tuple[WeComStandIn, FeishuStandIn, DingTalkStandIn]:
    wecom = WeComStandIn(
        clock,
        corp_id=CORP_ID,
        agent_id=AGENT_ID,
        secret=secrets["WECOM_SECRET"],
        token=secrets["WECOM_TOKEN"],
        aes_key=secrets["WECOM_AES_KEY"],
    )
    feishu = FeishuStandIn(
        clock,
        app_id=FEISHU_APP_ID,
        app_secret=secrets["FEISHU_APP_SECRET"],
        encrypt_key=secrets["FEISHU_ENCRYPT_KEY"],
        verification_token=secrets["FEISHU_VERIFICATION_TOKEN"],
    )
    dingtalk = DingTalkStandIn(clock, client_id=DINGTALK_ID, secret=secrets["DINGTALK_CLIENT_SECRET"])
    await wecom.start()
    for one in company.members:
        await wecom.add_member(one.handles["wecom"], one.name)
        feishu.add_user(one.handles["feishu"], one.handles["feishu"].removeprefix("ou_"), one.name)
        dingtalk.add_user(one.handles["dingtalk"], one.name)
    return wecom, feishu, dingtalk


def _setup(folder: Path, clock: DemoClock, secrets: dict[str, str], wecom: str, feishu: str, dingtalk: str) -> Setup:
    """The sample company's config.toml, read back as any other."""
    address = f"127.0.0.1:{_free_port()}"
    path = folder / "config.toml"
    text = config_toml(listen=address, public_url=f"http://{address}", wecom=wecom, feishu=feishu, dingtalk=dingtalk)
    path.write_text(text, encoding="utf-8")
    loaded = load(path)
    return Setup(path=path, loaded=loaded, secrets=Secrets.read(secrets, loaded.config), clock=clock, transcriber=_recogniser())


def _recogniser() -> Transcriber:
    """A real one where the extra and a model are there; else one that knows the sample recordings, and says so."""
    for folder in MODELS:
        if speech.installed("faster-whisper") and not list(speech_models.lacking("faster-whisper", folder)):
            return speech.SpeechWorker(speech.Engine(name="faster-whisper", model=folder), MediaInspector())
    return StandInRecogniser(sample_words())


def _free_port() -> int:
    """A port that nobody uses now; links in cards need it before the server runs."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Mover:
    """Moves somebody to another platform, as an admin would: by importing his row anew and editing config.toml."""

    def __init__(self, setup: Setup, product: Running, theatre: Theatre) -> None:
        self._setup = setup
        self._product = product
        self._theatre = theatre

    async def move(self, member: Member, platform: str) -> None:
        line = self._product.line
        await store(line, "people", seated(member, platform), "people.csv", "demo")
        text = self._setup.path.read_text(encoding="utf-8")
        if member.role == "director":
            was = led_on(member.region, self._theatre.seat_of(member), member)
            text = text.replace(f'alert_chat = "{was}"', f'alert_chat = "{led_on(member.region, platform, member)}"')
        if member.role == "rep" and platform != "wecom" and "[presence]" not in text:
            text += '\n[presence]\ndevice = "when_carried"\n'
            self._theatre.narrate("config.toml：[presence] device 改为 when_carried，别的平台的记录不带设备号")
        self._setup.path.write_text(text, encoding="utf-8")
        for _ in range(MOVE_TRIES):
            if line.config() == load(self._setup.path).config:
                return
            await asyncio.sleep(0.1)


class _Waker:
    """Makes the product look at the wound clock at once instead of at its next round."""

    def __init__(self, product: Running) -> None:
        self._product = product
        self._tasks: set[asyncio.Task[int]] = set()

    def wake(self) -> None:
        task = asyncio.create_task(sweep(self._product.line))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._product.nudge()


# ---- the narrator ---------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _narrated(theatre: Theatre) -> AsyncIterator[None]:
    """What is said on the screens and what the product records of it, line by line."""
    handlers = (_Printer(logging.INFO), Narrator(theatre))
    chronicle = Chronicle(theatre, _say)
    following = asyncio.create_task(chronicle.follow())
    for handler in handlers:
        handler.setFormatter(Plain(theatre.company))
        handler.addFilter(telling)
        story.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            story.removeHandler(handler)
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        chronicle.tell()


class _Printer(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _say(f"      {self.format(record)}")


def _say(line: str) -> None:
    print(line, flush=True)
