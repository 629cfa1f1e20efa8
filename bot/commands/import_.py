"""`import KIND FILE`: master data from CSV or XLSX, repeatable without doubling."""

import argparse
import sys
from pathlib import Path

from bot.commands import opening
from bot.commands.assembly import Setup, opened
from bot.intake import BadTable
from bot.taking_in import store

NAME = "import"
HELP = "导入人员、客户、地点、联系人 (CSV 或 XLSX); 重复导入不会重复"
KINDS = ("people", "customers", "sites", "contacts")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("kind", choices=KINDS, metavar="KIND", help=" | ".join(KINDS))
    parser.add_argument("--match", action="store_true", help="people: 没有写账号的, 按「手机」一列去各平台的通讯录里找; 手机号不保存在表里")
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV (UTF-8 或 GBK) 或 XLSX 文件")


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, lambda setup: _import(setup, args.kind, args.file), platforms=args.match)


async def _import(setup: Setup, kind: str, file: Path) -> int:
    try:
        data = file.read_bytes()
    except OSError as error:
        print(f"读不到 {file}: {error.strerror}", file=sys.stderr)
        return 1
    try:
        async with opened(setup, migrate=True) as (line, _):
            taken = await store(line, kind, data, file.name, "import")
    except BadTable as bad:
        print(f"{file}: {bad}", file=sys.stderr)
        return 1
    for refused in taken.rejected:
        print(f"{file}:{refused.row}: {refused.reason}")
    print(f"接受 {taken.accepted}, 未变 {taken.unchanged}, 拒绝 {len(taken.rejected)}")
    return 1 if taken.rejected else 0
