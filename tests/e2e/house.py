"""The whole product against strict stand-ins on loopback, on a clock that tests wind: what a user does goes in, what he sees comes out."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.sandbox.dingtalk.group import DingTalkGroup
from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.feishu.group import FeishuGroup
from adapters.sandbox.hearing import StandInRecogniser
from adapters.sandbox.wecom import WeComStandIn
from adapters.sandbox.wecom.group import WeComGroup
from bot.clock import SystemClock
from bot.commands.assembly import Running, Setup, running
from bot.config.load import load
from bot.config.secrets import Secrets
from bot.taking_in import store
from scheduler.sweep import sweep

AUDIO = Path(__file__).parent.parent / "audio"
CORP, AGENT, APP, DING = "wwE2E0000000000001", 1000002, "cli_e2e", "dinge2e0001"
AES = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
ENVIRON = {
    "WECOM_SECRET": "wecom-secret-e2e",
    "WECOM_TOKEN": "wecomtoken",
    "WECOM_AES_KEY": AES,
    "FEISHU_APP_SECRET": "feishu-secret-e2e",
    "FEISHU_ENCRYPT_KEY": "feishu-encrypt-e2e",
    "FEISHU_VERIFICATION_TOKEN": "feishu-verification-e2e",
    "DINGTALK_CLIENT_SECRET": "dingtalk-secret-e2e",
    "SALESTRACE_API_TOKEN": "api-token-e2e",
    "SALESTRACE_HOOK_SECRET": "hook-secret-of-e2e",
    "WECOM_ROBOT_KEY": WeComGroup.key,
    "DINGTALK_ROBOT_TOKEN": DingTalkGroup.token,
    "DINGTALK_ROBOT_SECRET": DingTalkGroup.secret,
    "FEISHU_ROBOT_KEY": FeishuGroup.key,
    "FEISHU_ROBOT_SECRET": FeishuGroup.secret,
}
HQ = (22.5365, 113.9455)  # the site of customer C001
DEVICE = "device-of-li-na"
CHAT = "oc_south"

# One statement, so that nothing moves between two looks; what waits behind a letter that is to be tried again later is not busy.
BUSY = """
SELECT 1 AS busy FROM inbox WHERE state IN ('new', 'claimed') AND due_at <= {now}
UNION ALL SELECT 1 FROM outbox o WHERE o.state IN ('new', 'claimed') AND o.due_at <= {now} AND NOT EXISTS (
    SELECT 1 FROM outbox p WHERE p.recipient = o.recipient AND p.id < o.id AND p.state = 'new' AND p.due_at > {now} AND p.attempts > 0)
"""

PEOPLE = """id,name,role,region,wecom,feishu,device
E001,李娜,rep,south,li.na,,device-of-li-na
E002,王浩,rep,south,wang.hao,,
E003,顾磊,rep,east,gu.lei,,device-of-gu-lei
D001,陈国栋,director,south,,ou_chen,
D002,周敏,director,east,,ou_zhou,
A001,方宁,admin,,fang.ning,,
"""
CUSTOMERS = """id,name,annual_purchase,owner,address,lat,lng,datum,aliases
C001,深圳华强精密模具有限公司,800000,E001,科苑南路,22.5365,113.9455,gcj02,华强
C002,东莞恒达机电有限公司,300000,E001,工业南路,22.9180,113.8860,gcj02,恒达
C003,广州云帆科技有限公司,50000,E002,天河路,23.1325,113.3245,gcj02,云帆
C004,上海启明电子有限公司,600000,E003,张江路,31.2050,121.5900,gcj02,启明
"""


PLAIN_PHOTOS = """
[photos]
watermark = false  # no copies come back but where a story is about them
sign = "off"  # and nobody is asked about signs
"""


class WoundClock:
    """Runs on from `start`, and is wound forward by tests."""

    def __init__(self, start: datetime) -> None:
        self._real = SystemClock()
        self._ahead = start - self._real.now()

    def now(self) -> datetime:
        return self._real.now() + self._ahead

    def wind(self, **step: float) -> None:
        self._ahead += timedelta(**step)

    def wind_to(self, moment: datetime) -> None:
        """Set it to a moment; it runs on from there."""
        self._ahead += moment - self.now()


def config_text(wecom: str, feishu: str, more: str = "", database: str = "sqlite://data/e2e.sqlite3", *, east_live: bool = False) -> str:
    return f"""
timezone = "Asia/Shanghai"
[server]
listen = "127.0.0.1:0"
public_url = "http://127.0.0.1:8080"
[storage]
database = "{database}"
[wecom]
corp_id = "{CORP}"
agent_id = {AGENT}
api_base = "{wecom}"
oauth_base = "{wecom}"
{"" if "[photos]" in more else PLAIN_PHOTOS}
[feishu]
app_id = "{APP}"
api_base = "{feishu}"
accounts_base = "{feishu}"
[[regions]]
id = "south"
name = "华南"
alert_chat = "feishu:{CHAT}"
[[regions]]
id = "east"
name = "华东"
alert_chat = "feishu:oc_east"
live = {str(east_live).lower()}
{more}
"""


@dataclass(slots=True)
class House:
    """Stand-ins, product, clock, and the ways in which tests look at them."""

    clock: WoundClock
    wecom: WeComStandIn
    feishu: FeishuStandIn
    path: Path
    recogniser: StandInRecogniser | None = None
    dingtalk: DingTalkStandIn | None = None
    product: Running = field(init=False)
    _running: AbstractAsyncContextManager[Running] = field(init=False)

    # -- the product's life --

    async def up(self) -> None:
        """Start the product on what is in the folder; the platforms' callbacks lead to it."""
        self._running = running(self.setup())
        self.product = await self._running.__aenter__()
        self.wecom.callback_url = f"{self.product.url}/wecom/callback"
        self.feishu.callback_url = f"{self.product.url}/feishu/event"

    def setup(self) -> Setup:
        """What commands start from."""
        loaded = load(self.path)
        return Setup(
            path=self.path, loaded=loaded, secrets=Secrets.read(ENVIRON, loaded.config), clock=self.clock, transcriber=self.recogniser
        )

    async def down(self) -> None:
        """Stop it, as SIGTERM does."""
        await self._running.__aexit__(None, None, None)

    # -- what people see --

    def rep_screen(self, user: str = "li.na") -> list[dict[str, Any]]:
        return [item for item in self.wecom.screen(user) if item["from"] == "app"]

    def group(self, chat: str = CHAT) -> list[dict[str, Any]]:
        return [item for item in self.feishu.screen(chat) if item["type"] == "interactive"]

    async def until(self, what: str, look: Callable[[], Any], seconds: float = 8.0) -> Any:
        """Wait until `look` returns something; fail with the last sight otherwise."""
        for _ in range(int(seconds / 0.02)):
            if seen := look():
                return seen
            await asyncio.sleep(0.02)
        raise AssertionError(f"{what}; WeCom li.na shows: {json.dumps(self.rep_screen()[-3:], ensure_ascii=False, default=str)}")

    async def hears(self, words: str, user: str = "li.na", after: int = 0) -> dict[str, Any]:
        """The next message to this user that holds the words."""

        def look() -> dict[str, Any] | None:
            shown = self.rep_screen(user)[after:]
            return next((item for item in shown if words in json.dumps(item, ensure_ascii=False, default=str)), None)

        found: dict[str, Any] = await self.until(f"{user} hears {words!r}", look)
        return found

    async def does(self, act: Awaitable[object], words: str, user: str = "li.na") -> dict[str, Any]:
        """Do something and wait for the answer that holds `words`."""
        before = len(self.rep_screen(user))
        await act
        return await self.hears(words, user, before)

    # -- what the company is --

    async def sql(self, query: str) -> list[dict[str, Any]]:
        return await self.product.line.database.connection.execute_query_dict(query)

    async def settled(self) -> None:
        """Nothing is under way in inbox or outbox, and nothing could be taken up now."""
        for _ in range(600):
            now = int(self.clock.now().timestamp() * 1000) + 500  # the query may have to wait for a step that sets what is due
            if not await self.sql(BUSY.format(now=now)):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("queues did not settle")

    async def time_passes(self, **step: float) -> None:
        """Wind the clock and run the round that looks at deadlines."""
        self.clock.wind(**step)
        await self.swept()

    async def swept(self) -> None:
        """Run the round that looks at deadlines, and let everybody be told."""
        await sweep(self.product.line)
        self.product.nudge()
        await self.settled()


async def load_company(product: Running) -> None:
    for kind, text in (("people", PEOPLE), ("customers", CUSTOMERS)):
        await store(product.line, kind, text.encode(), f"{kind}.csv", "test")


async def stand_ins(clock: WoundClock, *, long: bool = False) -> tuple[WeComStandIn, FeishuStandIn]:
    wecom = WeComStandIn(clock, corp_id=CORP, agent_id=AGENT, secret=ENVIRON["WECOM_SECRET"], token=ENVIRON["WECOM_TOKEN"], aes_key=AES)
    feishu = FeishuStandIn(
        clock,
        app_id=APP,
        app_secret=ENVIRON["FEISHU_APP_SECRET"],
        encrypt_key=ENVIRON["FEISHU_ENCRYPT_KEY"],
        verification_token=ENVIRON["FEISHU_VERIFICATION_TOKEN"],
        long=long,
    )
    return wecom, feishu


@asynccontextmanager
async def house(
    folder: Path,
    start: datetime,
    more: str = "",
    database: str = "sqlite://data/e2e.sqlite3",
    *,
    east_live: bool = False,
    recogniser: StandInRecogniser | None = None,
    dingtalk: bool = False,
    long: bool = False,
    robot: str = "",
    ding_table: str = "",
    feishu_table: str = "",
) -> AsyncIterator[House]:
    """Everything up, the company loaded, members in their chats.

    `long`: Feishu over its long connection. `robot`: platform of the one in the south's group.
    `ding_table`, `feishu_table`: more lines of theirs.
    """
    clock = WoundClock(start)
    wecom, feishu = await stand_ins(clock, long=long)
    path = folder / "config.toml"
    ding = DingTalkStandIn(clock, client_id=DING, secret=ENVIRON["DINGTALK_CLIENT_SECRET"]) if dingtalk else None
    if ding:
        url = await ding.start()
        more += f'\n[dingtalk]\nclient_id = "{DING}"\napi_base = "{url}"\noapi_base = "{url}"\nlogin_base = "{url}"\n'
        more += ding_table
    text = config_text(await wecom.start(), await feishu.start(), more, database, east_live=east_live)
    text = text.replace("[feishu]", f"[feishu]\n{feishu_table}")
    if robot:
        text = text.replace(f"feishu:{CHAT}", f"{robot}:robot")
    path.write_text(text.replace("[feishu]", '[feishu]\nmode = "websocket"') if long else text, encoding="utf-8")
    found = House(clock, wecom, feishu, path, recogniser, ding)
    try:
        await found.up()
        try:
            await _members(wecom, feishu)
            if ding:
                for user, name in (("ding-na", "李娜"), ("ding-chen", "陈国栋")):
                    ding.add_user(user, name)
                ding.add_group("cid-south", ["ding-na", "ding-chen"])
                await ding.connected()
            if long:
                await feishu.long.connected()
            await load_company(found.product)
            yield found
        finally:
            await found.down()
    finally:
        await wecom.close()
        await feishu.close()
        if ding:
            await ding.close()


async def _members(wecom: WeComStandIn, feishu: FeishuStandIn) -> None:
    for user, name in (("li.na", "李娜"), ("wang.hao", "王浩"), ("gu.lei", "顾磊"), ("fang.ning", "方宁"), ("stranger", "路人")):
        await wecom.add_member(user, name)
    for user, id_, name in (("ou_chen", "u_chen", "陈国栋"), ("ou_zhou", "u_zhou", "周敏")):
        feishu.add_user(user, id_, name)
    feishu.add_chat(CHAT, "华南战报", ["ou_chen"])
    feishu.add_chat("oc_east", "华东战报", ["ou_zhou"])


__all__ = ["AUDIO", "CHAT", "DEVICE", "HQ", "House", "house"]
