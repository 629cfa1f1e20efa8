"""`report coverage | forecast`: a month's figures, the same as in chat and API."""

import argparse
import re
from pathlib import Path

from bot.commands import opening
from bot.commands.assembly import Setup, existing
from bot.commands.report_forecast import forecast
from bot.measures.coverage import CoverageReport, CoverageRow
from bot.render import percent
from bot.store.reading import coverage_report

NAME = "report"
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
HELP = "报表: coverage (过程动作覆盖率), forecast (预测偏差与回测)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("what", choices=("coverage", "forecast"), help="哪一种报表")
    parser.add_argument("--region", default=None, metavar="R", help="区域编号或名称 (默认全部)")
    parser.add_argument("--out", type=Path, default=None, metavar="F", help="写成文件: forecast 可以写 .xlsx")
    parser.add_argument("--month", default=None, metavar="YYYY-MM", help="月份 (默认本月)")


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, lambda setup: _report(setup, args), platforms=False)


async def _report(setup: Setup, args: argparse.Namespace) -> int:
    config, now = setup.config, setup.clock.now()
    region, month = args.region, args.month
    chosen = next((one.id for one in config.regions if region in (one.id, one.name)), None)
    if region and chosen is None:
        print(f"没有区域 {region}; 现有: {', '.join(one.name for one in config.regions)}")
        return 1
    month = month or f"{now.astimezone(config.zone):%Y-%m}"
    if not MONTH.fullmatch(month):
        print(f"月份 {month} 应写作 YYYY-MM")
        return 1
    base = await existing(setup)
    try:
        if args.what == "forecast":
            return await forecast(config, month, chosen, now, args.out)
        print(text(await coverage_report(config, month, chosen, now)))
    finally:
        await base.close()
    return 0


def text(report: CoverageReport) -> str:
    """The report as a table for the terminal."""
    head = f"过程动作覆盖率 {report.month}"
    lines = [head, "等级  应做  已做  覆盖率  超出  已说明  未说明  等级不够  说明"]
    lines += [_line(row) for row in report.rows]
    return "\n".join([*lines, f"合计  {report.quota:>4}  {report.done:>4}  {percent(report.rate):>6}"])


def _line(row: CoverageRow) -> str:
    counts = (
        f"{row.quota:>4}  {row.done:>4}  {percent(row.rate):>6}  {row.surplus:>4}  {row.explained:>6}  {row.unexplained:>6}  {row.weak:>8}"
    )
    return f"{row.grade:<4}  {counts}  {'; '.join(row.notes)}"
