"""What of the outbox was refused, by platform and reason, and the page of the console that mends it."""

import re
from collections.abc import Mapping

from bot.commands.doctor_wire import NAMES
from bot.model import Platform
from bot.store import outbox_rows
from bot.store.database import Database

WORD = re.compile(r"[a-z_]+")
GROUPS = {
    Platform.WECOM: "核对 alert_chat 里的群或成员",
    Platform.FEISHU: "在群设置 → 群机器人里把它加进去（230002），或改 alert_chat",
    Platform.DINGTALK: "在群设置 → 机器人里添加本应用的机器人，在群里 @ 它说「帮助」看群号，或改 alert_chat",
}
RIGHTS = {
    Platform.WECOM: "管理后台 → 应用管理 → 该应用，检查可见范围与权限",
    Platform.FEISHU: "开发者后台 → 权限管理，开通后发布版本（99991672）",
    Platform.DINGTALK: "开发者后台 → 权限管理，开通机器人发消息的权限（AccessTokenPermissionDenied）",
}
ADDRESSES = {
    Platform.WECOM: "应用管理 → 该应用 → 企业可信IP，加入本机出口 IP（60020）",
    Platform.FEISHU: "开发者后台 → 安全设置 → IP 白名单",
    Platform.DINGTALK: "开发者后台 → 开发配置 → 安全设置，加入本机出口 IP",
}
PACKS = "管理后台购买资源包或升级版本，或等到下月，等着的不会丢"
# Word of a reason → what it means, and what to do by platform.
REASONS: Mapping[str, tuple[str, Mapping[Platform, str]]] = {
    "not_in_group": ("机器人不在群里", GROUPS),
    "no_chat": ("群号不对，或机器人不在群里", GROUPS),
    "group_dissolved": ("群已解散", GROUPS),
    "group_forbids": ("群里不许机器人发言", GROUPS),
    "no_permission": ("应用没有权限", RIGHTS),
    "out_of_scope": ("收信人不在应用的可见范围里", RIGHTS),
    "robot_off": ("应用没有启用机器人", RIGHTS),
    "bad_robot": ("robot_code 不对，或应用没有启用机器人", RIGHTS),
    "ip_not_allowed": ("本机 IP 不在白名单", ADDRESSES),
    "quota": ("本月接口额度已用完", dict.fromkeys(Platform, PACKS)),
    "quota_used_up": ("本月接口额度已用完", dict.fromkeys(Platform, PACKS)),
}
PASSING = frozenset({"rate", "rate_limited", "own", "unavailable", "busy", "timeout"})  # waits, and goes out by itself
Check = tuple[bool, str]


async def letters(database: Database) -> list[Check]:
    """One line a platform and reason."""
    found = await outbox_rows.refused(database.connection)
    return [_line(one) for one in found]


def _line(one: outbox_rows.Refused) -> Check:
    platform, dead = Platform(one.platform), one.state == "dead"
    word = _word(one.reason)
    said = f"{NAMES[platform]}: {one.count} 条消息{'放弃了' if dead else '在等着重发'}："
    if word in REASONS:
        what, where = REASONS[word]
        return False, f"{said}{what}；{where[platform]}" + ("，再用 doctor --fix 放回再试" if dead else "")
    return not dead and word in PASSING, said + one.reason


def _word(reason: str) -> str:
    """`feishu: not_in_group (230002)` is about `not_in_group`."""
    words = WORD.findall(reason.removeprefix("feishu: ").removeprefix("token: "))
    return str(words[0]) if words else ""
