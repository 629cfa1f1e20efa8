"""Reports as lines for the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.render import percent, signed


def health(told: Mapping[str, Any]) -> str:
    whole, taps, given, lights = told["completeness"], told["taps"], told["submission"], told["lights"]
    lines = [f"{told['title']}  {told['period']}", "", *coverage(told["coverage"]), ""]
    lines += [f"红灯 (现在亮着 {lights['open']})"]
    lines += [
        f"  {row['name']}: 亮过 {row['raised']}, 有人处理 {row['answered']}, 误报 {row['false']} ({percent(row['rate'])})"
        for row in lights["rows"]
    ]
    lacks = (("没有照片", "photo_share"), ("现场却没有定位", "place_share"), ("没有文字摘要", "summary_share"))
    lacking = ", ".join(f"{name} {percent(whole[share])}" for name, share in lacks)
    recorded = f"录音提交 {given['submitted']}/{given['recorded']} ({percent(given['rate'])})"
    pace = f"每次拜访点按 {_number(taps['mean'])} 下 ({taps['visits']} 次拜访)"
    lines += ["", f"证据三样齐全 {percent(whole['whole_share'])} ({whole['actions']} 个动作); {lacking}"]
    lines.append(f"每人每天记录 {_number(told['minutes'])} 分钟; {pace}; {recorded}")
    lines += [
        f"  {row['name']}: {row['actions']} 个动作, 完整 {row['complete']}, {_number(row['minutes'])} 分钟/天, "
        f"{_number(row['taps'])} 下/拜访, 录音提交 {row['submitted']}/{row['recorded']}"
        for row in told["reps"]
    ]
    lines += ["", *funnel(told["funnel"])]
    if told["forecast"]:
        lines += forecast(told["forecast"])[:1]
    if survey := told["survey"]:
        result = survey["result"]
        words = f"认可 {percent(result['good'] / survey['answers'])}" if result else "不足 5 份, 不显示结果"
        lines.append(f"匿名问卷 {survey['month']}: {survey['answers']}/{survey['invited']} 人作答, {words}")
    return "\n".join(lines)


def coverage(told: Mapping[str, Any]) -> list[str]:
    total = told["total"]
    lines = [f"过程动作覆盖率 {told['month']}", "等级  应做  已做  覆盖率  超出  已说明  未说明  等级不够  说明"]
    for row in told["rows"]:
        counts = (
            f"{row['quota']:>4}  {row['done']:>4}  {percent(row['rate']):>6}  {row['surplus']:>4}  {row['explained']:>6}"
            f"  {row['unexplained']:>6}  {row['weak']:>8}"
        )
        lines.append(f"{row['grade']:<4}  {counts}  {'; '.join(row['notes'])}")
    return [*lines, f"合计  {total['quota']:>4}  {total['done']:>4}  {percent(total['rate']):>6}"]


def funnel(told: Sequence[Mapping[str, Any]]) -> list[str]:
    return ["漏斗 (完整动作)", *(f"  {row['stage']}: {row['customers']} 位客户, {row['actions']} 个动作" for row in told)]


def forecast(told: Mapping[str, Any] | None) -> list[str]:
    if told is None:
        return ["没有预测, 也没有实际订单"]
    lines = [("合计", told["whole"]), *((one["name"], one) for one in told["reps"])]
    return [
        f"预测偏差 {told['month']} {name}: 预测 {one['said_words']}, 实际 {one['actual_words']}, 偏差 {signed(one['deviation'])}"
        for name, one in lines
    ]


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"
