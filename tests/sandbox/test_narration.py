"""The narrator's words."""

import logging

import pytest

from adapters.sandbox.company import sample_company
from adapters.sandbox.narration import WORDS, Plain
from bot.model import Kind, Platform
from bot.store.projections import FOLDS

PLAIN = Plain(sample_company())


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("收到 wecom image → evidence.added, action.judged", "收到 企业微信 照片 → 证据入账、行动判定"),
        ("到期 inactive-72h customer:C001 → alert.raised", "到期 72 小时沉默 华强 → 红灯亮起"),
        ("发出 card/alert → feishu", "发出 卡片 → 飞书"),
        ("收到 wecom text → 仅回复", "收到 企业微信 文字 → 仅回复"),
        ("收到 wecom text → action.judged, action.judged, visit.ended", "收到 企业微信 文字 → 行动判定、拜访结束"),
    ],
)
def test_codes_become_words(line: str, plain: str) -> None:
    assert PLAIN.format(logging.LogRecord("s", logging.INFO, "", 0, line, None, None)) == plain


def test_every_fact_kind_and_platform_of_the_demo_has_a_word() -> None:
    assert FOLDS.keys() <= WORDS.keys()
    silent = {Kind.UNKNOWN, Kind.LEAVE, Kind.FILE, Kind.VIDEO}
    assert {kind.value for kind in Kind if kind not in silent} <= WORDS.keys()
    assert {Platform.WECOM.value, Platform.FEISHU.value} <= WORDS.keys()
