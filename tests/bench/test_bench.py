"""The bench must not rot: its cheapest measurements run here, all of them in the long suite."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.figures import Figure, figure, ratios, table


def bench(out: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    command = [sys.executable, "-m", "tests.bench", "--quick", "--out", str(out / "bench.json"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=540, check=False)
    return done, json.loads((out / "bench.json").read_text(encoding="utf-8"))


def test_quick_run_measures_and_every_hostile_input_is_refused(tmp_path: Path) -> None:
    done, told = bench(tmp_path, "--only", "receive", "--only", "ledger")
    assert (done.returncode, told["broken"], told["quick"]) == (0, [], True)
    assert "验签、解密、解析 ÷ wechatpy" in done.stdout
    [refused] = [one["more"]["refused_ms"] for one in told["figures"] if one["more"]]
    assert len(refused) > 30
    assert not [name for name, milliseconds in refused.items() if milliseconds == float("inf")]


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_measurement_runs(tmp_path: Path) -> None:
    done, told = bench(tmp_path)
    assert (done.returncode, told["broken"]) == (0, [])
    assert {one["unit"] for one in told["figures"]} >= {"×", "次/秒", "毫秒", "秒"}


def test_unknown_measurement_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.bench", "--only", "nonsense", "--out", str(tmp_path / "bench.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "ack" in done.stderr


@pytest.mark.parametrize(
    ("value", "goal", "passed"),
    [
        (0.85, {"at_least": 0.85}, True),
        (0.849, {"at_least": 0.85}, False),
        (1.5, {"at_most": 1.5}, True),
        (1.51, {"at_most": 1.5}, False),
        (3.0, {}, None),
        (None, {"at_most": 1.5}, None),
    ],
)
def test_goal_decides(value: float | None, goal: dict[str, float], passed: bool | None) -> None:
    assert Figure(name="x", value=value, **goal).passed is passed  # type: ignore[arg-type] # goals by name


def test_ratio_is_taken_round_by_round() -> None:
    one = ratios("x", [10.0, 30.0, 8.0], [20.0, 30.0, 10.0])
    assert (one.value, one.low, one.high) == (0.8, 0.5, 1.0)


def test_table_lines_up_behind_chinese() -> None:
    lines = table([figure("应答", [1.0], "秒", at_most=2.0), Figure(name="b", value=None, note="没有")]).splitlines()
    words = ("结论", "PASS", "未测")
    before = [line[: line.index(word)] for line, word in zip(lines, words, strict=True)]
    assert len({len(text) + sum("\u4e00" <= letter <= "\u9fff" for letter in text) for text in before}) == 1
