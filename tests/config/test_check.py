"""The command itself, as it is typed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def check(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "check", *args], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_good_file_is_one_line_and_exit_0() -> None:
    done = check()
    hints = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (0, f"config.toml: 没有错误, 另有 {len(hints)} 条提示\n")
    assert hints and all(line.startswith("提示：") for line in hints)


def test_bad_file_is_one_line_a_problem_and_exit_1() -> None:
    file = "tests/config/testdata/many_at_once.toml"
    done = check(file)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert done.stderr == ""
    assert len(lines) == 5
    assert all(line.startswith(f"{file}:") for line in lines)
    assert check("--config", file).stdout == done.stdout
