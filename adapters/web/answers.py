"""What the JSON API answers, as models: they describe it in the OpenAPI document, and the tests hold the answers to it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Month = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}$")]

Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
Columns = Annotated[dict[Text, Text | int | float | None], Field(max_length=64, json_schema_extra={"additionalProperties": False})]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Intent(Shape):
    """意图码"""

    stage: str
    kind: str | None
    corrected_from: str | None


class Stamp(Shape):
    """时空戳"""

    at: Time
    received_at: Time
    lat: float | None
    lng: float | None
    datum: Literal["gcj02", "wgs84", "bd09"] | None
    accuracy_m: float | None
    source: str | None
    device: str | None
    distance_m: float | None
    battery: float | None


class Speech(Shape):
    """语音转写：机器听到的原文，和它现在的状态；transcript 是更正后的"""

    state: Literal["heard", "draft", "submitted", "expired", "unheard"]
    scene: str | None
    engine: str
    machine: str
    edited: bool
    problem: str | None


class Sign(Shape):
    """照片里是否看得到客户名称或标志；by 为 ocr 或确认人的工号"""

    seen: bool
    by: str
    words: str
    score: float | None
    faces: int | None


class Evidence(Shape):
    """证据链中的一件"""

    id: str
    kind: Literal["photo", "voice", "signature", "deck", "file", "checkin"]
    sha256: Digest | None
    sm3: Digest | None
    watermarked: Digest | None
    sign: Sign | None
    seconds: float | None
    state: Literal["pending", "counted", "refused", "quarantined", "lost"]
    reasons: list[str]
    transcript: str | None
    keywords: list[str]
    speech: Speech | None
    platform_transcript: str | None
    user_agent: str | None


class Verdict(Shape):
    state: Literal["complete", "incomplete", "quarantined", "withdrawn"]
    tier: str
    reasons: list[str]


class LedgerPlace(Shape):
    index: int
    leaf: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")]


class Action(Shape):
    id: str
    rep: str
    customer: str
    region: str
    visit: str
    intent: Intent
    stamp: Stamp
    submitted_at: Time | None
    evidence: list[Evidence]
    verdict: Verdict
    ledger: LedgerPlace


class ActionPage(Shape):
    items: list[Action]
    next: str | None


class Alert(Shape):
    id: str
    rule: str
    subject: str
    region: str
    state: Literal["firing", "acknowledged", "muted", "resolved"]
    count: int
    since: Time
    until: Time | None
    version: str
    url: str


class AlertPage(Shape):
    items: list[Alert]
    next: str | None


class CoverageRow(Shape):
    grade: str
    customers: int
    quota: int
    done: int
    rate: float | None
    surplus: int
    explained: int
    unexplained: int
    weak: int
    notes: list[str]


class Site(Shape):
    id: str
    name: str
    lat: float
    lng: float
    datum: Literal["gcj02", "wgs84", "bd09"]
    radius_m: int | None


class Contact(Shape):
    id: str
    name: str
    title: str
    role: str
    phone: str
    last_at: Time | None


class Paper(Shape):
    """必备文件"""

    rule: str
    name: str
    state: Literal["filed", "open", "due", "red", "overdue"]
    due: str | None


class MarkPart(Shape):
    """一个条件：现状、要求、依据的记录"""

    id: str
    met: bool
    have: str
    want: str
    sources: list[str]
    more: list[str]


class Mark(Shape):
    """客户标签，以及加上时的依据"""

    mark: str
    name: str
    since: Time
    parts: list[MarkPart]


class Vital(Shape):
    """健康度的一项：数值、界线、依据的记录；没有数据的是 unknown"""

    id: str
    name: str
    state: Literal["good", "watch", "bad", "unknown"]
    value: str
    rule: str
    sources: list[str]


class Health(Shape):
    """各项的数目与每一项，没有总分"""

    good: int
    watch: int
    bad: int
    unknown: int
    parts: list[Vital]


class Customer(Shape):
    """tags 是当前标签的编号"""

    id: str
    name: str
    region: str
    owner: str
    grade: str | None
    industry: str
    aliases: list[str]
    sites: list[Site]
    contacts: list[Contact]
    documents: list[Paper]
    tags: list[str]
    marks: list[Mark]
    health: Health


class FactSaid(Shape):
    """金额是分，官网访问是毫秒；at 是签订、到期、关闭或发生的时间，done_at 是到账；ledger 是账本里的位置"""

    customer: str
    at: str | None
    done_at: str | None
    amount: int | None
    word: str
    rep: str
    month: str
    by: str
    recorded_at: Time
    ledger: int


class Fact(FactSaid):
    """外部数据的一条，以及更正之前说的"""

    kind: str
    id: str
    before: list[FactSaid]


class Items(Shape):
    """列名与 import 相同，英文或中文"""

    items: Annotated[list[Columns], Field(max_length=20_000)]


class Rejected(Shape):
    row: int
    reason: str


class Taken(Shape):
    accepted: int
    unchanged: int
    rejected: list[Rejected]


class Fault(Shape):
    code: str
    message: str


class Error(Shape):
    error: Fault


ALL = (ActionPage, Action, AlertPage, Customer, Fact, Items, Taken, Error)
