"""The product as a process of its own that can be killed, in front of stand-ins that outlive it; and what must hold afterwards."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from adapters.sandbox.feishu import FeishuStandIn
from adapters.sandbox.wecom import WeComStandIn
from bot.clock import SystemClock
from tests.e2e.house import AES, AGENT, APP, CHAT, CORP, ENVIRON, config_text
from tests.faults.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
REPS = 6


@dataclass(slots=True)
class Machine:
    """One installation in a folder, started and killed at will."""

    folder: Path
    wecom: WeComStandIn
    feishu: FeishuStandIn
    port: int
    process: subprocess.Popen[bytes] | None = None
    acked: set[str] = field(default_factory=set)

    @property
    def database(self) -> Path:
        return self.folder / "data" / "e2e.sqlite3"

    async def start(self, failpoint: str = "") -> None:
        """Start `serve` and wait until it is ready; with a failpoint it may be dead before that."""
        self._launch(failpoint)
        assert self.process
        for _ in range(300):
            if self.process.poll() is not None or await self._ready():
                return
            await asyncio.sleep(0.05)
        raise AssertionError("serve did not get ready: " + self.log()[-2000:])

    def _launch(self, failpoint: str) -> None:
        environ = {**os.environ, **ENVIRON, "SALESTRACE_FAILPOINT": failpoint}
        with (self.folder / "serve.log").open("ab") as log:
            command = [sys.executable, "-m", "bot", "serve", "--config", str(self.folder / "config.toml")]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)

    async def _ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    def kill(self) -> None:
        """As a power cut: no handler runs."""
        assert self.process
        self.process.kill()
        self.process.wait()

    async def died(self, seconds: float = 20) -> bool:
        """Wait for the failpoint to have struck."""
        assert self.process
        for _ in range(int(seconds / 0.02)):
            if self.process.poll() is not None:
                return self.process.returncode == -signal.SIGKILL
            await asyncio.sleep(0.02)
        return False

    async def stop(self) -> int:
        """SIGTERM; the exit code. Raises TimeoutExpired after 10 s: the promise is broken."""
        assert self.process
        self.process.terminate()
        return await asyncio.to_thread(self.process.wait, timeout=10)

    async def say(self, user: str, text: str) -> None:
        """As a rep does: type it, and type it again when the platform gave it up."""
        await self._until_acked(lambda: self.wecom.say(user, text))

    async def show(self, user: str, photo: bytes) -> None:
        """Send a photo, and send it again when the platform gave it up."""
        await self._until_acked(lambda: self.wecom.send_image(user, photo))

    async def _until_acked(self, act: Callable[[], Awaitable[Any]]) -> None:
        for _ in range(100):
            delivery = await act()
            if delivery.acked:
                self.acked.add(delivery.msgid)
                return
        raise AssertionError("the product never came back")

    async def settle(self, seconds: float = 60) -> None:
        """Wait until neither inbox nor outbox holds anything."""
        waiting = "SELECT COUNT(*) AS n FROM {} WHERE state IN ('new','claimed')"
        for _ in range(int(seconds / 0.2)):
            if not any(self.rows(waiting.format(table))[0]["n"] for table in ("inbox", "outbox")):
                return
            await asyncio.sleep(0.2)
        stuck = self.rows("SELECT state, reason, due_at FROM outbox WHERE state <> 'sent'")
        raise AssertionError(f"queues did not empty: {stuck} {self.log()[-1500:]}")

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with sqlite3.connect(self.database, timeout=10) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql)]

    def command(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *args, "--config", str(self.folder / "config.toml")],
            cwd=ROOT,
            env={**os.environ, **ENVIRON},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def log(self) -> str:
        return (self.folder / "serve.log").read_text(errors="replace")

    def cards(self) -> list[dict[str, Any]]:
        return [item for item in self.feishu.screen(CHAT) if item["type"] == "interactive"]


@asynccontextmanager
async def machine(folder: Path, reps: int = REPS) -> AsyncIterator[Machine]:
    clock = SystemClock()
    wecom = WeComStandIn(clock, corp_id=CORP, agent_id=AGENT, secret=ENVIRON["WECOM_SECRET"], token=ENVIRON["WECOM_TOKEN"], aes_key=AES)
    feishu = FeishuStandIn(
        clock,
        app_id=APP,
        app_secret=ENVIRON["FEISHU_APP_SECRET"],
        encrypt_key=ENVIRON["FEISHU_ENCRYPT_KEY"],
        verification_token=ENVIRON["FEISHU_VERIFICATION_TOKEN"],
    )
    port = free_port()
    text = config_text(await wecom.start(), await feishu.start()).replace("127.0.0.1:0", f"127.0.0.1:{port}")
    (folder / "config.toml").write_text(text, encoding="utf-8")
    wecom.callback_url = f"http://127.0.0.1:{port}/wecom/callback"
    feishu.callback_url = f"http://127.0.0.1:{port}/feishu/event"
    wecom.push.pause = 0.3
    wecom.push.timeout = 5.0
    feishu.add_user("ou_chen", "u_chen", "陈国栋")
    feishu.add_chat(CHAT, "华南战报", ["ou_chen"])
    for number in range(reps):
        await wecom.add_member(f"rep{number}", f"销售{number}")
    built = Machine(folder, wecom, feishu, port)
    _company(built, reps)
    try:
        yield built
    finally:
        if built.process and built.process.poll() is None:
            built.kill()
        await wecom.close()
        await feishu.close()


def _company(built: Machine, reps: int) -> None:
    people = ["id,name,role,region,wecom,feishu", "D001,陈国栋,director,south,,ou_chen"]
    people += [f"E{number},销售{number},rep,south,rep{number}," for number in range(reps)]
    customers = ["id,name,annual_purchase,owner", *[f"C{number},客户{number}号公司,200000,E{number}" for number in range(reps)]]
    for kind, lines in (("people", people), ("customers", customers)):
        file = built.folder / f"{kind}.csv"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = built.command("import", kind, str(file))
        assert done.returncode == 0, done.stdout + done.stderr


def invariants(built: Machine) -> Mapping[str, int]:
    """What must hold after any fault; returns the figures that were seen."""
    inbox = built.rows("SELECT key, state, problem FROM inbox WHERE platform = 'wecom'")
    assert not [row for row in inbox if row["state"] != "done"], "acked and not processed"
    assert len(inbox) >= len(built.acked), "acked and not stored"
    opened = built.rows("SELECT body FROM ledger_bodies WHERE type = 'action.opened'")
    sources = [json.loads(row["body"])["source"] for row in opened]
    assert len(sources) == len(set(sources)), "processed twice"
    assert not built.rows("SELECT key FROM outbox WHERE state = 'dead'"), "a message was given up"
    alerts = built.rows("SELECT id, count FROM alerts")
    cards = built.cards()
    shown = [alert["id"] for alert in alerts for card in cards if alert["id"] in json.dumps(card, ensure_ascii=False, default=str)]
    assert sorted(shown) == sorted(alert["id"] for alert in alerts), "an alert was lost or seen twice"
    verified = built.command("verify")
    assert verified.returncode == 0, verified.stdout
    return {"messages": len(inbox), "acked": len(built.acked), "actions": len(sources), "alerts": len(alerts)}
