"""What the page is shown: the screens of three clients in one JSON object, and who and what there is to choose from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.sandbox.company import Member, alert_chat, ding_chat
from adapters.sandbox.retelling import AUDIO
from adapters.sandbox.roster import REGIONS
from adapters.sandbox.stage.clients import CLIENTS, OnWeCom, client_of
from adapters.sandbox.stage.theatre import PLATFORMS, Theatre
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
        "people": [{**_fields(one, "id name role region"), **one.handles} for one in company.members],
        "platforms": [{"id": id_, "name": name} for id_, name in PLATFORMS.items()],
        "clients": [_fields(one, "id name alias owner city address lat lng") for one in company.clients],
        "chats": list(chats(theatre).values()),
        "photos": [{"id": subject, "name": name} for subject, name in PHOTOS],
        "clips": [{"id": name, "seconds": seconds_of(name), "words": words} for name, words in WORDS.items()],
        "links": [{"name": name, "url": url} for name, url in LINKS],
    }


def seconds_of(clip: str) -> float:
    return amr_seconds((AUDIO / f"{clip}.amr").read_bytes()).seconds


def _fields(thing: object, names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names.split()}


def chats(theatre: Theatre) -> dict[str, dict[str, Any]]:
    """Every chat that those who lead may look at, by id: the regions' groups, and each one's own with the bot, on every platform."""
    leaders = [one for one in theatre.company.members if one.role in {"director", "admin"}]
    found: list[dict[str, Any]] = []
    for platform, group in (("feishu", alert_chat), ("dingtalk", ding_chat)):
        for id_, name in REGIONS:
            inside = [one.handles[platform] for one in leaders_of(theatre, id_)]
            found.append({"id": group(id_), "name": f"{name}区 · 过程告警群", "private": False, "members": inside, "platform": platform})
    for platform in PLATFORMS:
        for one in leaders:
            own = one.handles[platform]
            found.append({"id": own, "name": f"单聊：{one.name}", "private": True, "members": [own], "platform": platform})
    return {chat["id"]: chat for chat in found}


def leaders_of(theatre: Theatre, region: str) -> list[Member]:
    """The region's director first, then the admins."""
    return [theatre.company.director(region), *(one for one in theatre.company.members if one.role == "admin")]


def members_of(theatre: Theatre, region: str) -> list[str]:
    """Who is in a region's group, in Feishu."""
    return [one.handles["feishu"] for one in leaders_of(theatre, region)]


def by_handle(theatre: Theatre) -> dict[str, Member]:
    """Everybody by each of his ids."""
    return {id_: one for one in theatre.company.members for id_ in (one.id, *one.handles.values())}


def picture(theatre: Theatre, look: Look) -> dict[str, Any]:
    """The state of everything the page shows now."""
    return {
        "clock": theatre.clock.now().isoformat(),
        "outage": theatre.feishu.outage,
        "playing": theatre.playing,
        "menu": theatre.wecom.menu,
        "seats": {one.handles["wecom"]: theatre.seat_of(one) for one in theatre.company.members},
        "rep": phone_lines(theatre, look.rep),
        "owner": phone_lines(theatre, look.owner),
        "chat": chat_lines(theatre, look.chat, look.as_),
        "counts": _counts(theatre),
        "story": list(theatre.story),
    }


def phone_lines(theatre: Theatre, user: str) -> list[dict[str, Any]]:
    """Somebody's chat with the bot, on the platform that he uses now."""
    return _ordered(client_of(theatre, by_handle(theatre)[user]).lines())


def chat_lines(theatre: Theatre, id_: str, person: str) -> list[dict[str, Any]]:
    """A chat of those who lead."""
    chat, me = chats(theatre)[id_], by_handle(theatre)
    client = CLIENTS[chat["platform"]](theatre, me.get(person) or me[chat["members"][0]])
    return _ordered(client.lines() if chat["private"] or isinstance(client, OnWeCom) else client.shown(id_))


def _ordered(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lines, key=lambda line: datetime.fromisoformat(line["at"]))[-LAST:]


def _counts(theatre: Theatre) -> dict[str, int]:
    """Messages from the product by chat, for the unread marks."""
    counts: dict[str, int] = {}
    for shown in theatre.wecom.world.messages.values():
        counts[shown.user] = counts.get(shown.user, 0) + (shown.origin == "app")
    for chat in theatre.feishu.board.chats.values():
        key = chat.members[0] if chat.private else chat.id
        counts[key] = sum(message.sender not in theatre.feishu.board.users for message in theatre.feishu.board.in_chat(chat.id))
    for screen, lines in theatre.dingtalk.world.screens.items():
        counts[screen] = sum(line["from"] == "robot" for line in lines)
    return counts
