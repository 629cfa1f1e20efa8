"""The lists behind the board's figures: each figure opens to what it counts, each line to its record."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from adapters.web.params import BoardQuery
from bot.config.schema import Config
from bot.measures.board import Within
from bot.measures.funnel import furthest
from bot.model import Alert
from bot.store import board_rows, people, reading_deals, reading_funnel
from bot.store.reading import coverage_slots

PAGE = 100  # rows shown at once
SLOT = {"done": ("已做", "good"), "explained": ("有说明", "warn"), "missing": ("缺", "bad")}
VERDICT = {"complete": ("三签齐全", "good"), "incomplete": ("证据不全", "warn"), "quarantined": ("隔离待核", "bad")}
ALERT = {"firing": ("未处理", "bad"), "acknowledged": ("已跟进", "good"), "muted": ("已静默", "calm"), "resolved": ("已解除", "calm")}
LACKS = {"photo": "没有照片", "place": "没有定位", "summary": "没有文字摘要"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: where it leads ("" = nowhere), its title, lesser words, and a chip of a word and a tone."""

    title: str
    href: str = ""
    details: tuple[str, ...] = ()
    chip: tuple[str, str] = ("", "calm")

    def bare(self) -> "Row":
        return replace(self, href="")


# Returns how many lines there are, and those of the page that is asked for.
Reader: TypeAlias = Callable[[Config, Within, BoardQuery, datetime], Awaitable[tuple[int, list[Row]]]]


async def _slots(config: Config, asked: Within, query: BoardQuery, now: datetime) -> tuple[int, list[Row]]:
    found = await coverage_slots(config, asked.month, now, region=asked.region, rep=asked.rep, grade=query.grade)
    found = [one for one in found if query.state in ("", one.state)]
    found.sort(key=lambda one: (one.state == "done", one.state == "explained"))
    total, found = len(found), found[query.cursor : query.cursor + PAGE]
    customers = await people.customer_names(one.customer for one in found)
    names = await people.names(one.owner for one in found)
    kinds = {kind.id: kind.name for kind in config.action_kinds}
    return total, [
        Row(
            title=f"{customers.get(one.customer, one.customer)} · {kinds.get(one.kind, one.kind)}",
            href=f"/record/{one.action}" if one.action else "",
            details=tuple(
                filter(
                    None,
                    (
                        f"{one.grade} 类",
                        names.get(one.owner, one.owner),
                        f"{_local(config, one.at):%m-%d %H:%M}" if one.at else f"截止 {_local(config, one.until):%m-%d %H:%M}",
                        one.note,
                    ),
                )
            ),
            chip=SLOT[one.state],
        )
        for one in found
    ]


async def _actions(config: Config, asked: Within, query: BoardQuery, _: datetime) -> tuple[int, list[Row]]:
    """Actions of the month that lack something, or the complete ones of a stage."""
    found = await board_rows.deeds(config, asked, stage=query.stage)
    if query.lack:
        found = [one for one in found if query.lack in one.lacks or (query.lack == "any" and one.lacks)]
    elif query.stage:
        found = [one for one in found if one.state == "complete"]
    total, found = len(found), found[query.cursor : query.cursor + PAGE]
    customers = await people.customer_names(one.customer for one in found)
    names = await people.names(one.rep for one in found)
    stages = {stage.id: stage.name for stage in config.stages}
    return total, [
        Row(
            title=f"{customers.get(one.customer, one.customer)} · {stages.get(one.stage, one.stage)}",
            href=f"/record/{one.action}",
            details=(
                names.get(one.rep, one.rep),
                f"{_local(config, one.at):%m-%d %H:%M}",
                one.tier,
                *(LACKS[lack] for lack in one.lacks),
            ),
            chip=VERDICT.get(one.state, (one.state, "calm")),
        )
        for one in found
    ]


async def _alerts(config: Config, asked: Within, query: BoardQuery, _: datetime) -> tuple[int, list[Row]]:
    """Red lights of a rule: open ones, those of the month, or the false ones among them."""
    found = await board_rows.alerts(config, asked, rule=query.rule, which=query.state)
    total, found = len(found), found[query.cursor : query.cursor + PAGE]
    rules = {rule.id: rule.kind for rule in config.rules}
    return total, [
        Row(
            title=_about(one),
            href=f"/record/{one.id}",
            details=(RULES.get(rules.get(one.rule, ""), one.rule), f"{_local(config, one.since):%m-%d %H:%M}", *_deed(one)),
            chip=ALERT[one.state.value],
        )
        for one in found
    ]


RULES = {
    "inactivity": "客户静默",
    "excess": "疑似虚假拜访",
    "short_dwell": "演示过短",
    "document": "缺必备文件",
    "followup": "后续义务",
    "phrases": "话术不足",
    "stale_stage": "商机停滞",
    "overdue": "回款逾期",
}


def _about(alert: Alert) -> str:
    named = [str(alert.values.get(name) or "") for name in ("customer_name", "rep_name")]
    return " · ".join(dict.fromkeys(name for name in named if name)) or alert.subject


def _deed(alert: Alert) -> tuple[str, ...]:
    how = str((alert.values.get("deed") or {}).get("how", ""))
    return ("误报",) if how == "false_alarm" else ()


async def _opportunities(config: Config, asked: Within, query: BoardQuery, now: datetime) -> tuple[int, list[Row]]:
    """Customers that stand at a stage."""
    stages = [stage.id for stage in config.stages]
    names = {stage.id: stage.name for stage in config.stages}
    found = await reading_funnel.opportunities(config, asked, now)
    standing = [(one, top) for one in found if (top := furthest(stages, one.reached)) and query.stage in ("", top)]
    standing.sort(key=lambda pair: pair[0].reached[pair[1]])
    total, standing = len(standing), standing[query.cursor : query.cursor + PAGE]
    proofs = await board_rows.proofs([(one.customer, top) for one, top in standing])
    customers = await people.customer_names(one.customer for one, _ in standing)
    reps = await people.names(one.owner for one, _ in standing)
    return total, [
        Row(
            title=customers.get(one.customer, one.customer),
            href=f"/record/{proof}" if (proof := proofs.get((one.customer, top), "")) else "",
            details=(names.get(top, top), reps.get(one.owner, one.owner), f"自 {_local(config, one.reached[top]):%Y-%m-%d} 起"),
            chip=(f"{max((now - one.reached[top]).days, 0)} 天", "calm"),
        )
        for one, top in standing
    ]


async def _claims(config: Config, asked: Within, query: BoardQuery, now: datetime) -> tuple[int, list[Row]]:
    """Stages that are claimed and not proved."""
    found = await reading_funnel.claims_month(config, asked, now)
    total, found = len(found), found[query.cursor : query.cursor + PAGE]
    customers = await people.customer_names(one.customer for one in found)
    names = await people.names(one.owner for one in found)
    stages = {stage.id: stage.name for stage in config.stages}
    return total, [
        Row(
            title=f"{customers.get(one.customer, one.customer)} · 声称 {stages.get(one.stage, one.stage)}",
            href=f"/record/{one.id}" if one.source == "action" else "",
            details=(
                names.get(one.owner, one.owner),
                f"有证据的只到 {stages.get(one.proved, one.proved)}" if one.proved else "还没有任何完整动作",
                "动作证据不全" if one.source == "action" else f"商机 {one.id}",
            ),
            chip=("无证据", "warn"),
        )
        for one in found
    ]


async def _deals(config: Config, asked: Within, query: BoardQuery, now: datetime) -> tuple[int, list[Row]]:
    """Signed and never touched, and not paid: both facts in every line."""
    found = (await reading_deals.honesty_now(config, now, asked.region, asked.rep)).anomalies
    total, found = len(found), found[query.cursor : query.cursor + PAGE]
    customers = await people.customer_names(one.deal.customer for one in found)
    return total, [
        Row(
            title=customers.get(one.deal.customer, one.deal.customer),
            details=(
                f"商机 {one.deal.id}，{_yuan(one.deal.fen)}",
                f"{_local(config, one.deal.updated_at):%Y-%m-%d} 后未更新，已 {one.untouched_days} 天",
                f"{len(one.payments)} 笔回款逾期，共 {_yuan(one.overdue_fen)}，最久 {one.overdue_days} 天",
            ),
            chip=(f"逾期 {one.overdue_days} 天", "bad"),
        )
        for one in found
    ]


LISTS: Mapping[str, Reader] = {
    "slots": _slots,
    "actions": _actions,
    "alerts": _alerts,
    "opportunities": _opportunities,
    "claims": _claims,
    "deals": _deals,
}


def _local(config: Config, at: datetime) -> datetime:
    return at.astimezone(config.zone)


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}".removesuffix(".00") + " 元"
