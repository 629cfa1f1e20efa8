"""What differs between two configs, as an admin reads it."""

from pathlib import Path

import pytest

from bot.config.load import compile_bytes
from bot.config.saying import said
from bot.config.schema import Config

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
