"""The locks can be installed anywhere: every file hashed, no address, no path, no local version."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-font.lock", "requirements-s3.lock", "requirements-ocr.lock")
PIN = re.compile(r"([a-z0-9][a-z0-9.-]*)==([0-9][0-9a-z.]*)(?: ; [^\\]+?)? \\")
HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}(?: \\)?")


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in PIN.findall((ROOT / name).read_text()):
        found.setdefault(package, set()).add(version)
    return found


def wanted(name: str) -> set[str]:
    lines = (ROOT / name).read_text().splitlines()
    return {re.split(r"[<>=\s#]", line)[0] for line in lines if line and line[0].isalpha()}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_pins_and_hashes_only(name: str) -> None:
    wrong = [line for line in (ROOT / name).read_text().splitlines() if not (PIN.fullmatch(line) or HASH.fullmatch(line))]
    assert wrong == []


def test_locks_hold_what_is_wanted_at_the_same_versions() -> None:
    base, dev = pins(LOCKS[0]), pins(LOCKS[1])
    assert wanted("requirements.in") <= base.keys()
    assert wanted("requirements-dev.in") <= dev.keys()
    assert {package: dev.get(package) for package in base} == base


def test_the_ocr_extra_leaves_the_base_as_it_is() -> None:
    base, ocr = pins(LOCKS[0]), pins("requirements-ocr.lock")
    assert wanted("requirements-ocr.in") <= ocr.keys()
    assert {package: ocr.get(package) for package in base} == base
    assert not base.keys() & {"rapidocr", "onnxruntime", "opencv-python-headless"}


def test_product_installs_no_test_tool() -> None:
    assert not pins(LOCKS[0]).keys() & {"pytest", "ruff", "mypy", "hypothesis", "playwright", "schemathesis"}
