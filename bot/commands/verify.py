"""`verify`: recompute the whole ledger, re-hash every original, recompute every figure's rows; name what is broken."""

import argparse
import sys
from pathlib import Path

from bot.checkpoint import BadNote, Key, pasted
from bot.commands import opening
from bot.commands.assembly import Setup, backup, existing, public_key
from bot.dossier import check
from bot.errors import BackupError, SalesTraceError
from bot.vault import Vault
from bot.verify import Asked, verify

NAME = "verify"
HELP = "重算整个账本、全部原件的哈希和由账本推出的每一行, 逐条指出与记录不符之处"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("dossier", nargs="?", type=Path, metavar="F.zip", help="核验一个取证包, 不需要数据库和服务器; 不给则核验本机的账本")
    parser.add_argument(
        "--against",
        type=Path,
        action="append",
        default=[],
        metavar="检查点",
        help="以前留下的检查点 (文件, 或 - 从标准输入粘贴, 群里的卡片整段贴来也可以); 可多次给出",
    )
    parser.add_argument("--key", default="", help="账本的公钥 (name+hash+base64); 不给就用本机签名密钥的公钥")
    parser.add_argument("--ledger-only", action="store_true", help="只核验账本和原件, 不重算由账本推出的各行, 不看备份 (百万条时快得多)")


def run(args: argparse.Namespace) -> int:
    if args.dossier:
        return _packed(args)
    return opening.run(args.config, lambda setup: _verify(setup, args), platforms=False)


def _packed(args: argparse.Namespace) -> int:
    """A dossier: by the very file that is packed into it."""
    try:
        against = [_note(path) for path in args.against]
    except SalesTraceError as problem:
        print(f"未能完成: {problem}", file=sys.stderr)
        return 1
    found = check.check(args.dossier, args.key, *against[:1])
    for line in found.broken:
        print(f"不符  {line}")
    for line in found.notes:
        print(f"说明  {line}")
    result = f"不符 {len(found.broken)} 处" if found.broken else "全部相符"
    print(f"核对 {found.files} 个文件, {found.entries} 条记录: {result}")
    return 1 if found.broken else 0


async def _verify(setup: Setup, args: argparse.Namespace) -> int:
    base = await existing(setup)
    vault = Vault(setup.place(setup.config.storage.vault))
    asked = Asked(
        key=_key(setup, args.key),
        against=[_note(path) for path in args.against],
        refold=not args.ledger_only,
        backup=None if args.ledger_only else backup(setup, base, vault),
    )
    try:
        report = await verify(base, vault, asked, _progress)
    except BackupError as problem:
        raise SalesTraceError(f"备份读不了 ({problem.reason}); 只核验本机请加 --ledger-only") from None
    finally:
        await base.close()
    for line in report.broken:
        print(line)
    if report.spare:
        print(f"提示: {len(report.spare)} 个原件不属于任何记录 (中断的写入会留下这样的文件)")
    result = f"不符 {len(report.broken)} 处" if report.broken else "全部相符"
    print(f"核验 {report.entries} 条记录, {report.checkpoints} 个签名检查点, {report.files} 个原件, {report.rows} 行推算")
    print(f"树根 {report.root}; 公钥 {asked.key or '(没有签名密钥)'}: {result}")
    return 1 if report.broken else 0


def _key(setup: Setup, text: str) -> Key | None:
    if not text:
        return public_key(setup)
    try:
        return Key.parse(text)
    except BadNote:
        raise SalesTraceError("--key 不是公钥, 应为 name+hash+base64 一行") from None


def _note(path: Path) -> str:
    try:
        return pasted(sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise SalesTraceError(f"读不了 {path}") from None
    except BadNote:
        raise SalesTraceError(f"{path} 里没有检查点") from None


def _progress(what: str, done: int) -> None:
    print(f"\r已核验 {done} {what}", end="", file=sys.stderr, flush=True)
