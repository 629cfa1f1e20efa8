"""The report as a workbook for Excel and WPS: one sheet a question, numbers as numbers, and no cell that is a formula."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from bot.portable.tables import neutral

Cell: TypeAlias = str | float | None
PERCENT, NUMBER = "0.0%", "0.0"
HEAD = PatternFill("solid", fgColor="E4E9EE")
WIDEST, NARROWEST, WESTERN = 48, 8, 0xFF


def workbook(sheets: Iterable[tuple[str, Sequence[str], Sequence[Sequence[Cell]], Mapping[int, str]]]) -> bytes:
    """Sheets of (title, header, rows, number format by column from 0)."""
    book = Workbook()
    del book[book.sheetnames[0]]
    for title, header, rows, formats in sheets:
        sheet = book.create_sheet(title)
        sheet.append(list(header))
        for row in rows:
            sheet.append([neutral(cell) if isinstance(cell, str) else cell for cell in row])
        for cell in sheet[1]:
            cell.font, cell.fill, cell.alignment = Font(bold=True), HEAD, Alignment(vertical="center")
        for column, form in formats.items():
            for (cell,) in sheet.iter_rows(min_row=2, min_col=column + 1, max_col=column + 1):
                cell.number_format = form
        for column in range(1, len(header) + 1):
            longest = max((_width(cell.value) for (cell,) in sheet.iter_rows(min_col=column, max_col=column)), default=0)
            sheet.column_dimensions[get_column_letter(column)].width = min(max(longest + 2, NARROWEST), WIDEST)
        sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(value: Any) -> int:
    """Of a cell in columns: a Chinese character takes two."""
    words = f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
    return sum(2 if ord(sign) > WESTERN else 1 for sign in words)


def health(told: Mapping[str, Any]) -> bytes:
    """The health report."""
    lights, whole, survey = told["lights"], told["completeness"], told["survey"]
    raised, false = (sum(row[name] for row in lights["rows"]) for name in ("raised", "false"))
    result = survey["result"] if survey else None
    summary: list[Sequence[Cell]] = [
        ("报告", told["title"]),
        ("时间", told["period"]),
        ("生成于", told["made"]),
        ("规则版本", told["config"]),
        ("覆盖率月份", told["coverage"]["month"]),
        ("覆盖率(%)", _hundred(told["coverage"]["total"]["rate"])),
        ("应做", told["coverage"]["total"]["quota"]),
        ("已做", told["coverage"]["total"]["done"]),
        ("缺口: 有说明", told["coverage"]["total"]["explained"]),
        ("缺口: 没有说明", told["coverage"]["total"]["unexplained"]),
        ("新亮红灯", raised),
        ("现在亮着", lights["open"]),
        ("误报", false),
        ("动作", whole["actions"]),
        ("照片、定位、文字三样齐全(%)", _hundred(whole["whole_share"])),
        ("没有照片(%)", _hundred(whole["photo_share"])),
        ("现场却没有定位(%)", _hundred(whole["place_share"])),
        ("没有文字摘要(%)", _hundred(whole["summary_share"])),
        ("每人每天记录用时(分钟)", _round(told["minutes"])),
        ("结束了的拜访", told["taps"]["visits"]),
        ("每次拜访点按(平均)", _round(told["taps"]["mean"])),
        ("每次拜访点按(最多)", told["taps"]["most"]),
        ("场景录音", told["submission"]["recorded"]),
        ("场景录音: 提交", told["submission"]["submitted"]),
        ("匿名问卷: 月份", survey["month"] if survey else None),
        ("匿名问卷: 作答/受邀", f"{survey['answers']} / {survey['invited']}" if survey else None),
        ("匿名问卷: 认可(%)", _hundred(result["good"] / survey["answers"]) if result else None),
    ]
    return workbook(
        [
            ("摘要", ("项目", "数值"), summary, {}),
            coverage_sheet(told["coverage"]),
            (
                "红灯",
                ("规则", "编号", "亮过", "现在亮着", "有人处理", "误报", "误报率"),
                [[row[name] for name in ("name", "rule", "raised", "open", "answered", "false", "rate")] for row in lights["rows"]],
                {6: PERCENT},
            ),
            (
                "业务员",
                ("姓名", "工号", "动作", "完整", "有记录的天数", "分钟/天", "结束的拜访", "点按/拜访", "场景录音", "已提交", "提交率"),
                [[row[name] for name in REP] for row in told["reps"]],
                {5: NUMBER, 7: NUMBER, 10: PERCENT},
            ),
            (
                "录音提交(按周)",
                ("姓名", "周", "录音", "提交", "提交率"),
                [[row[name] for name in ("rep", "week", "recorded", "submitted", "rate")] for row in told["weeks"]],
                {4: PERCENT},
            ),
            funnel_sheet(told["funnel"]),
            *([forecast_sheet(told["forecast"])] if told["forecast"] else []),
        ]
    )


REP = ("name", "id", "actions", "complete", "days", "minutes", "visits", "taps", "recorded", "submitted", "rate")


def coverage_sheet(told: Mapping[str, Any]) -> tuple[str, Sequence[str], list[list[Cell]], Mapping[int, str]]:
    names = ("grade", "customers", "quota", "done", "rate", "surplus", "explained", "unexplained", "weak")
    rows: list[list[Cell]] = [[*(row[name] for name in names), "; ".join(row["notes"])] for row in told["rows"]]
    rows.append(["合计", *(told["total"][name] for name in names[1:]), ""])
    header = ("等级", "客户", "应做", "已做", "覆盖率", "超出", "有说明", "没有说明", "等级不够", "说明")
    return f"覆盖率 {told['month']}", header, rows, {4: PERCENT}


def funnel_sheet(told: Sequence[Mapping[str, Any]]) -> tuple[str, Sequence[str], list[list[Cell]], Mapping[int, str]]:
    return "漏斗", ("阶段", "客户", "完整动作"), [[row["stage"], row["customers"], row["actions"]] for row in told], {}


def forecast_sheet(told: Mapping[str, Any]) -> tuple[str, Sequence[str], list[list[Cell]], Mapping[int, str]]:
    """Money in yuan."""
    rows: list[list[Cell]] = [
        [
            one["name"],
            one["said"] / 100,
            one["actual"] / 100,
            one["deviation"],
            None if one["own"] is None else one["own"] / 100,
            one["own_deviation"],
            one["late"],
        ]
        for one in ({**told["whole"], "name": "合计"}, *told["reps"])
    ]
    header = ("", "预测(元)", "实际(元)", "偏差", "按证据加权(元)", "其偏差", "当月才报")
    return f"预测偏差 {told['month']}", header, rows, {3: PERCENT, 5: PERCENT}


def _hundred(rate: float | None) -> float | None:
    return None if rate is None else round(rate * 100, 1)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
