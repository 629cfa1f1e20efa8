"""What every command does first: read the config and the secrets, or say in plain lines what is wrong with them."""

import argparse
import errno
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.clock import SystemClock
from bot.commands.assembly import Setup
from bot.config.load import load
from bot.config.secrets import Secrets
from bot.errors import ConfigError, SalesTraceError


def add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="F", help="配置文件 (默认 config.toml)")


def setup(path: Path, *, platforms: bool = True) -> Setup:
    """`platforms`: the command talks to them, so their secrets must be there. Raises ConfigError with every problem."""
    loaded = load(path.resolve())
    secrets = Secrets.read(os.environ, loaded.config, platforms=platforms)
    return Setup(path=path.resolve(), loaded=loaded, secrets=secrets, clock=SystemClock(), platforms=platforms)


def run(path: Path, work: Callable[[Setup], Awaitable[int]], *, platforms: bool = True) -> int:
    """Run a command's coroutine; problems become one line each and exit code 1."""
    import asyncio

    try:
        return asyncio.run(_run(path, work, platforms=platforms))
    except ConfigError as error:
        print("\n".join(error.problems), file=sys.stderr)
    except SalesTraceError as error:
        print(f"未能完成: {error}", file=sys.stderr)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print("未能完成: [server] listen 的端口已被别的程序占用", file=sys.stderr)
    return 1


async def _run(path: Path, work: Callable[[Setup], Awaitable[int]], *, platforms: bool) -> int:
    return await work(setup(path, platforms=platforms))
