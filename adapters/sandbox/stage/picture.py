"""What the page is shown: the screens of three clients in one JSON object, and who and what there is to choose from."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.sandbox.company import alert_chat
from adapters.sandbox.retelling import AUDIO
from adapters.sandbox.roster import REGIONS
from adapters.sandbox.stage.theatre import Theatre
from bot.evidence.amr import amr_seconds

LAST = 80  # messages of a chat
BOT = "销售行迹"
STORY_REP = "E001"
STORY_OWNER = "E002"  # whose customer falls silent within the hour
PHOTOS = (("meeting", "会议室"), ("plant", "车间"), ("front", "前台"), ("group", "合影"))
WORDS = {
    "demo-closing": "方案演示讲了四十分钟，提了三个问题……约好下周三再做需求确认",
    "budget-tender": "预算大概五十万元，招标时间定在下个月中旬……",
    "tech-concern": "主要的技术顾虑是数据接口和现有系统能不能打通……",
    "price-objection": "报价比竞争对手高了百分之十五，问能不能分期……",
    "competitor": "竞争对手昨天突然降价，要求四十八小时内补发技术对比……",
    "new-person": "见到了生产部的王经理，他是这次采购的发起人……",
    "short-note": "客户不在，明天再来。（太短）",
}
LINKS = (("接口文档", "look/openapi.json"), ("覆盖率", "look/coverage"), ("红灯", "look/alerts"))


@dataclass(frozen=True, slots=True)
class Look:
    """Which chats one page shows, and as whom in Feishu."""

    rep: str
    owner: str
    chat: str
    as_: str


def cast(theatre: Theatre) -> dict[str, Any]:
    """People, customers, chats and samples; does not change during a demo."""
    company = theatre.company
    return {
        "bot": BOT,
        "rep": company.member(STORY_REP).wecom,
        "owner": company.member(STORY_OWNER).wecom,
        "people": [_fields(one, "id name role region wecom feishu") for one in company.members],
        "clients": [_fields(one, "id name alias owner city address lat lng") for one in company.clients],
        "chats": _chats(theatre),
        "photos": [{"id": subject, "name": name} for subject, name in PHOTOS],
        "clips": [{"id": name, "seconds": seconds_of(name), "words": words} for name, words in WORDS.items()],
        "links": [{"name": name, "url": url} for name, url in LINKS],
    }


def seconds_of(clip: str) -> float:
    return amr_seconds((AUDIO / f"{clip}.amr").read_bytes()).seconds


def _fields(thing: object, names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names.split()}


def _chats(theatre: Theatre) -> list[dict[str, Any]]:
    leaders = [one for one in theatre.company.members if one.feishu]
    groups = [
        {"id": alert_chat(id_), "name": f"{name}区 · 过程告警群", "private": False, "members": members_of(theatre, id_)}
        for id_, name in REGIONS
    ]
    alone = [{"id": one.feishu, "name": f"单聊：{one.name}", "private": True, "members": [one.feishu]} for one in leaders]
    return [*groups, *alone]


def members_of(theatre: Theatre, region: str) -> list[str]:
    """The region's director first, then the admins."""
    admins = [one.feishu for one in theatre.company.members if one.role == "admin"]
    return [theatre.company.director(region).feishu, *admins]


def picture(theatre: Theatre, look: Look) -> dict[str, Any]:
    """The state of everything the page shows now."""
    return {
        "clock": theatre.clock.now().isoformat(),
        "outage": theatre.feishu.outage,
        "playing": theatre.playing,
        "menu": theatre.wecom.menu,
        "rep": wecom_lines(theatre, look.rep),
        "owner": wecom_lines(theatre, look.owner),
        "chat": feishu_lines(theatre, look.chat, look.as_),
        "counts": _counts(theatre),
        "story": list(theatre.story),
    }


def wecom_lines(theatre: Theatre, user: str) -> list[dict[str, Any]]:
    """His chat, and in between what he did beside it: 外出打卡."""
    lines = [*theatre.wecom.screen(user), *_checkins(theatre, user)]
    lines.sort(key=lambda line: datetime.fromisoformat(line["at"]))
    return [_wecom_line(theatre, line) for line in lines[-LAST:]]


def _checkins(theatre: Theatre, user: str) -> list[dict[str, Any]]:
    own = {one.wecom: one.device for one in theatre.company.members}[user]
    found = []
    for number, record in enumerate(theatre.wecom.world.checkins):
        if record["userid"] == user:
            at = datetime.fromtimestamp(record["checkin_time"], UTC).isoformat()
            phone = "本人手机" if record["deviceid"] == own else "另一台手机"
            text = f"外出打卡 · {record['location_title']} · {phone}"
            found.append({"id": f"checkin-{number}", "from": "me", "at": at, "type": "note", "text": text})
    return found


def _wecom_line(theatre: Theatre, line: dict[str, Any]) -> dict[str, Any]:
    line = {**line, "mine": line["from"] == "me"}
    if "media" in line:
        id_ = line["media"].rpartition("/")[2]
        line["media"] = f"media/wecom/{id_}"
        if line["type"] == "voice":
            line["seconds"] = round(amr_seconds(theatre.wecom.world.media[id_].data).seconds)
    if line["type"] == "location":
        line["label"] = line.get("text", "")
    return line


def feishu_lines(theatre: Theatre, chat: str, person: str) -> list[dict[str, Any]]:
    users = theatre.feishu.board.users
    lines = theatre.feishu.screen(chat)[-LAST:]
    return [{**line, "mine": line["from"] == person, "human": line["from"] in users} for line in lines]


def _counts(theatre: Theatre) -> dict[str, int]:
    """Messages from the product by chat, for the unread marks."""
    counts: dict[str, int] = {}
    for shown in theatre.wecom.world.messages.values():
        counts[shown.user] = counts.get(shown.user, 0) + (shown.origin == "app")
    for chat in theatre.feishu.board.chats.values():
        key = chat.members[0] if chat.private else chat.id
        counts[key] = sum(message.sender not in theatre.feishu.board.users for message in theatre.feishu.board.in_chat(chat.id))
    return counts
