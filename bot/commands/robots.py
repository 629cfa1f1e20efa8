"""Custom group robots: those whose secret is there, with or without a table of their platform."""

from collections.abc import AsyncIterator, Iterator, Mapping

from bot.config.schema import Config, DingTalk, Feishu, WeCom
from bot.config.secrets import Secrets
from bot.model import ROBOT, Platform
from bot.ports import Clock, Outlet, RateLimit
from bot.store import outbox_rows

NAMES = {Platform.WECOM: "企业微信", Platform.DINGTALK: "钉钉", Platform.FEISHU: "飞书"}
MENDS = {
    "bad_key": "密钥不对，或机器人已被移出群；在群设置里看它的 Webhook 地址",
    "bad_sign": "签名校验没通过：核对 FEISHU_ROBOT_SECRET 与本机时钟",
    "robot_security": "安全设置没通过：核对 DINGTALK_ROBOT_SECRET、关键词或 IP 白名单",
    "keyword": "安全设置里的关键词不在消息里：改用签名校验",
    "ip_not_allowed": "本机出口 IP 不在机器人的白名单里",
    "robot_off": "机器人已停用",
    "robot_gone": "机器人已被移出群",
    "rate": "发得太多，等平台放行",
    "not_configured": "启动时没有它的密钥：设置后重启",
}


def robots(config: Config, secrets: Secrets, clock: Clock, limits: RateLimit) -> dict[Platform, Outlet]:
    """Imported here, so that one that is off costs nothing."""
    found: dict[Platform, Outlet] = {}
    if key := secrets.get("WECOM_ROBOT_KEY"):
        from adapters.robot import Robot
        from adapters.wecom.robot import WeComRobot

        wecom = config.wecom or WeCom(corp_id="", agent_id=0)
        found[Platform.WECOM] = Robot(WeComRobot(key, wecom.api_base), clock=clock, limits=limits, proxy=wecom.proxy)
    if key := secrets.get("DINGTALK_ROBOT_TOKEN"):
        from adapters.dingtalk.robot import DingTalkRobot
        from adapters.robot import Robot

        ding = config.dingtalk or DingTalk(client_id="")
        wire = DingTalkRobot(key, secrets.get("DINGTALK_ROBOT_SECRET") or "", ding.oapi_base)
        found[Platform.DINGTALK] = Robot(wire, clock=clock, limits=limits, proxy=ding.proxy)
    if key := secrets.get("FEISHU_ROBOT_KEY"):
        from adapters.feishu.robot import FeishuRobot
        from adapters.robot import Robot

        feishu = config.feishu or Feishu(app_id="")
        hook = FeishuRobot(key, secrets.get("FEISHU_ROBOT_SECRET") or "", feishu.api_base)
        found[Platform.FEISHU] = Robot(hook, clock=clock, limits=limits, proxy=feishu.proxy)
    return found


async def report(config: Config, found: Mapping[Platform, Outlet]) -> AsyncIterator[tuple[bool, str]]:
    """For `doctor`: what became of the latest message. A robot can only be asked by making it speak, which nobody wants of a check."""
    for platform in _used(config):
        name = f"{NAMES[platform]} 群机器人"
        if platform not in found:
            yield False, f"{name}: {MENDS['not_configured']}"
            continue
        last = await outbox_rows.latest(platform, f"chat:{ROBOT}")
        if last is None:
            yield True, f"{name}: 密钥已设置, 还没有发过消息"
        elif last.reason and not last.sent_at:
            yield False, f"{name}: 最近一条没有发出 ({MENDS.get(last.reason, last.reason)})"
        else:
            yield True, f"{name}: 最近一条" + ("已发出" if last.sent_at else "正在等候发出")


def _used(config: Config) -> Iterator[Platform]:
    chats = {region.alert_chat for region in config.regions}
    return (platform for platform in NAMES if f"{platform.value}:{ROBOT}" in chats)
