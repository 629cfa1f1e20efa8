"""What a person types → a Command. Tolerant in spelling, never guessing: what is not understood has op `unknown`."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.config.schema import ActionKind, Config, Stage
from bot.consent import PURPOSES

LONGEST = 500  # characters of one line that are looked at
WIDE = {0x3000: 0x20, 0xFF20: 0x40}  # full-width space and @; letters and digits follow; punctuation stays as it was written
WIDE |= {ord(wide): ord(wide) - 0xFEE0 for wide in map(chr, range(0xFF01, 0xFF5F)) if wide.isalnum()}
TRADITIONAL = str.maketrans("開結訪幫蓋紅燈數據決鏈說發響預測備試點換機銷", "开结访帮盖红灯数据决链说发响预测备试点换机销")
EDGES = " \t\r\n.,;:!?~、，。；：！？～…\"'“”‘’"
ADDRESSED = re.compile(r"^@\S+\s*")
PHONE = re.compile(r"^\+?\d[\d-]{4,19}$")
ROLES = {"发起人": "initiator", "影响人": "influencer", "决策人": "decider"}
PERIOD = re.compile(r"^(20\d\d)(?:年?[Qq]([1-4])季?度?|[-年.](1[0-2]|0?[1-9])月?|年)?$")
YEAR = re.compile(r"20\d\d(?!\d)")
HIDDEN = {"照片": "photos", "语音": "voices", "电话": "phones"}
MONTHS_SAID = {f"{name}月": f"{number}" for number, name in enumerate("一 二 三 四 五 六 七 八 九 十 十一 十二".split(), 1)}
MONTHS_SAID |= {"本月": "0", "这个月": "0", "上月": "-1", "上个月": "-1"}
MONTH_NAMED = re.compile(r"^(?:(20\d\d)[-年.])?(1[0-2]|0?[1-9])月?$")
MONTH_LIKE = re.compile(r"^(?:(?:20\d\d[-年./])?\d{1,4}月份?|20\d\d[-年./]\d{1,2}|(?:[一二三四五六七八九十]{1,3}|下个?)月份?)$")
CODE = re.compile(r"^[0-9]{8}$")
RECORD = re.compile(r"^[a-z]{1,3}_[0-9A-Za-z]{20,40}$")
START = re.compile(r"^(?:(?:开始拜访|去拜访|到访)[\s:：,，]*|(?:开始|拜访)[\s:：,，]+)(.+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What somebody wants. `arg` and `more` depend on `op`; taps and menu items become Commands too.

    start (customer) · stages · stage (id) · kind (id) · end · withdraw · correct (stage id; record) · contact (name; title, role, phone)
    · note (customer; kind id, reason) · today · help · mydata · device · alerts · backup · export
    · coverage, funnel, deals, board, report (region; month) · nomonth, on_card (what was said) · verify (record)
    · state (record; words) · pilot (region)
    · file_as (paper) · papers (customer) · consent.give, consent.withdraw (purposes …)
    · config.edit (rule; key, value) · deck (name) · link (code) · leave (person; successor) · handover (customer or person; successor)
    · signature (what) · unsign (signature) · send (deck, customer and recipient) · material (deck:customer) · sandbox (customer)
    · forecast (customer; amount, month) · deviations (region) · silent (region)
    · scene (id) · scenes · submit (voice) · rewrite (voice) · card · met (contact's name) · cares (customer)
    · dossier (customer; period, what to leave out …) · chain (customer) · usage (of what) · unknown (the text)
    """

    op: str
    arg: str = ""
    more: tuple[str, ...] = ()


WHOLE = {
    "start": ("开始拜访", "开始", "拜访", "到访", "开始访问"),
    "stages": ("选择阶段", "阶段"),
    "end": ("结束拜访", "结束", "拜访结束", "完成拜访", "结束访问"),
    "withdraw": ("撤回", "撤回拜访", "撤销"),
    "today": ("今日", "今天", "今日动作"),
    "help": ("帮助", "怎么用", "使用说明", "help", "菜单", "你好"),
    "mydata": ("我的数据",),
    "device": ("换手机", "更换手机", "换设备", "设备", "我的设备"),
    "alerts": ("红灯", "看红灯"),
    "backup": ("备份状态", "备份"),
    "export": ("导出全部", "全部导出", "导出全部数据"),
    "card": ("名片", "拍名片", "发名片"),
    "scenes": ("场景", "录音场景", "场景录音"),
    "submit": ("提交", "提交录音"),
    "rewrite": ("改文字", "修改文字", "更正文字"),
    "coverage": ("覆盖率",),
    "funnel": ("漏斗", "看漏斗"),
    "deals": ("异常商机",),
    "board": ("看板", "看看板", "打开看板"),
    "report": ("健康报告", "健康度报告", "过程健康报告", "过程健康度报告"),
    "signature": ("签字", "客户签字", "请客户签字", "电子签名"),
    "unsign": ("作废签字", "撤回签字", "取消签字", "作废"),
    "silent": ("沉默客户", "高价值沉默客户"),
    "deviations": ("预测偏差", "预测准确率"),
    "sign": ("看得到",),
    "nosign": ("看不到",),
    "relocate": ("重新定位",),
    "alert.follow": ("我来跟进",),
    "alert.false": ("误报", "标为误报"),
    "alert.mute": ("静默24小时", "静默"),
    "alert.offline": ("已离线沟通",),
    "alert.snooze": ("暂缓",),
    "link": ("关联账号", "绑定账号", "关联", "绑定", "账号关联"),
}
OPS = {word: op for op, words in WHOLE.items() for word in words}
# Words of other buttons: which thing is meant, only the button knows.
ON_CARD = frozenset("申请例外 登记为新地点 登记 忽略 不是客户的人 不对 生效 放弃 拒绝 写明原因 上线 停止提醒 发白皮书".split())
USAGE = frozenset("资料 发资料 加人 见了 说明 改 更正 核验 申诉 决策链 出证 归档 文件 离职 交接 预测 改规则".split())
MONTH_SAID = re.compile(r"(?:(20\d\d)[-/.年])?(\d{1,2})月?(?:份)?")
CARES = ("关心什么", "关心啥")


def understand(text: str, config: Config) -> Command:
    """Parse one message."""
    line = tidy(text)
    bare = line.strip(EDGES)
    bare = bare[:4].translate(TRADITIONAL) + bare[4:]  # commands only: a customer's name is looked up as it is written
    for parse in (_whole, _intent, _start, _cares, _prefixed):
        if found := parse(bare, config):
            return found
    return Command(op="unknown", arg=line)


def tidy(text: str) -> str:
    """One line, without full-width forms of ASCII and without the bot's own @ in front."""
    line = " ".join(text[:LONGEST].translate(WIDE).split())
    return ADDRESSED.sub("", line)


def squeezed(text: str) -> str:
    """A form in which spellings compare equal: no spaces, no punctuation, no case."""
    return re.sub(r"[\W_]+", "", text.translate(WIDE)).casefold()


def stage_named(word: str, config: Config) -> Stage | None:
    wanted = squeezed(word)
    return next((stage for stage in config.stages if wanted in {squeezed(name) for name in (stage.name, *stage.aliases)}), None)


def kind_named(word: str, config: Config) -> ActionKind | None:
    wanted = squeezed(word)
    return next((kind for kind in config.action_kinds if squeezed(kind.name) == wanted), None)


def _whole(bare: str, _: Config) -> Command | None:
    if bare in USAGE or bare in ROLES:
        return Command(op="usage", arg=bare if bare in USAGE else "加人")
    if bare in ON_CARD:
        return Command(op="on_card", arg=bare)
    op = OPS.get(squeezed(bare))
    return Command(op=op) if op else None


def _intent(bare: str, config: Config) -> Command | None:
    """A kind that bears its stage's name is the stage."""
    if stage := stage_named(bare, config):
        return Command(op="stage", arg=stage.id)
    if kind := kind_named(bare, config):
        return Command(op="kind", arg=kind.id)
    scene = next((scene for scene in config.scenes if squeezed(bare) == squeezed(scene.name)), None)
    return Command(op="scene", arg=scene.id) if scene else None


def _start(bare: str, config: Config) -> Command | None:
    found = START.match(bare)
    return _intent(found[1], config) or Command(op="start", arg=found[1].strip(EDGES)) if found else None


def _prefixed(bare: str, config: Config) -> Command | None:
    for word, parse in PREFIXES.items():
        if bare.startswith(word) and (found := parse(word, bare[len(word) :].strip(EDGES), config)):
            return found
    return None


def _contact(_: str, rest: str, __: Config) -> Command | None:
    return contact_of(rest.replace("，", " ").replace("、", " ").replace(",", " ").split())


def _role_first(word: str, rest: str, _: Config) -> Command | None:
    return _contact(word, f"{rest} {word}", _) if rest else None


def contact_of(words: Iterable[str]) -> Command | None:
    """Name first; role and phone anywhere; what is left is the title."""
    left, role, phone = [], "", ""
    for word in words:
        if word in ROLES:
            role = ROLES[word]
        elif PHONE.match(word):
            phone = word
        else:
            left.append(word)
    return Command(op="contact", arg=left[0][:40], more=(" ".join(left[1:])[:40], role, phone)) if left else None


def _note(word: str, rest: str, config: Config) -> Command | None:
    """The action kind's name parts the customer from the reason, with or without spaces."""
    for kind in sorted(config.action_kinds, key=lambda kind: -len(kind.name)):
        customer, found, reason = rest.partition(kind.name)
        if found and customer.strip(EDGES) and reason.strip(EDGES):
            return Command(op="note", arg=customer.strip(EDGES), more=(kind.id, reason.strip(EDGES)))
    return Command(op="usage", arg=word)


def _correct(word: str, rest: str, config: Config) -> Command | None:
    """`改 <阶段>`, or a director's `改 <记录号> <阶段>`."""
    first, _, second = rest.partition(" ")
    record = first if RECORD.match(first) else ""
    stage = stage_named(second if record else rest.removeprefix("为"), config)
    if stage:
        return Command(op="correct", arg=stage.id, more=(record,))
    return Command(op="usage", arg=word) if record or " " not in rest else None


def _verify(word: str, rest: str, _: Config) -> Command | None:
    return Command(op="verify", arg=rest) if RECORD.match(rest) else Command(op="usage", arg=word)


def _state(word: str, rest: str, __: Config) -> Command | None:
    """`申诉 <记录> <一句话>`."""
    record, _, said = rest.partition(" ")
    if RECORD.match(record) and said.strip():
        return Command(op="state", arg=record, more=(said.strip(),))
    return Command(op="usage", arg=word)


def _figures(op: str) -> Callable[[str, str, Config], Command | None]:
    """`覆盖率 [区域] [月]`, and what else is asked of a region and a month."""

    def parse(_: str, rest: str, __: Config) -> Command | None:
        *region, last = rest.split() or [""]
        month = month_named(last)
        if not month and MONTH_LIKE.match(last):
            return Command(op="nomonth", arg=last)
        return Command(op=op, arg=" ".join(region) if month else rest, more=(month,) if month else ())

    return parse


def month_named(word: str) -> str:
    """`2026-10`, `10` (the latest October), `-1` (last month), `0` (this one); "" for what names no month."""
    if word in MONTHS_SAID:
        return MONTHS_SAID[word]
    found = MONTH_NAMED.match(word)
    if not found:
        return ""
    return f"{found[1]}-{int(found[2]):02}" if found[1] else f"{int(found[2])}"


def _alerts(_: str, __: str, ___: Config) -> Command | None:
    return Command(op="alerts")


def _dossier(word: str, rest: str, __: Config) -> Command | None:
    """`出证 <客户> [2026 | 2026Q1 | 2026-03] [隐去 照片 电话]`."""
    shown, _, hidden = rest.partition("隐去")
    words = shown.split()
    period = words.pop() if len(words) > 1 and PERIOD.match(words[-1]) else ""
    without = [name for what, name in HIDDEN.items() if what in hidden]
    if len(words) > 1 and YEAR.match(words[-1]):  # a period that there is not, or two of them
        return Command(op="usage", arg=word)
    if not words or ("隐去" in rest and not without):
        return Command(op="usage", arg=word)
    return Command(op="dossier", arg=" ".join(words), more=(period, *without))


def _consent(op: str) -> Callable[[str, str, Config], Command | None]:
    """`同意 [位置 照片 …]`, `撤回同意 [位置 照片 …]`: without a purpose, all of them."""

    def parse(_: str, rest: str, __: Config) -> Command | None:
        named = tuple(purpose for purpose, word in PURPOSES.items() if word in rest)
        return Command(op=op, more=named or tuple(PURPOSES)) if named or not rest else None

    return parse


def _paper(op: str) -> Callable[[str, str, Config], Command | None]:
    """`归档 <文件名>`, `文件 <客户>`."""
    return lambda word, rest, _: Command(op=op, arg=rest) if rest else Command(op="usage", arg=word)


def _deck(_: str, rest: str, __: Config) -> Command | None:
    """`演示 <册>`."""
    return Command(op="deck", arg=rest) if rest else None


def _link(_: str, rest: str, __: Config) -> Command | None:
    """`关联账号 <验证码>`."""
    code = rest.removeprefix("账号").replace(" ", "")
    return Command(op="link", arg=code) if CODE.match(code) else None


def _leave(word: str, rest: str, _: Config) -> Command | None:
    """`离职 <人> [交接 <人>]`."""
    words = [one for one in rest.split() if one != "交接"]
    return Command(op="leave", arg=words[0], more=tuple(words[1:])) if 1 <= len(words) <= 2 else Command(op="usage", arg=word)


def _hand_over(word: str, rest: str, _: Config) -> Command | None:
    """`交接 <客户或人> <人>`."""
    *what, to = rest.split() or [""]
    return Command(op="handover", arg=" ".join(what), more=(to,)) if what else Command(op="usage", arg=word)


def _forecast(word: str, rest: str, _: Config) -> Command | None:
    """`预测 <客户> <金额> <月>`: the last two words, whatever stands before them is the customer."""
    *customer, amount, month = ["", *rest.split()] if len(rest.split()) > 1 else ["", "", ""]
    name = " ".join(customer).strip()
    return Command(op="forecast", arg=name, more=(amount, month)) if name else Command(op="usage", arg=word)


def _rest(op: str) -> Callable[[str, str, Config], Command | None]:
    """`签字 <事项>`, `资料 <册> <客户> [收件人]`, `开沙箱 [客户]`, `沉默客户 [区域]`, `预测偏差 [区域]`."""
    return lambda _, rest, __: Command(op=op, arg=rest)


def _pilot(_: str, rest: str, __: Config) -> Command | None:
    """`试点 [区域]`."""
    return Command(op="pilot", arg=rest)


def _rule(word: str, rest: str, _: Config) -> Command | None:
    """`改规则 <编号> <项目> <值>`."""
    words = rest.replace("=", " ").split()
    return Command(op="config.edit", arg=words[0], more=tuple(words[1:3])) if len(words) == 3 else Command(op="usage", arg=word)


def _chain(_: str, rest: str, __: Config) -> Command | None:
    return Command(op="chain", arg=rest)


PREFIXES: dict[str, Callable[[str, str, Config], Command | None]] = {
    "加人": _contact,
    **dict.fromkeys(ROLES, _role_first),
    "决策链": _chain,
    "试点": _pilot,
    "演示": _deck,
    **dict.fromkeys(("签字 ", "签字：", "签字:"), _rest("signature")),
    **dict.fromkeys(("资料 ", "发资料 "), _rest("send")),
    **dict.fromkeys(("开沙箱", "沙箱 "), _rest("sandbox")),
    "见了": _paper("met"),
    "见到": _paper("met"),
    "说明": _note,
    "更正": _correct,
    "改规则": _rule,
    "改": _correct,
    "撤回同意": _consent("consent.withdraw"),
    "同意": _consent("consent.give"),
    "不同意": _consent("consent.withdraw"),
    "核验": _verify,
    "申诉": _state,
    "覆盖率": _figures("coverage"),
    "漏斗": _figures("funnel"),
    "异常商机": _figures("deals"),
    "看板": _figures("board"),
    **dict.fromkeys(("健康报告", "健康度报告", "过程健康报告", "过程健康度报告"), _figures("report")),
    "出证": _dossier,
    "预测偏差": _rest("deviations"),
    "沉默客户": _rest("silent"),
    "预测": _forecast,
    "归档": _paper("file_as"),
    "文件": _paper("papers"),
    "红灯 ": _alerts,
    "关联": _link,
    "绑定": _link,
    "离职": _leave,
    "交接": _hand_over,
}


def _cares(bare: str, _: Config) -> Command | None:
    """`<客户> 关心什么`."""
    asked = next((word for word in CARES if bare.endswith(word)), "")
    customer = bare.removesuffix(asked).strip(EDGES).removesuffix("最").strip(EDGES) if asked else ""
    if not asked:
        return None
    return Command(op="cares", arg=customer) if customer else Command(op="usage", arg=CARES[0])
