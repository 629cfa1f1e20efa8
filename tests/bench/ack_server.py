"""The server under measurement, a process of its own: the product's web edge and inbox as `serve` puts them together, or storing nothing.

Arguments: `none` or another word; the database's URL; the folder that relative paths start at. Prints its port, ends when its input does.
"""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from adapters.web.app import build
from bot.commands.assembly import TEMPLATES, Setup, opened
from bot.commands.desk import desk
from bot.config.load import compile_bytes
from bot.config.secrets import Secrets
from bot.model import Envelope
from bot.render import Renderer
from bot.seen import Seen
from tests.bench.callbacks import AES_KEY, AGENT, CLOCK, CORP, SECRET, TOKEN
from tests.bench.postgres import without_password

REGION = '[[regions]]\nid = "south"\nname = "华南"\n'


async def nothing(_: Envelope) -> bool:
    """The baseline's inbox: as if stored, and new."""
    return True


def setup(url: str, base: Path, wecom: str = "") -> Setup:
    """The smallest config with WeCom on; `wecom`: more lines of its table."""
    bare, password = without_password(url)
    text = f'[storage]\ndatabase = "{bare}"\n[wecom]\ncorp_id = "{CORP}"\nagent_id = {AGENT}\n{wecom}{REGION}'
    secrets = {"WECOM_SECRET": SECRET, "WECOM_TOKEN": TOKEN, "WECOM_AES_KEY": AES_KEY, "SALESTRACE_DATABASE_PASSWORD": password}
    return Setup(path=base / "config.toml", loaded=compile_bytes(text.encode(), "config.toml"), secrets=Secrets(secrets), clock=CLOCK)


async def _serve(mode: str, url: str, base: Path) -> None:
    async with opened(setup(url, base), migrate=False) as (line, _):
        seen = Seen()
        made = desk(line, Renderer(TEMPLATES, lambda: line.config().zone), seen, b"0" * 32, {}, base, lambda: None)
        runner = web.AppRunner(build(replace(made, receive=nothing) if mode == "none" else made), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.to_thread(sys.stdin.read)
        await runner.cleanup()
        await seen.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
