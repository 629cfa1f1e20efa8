"""Secrets: from the environment or from a file that the environment names, never from config.toml, never shown."""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path

from bot.config.schema import Config
from bot.errors import ConfigError
from bot.model import ROBOT

NEEDED: Mapping[str, tuple[str, ...]] = {
    "wecom": ("WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY"),
    "feishu": ("FEISHU_APP_SECRET", "FEISHU_ENCRYPT_KEY", "FEISHU_VERIFICATION_TOKEN"),
    "dingtalk": ("DINGTALK_CLIENT_SECRET",),
}
PUSHED = ("FEISHU_ENCRYPT_KEY", "FEISHU_VERIFICATION_TOKEN")  # a long connection is neither signed nor encrypted beyond its TLS
NAMES = (
    *(name for names in NEEDED.values() for name in names),
    "DINGTALK_EVENT_TOKEN",
    "DINGTALK_EVENT_AES_KEY",
    "WECOM_ROBOT_KEY",
    "DINGTALK_ROBOT_TOKEN",
    "DINGTALK_ROBOT_SECRET",
    "FEISHU_ROBOT_KEY",
    "FEISHU_ROBOT_SECRET",
    "SALESTRACE_API_TOKEN",
    "SALESTRACE_HOOK_SECRET",
    "SALESTRACE_SIGNING_KEY",
    "SALESTRACE_DATABASE_PASSWORD",
    "SALESTRACE_REDIS_PASSWORD",
    "SALESTRACE_BACKUP_SECRET",
    "SALESTRACE_BACKUP_KEY",
    "SALESTRACE_TSA_SECRET",
)
ROBOT_KEYS = {
    "wecom": "WECOM_ROBOT_KEY",
    "dingtalk": "DINGTALK_ROBOT_TOKEN",
    "feishu": "FEISHU_ROBOT_KEY",
}  # without one a group robot is mute
SEED_BYTES = 32
HOOK_LENGTH = 16
AES_KEYS = ("WECOM_AES_KEY", "DINGTALK_EVENT_AES_KEY")
LARGEST = 64 * 1024  # characters


class Secrets:
    """What was found. Looks like a mapping, prints like a wall."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    @classmethod
    def read(cls, environ: Mapping[str, str], config: Config, *, platforms: bool = True) -> "Secrets":
        """Read `NAME` or `NAME_FILE`. Raises ConfigError naming every secret that is missing, doubled, unreadable or malformed.

        `platforms` False: nobody will be talked to, so the platforms' secrets may be missing.
        """
        values: dict[str, str] = {}
        problems: list[str] = []
        for name in NAMES:
            try:
                if value := _read(environ, name):
                    values[name] = value
            except ConfigError as error:
                problems += error.problems
        bad = {problem.partition("：")[0] for problem in problems}
        problems += [
            f"{name}：配置了 [{table}]，但没有设置这个密钥；请设置环境变量 {name}，或用 {name}_FILE 指向存放它的文件"
            for table, names in NEEDED.items()
            for name in names
            if platforms
            and getattr(config, table) is not None
            and name not in values
            and name not in bad
            and not (name in PUSHED and config.feishu and config.feishu.mode == "websocket")
        ]
        problems += [
            f"{name}：区域 {region.name} 的 alert_chat 是群机器人，但没有设置这个密钥"
            for region in config.regions
            for platform, name in ROBOT_KEYS.items()
            if platforms and region.alert_chat == f"{platform}:{ROBOT}" and name not in values and name not in bad
        ]
        problems += [
            f"{name}：应是后台给出的 43 位 EncodingAESKey" for name in AES_KEYS if name in values and not _is_aes_key(values[name])
        ]
        if "SALESTRACE_SIGNING_KEY" in values and seed_of(values["SALESTRACE_SIGNING_KEY"]) is None:
            problems.append("SALESTRACE_SIGNING_KEY：应是 32 字节，写成 64 位十六进制或 base64")
        if "SALESTRACE_BACKUP_KEY" in values and seed_of(values["SALESTRACE_BACKUP_KEY"]) is None:
            problems.append("SALESTRACE_BACKUP_KEY：应是 32 字节，写成 64 位十六进制或 base64")
        if len(values.get("SALESTRACE_HOOK_SECRET", "x" * HOOK_LENGTH)) < HOOK_LENGTH:
            problems.append(f"SALESTRACE_HOOK_SECRET：至少要 {HOOK_LENGTH} 个字符")
        if config.storage.backup_encrypt and "SALESTRACE_BACKUP_KEY" not in values:
            problems.append("SALESTRACE_BACKUP_KEY：storage.backup_encrypt = true，但没有设置这个密钥")
        if problems:
            raise ConfigError(problems)
        return cls(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def get(self, name: str) -> str | None:
        """The secret, or None if it is not set."""
        return self._values.get(name)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self._values))})"


def _read(environ: Mapping[str, str], name: str) -> str:
    direct, file = environ.get(name, ""), environ.get(f"{name}_FILE", "")
    if direct and file:
        raise ConfigError([f"{name}：{name} 和 {name}_FILE 只能设置一个"])
    if not file:
        return direct.strip()
    try:
        with Path(file).open(encoding="utf-8") as opened:
            value = opened.read(LARGEST).strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError([f"{name}：{name}_FILE 指向的文件读不了"]) from None
    if not value:
        raise ConfigError([f"{name}：{name}_FILE 指向的文件是空的"])
    return value


def seed_of(value: str) -> bytes | None:
    """The 32 bytes of a key written in hex or base64, or None."""
    try:
        data = bytes.fromhex(value) if len(value) == 2 * SEED_BYTES else base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if len(data) == SEED_BYTES else None


def _is_aes_key(value: str) -> bool:
    try:
        return len(value) == 43 and len(base64.b64decode(value + "=", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False
