"""`serve`: the bot, until SIGTERM."""

import argparse
import asyncio
import logging
import signal

from bot.commands import opening
from bot.commands.assembly import Setup, running

NAME = "serve"
HELP = "运行机器人; 收到 SIGTERM 后 10 秒内停下, 不丢任何消息"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("--role", choices=("all", "web", "worker", "scheduler"), default="all", help="本进程承担的部分 (默认 all)")


def run(args: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("tortoise", "aiosqlite"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a round that is still busy is no event; the next one does its work
    return opening.run(args.config, lambda setup: _serve(setup, args.role))


async def _serve(setup: Setup, role: str) -> int:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with running(setup, role=role) as product:
        if not product.line.adapters:
            logging.getLogger("salestrace").warning("没有启用任何平台 ([wecom]、[feishu]), 收不到消息")
        logging.getLogger("salestrace").info("ready %s role=%s", product.url, role)
        await stop.wait()
        logging.getLogger("salestrace").info("stopping")
    return 0
