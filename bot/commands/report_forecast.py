"""`report forecast`: a month's forecasts against what came, and the backtest on imported history; as text or `.xlsx`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from bot.config.schema import Config
from bot.measures.forecasting import RUNNING, ZERO, Backtest, Line, MonthReport
from bot.render import money, percent, signed
from bot.sheets import write_workbook
from bot.store.forecasts import backtest, month_report

HEAD = ("", "预测", "实际", "偏差", "证据加权", "其偏差", "当月才报", "备注")
UNPROVED = "当月 1 日之前没有完整动作, 没有证据可加权"
WHY = {ZERO: "没有实际订单, 无法计算偏差", RUNNING: "还没有结束"}
NOTHING = "没有导入的历史订单, 不作回测; 样板公司的数据是虚构的, 不能说明准确程度"
Cells = Sequence[str | float | None]


async def forecast(config: Config, month: str, region: str | None, now: datetime, out: Path | None) -> int:
    """Print it, or write it to a file. Return the exit code."""
    report = await month_report(config, month, region, now)
    tested = await backtest(config, region, now)
    if out is None:
        print(text(config, report, tested))
        return 0
    if out.suffix.lower() != ".xlsx":
        print(f"{out}: 预测报表写成 .xlsx")
        return 2
    write_workbook(out, {"预测偏差": list(_month(config, report)), "回测": list(_tested(tested))})
    print(f"已写 {out}")
    return 0


def text(config: Config, report: MonthReport, tested: Backtest | None) -> str:
    """Both parts as lines for the terminal."""
    rows = [*_month(config, report), [], *_tested(tested)]
    return "\n".join("  ".join(_plain(cell) for cell in row).rstrip() for row in rows)


def _plain(cell: object) -> str:
    return f"{cell:>8}" if not isinstance(cell, str) else cell


def _month(config: Config, report: MonthReport) -> Iterable[Cells]:
    region = config.region(report.region or "")
    yield [f"预测偏差 {report.month} {region.name if region else '全部区域'}"]
    yield ["偏差 = (预测 - 实际) / 实际; 预测取当月 1 日之前最后一次说的, 没有的取当月第一次"]
    yield HEAD
    yield _line("合计", report.whole)
    for title, lines in (("区域", report.regions), ("业务员", report.reps)):
        yield from (_line(f"{title} {one.name}", one) for one in lines)
    sources = f"金额取业务员的预测 {report.from_said} 位客户, 取年采购额 / 12 {report.from_purchase} 位"
    yield [f"证据加权 = 金额 x 阶段 x 证据等级 x 最近动作; {sources}"]
    weights = config.forecast
    names = {stage.id: stage.name for stage in config.stages}
    stages = {name: weights.stage[id_] for id_, name in names.items() if id_ in weights.stage}
    for name, table in (("阶段", stages), ("证据等级", weights.tier), ("最近动作(天内)", weights.recency)):
        yield [f"  {name}: " + ", ".join(f"{key} {value}%" for key, value in table.items())]


def _line(name: str, one: Line) -> Cells:
    off = [signed(float(value)) if value is not None else "—" for value in (one.deviation, one.own_deviation)]
    own, why = ("—", UNPROVED) if one.own is None else (money(one.own), "")
    return [name, money(one.said), money(one.actual), off[0], own, off[1], one.late, "; ".join(filter(None, (WHY.get(one.why), why)))]


def _tested(tested: Backtest | None) -> Iterable[Cells]:
    yield ["回测 (只用导入的历史, 逐月按当月 1 日所知)"]
    if tested is None:
        yield [NOTHING]
        return
    yield HEAD
    yield from (_line(one.name, one) for one in tested.months)
    errors = (tested.said_error, tested.own_error)
    yield [f"平均偏差大小: 业务员 {_size(errors[0])}, 证据加权 {_size(errors[1])}"]
    yield ["校准: 证据权重说有几成的客户, 当月真有订单的是几成"]
    yield ("权重", "客户", "平均权重", "真有订单")
    for one in tested.bins:
        bounds = f"{percent(float(one.low))} - {percent(float(one.high))}"
        yield [bounds, one.count, percent(float(one.expected)), percent(float(one.came))]


def _size(value: Fraction | None) -> str:
    return "—" if value is None else percent(float(value))
