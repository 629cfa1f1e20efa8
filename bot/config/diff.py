"""What differs between two configs, and what of it waits for a restart."""

from bot.config.schema import Config

RESTART = ("server", "storage", "wecom", "feishu", "dingtalk")


def changed(old: Config, new: Config) -> tuple[str, ...]:
    """Names of the tables and top keys that differ, in the order of the schema."""
    return tuple(name for name in Config.model_fields if getattr(old, name) != getattr(new, name))


def needs_restart(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `names` that are read only at start (重启后生效)."""
    return tuple(name for name in names if name in RESTART)
