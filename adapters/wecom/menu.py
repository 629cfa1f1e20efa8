"""The app's menu, and the live checks of `doctor`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.http import Unreachable
from adapters.wecom.client import Client
from adapters.wecom.errors import ApiError


def _click(name: str, key: str) -> dict[str, Any]:
    return {"type": "click", "name": name, "key": key}


MENU: list[dict[str, Any]] = [
    {
        "name": "拜访",
        "sub_button": [
            *(_click("开始拜访", "start"), _click("选择阶段", "stages"), _click("场景录音", "scenes")),
            *(_click("结束拜访", "end"), _click("撤回", "withdraw")),
        ],
    },
    {"name": "今日", "sub_button": [_click("今日", "today"), _click("我的数据", "mydata")]},
    _click("帮助", "help"),
]
SAYS: Mapping[str, str] = {
    "bad_secret": "密钥不正确：请核对环境变量 WECOM_SECRET 与应用的 Secret",
    "bad_corp": "企业 ID 不正确：请核对 [wecom] corp_id",
    "bad_agent": "应用不正确：请核对 [wecom] agent_id",
    "ip_not_allowed": "本机出口 IP{ip} 未列入应用的「企业可信IP」（60020）：应用管理 → 该应用 → 企业可信IP，加入它，一分钟后生效",
    "no_permission": "应用没有这项接口权限：管理后台 → 应用管理 → 该应用，检查可见范围与权限",
    "rate": "接口调用超过频率限制，请稍后再试",
    "busy": "企业微信系统繁忙，请稍后再试",
}


async def ensure_menu(client: Client, agent_id: int) -> bool:
    """Create the menu unless it is there already; True when it was created. Raises ApiError, Unreachable."""
    if await menu_is_right(client, agent_id):
        return False
    await client.post("menu/create", {"button": MENU}, agentid=str(agent_id))
    return True


async def menu_is_right(client: Client, agent_id: int) -> bool:
    try:
        told = await client.get("menu/get", agentid=str(agent_id))
    except ApiError as error:
        if error.meaning.reason == "no_menu":
            return False
        raise
    return _shape(told.get("button")) == _shape(MENU)


async def check_token(client: Client) -> tuple[bool, str]:
    return await _line("access_token", client.token(), lambda _: (True, "可以获取"))


async def check_menu(client: Client, agent_id: int, *, fix: bool) -> tuple[bool, str]:
    if fix:
        return await _line("应用菜单", ensure_menu(client, agent_id), lambda made: (True, "已创建" if made else "正确"))
    fine = menu_is_right(client, agent_id)
    return await _line("应用菜单", fine, lambda right: (right, "正确" if right else "缺少或不一致，可用 doctor --fix 创建"))


async def check_records(client: Client, now: datetime) -> tuple[bool, str]:
    """Ask for nobody's records: a missing permission is told before a missing user is."""
    at = int(now.timestamp())
    asked = client.post("checkin/getcheckindata", {"opencheckindatatype": 2, "starttime": at - 60, "endtime": at, "useridlist": ["doctor"]})
    fine, line = await _line("打卡记录", asked, lambda _: (True, "可以读取"))
    if "没有这项接口权限" in line:
        line += "：请在「打卡」应用的「可调用接口的应用」里加入本应用"
    return fine, line


async def _line(what: str, work: Any, tell: Any) -> tuple[bool, str]:
    try:
        fine, words = tell(await work)
    except ApiError as error:
        fine, words = False, _explain(error)
    except Unreachable as error:
        fine, words = False, f"企业微信接口连接不上（{error.reason}）"
    return fine, f"企业微信 {what}：{words}"


def _explain(error: ApiError) -> str:
    words = SAYS.get(error.meaning.reason, "接口报错")
    return words.format(ip=f" {error.ip}" if error.ip else "") + ("" if "60020" in words else f"（{error.code}）")


def _shape(menu: object) -> object:
    """What matters of a menu: names and keys, in order."""
    items = menu if isinstance(menu, list) else []
    return [(item.get("name"), item.get("key", ""), _shape(item.get("sub_button"))) for item in items if isinstance(item, dict)]
