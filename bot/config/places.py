"""Addresses, URLs, hours, time zone: values whose form only their reader knows."""

import re
from collections.abc import Callable, Iterator
from datetime import time
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from bot.config.doc import Doc
from bot.config.lines import Path
from bot.config.words import dotted, shown
from bot.model import OURS, ROBOT, Platform

Problems: TypeAlias = Iterator[tuple[Path, str]]
LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):(\d{1,5})")
MEMBERS = re.compile(r"@[\w.-]{1,64}(\|[\w.-]{1,64}){0,9}", re.ASCII)  # who get a red light one by one where there is no group
HOURS = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
PLATFORMS = [platform.value for platform in Platform if platform not in OURS]
WEB = [
    ("server", "public_url"),
    ("wecom", "api_base"),
    ("wecom", "oauth_base"),
    ("wecom", "proxy"),
    ("feishu", "api_base"),
    ("feishu", "accounts_base"),
    ("feishu", "proxy"),
    ("dingtalk", "api_base"),
    ("dingtalk", "oapi_base"),
    ("dingtalk", "proxy"),
]


def check(doc: Doc) -> Problems:
    """Yield every value that its reader could not use."""
    single: list[tuple[Path, Callable[[str], str | None]]] = [
        (("timezone",), _timezone),
        (("server", "listen"), _listen),
        (("storage", "database"), _database),
        (("storage", "redis"), _redis),
        (("privacy", "working_hours"), _hours),
        *((path, _web) for path in WEB),
    ]
    for path, reader in single:
        value = doc.text(*map(str, path))
        if value and (reason := reader(value)):
            yield path, f"{dotted(path)}：{reason}"
    yield from _required(doc)
    yield from _cards(doc)
    for index, region in doc.tables("regions"):
        if isinstance(region.get("alert_chat"), str) and (reason := _chat(doc, region["alert_chat"])):
            yield ("regions", index, "alert_chat"), f"{dotted(('regions', index, 'alert_chat'))}：{reason}"


def _cards(doc: Doc) -> Problems:
    """Taps on interactive cards come over the stream alone."""
    table = doc.raw.get("dingtalk")
    if isinstance(table, dict) and table.get("card_template") and table.get("mode") == "webhook":
        yield ("dingtalk", "card_template"), '[dingtalk] card_template：互动卡片的按钮经 Stream 回来，请写 mode = "stream"，或去掉它'


def _required(doc: Doc) -> Problems:
    """Texts that may not be given empty."""
    filled = [("timezone",), ("server", "listen"), ("server", "public_url"), ("storage", "data"), ("storage", "database")]
    filled += [("storage", "vault"), ("wecom", "corp_id"), ("wecom", "api_base"), ("feishu", "app_id"), ("feishu", "api_base")]
    for path in filled:
        table = doc.raw if len(path) == 1 else doc.raw.get(path[0], {})
        if isinstance(table, dict) and isinstance(table.get(path[-1]), str) and not table[path[-1]].strip():
            yield path, f"{dotted(path)}：不能为空"


def _timezone(value: str) -> str | None:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder's name is an OSError
        return f'没有 {shown(value)} 这个时区，例如 "Asia/Shanghai"'
    return None


def _listen(value: str) -> str | None:
    found = LISTEN.fullmatch(value)
    if not found or int(found[2]) > 65535:
        return f'应写成 "地址:端口"，例如 "127.0.0.1:8080"，现在是 {shown(value)}'
    return None


def _split(value: str) -> SplitResult | None:
    """None when it is no URL at all, its port included."""
    try:
        parts = urlsplit(value)
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


def _web(value: str) -> str | None:
    parts = _split(value)
    if parts and parts.password is not None:
        return "网址里不能写密码"
    if not parts or parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or " " in value:
        return f"应是 http:// 或 https:// 开头的网址，现在是 {shown(value)}"
    return None


def _database(value: str) -> str | None:
    if value.startswith("sqlite://"):
        file = value.removeprefix("sqlite://")
        return None if file and not file.endswith("/") and ":memory:" not in file else "sqlite:// 后面要写文件名，数据要留得住"
    parts = _split(value)
    if parts and parts.password is not None:
        return "密码不能写在配置里，请用环境变量 SALESTRACE_DATABASE_PASSWORD"
    if not parts or parts.scheme != "postgres" or not parts.hostname or not parts.path.strip("/"):
        return f"应是 sqlite://文件 或 postgres://用户@主机:5432/库名，现在是 {shown(value.partition('?')[0])}"
    return "不支持 ? 后面的参数" if parts.query or parts.fragment else None


def _redis(value: str) -> str | None:
    parts = _split(value)
    if parts and (parts.password is not None or "password=" in parts.query):
        return "密码不能写在配置里，请用环境变量 SALESTRACE_REDIS_PASSWORD"
    if not parts or parts.scheme not in {"redis", "rediss"} or not parts.hostname or not re.fullmatch(r"/?\d*", parts.path):
        return f"应是 redis://主机:6379/0，现在是 {shown(value.partition('?')[0])}"
    return None


def _hours(value: str) -> str | None:
    found = HOURS.fullmatch(value)
    if not found:
        return None  # its form is reported by the schema
    try:
        opens, closes = map(time.fromisoformat, found.groups())
    except ValueError:
        return f"没有这样的时刻：{shown(value)}"
    return None if opens < closes else f"上班时间要早于下班时间，现在是 {shown(value)}"


def _chat(doc: Doc, value: str) -> str | None:
    platform, _, chat = value.partition(":")
    if not value:
        return None
    if platform not in PLATFORMS or not chat.strip() or chat != chat.strip():
        return f'应写成 "平台:群号"，例如 "feishu:oc_…"，平台是 {"、".join(PLATFORMS)} 之一，现在是 {shown(value)}'
    if chat == ROBOT:
        return None  # a group robot wants a secret and no table
    if platform == "wecom" and not MEMBERS.fullmatch(chat):
        return '企业微信的应用不能往群里发卡片，请写成员 "wecom:@zhang.san|li.si"、群机器人 "wecom:robot"，或别的平台的群'
    if platform == "feishu" and chat.startswith("@"):
        return "飞书请写群号：把机器人拉进总监的群，群号用 doctor 查到"
    return None if platform in doc.raw else f"用到了 {platform}，但没有 [{platform}] 这个表"
