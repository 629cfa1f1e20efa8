"""`import KIND FILE`: master data and other systems' facts from CSV or XLSX, repeatable without doubling."""

import argparse
import sys
from pathlib import Path

from bot.commands import opening
from bot.commands.assembly import Setup, opened
from bot.commands.deck_files import take_file
from bot.intake import FEEDS, BadTable
from bot.intake.refused import RefusedFile
from bot.taking_in import store

NAME = "import"
HELP = "导入人员、客户、订单、回款等 (CSV 或 XLSX), 或讲稿 (PDF、PPTX、图片), 重复导入不会重复; 或 all: export 写出的压缩包, 装进空的安装"
KINDS = ("people", "customers", "sites", "contacts", *FEEDS, "decks", "all")
SHOWN = 20  # refused rows on the terminal; the file beside holds all
NAME_LENGTH, TAGS = 80, 10
EVERY = 10_000  # rows between two words of progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("kind", choices=KINDS, metavar="KIND", help=" | ".join(KINDS))
    parser.add_argument("--name", default="", help="decks: 讲稿的名字 (默认用文件名)")
    parser.add_argument("--tags", default="", help="decks: 标签, 用 ; 分隔, 例如 老客户成功案例")
    parser.add_argument("--match", action="store_true", help="people: 没有写账号的, 按「手机」一列去各平台的通讯录里找; 手机号不保存在表里")
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="CSV (UTF-8 或 GBK) 或 XLSX 文件; decks: PDF、PPTX 或放图片的文件夹; all: 压缩包"
    )


def run(args: argparse.Namespace) -> int:
    if args.kind == "all":
        from bot.commands import import_all  # checks and verifies: nobody else's business

        return import_all.run(args.config, args.file)
    if args.kind == "decks":
        return opening.run(args.config, lambda setup: _decks(setup, args), platforms=False)
    return opening.run(args.config, lambda setup: _import(setup, args.kind, args.file), platforms=args.match)


async def _import(setup: Setup, kind: str, file: Path) -> int:
    refused = RefusedFile(file.with_name(f"{file.name}.rejected.csv"))
    try:
        async with opened(setup, migrate=True) as (line, _):
            taken = await store(line, kind, file, file.name, "import", refused, _progress)
    except BadTable as bad:
        print(f"{file}: {bad}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"写不了 {refused.path}: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        refused.close()
    for one in taken.rejected[:SHOWN]:
        print(f"{file}:{one.row}: {one.reason}")
    if taken.refused > SHOWN:
        print(f"… 共 {taken.refused} 行")
    if taken.refused:
        print(f"被拒绝的行连同原因在 {refused.path}, 改好后可以直接再导入")
    elif refused.path.exists():
        refused.path.unlink()
        print(f"这次没有被拒绝的行, 删除了上次留下的 {refused.path}")
    print(f"接受 {taken.accepted}, 未变 {taken.unchanged}, 拒绝 {taken.refused}")
    return 1 if taken.refused else 0


def _progress(read: int, refused: int) -> None:
    if read % EVERY == 0:
        print(f"\r已读 {read:,} 行, 拒绝 {refused:,} 行", end="\n" if not sys.stderr.isatty() else "", file=sys.stderr, flush=True)


async def _decks(setup: Setup, args: argparse.Namespace) -> int:
    from adapters.slides import BadDeck  # loads what draws pages, which is nobody else's business

    file: Path = args.file
    name = (args.name or file.stem).strip()[:NAME_LENGTH]
    tags = [tag.strip() for tag in args.tags.replace("；", ";").split(";") if tag.strip()][:TAGS]
    if not file.exists():
        print(f"读不到 {file}: 没有这个文件", file=sys.stderr)
        return 1
    try:
        async with opened(setup, migrate=True) as (line, _):
            taken = await take_file(line, file, name, tags, "import", _page)
    except BadDeck as bad:
        print(f"{file}: {bad}", file=sys.stderr)
        return 1
    print(file=sys.stderr)
    print(f"{name}: {taken.pages} 页, {'已导入' if taken.changed else '与原来相同'}; 销售说「演示 {name}」即可")
    return 0


def _page(number: int, of: int) -> None:
    print(f"\r第 {number}/{of} 页", end="", file=sys.stderr, flush=True)
