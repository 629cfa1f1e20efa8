"""`restore`: an empty installation from a backup and the key; the same figures, and a passing `verify`."""

import argparse
import sys

from bot.commands import opening
from bot.commands.assembly import Setup, backup_target, data_folder, opened, public_key
from bot.errors import BackupError, SalesTraceError
from bot.safekeeping import restore
from bot.store import settings
from bot.verify import Asked, verify
from scheduler.configured import rearm

NAME = "restore"
HELP = "从备份恢复成一个新的安装: 账本、原件、各项数字都与原来相同, 并当场核验"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("backup", metavar="备份", help="备份的位置, 写法与 config.toml 的 storage.backup 相同")


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, lambda setup: _restore(setup, args.backup), platforms=False)


async def _restore(setup: Setup, address: str) -> int:
    if not setup.secrets.get("SALESTRACE_SIGNING_KEY") and not (data_folder(setup) / "signing.key").is_file():
        raise SalesTraceError(
            f"缺少账本的签名密钥: 请设置 SALESTRACE_SIGNING_KEY, 或把原来的 signing.key 放进 {setup.config.storage.data} 再恢复; "
            "没有它, 恢复出来的账本无法接着签署"
        )
    async with opened(setup, migrate=True) as (line, _):
        try:
            note = await restore(line.database, line.vault, backup_target(setup, address), setup.clock.now(), _progress)
        except BackupError as problem:
            raise SalesTraceError(f"备份读不了 ({problem.reason}): 请检查地址、密码和 SALESTRACE_BACKUP_KEY") from None
        await rearm(line, setup.config)
        await settings.put("master.adopted", True, setup.clock.now())
        if note:
            (data_folder(setup) / "checkpoint").write_text(note, encoding="utf-8")
        asked = Asked(key=public_key(setup))
        report = await verify(line.database, line.vault, asked, lambda what, done: _progress(what, done, done))
    for broken in report.broken:
        print(broken)
    result = f"不符 {len(report.broken)} 处" if report.broken else "全部相符"
    print(f"恢复 {report.entries} 条记录, {report.files} 个原件, 树根 {report.root}: {result}")
    return 1 if report.broken else 0


def _progress(what: str, done: int, of: int) -> None:
    print(f"\r{what} {done}/{of}      ", end="", file=sys.stderr, flush=True)
