"""One testdata file per bad config; what is expected stands at its end as `# = LINE: message`."""

import re
from pathlib import Path

import pytest

from bot.config.diff import changed
from bot.config.load import LARGEST, load
from bot.config.schema import Config, Report, Survey
from bot.errors import ConfigError

ROOT = Path(__file__).parents[2]
TESTDATA = sorted((Path(__file__).parent / "testdata").glob("*.toml"))
CONTRACT = """\
timezone = "Asia/Shanghai"

[server]
listen = "127.0.0.1:8080"
public_url = "https://bot.example.cn"

[storage]
database = "postgres://user@host:5432/name"
redis = "redis://host:6379/0"

[wecom]
corp_id = "ww0123456789abcdef"
agent_id = 1000002
proxy = ""

[feishu]
app_id = "cli_0123456789"
mode = "webhook"

[[regions]]
id = "south"
name = "华南"
alert_chat = "feishu:oc_south"

[[stages]]
id = "demo"
name = "方案演示"
place = "onsite"
aliases = ["演示", "讲方案"]
evidence = { photo = 1, voice_seconds = 30 }

[[action_kinds]]
id = "solution_demo"
name = "方案演示"
stage = "demo"

[[grades]]
id = "A"
annual_purchase = "> 500000"
quota = { solution_demo = 1 }

[[scenes]]
id = "price_objection"
name = "报价异议处理"
seconds = 60
keywords = ["预算", "交付周期", "售后响应"]

[keywords]
summary = ["预算", "招标时间", "技术顾虑"]
titles = { "采购总监" = ["采购负责人"], "CTO" = ["技术总监", "首席技术官"] }

[[rules]]
id = "inactive-72h"
kind = "inactivity"
hours = 72
clock = "workdays"
tell = ["owner", "region"]
"""


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return caught.value.problems


@pytest.mark.parametrize("case", TESTDATA, ids=lambda path: path.stem)
def test_every_problem_is_named_with_its_line(case: Path, tmp_path: Path) -> None:
    text, *expected = case.read_text(encoding="utf-8").split("# = ")
    path = tmp_path / "c.toml"
    path.write_text(text, encoding="utf-8")
    assert expected
    assert problems(path) == [f"{path}:{line.rstrip()}" for line in expected]


@pytest.mark.parametrize("case", ["secret_in_config", "database_password", "urls"])
def test_no_secret_is_repeated(case: str, tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text((Path(__file__).parent / "testdata" / f"{case}.toml").read_text(encoding="utf-8").split("# = ")[0], encoding="utf-8")
    assert not re.search("do-not-print-me|neither-this|pw-in-url", "\n".join(problems(path)))


def test_contract_example_loads(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(CONTRACT, encoding="utf-8")
    config = load(path).config
    assert [stage.id for stage in config.stages] == ["demo"]  # a list given here replaces the default list whole
    assert [scene.id for scene in config.scenes] == ["price_objection"]
    assert config.keywords.titles["CTO"] == ("技术总监", "首席技术官")
    assert config.presence == Config().presence


@pytest.mark.parametrize("text", ["", "\n# nothing\n"])
def test_empty_file_is_all_defaults(text: str, tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(text)
    assert changed(load(path).config, Config()) == ()


def test_documented_example_is_valid_and_shows_the_defaults(tmp_path: Path) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    assert load(ROOT / "config.toml").config.rules == Config().rules
    path = tmp_path / "c.toml"
    path.write_text(re.sub(r"^# ?(?=\[|[a-z_]+ = )", "", text, flags=re.MULTILINE), encoding="utf-8")
    shown, default = load(path).config, Config()
    example = {
        "regions",
        "wecom",
        "feishu",
        "dingtalk",
        "action_kinds",
        "ledger",
        "timestamps",
        "coverage",
        "rules",
        "columns",
    }  # show values of an imagined company
    example |= {"report", "survey"}  # are on where their table is there
    assert (shown.report, shown.survey) == (Report(), Survey())
    assert {name for name in Config.model_fields if getattr(shown, name) != getattr(default, name)} == example


def test_windows_editors_files_load_with_right_lines(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes("\ufeff[presence]\r\n\r\nradius_m = 1\r\n".encode())
    assert problems(path) == [f"{path}:3: presence.radius_m：不能小于 10，现在是 1"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ('[[regions]]\nid = "s"\nname = "华南"\n'.encode("gbk"), "3: 文件不是 UTF-8 编码，请另存为 UTF-8"),
        (b"#" * (LARGEST + 1), "1: 文件超过 1024 KB，不像是配置文件"),
        (b"a = " + b"[" * 20_000, "1: TOML 语法错误：括号套得太深"),
        (b"[presence]\nradius_m = " + b"9" * 5000, "2: TOML 语法错误：这里不符合 TOML 的写法"),
        (b"a = \x00", "1: TOML 语法错误：值的写法不对，文字要加英文引号"),
    ],
    ids=["gbk", "large", "deep", "digits", "nul"],
)
def test_files_that_are_no_config(data: bytes, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(data)
    assert problems(path) == [f"{path}:{expected}"]


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert problems(tmp_path / "no.toml") == [f"{tmp_path / 'no.toml'}:1: 没有这个文件"]
    assert problems(tmp_path)[0].startswith(f"{tmp_path}:1: 读不了这个文件")


def test_ipv6_address_to_listen_on(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[server]\nlisten = "[::1]:8080"\n')
    server = load(path).config.server
    assert (server.host, server.port) == ("::1", 8080)
