"""Switching a region on or off in the text of config.toml, leaving everything else as its author wrote it. Pure."""

import re

from bot.config.lines import locate
from bot.config.load import compile_bytes

LIVE = re.compile(r"^(?P<before>\s*live\s*=\s*)(true|false)(?P<after>.*)$", re.DOTALL)


class Unchangeable(ValueError):
    """The text cannot be changed safely; the reason is in Chinese."""


def with_live(text: str, region: str, live: bool) -> str:
    """The text with this region's `live` so. Raises Unchangeable, and ConfigError where the text is no valid config."""
    loaded = compile_bytes(text.encode(), "config.toml")
    index = next((at for at, one in enumerate(loaded.config.regions) if one.id == region), None)
    if index is None:
        raise Unchangeable(f"config.toml 里没有区域 {region}")
    lines, where = text.split("\n"), locate(text)
    word = "true" if live else "false"
    if (at := where.get(("regions", index, "live"))) is not None:
        found = LIVE.match(lines[at - 1])
        if found is None:
            raise Unchangeable(f"config.toml 第 {at} 行的写法没有把握改, 请手工改成 live = {word}")
        lines[at - 1] = f"{found['before']}{word}{found['after']}"
    else:
        at = where[("regions", index, "id")]
        if not re.match(r"\s*id\s*=", lines[at - 1]):
            raise Unchangeable(f"config.toml 第 {at} 行的写法没有把握改, 请手工加上 live = {word}")
        lines.insert(at, f"live = {word}")
    changed = "\n".join(lines)
    expected = tuple(one.model_copy(update={"live": live}) if one.id == region else one for one in loaded.config.regions)
    made = compile_bytes(changed.encode(), "config.toml").config
    if made != loaded.config.model_copy(update={"regions": expected}).of_version(made.version):
        raise Unchangeable(f"config.toml 的写法没有把握改, 请手工把区域 {region} 改成 live = {word}")
    return changed
