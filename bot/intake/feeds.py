"""Feeds: rows of other systems' facts (orders, payments, tickets …), checked one by one."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from zoneinfo import ZoneInfo

from bot.config.schema import Config
from bot.intake import dates, fields
from bot.intake.bad import BadRow
from bot.intake.naming import Naming, tidy
from bot.intake.workbook import Merged

MOST_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One fact of another system.

    `at`: signed, due, closed, visited, asked …, by the kind; `done_at`: of a payment, when it came; `amount`: fen, of web visits
    milliseconds; `word`: topic, status, channel or stage; `rep`, `month`: of a forecast. `customer` is an id, name or alias until it is
    looked up.
    """

    kind: str
    id: str
    customer: str
    at: datetime | None = None
    done_at: datetime | None = None
    amount: int | None = None
    word: str = ""
    rep: str = ""
    month: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a kind consists of: its columns, and which of them is the row's moment, money and word."""

    name: str
    columns: tuple[str, ...]
    headers: Mapping[str, str]
    at: str = ""
    may_lack_at: bool = False
    done: str = ""
    money: bool = False
    word: str = ""


ANY = {"编号": "id", "单号": "id", "客户": "customer", "客户编号": "customer", "客户名称": "customer", "金额": "amount"}
SIGNED = {"签订日期": "signed_at", "签约日期": "signed_at", "签署日期": "signed_at", "日期": "signed_at"}
HAPPENED = {"时间": "at", "日期": "at"}
FEEDS: Mapping[str, Feed] = {
    "deals": Feed(
        name="商机",
        columns=("id", "customer", "stage", "amount", "updated_at"),
        headers={
            "商机编号": "id",
            "阶段": "stage",
            "状态": "stage",
            "商机金额": "amount",
            "更新时间": "updated_at",
            "更新日期": "updated_at",
        },
        at="updated_at",
        money=True,
        word="stage",
    ),
    "contracts": Feed(
        name="合同",
        columns=("id", "customer", "amount", "signed_at"),
        headers=SIGNED | {"合同编号": "id", "合同号": "id", "合同金额": "amount"},
        at="signed_at",
        money=True,
    ),
    "orders": Feed(
        name="订单",
        columns=("id", "customer", "amount", "signed_at"),
        headers=SIGNED | {"订单编号": "id", "订单号": "id", "订单金额": "amount", "下单日期": "signed_at", "下单时间": "signed_at"},
        at="signed_at",
        money=True,
    ),
    "payments": Feed(
        name="回款",
        columns=("id", "customer", "due_at", "amount", "paid_at"),
        headers={"回款编号": "id", "应收编号": "id", "回款金额": "amount", "应收金额": "amount"}
        | {"到期日": "due_at", "应收日期": "due_at", "应付日期": "due_at", "回款日期": "paid_at", "到账日期": "paid_at"},
        at="due_at",
        done="paid_at",
        money=True,
    ),
    "tickets": Feed(
        name="工单",
        columns=("id", "customer", "closed_at"),
        headers={"工单编号": "id", "工单号": "id", "关闭时间": "closed_at", "关闭日期": "closed_at", "完结日期": "closed_at"},
        at="closed_at",
        may_lack_at=True,
    ),
    "web_visits": Feed(
        name="官网访问",
        columns=("id", "customer", "date", "seconds"),
        headers={"访问编号": "id", "日期": "date", "时间": "date", "访问日期": "date", "访问时间": "date"}
        | {"停留秒数": "seconds", "停留时长": "seconds", "时长": "seconds", "秒数": "seconds"},
        at="date",
    ),
    "inquiries": Feed(
        name="咨询",
        columns=("id", "customer", "at", "topic"),
        headers=HAPPENED | {"咨询编号": "id", "询盘编号": "id", "咨询时间": "at", "主题": "topic", "咨询主题": "topic", "内容": "topic"},
        at="at",
        word="topic",
    ),
    "forecasts": Feed(
        name="预测",
        columns=("id", "rep", "customer", "month", "amount", "made_at"),
        headers={"预测编号": "id", "业务员": "rep", "工号": "rep", "客户经理": "rep", "月份": "month", "预测月份": "month"}
        | {"预测金额": "amount", "预测日期": "made_at", "填报日期": "made_at"},
        at="made_at",
        may_lack_at=True,
        money=True,
    ),
    "logistics": Feed(
        name="物流",
        columns=("id", "customer", "at", "status"),
        headers=HAPPENED | {"物流单号": "id", "运单号": "id", "状态": "status", "物流状态": "status"},
        at="at",
        word="status",
    ),
    "ad_touches": Feed(
        name="广告触达",
        columns=("id", "customer", "at", "channel"),
        headers=HAPPENED | {"触达编号": "id", "触达时间": "at", "渠道": "channel", "投放渠道": "channel"},
        at="at",
        word="channel",
    ),
}
MASTER = {"people": "人员", "customers": "客户", "sites": "地点", "contacts": "联系人"}
OWN_FIGURE = frozenset({"id", "amount", "seconds", "due_at", "paid_at", "signed_at", "closed_at"})
FUTURE_YEARS = 5


class FeedReader:
    """Checks the rows of one file or request."""

    def __init__(self, kind: str, config: Config) -> None:
        self._kind = kind
        self._feed = FEEDS[kind]
        self._config = config
        self.naming = Naming(kind, config.columns.get(kind, {}), frozenset(self._feed.columns), ANY | dict(self._feed.headers))

    def read(self, raw: Mapping[str, str]) -> FeedRow:
        """Raises BadRow. A web visit without an id has "" for it: see `visit_id`."""
        given = self.naming.named(raw)
        feed, zone = self._feed, self._config.zone
        _not_merged(given)
        customer = given.get("customer", "")
        if not customer:
            raise BadRow("缺少客户 (customer)")
        stage = feed.word == "stage"
        return FeedRow(
            kind=self._kind,
            id="" if self._kind == "web_visits" and not given.get("id") else fields.identifier(given, "id", f"{feed.name}编号"),
            customer=customer[:120],
            at=_at(given, feed, zone),
            done_at=_done(given, feed, zone),
            amount=_amount(given, feed),
            word=_stage(given, self._config) if stage else _word(given, feed),
            rep=fields.identifier(given, "rep", "业务员") if "rep" in feed.columns else "",
            month=dates.month(_needed(given, "month", "月份"), "月份") if "month" in feed.columns else "",
        )


def _not_merged(given: Mapping[str, str]) -> None:
    shared = next((column for column in given if column in OWN_FIGURE and isinstance(given[column], Merged)), "")
    if shared and given[shared]:
        raise BadRow(f"{shared} 在合并的单元格里, 几行共用一个数, 请取消合并后逐行填写")


def _needed(given: Mapping[str, str], column: str, what: str) -> str:
    value = given.get(column, "")
    if not value:
        raise BadRow(f"缺少{what} ({column})")
    return value


def _at(given: Mapping[str, str], feed: Feed, zone: ZoneInfo) -> datetime | None:
    if feed.may_lack_at and not given.get(feed.at):
        return None
    return dates.moment(_needed(given, feed.at, "日期"), f"日期 ({feed.at})", zone)


def _done(given: Mapping[str, str], feed: Feed, zone: ZoneInfo) -> datetime | None:
    text = given.get(feed.done, "") if feed.done else ""
    return dates.moment(text, f"日期 ({feed.done})", zone) if text else None


def _amount(given: Mapping[str, str], feed: Feed) -> int | None:
    if feed.money:
        text = _needed(given, "amount", "金额")
        if text.startswith(("-", "−", "(", "（")):
            raise BadRow("金额是负数; 退款和冲销请改原来那一笔的金额")
        return fields.fen(text, "金额")
    if "seconds" not in feed.columns:
        return None
    text = _needed(given, "seconds", "秒数")
    try:
        value = Decimal(text) * 1000
    except InvalidOperation:
        raise BadRow(f"秒数 {text[:20]} 不是数字") from None
    if not value.is_finite() or not 0 <= value <= MOST_SECONDS * 1000:
        raise BadRow(f"秒数 {text[:20]} 须在 0 到 {MOST_SECONDS} 之间")
    return int(value)


def _word(given: Mapping[str, str], feed: Feed) -> str:
    return " ".join(_needed(given, feed.word, "内容").split())[:200] if feed.word else ""


def _stage(given: Mapping[str, str], config: Config) -> str:
    wanted = _needed(given, "stage", "阶段")
    found = next((stage.id for stage in config.stages if wanted in (stage.id, stage.name, *stage.aliases)), None)
    if found is None:
        raise BadRow(f"没有阶段 {wanted[:30]}; 现有: {', '.join(stage.name for stage in config.stages)}")
    return found


def visit_id(row: FeedRow, again: int) -> str:
    """The id of a web visit that has none: customer, moment, length, and which one of several such it is (from 1)."""
    seed = f"{row.customer}|{row.at.isoformat() if row.at else ''}|{row.amount}"
    return f"{sha256(seed.encode()).hexdigest()[:24]}-{again}"


def kind_named(words: str) -> str:
    """The kind whose id or Chinese name stands in a file's name; "" when none does, or several."""
    plain = tidy(unicodedata.normalize("NFC", words)).lower()
    found = {kind for kind, feed in FEEDS.items() if feed.name in plain or kind in plain or kind.rstrip("s") in plain}
    found = found or {kind for kind, name in MASTER.items() if name in plain or kind in plain}
    return found.pop() if len(found) == 1 else ""


def kind_by_header(header: frozenset[str], config: Config) -> str:
    """The one kind whose columns these headers are; "" when none is, or several are."""
    found = []
    for kind in FEEDS:
        naming = FeedReader(kind, config).naming
        columns = {naming.column(name) for name in header}
        wanted = set(FEEDS[kind].columns) - {"id", "made_at", "paid_at"}
        if None not in columns and wanted <= columns:
            found.append(kind)
    return found[0] if len(found) == 1 else ""
