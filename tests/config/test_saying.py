"""What differs between two configs, as an admin reads it."""

from pathlib import Path

import pytest

from bot.config.load import compile_bytes
from bot.config.saying import said
from bot.config.schema import Config
from bot.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (ROOT / "config.toml").read_text(encoding="utf-8")
SOUTH = '[[regions]]\nid = "south"\nname = "华南"\n'


def made(text: str) -> Config:
    return compile_bytes(text.encode(), "config.toml").config


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("hours = 72 ", "hours = 48 ", "不活跃提醒 72 小时 → 48 小时"),
        ("per_day = 5", "per_day = 8", "次数过多提醒 5 次/天 → 8 次/天"),
        ("seconds = 90 ", "seconds = 60 ", "时长过短提醒 90 秒 → 60 秒"),
        (
            'clock = "elapsed"                               # 或 "workdays"：',
            'clock = "workdays"                              # ',
            "不活跃提醒 计时 自然时间 → 只算工作日",
        ),
        ('tell = ["owner", "region"]', 'tell = ["owner"]', "不活跃提醒 告知 客户经理、大区群 → 客户经理"),
        ("radius_m = 500", "radius_m = 300", "到场 围栏半径 500 米 → 300 米"),
        ('listen = "127.0.0.1:8080"', 'listen = "127.0.0.1:9000"', "服务 listen 127.0.0.1:8080 → 127.0.0.1:9000（重启后生效）"),
        ("closing = { photo = 1,", "closing = { photo = 2,", "拜访 结束要求 照片 1 张 → 2 张"),
        ("live = true ", "live = false ", "大区「华南」 已上线 是 → 否"),
    ],
)
def test_one_change_is_one_line(old: str, new: str, line: str) -> None:
    assert old in SHIPPED
    assert said(made(SHIPPED), made(SHIPPED.replace(old, new, 1))) == [line]


def test_the_same_written_otherwise_is_no_difference() -> None:
    assert said(made(SHIPPED), made(SHIPPED.replace("hours = 72 ", "hours = 72.0 ") + "\n# 说明\n")) == []


def test_rules_added_dropped_and_told_apart() -> None:
    rule = '[[rules]]\nid = "{}"\nkind = "inactivity"\nhours = {}\n'
    before, after = made(SOUTH + rule.format("a", 72)), made(SOUTH + rule.format("a", 24) + rule.format("b", 48))
    assert said(before, after) == [
        "不活跃提醒（a） 72 小时 → 24 小时",
        "新增不活跃提醒（b）：告知 客户经理、大区群，48 小时",
    ]
    assert "删除不活跃提醒（b）" in said(after, before)


def test_platforms_come_and_go_and_ids_are_names() -> None:
    ding = '[dingtalk]\nclient_id = "ding1"\n'
    assert said(made(SOUTH), made(SOUTH + ding)) == ["启用钉钉（重启后生效）"]
    titles = '[keywords]\ntitles_in = ["demo"]\n'
    assert said(made(SOUTH), made(SOUTH + titles)) == ["关键词 找职务的阶段 商务谈判 → 方案演示"]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('quiet_hours = "25:00-08:00"\n', "没有这样的时刻"),
        ('quiet_hours = "08:00-08:00"\n', "等于全天不告知"),
        ('quiet_hours = "abends"\n', "应写成 20:00-08:00 的样子"),
        ('tell_on = "sundays"\n', "只能是 any、workdays"),
        ("escalate = { hours = 4 }\n", "已经在 tell 里"),
        ('escalate = { hours = 0, to = "admin" }\n', "应大于 0"),
    ],
)
def test_what_a_rule_cannot_be_told_by_is_named_with_its_line(more: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        made(f'{SOUTH}[[rules]]\nid = "x"\nkind = "excess"\n{more}')
    (found,) = caught.value.problems
    assert problem in found and found.startswith("config.toml:7:")


def test_quiet_hours_and_escalation_are_told_in_words() -> None:
    rule = '[[rules]]\nid = "x"\nkind = "excess"\n'
    more = 'quiet_hours = "20:00-08:00"\ntell_on = "workdays"\nescalate = { hours = 4, to = "admin" }\n'
    lines = said(made(SOUTH + rule), made(SOUTH + rule + more))
    assert lines == [
        "次数过多提醒 免打扰时段 （无） → 20:00-08:00",
        "次数过多提醒 告知日 每天 → 工作日",
        "次数过多提醒 升级 （无） → 4 小时没有人处理就告知管理员",
    ]
