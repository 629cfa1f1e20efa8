"""The same ack on three platforms; bursts over the long connections; what a cut costs; what the kit's import does to the others."""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.wecom import WeComStandIn
from bot.clock import SystemClock
from bot.commands.assembly import Running, Setup, opened, running
from bot.config.load import load
from bot.config.secrets import Secrets
from tests.bench.figures import Broken, Figure, Plan, figure

ACKS, BURST = 150, 10_000
LAG_EVERY = 0.002
CORP, APP, DING, AES = "wwBENCH00000001", "cli_bench", "dingbench01", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
ENVIRON = {
    "WECOM_SECRET": "s",
    "WECOM_TOKEN": "benchtoken",
    "WECOM_AES_KEY": AES,
    "FEISHU_APP_SECRET": "s",
    "FEISHU_ENCRYPT_KEY": "key",
    "FEISHU_VERIFICATION_TOKEN": "token",
    "DINGTALK_CLIENT_SECRET": "s",
}
Say = Callable[[int], Awaitable[bool]]


class Three:
    """The stand-ins, and `serve --role web` between them: acks are all that it does."""

    def __init__(self, *, long: bool) -> None:
        clock = SystemClock()
        self.wecom = WeComStandIn(clock, corp_id=CORP, agent_id=7, secret="s", token="benchtoken", aes_key=AES)
        secrets = {"app_secret": "s", "encrypt_key": "key", "verification_token": "token"}
        self.feishu = FeishuStandIn(clock, app_id=APP, **secrets, long=long)
        self.dingtalk = DingTalkStandIn(clock, client_id=DING, secret="s", patience=60)
        self.long = long
        self.product: Running | None = None

    async def start(self, folder: Path) -> Setup:
        wecom, feishu, dingtalk = await self.wecom.start(), await self.feishu.start(), await self.dingtalk.start()
        path = folder / "config.toml"
        mode = "websocket" if self.long else "webhook"
        path.write_text(
            f'[server]\nlisten = "127.0.0.1:0"\n[storage]\ndatabase = "sqlite://data/bench.sqlite3"\n'
            f'[wecom]\ncorp_id = "{CORP}"\nagent_id = 7\napi_base = "{wecom}"\n'
            f'[feishu]\napp_id = "{APP}"\nmode = "{mode}"\napi_base = "{feishu}"\n'
            f'[dingtalk]\nclient_id = "{DING}"\napi_base = "{dingtalk}"\noapi_base = "{dingtalk}"\n'
            '[[regions]]\nid = "south"\nname = "华南"\n',
            encoding="utf-8",
        )
        await self.wecom.add_member("rep", "王浩")
        self.feishu.add_user("ou_rep", "rep", "王浩")
        self.dingtalk.add_user("rep", "王浩")
        loaded = load(path)
        setup = Setup(path=path, loaded=loaded, secrets=Secrets.read(ENVIRON, loaded.config), clock=SystemClock())
        async with opened(setup, migrate=True):
            pass
        return setup

    async def connected(self, product: Running) -> None:
        self.product = product
        self.wecom.callback_url = f"{product.url}/wecom/callback"
        self.feishu.callback_url = f"{product.url}/feishu/event"
        await self.dingtalk.connected()
        if self.long:
            await self.feishu.long.connected(60)

    async def close(self) -> None:
        await self.wecom.close()
        await self.feishu.close()
        await self.dingtalk.close()

    def ways(self) -> Mapping[str, Say]:
        """Ways to say something; True when it was acked."""

        async def wecom(n: int) -> bool:
            return (await self.wecom.say("rep", f"第 {n} 条")).acked

        async def feishu(n: int) -> bool:
            before = len(self.feishu.courier.log)
            await self.feishu.say("ou_rep", f"第 {n} 条")
            return self.feishu.courier.log[before][1] == 200

        async def dingtalk(n: int) -> bool:
            return await self.dingtalk.say("rep", f"第 {n} 条")

        if self.long:
            return {"钉钉 Stream": dingtalk, "飞书长连接": feishu}
        return {"企业微信": wecom, "飞书": feishu, "钉钉 Stream": dingtalk}

    async def stored(self) -> int:
        assert self.product
        [row] = await self.product.line.database.connection.execute_query_dict("SELECT count(*) AS n FROM inbox")
        return int(row["n"])


@asynccontextmanager
async def three(folder: Path, *, long: bool) -> AsyncIterator[Three]:
    folder.mkdir(parents=True)
    stage = Three(long=long)
    try:
        setup = await stage.start(folder)
        async with running(setup, role="web") as product:
            await stage.connected(product)
            yield stage
    finally:
        await stage.close()


def measure(plan: Plan) -> list[Figure]:
    return asyncio.run(_measure(plan))


async def _measure(plan: Plan) -> list[Figure]:
    waits: dict[str, list[float]] = {}
    found: list[Figure] = []
    async with three(plan.folder / "pushed", long=False) as stage:
        await _acks(stage, plan, waits)
    async with three(plan.folder / "long", long=True) as stage:
        await _acks(stage, plan, waits)
        for name, say in stage.ways().items():
            found.append(await _burst(stage, name, say, 500 if plan.quick else BURST))
        found += await _cuts(stage)
    found += await asyncio.to_thread(_lag)
    medians = {name: statistics.median(all_) * 1e3 for name, all_ in waits.items()}
    told = "，".join(f"{name} {median:.1f}" for name, median in medians.items())
    slowest = figure("应答最慢的平台 ÷ 最快的", [max(medians.values()) / min(medians.values())], at_most=3, note=f"中位毫秒：{told}")
    return [slowest, *found]


async def _acks(stage: Three, plan: Plan, waits: dict[str, list[float]]) -> None:
    """One after the other, the ways taking turns."""
    for number in range(20 if plan.quick else ACKS):
        for name, say in stage.ways().items():
            began = time.perf_counter()
            if not await say(number):
                raise Broken(f"{name}: not acked")
            waits.setdefault(name, []).append(time.perf_counter() - began)


async def _burst(stage: Three, name: str, say: Say, amount: int) -> Figure:
    """All at once. What was not acked in time the platform brings again, where it does so; what was acked must be there."""
    before, tries, began = await stage.stored(), len(stage.feishu.courier.log), time.perf_counter()
    acked = sum(await asyncio.gather(*(say(number) for number in range(amount))))
    wall = time.perf_counter() - began
    if name.startswith("飞书"):
        acked = sum(status == 200 for _, status in stage.feishu.courier.log[tries:])
        await stage.feishu.redeliver()
    kept = await stage.stored() - before
    if kept != amount:
        raise Broken(f"{name}: {kept} of {amount} kept")
    return figure(
        f"一次涌来 {amount} 条 {name}", [amount / wall], "条/秒", note=f"一条未丢；第一次就按时应答 {acked / amount:.0%}（替身同机）"
    )


async def _cuts(stage: Three) -> list[Figure]:
    found = []
    for name, cut, connected in (
        ("钉钉 Stream", stage.dingtalk.cut, stage.dingtalk.connected),
        ("飞书长连接", stage.feishu.long.cut, stage.feishu.long.connected),
    ):
        took = []
        for _ in range(3):
            cut()
            began = time.perf_counter()
            await connected(30)
            took.append(time.perf_counter() - began)
        found.append(figure(f"断线后重新连上 {name}", took, "秒", at_most=5))
    return found


PROBE = """
import asyncio, json, os, threading, time
def memory():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
def work():
    import lark_oapi.ws.client
async def main():
    lags = []
    before = memory() if os.path.exists("/proc/self/statm") else 0
    thread = threading.Thread(target=work)
    began = time.perf_counter()
    thread.start()
    while thread.is_alive():
        at = time.perf_counter()
        await asyncio.sleep(EVERY)
        lags.append(time.perf_counter() - at - EVERY)
    lags.sort()
    after = memory() if before else 0
    print(json.dumps([time.perf_counter() - began, lags[-1], lags[int(len(lags) * .99)], after - before]))
asyncio.run(main())
""".replace("EVERY", str(LAG_EVERY))


def _lag() -> list[Figure]:
    """How long the product's loop is kept waiting while the kit is imported in its thread."""
    told = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    took, most, p99, memory = json.loads(told.stdout)
    note = f"导入 {took:.1f} 秒，p99 {p99 * 1e3:.0f} 毫秒，多占 {memory:.0f} MB；只在启动时一次"
    return [figure("飞书长连接启动时主循环最久等待", [most * 1e3], "毫秒", at_most=1000, note=note)]
