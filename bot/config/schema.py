"""The shape of config.toml (contract), as frozen pydantic models. Defaults here are the documented ones.

Cross-checks (dangling ids, duplicates) and Chinese messages with line numbers are in `bot/config/lint.py`.
"""

import re
from datetime import date, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

PlaceMode = Literal["onsite", "online", "any"]
DatumName = Literal["gcj02", "wgs84", "bd09"]
EvidenceKind = Literal["photo", "voice", "signature", "deck", "file"]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


MinTier = Literal["T1", "T2", "T3", "T4"] | None


class Table(BaseModel):
    """A TOML table: unknown keys are errors, values never change after loading, "8" is not 8."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Server(Table):
    listen: str = "127.0.0.1:8080"
    public_url: str = "http://127.0.0.1:8080"

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")  # an IPv6 address stands in brackets

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])


class Storage(Table):
    data: str = "data"
    database: str = "sqlite://data/salestrace.sqlite3"
    vault: str = "data/vault"
    backup: str = ""
    backup_encrypt: bool = False
    redis: str = ""


class LedgerRules(Table):
    origin: str = Field(default="", pattern=r"^[^\s+]{0,120}$")  # "" = made from the key


class Timestamp(Table):
    name: Id
    url: str = Field(pattern=r"^https?://\S+$")
    roots: str = ""  # PEM file of the authority's root certificates; "" = the token's chain is not checked here
    user: str = Field(default="", pattern=r"^[^:]*$")  # HTTP user; the password is SALESTRACE_TSA_SECRET


class WeCom(Table):
    corp_id: str
    agent_id: int
    api_base: str = "https://qyapi.weixin.qq.com"
    oauth_base: str = "https://open.weixin.qq.com"
    proxy: str = ""
    checkin: bool = True
    datum: DatumName = "gcj02"


class Feishu(Table):
    app_id: str
    mode: Literal["webhook", "websocket"] = "webhook"
    api_base: str = "https://open.feishu.cn"
    accounts_base: str = "https://accounts.feishu.cn"
    attendance: bool = False
    proxy: str = ""
    calls_per_month: int = Field(default=10_000, ge=0)  # of the free edition; 0 = no limit
    datum: DatumName = "gcj02"


class DingTalk(Table):
    client_id: str
    robot_code: str = ""  # "" = client_id
    corp_id: str = ""  # with agent_id: pages may ask DingTalk's client for place and battery
    agent_id: int = Field(default=0, ge=0)
    checkin: bool = True
    attendance: bool = False
    card_template: str = ""  # "" = red lights and approvals go as action cards, which stand as they were sent
    mode: Literal["stream", "webhook"] = "stream"
    api_base: str = "https://api.dingtalk.com"
    oapi_base: str = "https://oapi.dingtalk.com"
    login_base: str = "https://login.dingtalk.com"
    proxy: str = ""
    calls_per_month: int = Field(default=5000, ge=0)  # of the standard edition; 0 = no limit
    pushes_per_month: int = Field(default=3000, ge=0)
    datum: DatumName = "gcj02"


class Region(Table):
    id: Id
    name: str
    alert_chat: str = ""  # "feishu:oc_south"; "" = nobody is told
    live: bool = True
    first_report: date | None = Field(default=None, strict=False)  # a pilot's first one comes on this day, none before it


class Report(Table):
    """Health reports, sent to each live region's alert chat; off where the table is missing."""

    weekly: bool = True  # on Mondays, of the week before
    monthly: bool = True  # on the first, of the month before
    at: str = Field(default="09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")

    @property
    def hour(self) -> time:
        return time.fromisoformat(self.at)


class Survey(Table):
    """An anonymous survey of all reps once a month; off where the table is missing."""

    day: int = Field(default=25, ge=1, le=28)
    open_days: int = Field(default=5, ge=1, le=14)
    at: str = Field(default="10:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")

    @property
    def hour(self) -> time:
        return time.fromisoformat(self.at)


class Presence(Table):
    radius_m: int = Field(default=500, ge=10, le=50_000)
    device: Literal["required", "when_carried", "recorded"] = "required"
    window_min: int = Field(default=120, ge=1, le=1440)
    max_kmh: float = Field(default=300, ge=30, le=2000)


class Photos(Table):
    watermark: bool = True  # a copy with time, place and device goes back to the rep
    ocr: bool = False  # customers' names are read off photos; wants `make install-ocr`
    sign: Literal["off", "ask", "required"] = "ask"  # where no name was read, the rep is asked as a visit on site ends


class Closing(Table):
    photo: int = Field(default=1, ge=0, le=9)
    voice_max_seconds: int = Field(default=60, ge=1, le=600)


class VisitRules(Table):
    closing: Closing = Closing()
    timeout_hours: int = Field(default=12, ge=1, le=168)
    correct_minutes: int = Field(default=30, ge=0, le=10_080)


class Voice(Table):
    """Drafts of scene recordings: hours after which the rep is reminded once, and after which they expire."""

    remind_hours: float = Field(default=2, gt=0, le=168)
    expire_hours: float = Field(default=24, gt=0, le=720)


class Speech(Table):
    """Who hears voices; folders start at the config's own."""

    engine: Literal["off", "funasr", "faster-whisper"] = "off"
    model: str = ""
    vad: str = ""  # FunASR: FSMN-VAD
    punctuation: str = ""  # FunASR: optional
    threads: int = Field(default=2, ge=1, le=64)
    memory_mb: int = Field(default=3072, ge=256, le=65_536)  # a worker that has grown beyond it is started anew


class Materials(Table):
    """What is sent to customers by a link of their own: decks with one of the tags; days that links and trials are good for."""

    tags: tuple[str, ...] = Field(default=("资料", "白皮书"), strict=False)
    link_days: int = Field(default=30, ge=1, le=365)
    sandbox_url: str = Field(default="", pattern=r"^(https?://[^\s\"<>]+)?$", max_length=500)  # where customers may try the product
    sandbox_days: int = Field(default=14, ge=1, le=365)


class Calendar(Table):
    holidays: tuple[date, ...] = Field(default=(), strict=False)  # weekdays that are not worked
    workdays: tuple[date, ...] = Field(default=(), strict=False)  # weekend days that are


class Retention(Table):
    """Days after which originals and messages are destroyed; 0 = kept."""

    photo_days: int = Field(default=0, ge=0, le=36_500)
    voice_days: int = Field(default=0, ge=0, le=36_500)
    file_days: int = Field(default=0, ge=0, le=36_500)
    hold: tuple[str, ...] = Field(default=(), strict=False)  # people and customers of whom nothing is destroyed


class Privacy(Table):
    consent: Literal["inform", "ask"] = "inform"
    working_hours: str = Field(default="09:00-18:00", pattern=r"^\d\d:\d\d-\d\d:\d\d$")

    @property
    def opens(self) -> time:
        return time.fromisoformat(self.working_hours[:5])

    @property
    def closes(self) -> time:
        return time.fromisoformat(self.working_hours[6:])


class Needs(Table):
    """Evidence a stage requires. Either `any` of the kinds, or all of the given amounts."""

    photo: int = Field(default=0, ge=0, le=99)
    voice_seconds: float = Field(default=0, ge=0, le=3600)  # one clip of at least this length
    signature: int = Field(default=0, ge=0, le=9)
    deck: int = Field(default=0, ge=0, le=9)
    file: int = Field(default=0, ge=0, le=99)
    any: tuple[EvidenceKind, ...] = Field(default=(), strict=False)


class Stage(Table):
    id: Id
    name: str
    place: PlaceMode = "onsite"
    aliases: tuple[str, ...] = Field(default=(), strict=False)
    evidence: Needs = Needs(any=("photo", "voice", "file"))
    guarded: bool = False  # claiming it wants a complete action of the stage before, or a reason


class Coverage(Table):
    min_tier: MinTier = None  # None: every complete action counts


class ActionKind(Table):
    id: Id
    name: str
    stage: str
    min_tier: MinTier = None  # of this kind, in the coverage
    place: PlaceMode | None = None  # None: as its stage
    met: Literal["decider"] | None = None


class Grade(Table):
    id: Id
    annual_purchase: str = Field(pattern=r"^(>=|>)\s*\d+$")  # yuan
    quota: dict[str, Annotated[int, Field(ge=0, le=1000)]] = {}

    def admits(self, fen: int) -> bool:
        """Whether a customer buying `fen` a year is of this grade (integer comparison, no floats)."""
        sign, least = self.floor
        return fen > least if sign == ">" else fen >= least

    @property
    def floor(self) -> tuple[str, int]:
        """The condition: `>` or `>=`, and how many fen."""
        sign, yuan = re.match(r"^(>=|>)\s*(\d+)$", self.annual_purchase).groups()  # type: ignore[union-attr] # pattern checked above
        return sign, int(yuan) * 100


class Scene(Table):
    id: Id
    name: str
    seconds: int = Field(default=60, ge=1, le=600)
    keywords: tuple[str, ...] = Field(default=(), strict=False)


Synonyms = dict[str, Annotated[tuple[str, ...], Field(strict=False)]]


class Keywords(Table):
    summary: tuple[str, ...] = Field(default=("预算", "招标时间", "技术顾虑"), strict=False)
    synonyms: Synonyms = {}  # of any keyword, here or in a scene
    titles_in: tuple[str, ...] = Field(default=("negotiate",), strict=False)  # stages whose voices are searched for titles
    titles: Synonyms = {
        "采购总监": ("采购负责人",),
        "CTO": ("技术总监", "首席技术官"),
    }


Tell = tuple[Literal["owner", "region", "admin"], ...]


class Escalation(Table):
    """Told to others as well when nobody acknowledged it or did anything for so many hours."""

    hours: float = Field(gt=0, le=720)
    to: Literal["region", "admin"] = "region"


class RuleBase(Table):
    id: Id
    tell: Tell = Field(default=("region",), strict=False)
    quiet_hours: str = Field(default="", pattern=r"^(\d\d:\d\d-\d\d:\d\d)?$")  # nobody is told in them; they may go over midnight
    tell_on: Literal["any", "workdays"] = "any"  # workdays: Chinese holidays and make-up days, as [calendar] has them
    escalate: Escalation | None = None

    @property
    def quiet(self) -> tuple[time, time] | None:
        return (time.fromisoformat(self.quiet_hours[:5]), time.fromisoformat(self.quiet_hours[6:])) if self.quiet_hours else None


class Inactivity(RuleBase):
    kind: Literal["inactivity"]
    hours: float = Field(default=72, gt=0, le=8760)
    clock: Literal["elapsed", "workdays"] = "elapsed"
    min_tier: MinTier = None  # weaker actions do not end a silence
    tell: Tell = Field(default=("owner", "region"), strict=False)


class Excess(RuleBase):
    kind: Literal["excess"]
    stage: str = "need"
    per_day: int = Field(default=5, ge=0, le=1000)


class ShortDwell(RuleBase):
    kind: Literal["short_dwell"]
    stage: str = "demo"
    seconds: float = Field(default=90, gt=0, le=86_400)
    measure: Literal["session", "rep_mean"] = "session"


class Document(RuleBase):
    """A paper that customers of some industries must have on file."""

    kind: Literal["document"]
    name: str = Field(min_length=1, max_length=80)
    aliases: tuple[str, ...] = Field(default=(), strict=False)
    industry: tuple[str, ...] = Field(default=(), strict=False)  # of customers; empty = all
    stage: str = "need"  # from its first complete action on
    days: float = Field(default=7, gt=0, le=365)
    warn_days: float = Field(default=2, ge=0, le=365)  # told so long before it is due
    tell: Tell = Field(default=("owner", "region"), strict=False)


ColumnMap = dict[str, str]  # header of a file → our column; "" = passed over
Percent = Annotated[int, Field(ge=0, le=100)]


class Silence(Table):
    """Who is a 高价值沉默客户: all four conditions, over the last `days` calendar days."""

    days: int = Field(default=90, ge=1, le=730)
    demos: int = Field(default=3, ge=1, le=99)
    times: float = Field(default=2.3, gt=0, le=100)  # the mean site time must be more than so many times the industry's
    topic: str = Field(default="定制化API对接", min_length=1, max_length=80)
    industry_seconds: dict[str, Annotated[int, Field(gt=0, le=86_400)]] = {"default": 120}
    outcome_days: int = Field(default=90, ge=1, le=730)  # an order within so many days of entering counts as conversion


class Repurchase(Table):
    """Who is of 高复购潜力: so many showings in a row of what bears the word, and a ticket closed within `ticket_days`."""

    word: str = Field(default="老客户成功案例", min_length=1, max_length=80)
    showings: int = Field(default=3, ge=1, le=20)
    ticket_days: int = Field(default=90, ge=1, le=730)


class ForecastWeights(Table):
    """Our own forecast: amount × stage × tier × recency, each in per cent. `recency`: days since the last complete action, at most."""

    stage: dict[str, Percent] = {"lead": 5, "need": 15, "demo": 35, "negotiate": 60, "sign": 90, "deliver": 100}
    tier: dict[Literal["T0", "T1", "T2", "T3", "T4"], Percent] = {"T0": 40, "T1": 60, "T2": 80, "T3": 95, "T4": 100}
    recency: dict[Annotated[str, Field(pattern=r"^\d{1,4}$")], Percent] = {"7": 100, "30": 80, "60": 50, "90": 25}


class Seen(Table):
    """What starts an obligation: exactly one of them."""

    scene: str = ""
    keyword: str = ""
    stage: str = ""


class FollowUp(RuleBase):
    """When something is seen, a named paper must be on file within hours."""

    kind: Literal["followup"]
    when: Seen
    name: str = Field(min_length=1, max_length=80)
    aliases: tuple[str, ...] = Field(default=(), strict=False)
    hours: float = Field(default=48, gt=0, le=8760)
    clock: Literal["elapsed", "workdays"] = "elapsed"
    tell: Tell = Field(default=("owner", "region"), strict=False)


class Phrases(RuleBase):
    """Points of a script that a stage's voices should hold. Told to the rep with each transcript; an incident only below `share`."""

    kind: Literal["phrases"]
    stage: str = "demo"
    product: str = ""  # the script of one product: applies where its name or an alias is said
    aliases: tuple[str, ...] = Field(default=(), strict=False)
    points: Synonyms = Field(min_length=1)
    share: float = Field(default=0, ge=0, le=1)  # 0: information only
    tell: Tell = Field(default=("owner",), strict=False)


Rule = Annotated[Inactivity | Excess | ShortDwell | Document | FollowUp | Phrases, Field(discriminator="kind")]

DEFAULT_STAGES = (
    Stage(id="lead", name="线索获取", place="any", aliases=("线索",), evidence=Needs(any=("photo", "file"))),
    Stage(id="need", name="需求确认", aliases=("需求", "需求诊断"), evidence=Needs(any=("photo", "voice"))),
    Stage(id="demo", name="方案演示", aliases=("演示", "讲方案"), evidence=Needs(photo=1, voice_seconds=30)),
    Stage(id="negotiate", name="商务谈判", aliases=("谈判",), evidence=Needs(voice_seconds=1)),
    Stage(
        id="sign",
        name="合同签署",
        aliases=("签约", "已签约", "签合同"),
        evidence=Needs(any=("file", "photo", "signature")),
        guarded=True,
    ),
    Stage(id="deliver", name="交付启动", aliases=("交付",), evidence=Needs(any=("photo", "file")), guarded=True),
)
DEFAULT_KINDS = (
    ActionKind(id="need_diagnosis", name="需求诊断", stage="need"),
    ActionKind(id="solution_demo", name="方案演示", stage="demo"),
    ActionKind(id="executive_visit", name="高层拜访", stage="negotiate"),
    ActionKind(id="online_need_review", name="线上需求梳理", stage="need", place="online"),
)
DEFAULT_GRADES = (
    Grade(id="A", annual_purchase="> 500000", quota={"need_diagnosis": 2, "solution_demo": 1, "executive_visit": 1}),
    Grade(id="B", annual_purchase=">= 100000", quota={"need_diagnosis": 1, "solution_demo": 1}),
    Grade(id="C", annual_purchase=">= 0", quota={"online_need_review": 1}),
)
DEFAULT_SCENES = (
    Scene(id="price_objection", name="报价异议处理", keywords=("预算", "交付周期", "售后响应")),
    Scene(id="tech_comparison", name="技术参数对比", keywords=("技术顾虑", "交付周期", "售后响应")),
    Scene(id="price_cut", name="竞品降价", keywords=("竞品降价", "交付周期", "售后响应")),
)
DEFAULT_RULES = (
    Inactivity(id="inactive-72h", kind="inactivity", hours=72, tell=("owner", "region")),
    Excess(id="excess-need", kind="excess", stage="need", per_day=5),
    ShortDwell(id="short-demo", kind="short_dwell", stage="demo", seconds=90),
)


class Alerts(Table):
    group_at: int = Field(default=10, ge=0, le=1000)  # so many red lights for one group at once go out as one card; 0: never


class Changes(Table):
    approvals: int = Field(default=1, ge=1, le=2)  # admins that a config sent in chat wants; 2: another than its sender taps 生效


class Config(Table):
    """The whole of config.toml, compiled. Immutable; a new file makes a new one."""

    timezone: str = "Asia/Shanghai"
    server: Server = Server()
    storage: Storage = Storage()
    ledger: LedgerRules = LedgerRules()
    timestamps: tuple[Timestamp, ...] = Field(default=(), strict=False)
    wecom: WeCom | None = None
    feishu: Feishu | None = None
    dingtalk: DingTalk | None = None
    regions: tuple[Region, ...] = Field(default=(), strict=False)
    presence: Presence = Presence()
    photos: Photos = Photos()
    visit: VisitRules = VisitRules()
    voice: Voice = Voice()
    speech: Speech = Speech()
    materials: Materials = Materials()
    privacy: Privacy = Privacy()
    calendar: Calendar = Calendar()
    retention: Retention = Retention()
    stages: tuple[Stage, ...] = Field(default=DEFAULT_STAGES, strict=False)
    action_kinds: tuple[ActionKind, ...] = Field(default=DEFAULT_KINDS, strict=False)
    coverage: Coverage = Coverage()
    grades: tuple[Grade, ...] = Field(default=DEFAULT_GRADES, strict=False)
    scenes: tuple[Scene, ...] = Field(default=DEFAULT_SCENES, strict=False)
    keywords: Keywords = Keywords()
    rules: tuple[Rule, ...] = Field(default=DEFAULT_RULES, strict=False)
    columns: dict[str, ColumnMap] = {}  # by kind of import
    silence: Silence = Silence()
    repurchase: Repurchase = Repurchase()
    forecast: ForecastWeights = ForecastWeights()
    report: Report | None = None
    survey: Survey | None = None
    alerts: Alerts = Alerts()
    changes: Changes = Changes()

    _version: str = PrivateAttr(default="")

    @property
    def version(self) -> str:
        """SHA-256 of the file that it came from; "" for one that came of no file. What is computed under it remembers it."""
        return self._version

    def of_version(self, sha256: str) -> "Config":
        """The same, of this file."""
        made = self.model_copy()
        made._version = sha256  # noqa: SLF001 - its own class
        return made

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def stage(self, id_: str) -> Stage:
        """Raises KeyError for an unknown id."""
        return {stage.id: stage for stage in self.stages}[id_]

    def kind(self, id_: str) -> ActionKind:
        """Raises KeyError for an unknown id."""
        return {kind.id: kind for kind in self.action_kinds}[id_]

    def scene(self, id_: str) -> Scene | None:
        return next((scene for scene in self.scenes if scene.id == id_), None)

    def region(self, id_: str) -> Region | None:
        return next((region for region in self.regions if region.id == id_), None)

    def grade_of(self, fen: int) -> Grade | None:
        """First match wins, in the order of the file."""
        return next((grade for grade in self.grades if grade.admits(fen)), None)

    def place_of(self, stage: str, kind: str | None) -> PlaceMode:
        """Where an action must happen: its kind overrides its stage."""
        own = self.kind(kind).place if kind else None
        return own or self.stage(stage).place
