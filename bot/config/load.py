"""config.toml → Config, or every problem at once with its line."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.config.lines import locate, nearest
from bot.config.lint import lint
from bot.config.schema import Config
from bot.config.words import structural, syntax
from bot.errors import ConfigError

LARGEST = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A compiled config, the text it came from, and the SHA-256 of the file's bytes."""

    config: Config
    sha256: str
    text: str
    data: bytes = b""


def load(path: Path) -> Loaded:
    """Read and compile a config file. Raises ConfigError with all problems as `FILE:LINE: message`."""
    return compile_bytes(read(path), str(path))


def read(path: Path) -> bytes:
    """The file's bytes. Raises ConfigError when they cannot be had."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise ConfigError([f"{path}:1: 没有这个文件"]) from None
    except OSError as error:
        raise ConfigError([f"{path}:1: 读不了这个文件：{error.strerror}"]) from None
    if len(data) > LARGEST:
        raise ConfigError([f"{path}:1: 文件超过 {LARGEST // 1024} KB，不像是配置文件"])
    return data


def compile_bytes(data: bytes, name: str) -> Loaded:
    """Compile a config file's bytes; `name` stands before each problem. Raises ConfigError."""
    text = _decode(data, name)
    doc = _parse(text, name)
    config, wrong = _validate(doc)
    wrong += lint(doc)
    if wrong or config is None:
        lines = locate(text)
        placed = sorted({(nearest(lines, path), message) for path, message in wrong})
        raise ConfigError([f"{name}:{line}: {message}" for line, message in placed])
    digest = sha256(data).hexdigest()
    return Loaded(config=config.of_version(digest), sha256=digest, text=text, data=data)


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{name}:{line}: 文件不是 UTF-8 编码，请另存为 UTF-8"]) from None


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError([f"{name}:1: TOML 语法错误：括号套得太深"]) from None
    except ValueError as error:  # TOMLDecodeError, and int() of thousands of digits
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else len(text.rstrip().splitlines()) or 1
        raise ConfigError([f"{name}:{line}: {syntax(str(error))}"]) from None


def _validate(doc: Mapping[str, Any]) -> tuple[Config | None, list[tuple[tuple[str | int, ...], str]]]:
    try:
        return Config.model_validate(doc), []
    except ValidationError as error:
        return None, [structural(item) for item in error.errors(include_url=False)]
