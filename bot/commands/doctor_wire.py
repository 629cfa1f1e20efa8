"""The wire side of `doctor`: clocks, the certificate, what the platforms sent and what of it was refused, groups, allowances."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

import aiohttp

from bot import seen
from bot.commands.assembly import Setup
from bot.config.schema import Config
from bot.errors import FetchError
from bot.line import Line
from bot.measures.quota import Quota
from bot.meter import PUSHES, quotas
from bot.model import Kind, Platform

SKEW = timedelta(seconds=60)
SILENT = timedelta(days=3)
RENEW = timedelta(days=14)
NAMES = {Platform.WECOM: "企业微信", Platform.FEISHU: "飞书", Platform.DINGTALK: "钉钉"}
# Why a callback was refused, and what to look at.
REFUSED = {
    "signature": "签名不符：请核对后台的 Token（飞书：Encrypt Key；钉钉：Client Secret）与环境变量是否一致",
    "token": "Verification Token 不符：请核对 FEISHU_VERIFICATION_TOKEN",
    "shape": "解密不了或格式不对：请核对后台的 EncodingAESKey / Encrypt Key 与环境变量是否一致",
    "xml": "解密后不是企业微信的格式：请核对 WECOM_AES_KEY",
    "json": "解密后不是平台的格式：请核对事件订阅的 aes_key",
    "plaintext": "后台没有加密：请在「加密策略」里设置 Encrypt Key",
    "no_key": "事件是加密的，但没有设置 DINGTALK_EVENT_TOKEN、DINGTALK_EVENT_AES_KEY",
    "receiver": "不是发给这个应用的：请核对 corp_id / app_id / client_id",
    "stale": "时间超出允许范围：请打开系统的自动校时",
    "timestamp": "没有时间戳，不是平台发来的",
    "size": "内容过大",
    "too_large": "内容过大",
}
# What comes only when it was subscribed to, and where that is done.
EVENTS = {
    (Platform.WECOM, Kind.MENU): "菜单：应用 → 接收消息 → 勾选「接收事件」",
    (Platform.WECOM, Kind.POSITION): "上报位置：应用 → 接收消息 → 勾选「上报地理位置」",
    (Platform.FEISHU, Kind.TEXT): "消息：事件与回调 → 事件配置 → 添加「接收消息」",
    (Platform.FEISHU, Kind.TAP): "卡片按钮：事件与回调 → 回调配置 → 添加「卡片回传交互」，再发布版本",
    (Platform.DINGTALK, Kind.CHECKIN): "签到：事件与回调 → 订阅「用户签到」",
}
Check = tuple[bool, str]


@runtime_checkable
class HasChats(Protocol):
    """An adapter that knows which groups its robot is in."""

    async def chats(self) -> list[tuple[str, str]]:
        """Return (id, name). Raises FetchError."""
        ...


async def checks(setup: Setup, line: Line) -> AsyncIterator[Check]:
    """Everything that goes over a wire but the platforms' own answers."""
    config, now = setup.config, setup.clock.now()
    for name, base in _bases(config):
        yield await _skew(name, base, now)
    if config.server.public_url.startswith("https://"):
        yield await _certificate(config.server.public_url, now)
    for found in await _groups(line):
        yield found
    latest, refused, kinds = await seen.kept(), await seen.refusals(), await seen.kinds()
    for platform in line.adapters:
        yield _called(platform, latest.get(platform), config, now)
        if platform in refused:
            yield _refused(platform, *refused[platform], latest.get(platform), now)
        for found in _events(platform, kinds, latest.get(platform)):
            yield found
    for quota in await quotas(config, now):
        yield _allowance(quota)


def _bases(config: Config) -> list[tuple[str, str]]:
    tables = (("企业微信", config.wecom), ("飞书", config.feishu), ("钉钉", config.dingtalk))
    return [(name, table.api_base) for name, table in tables if table]


async def _skew(name: str, base: str, now: datetime) -> Check:
    """This machine's clock against the Date that the platform's server answers with."""
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session, session.get(base) as answer:
            there = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as error:
        return False, f"{name}: 连不上 {base} ({type(error).__name__}), 请检查网络或 proxy 设置"
    off = abs(now - there)
    return off <= SKEW, f"{name}: 本机时钟与 {base} 相差 {off.total_seconds():.0f} 秒" + ("" if off <= SKEW else ", 请打开系统的自动校时")


async def _certificate(url: str, now: datetime) -> Check:
    """Platforms call nobody whose certificate is over."""
    try:
        until = await asyncio.to_thread(_expires, url)
    except ssl.SSLCertVerificationError as error:
        return False, f"公网地址 {url}: 证书不被信任 ({error.verify_message}), 平台不会回调, 请换成受信任机构签发的"
    except OSError as error:
        return False, f"公网地址 {url}: 打不开 ({type(error).__name__}), 请检查反向代理和防火墙"
    left = until - now
    return left > RENEW, f"公网地址 {url}: 证书还有 {left.days} 天到期" + ("" if left > RENEW else ", 请尽快续期")


def _expires(url: str) -> datetime:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    context = ssl.create_default_context()
    with socket.create_connection((host, port), timeout=5) as plain, context.wrap_socket(plain, server_hostname=host) as secured:
        found = secured.getpeercert()
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])) if found else 0, UTC)


async def _groups(line: Line) -> list[Check]:
    """The groups of the regions, where a platform tells which ones the robot is in."""
    found: list[Check] = []
    for platform, adapter in line.adapters.items():
        wanted = [region for region in line.config().regions if region.alert_chat.startswith(f"{platform.value}:")]
        if not wanted or not isinstance(adapter, HasChats):
            continue
        try:
            joined = {id_ for id_, _ in await adapter.chats()}
        except FetchError:
            continue  # the adapter's own lines say why
        for region in wanted:
            chat = region.alert_chat.partition(":")[2]
            if chat not in joined:
                found.append((False, f"{NAMES[platform]}: 区域 {region.name} 的群 {chat} 里没有机器人，请把它加进去，或改 alert_chat"))
    return found


def _called(platform: Platform, at: datetime | None, config: Config, now: datetime) -> Check:
    name, how = NAMES[platform], _how(platform, config)
    if at is None:
        where = "请看 serve 的日志里是否连上" if "连接" in how else "请在后台的“接收消息/事件与回调”里保存一次回调地址"
        return False, f"{name}: 从未收到消息或事件（{how}），{where}"
    return now - at <= SILENT, f"{name}: 最近一次收到是 {_ago(now - at)}，{how}"


def _how(platform: Platform, config: Config) -> str:
    """By which way its messages come, and what makes them believable."""
    if platform is Platform.WECOM:
        return "HTTP 回调，已验签、解密"
    if platform is Platform.FEISHU:
        long = config.feishu is not None and config.feishu.mode == "websocket"
        return "长连接，由我们的密钥建立" if long else "HTTP 回调，已验签、解密"
    stream = config.dingtalk is not None and config.dingtalk.mode == "stream"
    return "Stream 长连接，由我们的密钥建立" if stream else "HTTP 回调，已验签"


def _refused(platform: Platform, reason: str, at: datetime, latest: datetime | None, now: datetime) -> Check:
    """Wrong only while nothing genuine came after it: anybody may knock."""
    words = f"{NAMES[platform]}: {_ago(now - at)}有一次回调被拒绝：{REFUSED.get(reason, reason)}"
    return latest is not None and latest > at, words


def _events(platform: Platform, kinds: Mapping[str, datetime], latest: datetime | None) -> Iterator[Check]:
    """What never came, once anything did. Perhaps nobody did it yet: a hint, no fault."""
    if latest is None:
        return
    for (where, kind), words in EVENTS.items():
        if where is platform and f"{platform.value}.{kind.value}" not in kinds:
            yield True, f"{NAMES[platform]}: 还没有收到过{words.replace('：', '（如果有人做过而没有反应：', 1)}）"


def _allowance(quota: Quota) -> Check:
    what = "推送" if quota.what == PUSHES else "接口调用"
    words = f"{NAMES[Platform(quota.platform)]}: 本月{what} {quota.used} 次"
    if quota.limit:
        words += f"，额度 {quota.limit}"
    if quota.forecast is not None and quota.limit:
        words += f"，照此下去本月约 {quota.forecast}"
    if quota.refused:
        words += "；平台答复额度已用完，请购买资源包或升级版本"
    over = quota.limit > 0 and (quota.forecast or 0) > quota.limit
    return not (quota.short or over), words


def _ago(since: timedelta) -> str:
    minutes = int(since.total_seconds() // 60)
    return f"{minutes} 分钟前" if minutes < 120 else f"{minutes // 60} 小时前"
