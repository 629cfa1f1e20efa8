"""`migrate`: bring the database to this version."""

import argparse

from bot.commands import opening
from bot.commands.assembly import Setup, database
from bot.store import ledger_rows
from bot.taking_in import adopt_master_data

NAME = "migrate"
HELP = "把数据库升级到本版本 (serve 启动时也会做)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, _migrate, platforms=False)


async def _migrate(setup: Setup) -> int:
    base = database(setup)
    try:
        await base.open(migrate=True)
        await ledger_rows.ensure_head()
        await adopt_master_data(base, setup.clock.now())
    finally:
        await base.close()
    print("数据库已是本版本")
    return 0
