"""`python -m tests.soak`: a million messages over the two long connections into `serve --role web`, whose memory must not grow."""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.sandbox.dingtalk import DingTalkStandIn
from adapters.sandbox.feishu import FeishuStandIn
from bot.clock import SystemClock

ROOT = Path(__file__).resolve().parents[1]
EVENTS, BATCH, EVERY, GROWTH = 1_000_000, 500, 20_000, 1.10  # the last fifth against the second
APP, DING = "cli_soak", "dingsoak01"
SECRETS = {"FEISHU_APP_SECRET": "s", "DINGTALK_CLIENT_SECRET": "s"}


@asynccontextmanager
async def served(folder: Path, feishu: FeishuStandIn, ding: DingTalkStandIn) -> AsyncIterator[int]:
    """The command as it is run, its long connections open; yields its pid."""
    config = folder / "config.toml"
    config.write_text(
        f'[server]\nlisten = "127.0.0.1:0"\n[feishu]\napp_id = "{APP}"\nmode = "websocket"\napi_base = "{await feishu.start()}"\n'
        f'[dingtalk]\nclient_id = "{DING}"\napi_base = "{await ding.start()}"\n[[regions]]\nid = "south"\nname = "华南"\n',
        encoding="utf-8",
    )
    environ = {**os.environ, **SECRETS}
    bot = [sys.executable, "-m", "bot"]
    quiet: dict[str, Any] = {"env": environ, "stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
    made = await asyncio.create_subprocess_exec(*bot, "migrate", "--config", str(config), **quiet)
    if await made.wait():
        raise RuntimeError("migrate failed")
    process = await asyncio.create_subprocess_exec(*bot, "serve", "--role", "web", "--config", str(config), **quiet)
    try:
        await ding.connected(60)
        await feishu.long.connected(60)
        yield process.pid
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 15)
        await feishu.close()
        await ding.close()


def rss_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def soak(events: int) -> int:
    """Return 0 when nothing was lost and memory stayed flat."""
    clock = SystemClock()
    feishu = FeishuStandIn(clock, app_id=APP, app_secret="s", encrypt_key="", verification_token="", long=True)
    ding = DingTalkStandIn(clock, client_id=DING, secret="s", patience=60)
    feishu.add_user("ou_rep", "u_rep", "王浩")
    ding.add_user("rep", "王浩")
    sizes, lost, sent, began = [], 0, 0, time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        async with served(Path(folder), feishu, ding) as pid:
            while sent < events:
                said = [ding.say("rep", f"第 {sent + n} 条") for n in range(BATCH)]
                acked = await asyncio.gather(*said, *(feishu.say("ou_rep", f"第 {sent + n} 条") for n in range(BATCH)))
                lost += acked[:BATCH].count(False) + sum(status != 200 for _, status in feishu.courier.log)
                sent += 2 * BATCH
                _forget(feishu, ding)
                if sent % EVERY < 2 * BATCH:
                    sizes.append(rss_mb(pid))
                    print(f"{sent:,}/{events:,}  {sizes[-1]:.0f} MB  {sent / (time.perf_counter() - began):,.0f} 条/秒", flush=True)
    fifth = max(len(sizes) // 5, 1)
    early, late = statistics.median(sizes[fifth : 2 * fifth] or sizes), statistics.median(sizes[-fifth:])
    told = {"events": sent, "not_acked": lost, "early_mb": round(early), "late_mb": round(late), "most_mb": round(max(sizes))}
    (ROOT / "out").mkdir(exist_ok=True)
    (ROOT / "out" / "soak-platforms.json").write_text(json.dumps(told) + "\n", encoding="utf-8")
    print(json.dumps(told))
    return 0 if late <= early * GROWTH and not lost else 1


def _forget(feishu: FeishuStandIn, ding: DingTalkStandIn) -> None:
    """The stand-ins keep everything, which is not what is measured."""
    feishu.board.messages.clear()
    feishu.courier.log.clear()
    feishu.long.answers.clear()
    ding.world.screens.clear()
    ding.acked.clear()
    ding._acks.clear()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="长连接上的一百万条消息, 看 serve 的内存是否平稳")
    parser.add_argument("--events", type=int, default=EVENTS, help=f"条数 (默认 {EVENTS})")
    sys.exit(asyncio.run(soak(parser.parse_args().events)))
