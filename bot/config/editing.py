"""One value of a rule changed in the config's text; everything else, comments included, stays as it was written."""

import re
import tomllib
from typing import Any

from bot.config.lines import locate
from bot.config.terms import FIELDS
from bot.errors import ConfigError

KEYS = {label: key for key, label in FIELDS.items() if key in ("hours", "per_day", "seconds", "days", "warn_days", "share")}
LINE = re.compile(r"^(\s*[A-Za-z_]+\s*=\s*)(\"[^\"]*\"|'[^']*'|[^#\[{]*?)(\s*(?:#.*)?)$")
BARE = re.compile(r"-?\d+(\.\d+)?|true|false")
FILE = "config.toml"


def with_rule(text: str, change: str) -> str:
    """`change`: rule id, key (or its Chinese label), value. Raises ConfigError when the text has no such rule, or not so simply."""
    rule, key, value = change.split(" ")
    key = KEYS.get(key, key)
    rules: list[dict[str, Any]] = tomllib.loads(text).get("rules", [])
    index = next((n for n, one in enumerate(rules) if one.get("id") == rule), None)
    if index is None:
        known = "、".join(str(one.get("id")) for one in rules) or "没有写出任何规则，用的是默认的"
        raise ConfigError([f"{FILE}:1: 没有编号为 {rule} 的规则；文件里有：{known}"])
    places, lines = locate(text), text.split("\n")
    word = value if BARE.fullmatch(value) else f'"{value}"'
    place = places.get(("rules", index, key))
    if place is None:
        lines.insert(places["rules", index, "id"], f"{key} = {word}")
        return "\n".join(lines)
    found = LINE.match(lines[place - 1])
    if found is None:
        raise ConfigError([f"{FILE}:{place}: {key} 不是一个简单的值，请改好文件再发"])
    lines[place - 1] = f"{found[1]}{word}{found[3]}"
    return "\n".join(lines)
