"""What the API of figures answers, as models: like `answers`, which they join in the OpenAPI document."""

from typing import Literal

from adapters.web.answers import CoverageRow, Month, Shape, Time


class CoverageTotal(Shape):
    quota: int
    done: int
    rate: float | None
    explained: int
    unexplained: int


class CoveragePart(Shape):
    """一个区域，或一位客户经理名下的客户"""

    id: str
    quota: int
    done: int
    rate: float | None
    explained: int
    unexplained: int


class Coverage(Shape):
    month: Month
    region: str | None
    rep: str | None
    grade: str | None
    rows: list[CoverageRow]
    total: CoverageTotal
    regions: list[CoveragePart]
    reps: list[CoveragePart]
    version: str


class Slot(Shape):
    """一个应做的标准动作"""

    customer: str
    grade: str
    region: str
    rep: str
    kind: str
    number: int
    state: Literal["done", "explained", "missing"]
    action: str | None
    at: Time | None
    note: str | None
    until: Time


class SlotPage(Shape):
    items: list[Slot]
    next: str | None


class TrendPoint(Shape):
    month: Month
    quota: int
    done: int
    rate: float | None


class Trend(Shape):
    region: str | None
    items: list[TrendPoint]


class CompletenessCounts(Shape):
    """动作数与缺照片、缺定位（只算须到现场的）、缺文字摘要的个数和占比"""

    actions: int
    onsite: int
    no_photo: int
    no_place: int
    no_summary: int
    lacking: int
    photo_share: float | None
    place_share: float | None
    summary_share: float | None
    lacking_share: float | None


class RepCompleteness(CompletenessCounts):
    id: str


class Completeness(Shape):
    month: Month
    region: str | None
    total: CompletenessCounts
    reps: list[RepCompleteness]


class FunnelStage(Shape):
    """actions、customers：当月完整动作；其余按客户算：停在这一步、到过、走下去的，天数为中位数"""

    stage: str
    name: str
    actions: int
    customers: int
    standing: int
    reached: int
    moved: int
    conversion: float | None
    days: float | None
    waiting_days: float | None


class Funnel(Shape):
    month: Month
    region: str | None
    stages: list[FunnelStage]
    claims: int


class Claim(Shape):
    """声称到了某阶段，却没有完整动作证明"""

    customer: str
    rep: str
    region: str
    stage: str
    proved: str | None
    source: Literal["action", "deal"]
    id: str


class ClaimPage(Shape):
    items: list[Claim]
    next: str | None


class Alarm(Shape):
    """一条规则当月的红灯；rate 为误报 ÷ 已亮"""

    rule: str
    raised: int
    open: int
    answered: int
    false: int
    rate: float | None


class Alarms(Shape):
    month: Month
    region: str | None
    items: list[Alarm]


class Effort(Shape):
    """按消息时间估算的记录用时"""

    rep: str
    days: int
    seconds: float
    minutes_a_day: float | None


class Efforts(Shape):
    month: Month
    region: str | None
    items: list[Effort]


class OverduePayment(Shape):
    id: str
    amount: float
    due_at: Time


class Anomaly(Shape):
    """已签约却久未更新的商机，和同一客户逾期的回款"""

    deal: str
    customer: str
    stage: str
    amount: float
    updated_at: Time
    untouched_days: int
    overdue_days: int
    overdue: float
    payments: list[OverduePayment]


class Anomalies(Shape):
    region: str | None
    signed: int
    stale: int
    stale_share: float | None
    overdue: int
    items: list[Anomaly]


class Collection(Shape):
    """30 天回款率；open 是到期未满 30 天、还不判断的"""

    month: Month
    region: str | None
    due: float
    paid: float
    open: float
    payments: int
    payments_paid: int
    payments_open: int
    rate: float | None


ALL = (Coverage, SlotPage, Trend, Completeness, Funnel, ClaimPage, Alarms, Efforts, Anomalies, Collection)
