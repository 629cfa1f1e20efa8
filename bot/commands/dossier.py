"""`dossier`: a customer's records in one archive that a stranger can check."""

import argparse
import sys
from datetime import datetime, timedelta
from pathlib import Path

from bot.commands import opening
from bot.commands.assembly import TEMPLATES, Setup, opened, sealer, timestampers
from bot.dossier.making import WITHOUT, Made, Request, Tools, make
from bot.line import Line
from bot.render import Renderer
from bot.stamping import Stamping
from bot.store import dossier_reading

NAME = "dossier"
HELP = "把一位客户的原件、平台消息、记录与证明装进一个压缩包; 拿到它的人不联网、不需要我们也能逐项核验"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("customer", metavar="客户", help="客户编号、名称或别名")
    parser.add_argument("--since", default="", metavar="YYYY-MM-DD", help="从这一天起 (默认最早)")
    parser.add_argument("--until", default="", metavar="YYYY-MM-DD", help="到这一天止, 含当天 (默认现在)")
    parser.add_argument("--out", type=Path, required=True, metavar="F.zip", help="写到哪个文件")
    words = ", ".join(f"{name} ({what})" for name, what in WITHOUT.items())
    parser.add_argument("--without", default="", metavar="…", help=f"给外人时隐去, 逗号分隔: {words}; 其余照样可以核验")


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, lambda setup: _dossier(setup, args), platforms=False)


async def _dossier(setup: Setup, args: argparse.Namespace) -> int:
    without = frozenset(filter(None, args.without.split(",")))
    if unknown := without - WITHOUT.keys():
        print(f"--without 不认识 {', '.join(sorted(unknown))}; 可用: {', '.join(WITHOUT)}", file=sys.stderr)
        return 2
    try:
        since, until = _day(setup, args.since), _day(setup, args.until)
    except ValueError:
        print("日期应写作 YYYY-MM-DD", file=sys.stderr)
        return 2
    async with opened(setup, migrate=False) as (line, _):
        customer = await _customer(args.customer)
        if not customer:
            return 1
        request = Request(customer=customer, by="command", since=since, until=until and until + timedelta(days=1), without=without)
        authorities = timestampers(setup)
        try:
            made = await make(tools(setup, line, Stamping(line.database, line.clock, authorities)), request, args.out, _progress)
        finally:
            for authority in authorities:
                await authority.close()
    print(_told(args.out, made, [one.name for one in authorities]))
    return 0


def tools(setup: Setup, line: Line, stamping: Stamping) -> Tools:
    """What a dossier is made with."""
    renderer = Renderer(TEMPLATES, lambda: line.config().zone)
    return Tools(line=line, sealer=sealer(setup), word=renderer.word, copies=line.copies, stamps=stamping)


def _day(setup: Setup, text: str) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=setup.config.zone) if text else None


async def _customer(words: str) -> str:
    found = await dossier_reading.customer_named(words)
    if len(found) > 1:
        print(f"有 {len(found)} 位客户都叫 {words}: {', '.join(found[:8])}; 请用客户编号", file=sys.stderr)
    elif not found:
        print(f"没有客户 {words}", file=sys.stderr)
    return found[0] if len(found) == 1 else ""


def _progress(what: str, done: int, of: int) -> None:
    print(f"\r{what} {done}/{of}        ", end="", file=sys.stderr, flush=True)


def _told(out: Path, made: Made, asked: list[str]) -> str:
    lines = [f"\n{out}: {made.entries} 条记录, {made.files} 个文件, {made.bytes / 1e6:.1f} MB, 编号 {made.id}"]
    if made.missing:
        lines.append(f"提示: {len(made.missing)} 个原件已不在库中, 已在清单里写明")
    silent = [name for name in asked if name not in made.stamps]
    lines += [f"提示: 时间戳机构 {', '.join(silent)} 没有应答, 包里没有它的时间戳"] if silent else []
    lines += ["提示: 没有配置时间戳机构 ([[timestamps]]), 包里只有账本自己的签名"] if not asked else []
    return "\n".join([*lines, f"核验: python3 check.py {out.name}, 或用浏览器打开包里的 verify.html"])
