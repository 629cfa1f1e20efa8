"""The promises of tests/conftest.py, kept by running pytest on a small suite."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITE = """
import pytest

@pytest.mark.openssl
def test_marked(): ...

def test_by_hand():
    pytest.skip("not today")

@pytest.mark.xfail(reason="known")
def test_known():
    raise AssertionError
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    for name in ("conftest.py", "outside.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests" / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests" / "test_it.py").write_text(SUITE)
    return tmp_path


def run(suite: Path, ci: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key != "CI"} | {"CI": ci, "PATH": str(suite)}
    return subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=suite, env=env, capture_output=True, text=True, check=False)


def test_missing_tool_skips_with_the_reason(suite: Path) -> None:
    done = run(suite, "")
    assert done.returncode == 0
    assert "no openssl command found" in done.stdout
    assert "2 skipped, 1 xfailed" in done.stdout


@pytest.mark.parametrize("ci", ["1", "true"])
def test_skip_fails_under_ci(suite: Path, ci: str) -> None:
    done = run(suite, ci)
    assert done.returncode == 1
    assert "skipped under CI" in done.stdout
    assert "1 failed, 1 xfailed, 1 error" in done.stdout  # a marked test fails while it is set up


def test_module_that_skips_itself_fails_under_ci(suite: Path) -> None:
    (suite / "tests" / "test_it.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    assert run(suite, "1").returncode != 0
