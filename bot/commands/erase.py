"""`erase`: destroy what is held of a person or in a record; the ledger goes on verifying."""

import argparse

from bot.commands import opening
from bot.commands.assembly import Setup, data_folder, opened
from bot.commands.desk import DOSSIERS
from bot.erasing import erase, refuse_held
from bot.errors import SalesTraceError
from bot.store import erasing
from bot.store.tables import ActionRow, EvidenceRow, PersonRow

NAME = "erase"
HELP = "删除一个人的全部记录, 或一条记录: 内容、原件、平台消息和备份里的副本一起销毁, 账本里留下签名的删除记录"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("what", metavar="谁或哪条", help="工号, 或记录编号 (a_… 动作, e_… 证据)")
    parser.add_argument("--reason", required=True, help="为什么删除, 写进删除记录")
    parser.add_argument("--yes", action="store_true", help="确认: 删除以后任何人都无法恢复")


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, lambda setup: _erase(setup, args), platforms=False)


async def _erase(setup: Setup, args: argparse.Namespace) -> int:
    async with opened(setup, migrate=False) as (line, _):
        person = await PersonRow.get_or_none(id=args.what)
        refuse_held(setup.config, args.what, *await _concerned(args.what))
        try:
            doomed = await (erasing.of_person(args.what) if person else erasing.of_record(args.what))
        except LookupError:
            raise SalesTraceError(f"没有工号或记录 {args.what}") from None
        print(f"将销毁 {len(doomed.indexes)} 条记录的内容, {len(doomed.digests)} 个原件, {len(doomed.sources)} 条平台消息")
        if not args.yes:
            print("没有删除。确认无误后加 --yes; 删除以后任何人都无法恢复")
            return 1
        done = await erase(
            line.database,
            line.vault,
            doomed,
            what="person" if person else "record",
            subject=args.what,
            by="command",
            reason=args.reason,
            now=setup.clock.now(),
            archives=data_folder(setup) / DOSSIERS,
        )
    print(f"已销毁 {done.entries} 条记录的内容, {done.files} 个原件, {done.messages} 条平台消息; 备份里的副本在下一轮备份时销毁")
    return 0


async def _concerned(id_: str) -> list[str]:
    """Rep and customer of a record."""
    found = await ActionRow.get_or_none(id=id_) or await EvidenceRow.get_or_none(id=id_)
    return [found.rep, found.customer] if found else []
