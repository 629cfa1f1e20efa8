"""`report`: a month as text, workbook, paper or picture; the same figures as in chat and API."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.commands import opening
from bot.commands.assembly import Setup, existing
from bot.commands.report_forecast import forecast
from bot.reporting import lines, paper, period, sheet
from bot.reporting.health import health

NAME = "report"
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
HELP = "报表: health (过程健康度), coverage (覆盖率), funnel (漏斗), forecast (预测偏差与回测); 写成文字、Excel、PDF 或图片"
KINDS = ("health", "coverage", "funnel", "forecast")
ENDINGS = (".xlsx", ".pdf", ".png", ".txt")
TITLES = {"coverage": "过程动作覆盖率", "funnel": "漏斗", "forecast": "预测偏差"}
TEXT: Mapping[str, Callable[[Any], str]] = {
    "health": lines.health,
    "coverage": lambda told: "\n".join(lines.coverage(told["coverage"])),
    "funnel": lambda told: "\n".join(lines.funnel(told["funnel"])),
    "forecast": lambda told: "\n".join(lines.forecast(told["forecast"])),
}
BOOK: Mapping[str, Callable[[Any], bytes]] = {
    "health": sheet.health,
    "coverage": lambda told: sheet.workbook([sheet.coverage_sheet(told["coverage"])]),
    "funnel": lambda told: sheet.workbook([sheet.funnel_sheet(told["funnel"])]),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("what", choices=KINDS, help="哪一种报表")
    parser.add_argument("--region", default=None, metavar="R", help="区域编号或名称 (默认全部)")
    parser.add_argument("--month", default=None, metavar="YYYY-MM", help="月份 (默认本月)")
    parser.add_argument("--out", type=Path, default=None, metavar="F", help="写到文件: .xlsx、.pdf、.png 或 .txt")


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, lambda setup: _report(setup, args), platforms=False)


async def _report(setup: Setup, args: argparse.Namespace) -> int:
    config, now = setup.config, setup.clock.now()
    chosen = next((one.id for one in config.regions if args.region in (one.id, one.name)), "")
    if args.region and not chosen:
        print(f"没有区域 {args.region}; 现有: {', '.join(one.name for one in config.regions)}")
        return 1
    month = args.month or f"{now.astimezone(config.zone):%Y-%m}"
    if not MONTH.fullmatch(month):
        print(f"月份 {month} 应写作 YYYY-MM")
        return 1
    out: Path | None = args.out
    if out and out.suffix.lower() not in ENDINGS:
        print(f"不会写 {out.suffix or '没有后缀的文件'}; 可以是 {'、'.join(ENDINGS)}", file=sys.stderr)
        return 1
    of = period.month(month, config.zone)
    if of.start > now:
        print(f"{month} 还没有开始")
        return 1
    base = await existing(setup)
    try:
        if args.what == "forecast" and (out is None or out.suffix.lower() == ".xlsx"):
            return await forecast(config, month, chosen or None, now, out)
        told = await health(config, of, chosen, now)
    finally:
        await base.close()
    if out is None:
        print(TEXT[args.what](told))
        return 0
    out.write_bytes(await _written(args.what, told, out.suffix.lower()))
    print(
        f"{out}: {told['name']} {TITLES.get(args.what, told['title'])} {told['period']}"
        if args.what in TITLES
        else f"{out}: {told['title']} {told['period']}"
    )
    return 0


async def _written(what: str, told: Mapping[str, Any], ending: str) -> bytes:
    if ending == ".xlsx":
        return BOOK[what](told)
    if ending == ".txt":
        return f"{TEXT[what](told)}\n".encode()
    if what != "health":
        told = {**told, "only": what, "title": f"{told['name']} {TITLES[what]}"}
    return await (paper.picture("health", told) if ending == ".png" else paper.document("health", told))
