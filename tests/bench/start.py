"""How soon `python -m bot serve` is ready and how much memory it takes, with WeCom and Feishu on: in a fresh folder, then again."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import aiohttp

from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.wecom import WeComStandIn
from tests.bench.callbacks import AES_KEY, AGENT, APP, CLOCK, CORP, ENCRYPT_KEY, SECRET, TOKEN, VERIFICATION
from tests.bench.figures import Broken, Figure, Plan, figure
from tests.bench.processes import ELSEWHERE, cpu_seconds, resident_mb

READY_SECONDS, MEMORY_MB = 2.0, 120.0
PATIENCE = 30.0  # seconds
SETTLE = 2.0  # seconds after it is ready: first rounds of everything that runs by itself
SECRETS = {
    "WECOM_SECRET": SECRET,
    "WECOM_TOKEN": TOKEN,
    "WECOM_AES_KEY": AES_KEY,
    "FEISHU_APP_SECRET": SECRET,
    "FEISHU_ENCRYPT_KEY": ENCRYPT_KEY,
    "FEISHU_VERIFICATION_TOKEN": VERIFICATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One start of `serve`. Memory in MB; None where the system does not tell."""

    seconds: float
    cpu: float | None
    memory: float | None


def measure(plan: Plan) -> list[Figure]:
    fresh, again = asyncio.run(_measure(plan))
    return [*_figures("空目录首次启动", fresh), *_figures("已有数据库再启动", again)]


async def _measure(plan: Plan) -> tuple[list[Start], list[Start]]:
    fresh, again = [], []
    async with _platforms() as (wecom, feishu):
        for number in range(max(1, plan.rounds // 2)):
            config = plan.folder / str(number) / "config.toml"
            config.parent.mkdir()
            port = _free_port()
            config.write_text(_config(port, wecom, feishu), encoding="utf-8")
            fresh.append(await _start(config, port))
            again.append(await _start(config, port))
    return fresh, again


@asynccontextmanager
async def _platforms() -> AsyncIterator[tuple[str, str]]:
    """Stand-ins on loopback: `serve` speaks to its platforms as soon as it runs."""
    wecom = WeComStandIn(CLOCK, corp_id=CORP, agent_id=AGENT, secret=SECRET, token=TOKEN, aes_key=AES_KEY)
    feishu = FeishuStandIn(CLOCK, app_id=APP, app_secret=SECRET, encrypt_key=ENCRYPT_KEY, verification_token=VERIFICATION)
    try:
        yield await wecom.start(), await feishu.start()
    finally:
        await wecom.close()
        await feishu.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def _config(port: int, wecom: str, feishu: str) -> str:
    return f"""
[server]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
[storage]
database = "sqlite://data/start.sqlite3"
[wecom]
corp_id = "{CORP}"
agent_id = {AGENT}
api_base = "{wecom}"
oauth_base = "{wecom}"
[feishu]
app_id = "{APP}"
api_base = "{feishu}"
accounts_base = "{feishu}"
[[regions]]
id = "south"
name = "华南"
alert_chat = "feishu:oc_south"
"""


async def _start(config: Path, port: int) -> Start:
    """Start, wait until it is ready, look, stop."""
    log = config.with_suffix(".log")
    with log.open("wb") as output:
        since = perf_counter()
        command = (sys.executable, "-m", "bot", "serve", "--config", str(config))
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **SECRETS}, stdout=output, stderr=output)
        try:
            async with asyncio.timeout(PATIENCE):
                await _ready(process, f"http://127.0.0.1:{port}/readyz")
            seconds, cpu, memory = perf_counter() - since, cpu_seconds(process.pid), resident_mb(process.pid)
            await asyncio.sleep(SETTLE)
            later = resident_mb(process.pid)
        except (Broken, TimeoutError):
            raise Broken(f"serve did not become ready:\n{log.read_text(encoding='utf-8')[-2000:]}") from None
        finally:
            await _stop(process)
    return Start(seconds=seconds, cpu=cpu, memory=max(memory, later) if memory and later else None)


async def _ready(process: asyncio.subprocess.Process, url: str) -> None:
    async with aiohttp.ClientSession() as session:
        while process.returncode is None:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.01)
    raise Broken("it ended")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _figures(when: str, starts: list[Start]) -> list[Figure]:
    cpu = [one.cpu for one in starts if one.cpu is not None]
    memory = [one.memory for one in starts if one.memory is not None]
    note = f"处理器用时 {sorted(cpu)[len(cpu) // 2]:.2f} 秒" if cpu else ""
    name = f"serve {when}，内存"
    return [
        figure(f"serve {when}，就绪", [one.seconds for one in starts], "秒", at_most=READY_SECONDS, note=note),
        figure(name, memory, "MB", at_most=MEMORY_MB, note="常驻内存，不含语音")
        if memory
        else Figure(name=name, value=None, note=ELSEWHERE),
    ]
