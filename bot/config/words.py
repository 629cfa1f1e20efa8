"""What is wrong with a value, in plain Chinese: pydantic's and tomllib's findings translated."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bot.config.lines import Path
from bot.config.schema import Config, Document, Excess, FollowUp, Inactivity, Phrases, ShortDwell

SHOWN = 40  # characters of a wrong value
SECRETS = {"secret", "token", "aes_key", "app_secret", "encrypt_key", "verification_token", "client_secret", "password", "api_token"}
TAGS: Mapping[str, type[BaseModel]] = {
    "inactivity": Inactivity,
    "excess": Excess,
    "short_dwell": ShortDwell,
    "document": Document,
    "followup": FollowUp,
    "phrases": Phrases,
}
PATTERNS = {
    r"^\d\d:\d\d-\d\d:\d\d$": "应写成 09:00-18:00 的样子",
    r"^(\d\d:\d\d-\d\d:\d\d)?$": "应写成 20:00-08:00 的样子",
    r"^(>=|>)\s*\d+$": '应写成 "> 500000" 或 ">= 100000"，单位元',
    r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$": "编号只能用字母、数字和 _ . -，以字母或数字开头，最多 64 个字符",
}
SYNTAX = (
    ("Cannot overwrite", "同一个键写了两次"),
    ("Cannot declare", "同一个表写了两次"),
    ("Cannot mutate", "内联表 { … } 写完后不能再添加内容"),
    ("Duplicate inline table key", "内联表里同一个键写了两次"),
    ("Expected '=' after a key", "键的后面缺少等号"),
    ("Unterminated string", "字符串缺少结束的引号"),
    ("Unclosed array", "数组缺少 ]"),
    ("Unclosed inline table", "内联表缺少 }"),
    ("Expected ']'", "表头缺少 ]"),
    ("Unescaped", "字符串里的反斜杠写法不对，Windows 路径请用单引号"),
    ("Invalid hex value", "字符串里的转义写法不对"),
    ("Illegal character '\\n'", "这一行的引号没有成对"),
    ("Illegal character", "出现了不允许的字符"),
    ("Expected newline", "值写完后还有多余的内容"),
    ("Invalid initial character for a key part", "键名含有不能直接使用的字符，中文键名要加引号"),
    ("Invalid date or datetime", "日期或时间不存在"),
    ("Invalid value", "值的写法不对，文字要加英文引号"),
    ("Invalid statement", "这一行不是 TOML 的写法"),
)


def syntax(message: str) -> str:
    """A tomllib message, as far as it is known, in Chinese."""
    if message.endswith("(at end of document)"):
        return "TOML 语法错误：文件没有写完，缺少右括号或引号"
    known = next((words for start, words in SYNTAX if message.startswith(start)), "这里不符合 TOML 的写法")
    return f"TOML 语法错误：{known}"


def structural(error: ErrorDetails) -> tuple[Path, str]:
    """Return where pydantic found something wrong, as a path in the file, and what."""
    loc = error["loc"]
    path = loc[:2] + loc[3:] if loc[0] == "rules" and len(loc) > 2 and loc[2] in TAGS else loc  # pydantic names the union's branch
    if error["type"] == "union_tag_invalid":
        path = (*path, "kind")
    if error["type"] == "extra_forbidden":
        return path, _unknown(path, loc)
    return path, f"{dotted(path)}：{_reason(error)}"


def dotted(path: Path) -> str:
    """A path as an admin reads it: `rules[2].hours`, counted from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: Any) -> str:
    """A wrong value as it stands in the file, short enough for a line."""
    if isinstance(value, dict | list):
        return "一个表" if isinstance(value, dict) else "一个数组"
    text = " ".join(str(value).split())
    text = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return f'"{text}"' if isinstance(value, str) else text.lower()


def suggestion(word: str, known: Iterable[str]) -> str:
    """`，是不是 X？` if something similar is known, else nothing."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"，是不是 {close[0]}？" if close else ""


def _unknown(path: Path, loc: tuple[int | str, ...]) -> str:
    key = str(path[-1])
    if key in SECRETS:
        return f"{dotted(path)}：密钥不写在配置文件里，只从环境变量读取"
    return f"不认识的键 {dotted(path)}{suggestion(key, _fields(Config, loc[:-1]))}"


def _fields(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Keys that the table at `loc` may have."""
    found: type[BaseModel] | None = model
    for part in loc:
        if part in TAGS:
            found = TAGS[str(part)]
        elif found and part in found.model_fields:
            found = _model_in(found.model_fields[str(part)].annotation)
    return list(found.model_fields) if found else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The table model inside `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in getattr(annotation, "__args__", ()) if (model := _model_in(inner))), None)


def _reason(error: ErrorDetails) -> str:
    ctx: Mapping[str, Any] = error.get("ctx", {})
    words = REASONS.get(error["type"])
    return words(ctx, error["input"]) if words else f"值不对：{shown(error['input'])}"


def _choices(ctx: Mapping[str, Any], value: Any) -> str:
    options = re.findall(r"'([^']*)'", str(ctx.get("expected") or ctx.get("expected_tags")))
    return f"只能是 {'、'.join(options)}，现在是 {shown(value)}{suggestion(str(value), options)}"


def _kind(ctx: Mapping[str, Any], value: Any) -> str:
    return _choices(ctx, value["kind"])


def _should_be(what: str) -> Callable[[Mapping[str, Any], Any], str]:
    return lambda _, value: f"应是{what}，现在是 {shown(value)}"


REASONS: Mapping[str, Callable[[Mapping[str, Any], Any], str]] = {
    "missing": lambda *_: "必须填写",
    "string_type": _should_be("带引号的文字"),
    "int_type": _should_be("整数"),
    "int_from_float": _should_be("整数"),
    "float_type": _should_be("数字"),
    "bool_type": _should_be(" true 或 false"),
    "tuple_type": _should_be("数组 [ … ]"),
    "dict_type": _should_be("表"),
    "model_type": _should_be("表"),
    "model_attributes_type": _should_be("表"),
    "literal_error": _choices,
    "union_tag_invalid": _kind,
    "union_tag_not_found": lambda *_: f"必须填写 kind：{'、'.join(TAGS)}",
    "greater_than": lambda ctx, value: f"应大于 {ctx['gt']:g}，现在是 {shown(value)}",
    "greater_than_equal": lambda ctx, value: f"不能小于 {ctx['ge']:g}，现在是 {shown(value)}",
    "less_than_equal": lambda ctx, value: f"不能大于 {ctx['le']:g}，现在是 {shown(value)}",
    "too_short": lambda *_: "至少要有一个",
    "string_too_short": lambda *_: "不能为空",
    "string_pattern_mismatch": lambda ctx, value: f"{PATTERNS.get(ctx['pattern'], '格式不对')}，现在是 {shown(value)}",
}
