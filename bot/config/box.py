"""The config in force. A new file replaces it whole, or not at all."""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from bot.config.diff import changed, needs_restart
from bot.config.load import Loaded, compile_bytes, read
from bot.config.schema import Config
from bot.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadResult:
    """What a look at the file came to: applied, broken (`problems`), or neither, when there is nothing new to say.

    `restart`: tables among the `changed` ones that are read only at start.
    """

    applied: bool = False
    problems: list[str] = field(default_factory=list)
    changed: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    sha256: str = ""
    loaded: Loaded | None = None


class ConfigBox:
    """Holds the current config; swapping is one assignment, so a reader sees the old one or the new one."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._seen = loaded.sha256  # the file as it was at the last look
        self._told = loaded.sha256  # the file that was last applied or reported

    def current(self) -> Config:
        """The config in force."""
        return self._loaded.config

    def swap(self, loaded: Loaded) -> tuple[str, ...]:
        """Put another config in force. Return what differs."""
        differs = changed(self._loaded.config, loaded.config)
        self._loaded = loaded
        self._told = self._seen = loaded.sha256
        return differs

    def reload(self, path: Path) -> ReloadResult:
        """Look at the file: a new one is applied, or reported broken, once, and only at the second look that finds it the same.

        An editor may be writing just now: the first half of a file can be a valid, smaller config.
        """
        digest, data = _look(path)
        if digest == self._told or not self._settled(digest):
            return ReloadResult()
        try:
            loaded = _compile(data, path)
        except ConfigError as error:
            self._told = digest
            return ReloadResult(problems=error.problems, sha256=digest)
        differs = self.swap(loaded)
        return ReloadResult(applied=True, changed=differs, restart=needs_restart(differs), sha256=digest, loaded=loaded)

    def _settled(self, seen: str) -> bool:
        same, self._seen = seen == self._seen, seen
        return same


def _look(path: Path) -> tuple[str, bytes | ConfigError]:
    """The file's digest and bytes; why it cannot be read is something seen as well."""
    try:
        data = read(path)
    except ConfigError as error:
        return sha256(str(error).encode()).hexdigest(), error
    return sha256(data).hexdigest(), data


def _compile(data: bytes | ConfigError, path: Path) -> Loaded:
    """Raises ConfigError. An emptied file is valid TOML, and never what was meant while the product runs."""
    if isinstance(data, ConfigError):
        raise data
    if not data.strip():
        raise ConfigError([f"{path}:1: 文件是空的，继续使用原来的配置"])
    return compile_bytes(data, str(path))
