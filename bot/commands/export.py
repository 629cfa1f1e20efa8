"""`export`: the whole installation as one file."""

import argparse
import sys
from pathlib import Path

from bot.commands import opening
from bot.commands.assembly import Setup, opened, sealer
from bot.ids import new_id
from bot.portable.writing import told, write

NAME = "export"
HELP = "把整个安装装进一个压缩包: 配置、数据 (CSV 表格)、原件、账本; 用 import all 可以原样恢复"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("out", type=Path, metavar="OUT.zip", help="写到哪个文件; 里面没有任何密钥, 但有全部客户资料, 请妥善保管")


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, lambda setup: _export(setup, args.out), platforms=False)


async def _export(setup: Setup, out: Path) -> int:
    if not out.parent.is_dir():
        print(f"没有文件夹 {out.parent}", file=sys.stderr)
        return 1
    async with opened(setup, migrate=False) as (line, _):
        id_ = new_id("ex_", line.clock.now(), "command")
        made = await write(line, sealer(setup), out, "command", progress, id_=id_, config=setup.loaded.text)
    print(f"\n{out}: " + "\n".join(told(made)))
    print(f"恢复: 在空的安装里放好 signing.key, 运行 python -m bot import all {out.name}")
    return 0


def progress(what: str, done: int, of: int) -> None:
    print(f"\r{what} {done}/{of}        ", end="", file=sys.stderr, flush=True)
