"""`verify`: recompute the whole ledger and re-hash every original; name what is broken."""

import argparse
import sys

from bot.commands import opening
from bot.commands.assembly import Setup, existing
from bot.vault import Vault
from bot.verify import verify

NAME = "verify"
HELP = "重算整个账本和全部原件的哈希, 逐条指出与记录不符之处"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, _verify, platforms=False)


async def _verify(setup: Setup) -> int:
    base = await existing(setup)
    try:
        report = await verify(Vault(setup.place(setup.config.storage.vault)), _progress)
    finally:
        await base.close()
    for line in report.broken:
        print(line)
    if report.spare:
        print(f"提示: {len(report.spare)} 个原件不属于任何记录 (中断的写入会留下这样的文件)")
    result = f"不符 {len(report.broken)} 处" if report.broken else "全部相符"
    print(f"核验 {report.entries} 条记录, {report.files} 个原件, 树根 {report.root}: {result}")
    return 1 if report.broken else 0


def _progress(done: int) -> None:
    print(f"\r已核验 {done} 条", end="", file=sys.stderr, flush=True)
