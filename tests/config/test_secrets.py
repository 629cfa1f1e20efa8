from pathlib import Path

import pytest

from bot.config.schema import Config, Region, WeCom
from bot.config.secrets import NAMES, Secrets, seed_of
from bot.errors import ConfigError

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WECOM = Config(wecom=WeCom(corp_id="ww1", agent_id=1))
SET = {"WECOM_SECRET": "s3cr3t-value", "WECOM_TOKEN": "t0k3n-value", "WECOM_AES_KEY": KEY}


def problems(environ: dict[str, str], config: Config = WECOM) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Secrets.read(environ, config)
    return caught.value.problems


def test_from_environment_and_from_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0k3n-value\n")
    secrets = Secrets.read({**SET, "WECOM_TOKEN": "", "WECOM_TOKEN_FILE": str(tmp_path / "token")}, WECOM)
    assert secrets["WECOM_TOKEN"] == "t0k3n-value"
    assert secrets["WECOM_SECRET"] == "s3cr3t-value"
    assert secrets.get("SALESTRACE_API_TOKEN") is None
    assert "SALESTRACE_API_TOKEN" not in secrets


def test_every_missing_secret_of_an_enabled_platform_is_named() -> None:
    assert [line.partition("：")[0] for line in problems({})] == ["WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY"]
    assert Secrets.read({}, Config()).get("WECOM_SECRET") is None


def test_a_group_robot_wants_its_secret_and_no_table() -> None:
    south = Region(id="south", name="华南", alert_chat="feishu:robot")
    assert problems({}, Config(regions=(south,))) == ["FEISHU_ROBOT_KEY：区域 华南 的 alert_chat 是群机器人，但没有设置这个密钥"]
    assert Secrets.read({"FEISHU_ROBOT_KEY": "k"}, Config(regions=(south,)))["FEISHU_ROBOT_KEY"] == "k"
    assert Secrets.read({}, Config(regions=(south,)), platforms=False).get("FEISHU_ROBOT_KEY") is None


def test_both_forms_of_one_secret_are_refused() -> None:
    assert problems({**SET, "WECOM_TOKEN_FILE": "/x"}) == ["WECOM_TOKEN：WECOM_TOKEN 和 WECOM_TOKEN_FILE 只能设置一个"]


def test_unreadable_and_empty_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    files = {"WECOM_SECRET": tmp_path / "no", "WECOM_TOKEN": tmp_path / "empty", "WECOM_AES_KEY": tmp_path / "binary"}
    assert problems({f"{name}_FILE": str(path) for name, path in files.items()}) == [
        "WECOM_SECRET：WECOM_SECRET_FILE 指向的文件读不了",
        "WECOM_TOKEN：WECOM_TOKEN_FILE 指向的文件是空的",
        "WECOM_AES_KEY：WECOM_AES_KEY_FILE 指向的文件读不了",
    ]


@pytest.mark.parametrize("key", [KEY[:-1], KEY + "A", "汉" * 43, "-" * 43])
def test_aes_key_that_cannot_be_one_is_refused_without_showing_it(key: str) -> None:
    found = problems({**SET, "WECOM_AES_KEY": key})
    assert found == ["WECOM_AES_KEY：应是后台给出的 43 位 EncodingAESKey"]


def test_printing_never_shows_a_value() -> None:
    secrets = Secrets.read(SET, WECOM)
    assert not any(value in f"{secrets!r} {secrets} {secrets!s}" for value in SET.values())
    assert "WECOM_TOKEN" in repr(secrets)


def test_every_name_of_the_contract_is_read() -> None:
    environ = dict.fromkeys(NAMES, KEY) | dict.fromkeys(("SALESTRACE_SIGNING_KEY", "SALESTRACE_BACKUP_KEY"), "0f" * 32)
    assert all(Secrets.read(environ, Config())[name] == value for name, value in environ.items())
    assert len(set(NAMES)) == len(NAMES) == 22


@pytest.mark.parametrize("value", ["0f" * 32, "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="])
def test_a_signing_key_in_hex_or_base64(value: str) -> None:
    assert len(seed_of(Secrets.read({"SALESTRACE_SIGNING_KEY": value}, Config())["SALESTRACE_SIGNING_KEY"]) or b"") == 32


@pytest.mark.parametrize("value", ["0f" * 31, "0g" * 32, "abc"])
def test_a_signing_key_of_another_shape_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match="32 字节"):
        Secrets.read({"SALESTRACE_SIGNING_KEY": value}, Config())
