"""Live checks of the Feishu side, in the administrator's words."""

from collections.abc import Awaitable, Callable

from adapters.feishu.client import Client
from adapters.feishu.errors import ApiError
from adapters.feishu.messages import PATH
from adapters.feishu.strict_json import dig, word

CHATS = "/open-apis/im/v1/chats"
PAGES = 50
ENABLED = 2
ADVICE = {
    10003: "应用 ID 或 App Secret 不对，请核对开发者后台的“凭证与基础信息”",
    10014: "App Secret 不对，请核对 FEISHU_APP_SECRET",
    99991401: "本机 IP 不在白名单，请在开发者后台“安全设置”加入",
    99991403: "本月 API 调用额度已用完",
    99991672: "缺少权限，请在“权限管理”开通后发布版本",
    230027: "缺少权限，请在“权限管理”开通“获取群组中所有消息”后发布版本",
}
Line = tuple[bool, str]


async def chats(client: Client) -> list[tuple[str, str]]:
    """Return (chat_id, name) of the groups that the robot is in. Raises ApiError."""
    found: list[tuple[str, str]] = []
    params = {"page_size": "100"}
    for _ in range(PAGES):
        data = (await client.call("GET", CHATS, params=params)).get("data")
        found += [(word(item, "chat_id"), word(item, "name")) for item in dig(data, "items") or ()]
        if not dig(data, "has_more"):
            break
        params["page_token"] = word(data, "page_token")
    return found


async def lines(client: Client) -> list[Line]:
    """Return (fine, line) for the token, the robot, its groups and whether their history can be read."""
    try:
        await client.token.get()
    except ApiError as error:
        return [(False, f"飞书：取不到访问凭证：{_why(error)}")]
    report: list[Line] = [(True, "飞书：访问凭证正常"), await _robot(client)]
    try:
        joined = await chats(client)
    except ApiError as error:
        return [*report, (False, f"飞书：读不到机器人所在的群：{_why(error)}")]
    names = "、".join(name or chat_id for chat_id, name in joined[:20])
    report.append(
        (bool(joined), f"飞书：机器人已在 {len(joined)} 个群：{names}" if joined else "飞书：机器人还不在任何群里，请把它加进总监群")
    )
    return [*report, await _history(client, joined[0][0])] if joined else report


async def _robot(client: Client) -> Line:
    try:
        answer = await client.call("GET", "/open-apis/bot/v3/info")
    except ApiError as error:
        return False, f"飞书：读不到机器人信息：{_why(error)}"
    if dig(answer, "bot", "activate_status") != ENABLED:
        return False, "飞书：机器人尚未启用，请在开发者后台发布版本并由管理员启用"
    return True, f"飞书：机器人“{word(answer, 'bot', 'app_name')}”已启用"


async def _history(client: Client, chat_id: str) -> Line:
    params = {"container_id_type": "chat", "container_id": chat_id, "page_size": "1"}
    try:
        await client.call("GET", PATH, params=params)
    except ApiError as error:
        return False, f"飞书：读不到群消息，发送结果不明时卡片会标“可能重复”：{_why(error)}"
    return True, "飞书：群消息可读，发送结果不明时可以核对"


async def attendance(ask: Callable[[], Awaitable[object]]) -> Line:
    """Whether 考勤 records may be read; that nobody of the asked name exists is no obstacle."""
    try:
        await ask()
    except ApiError as error:
        if error.reason in {"no_permission", "unreachable", "timeout", "quota_used_up"}:
            return False, f"飞书：读不到考勤记录（attendance:task:readonly）：{_why(error)}"
    return True, "飞书：考勤记录可读"


def _why(error: ApiError) -> str:
    return ADVICE.get(error.code, f"{error}")
