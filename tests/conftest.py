"""Skips what the machine lacks, and lets no skip pass where CI has promised everything."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.outside import PROBES, missing

CI = os.environ.get("CI", "").lower() in {"1", "true"}

settings.register_profile("salestrace", deadline=None, print_blob=True)  # a busy machine is not a wrong answer
settings.load_profile("salestrace")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests whose marker names something that is not here."""
    for item in items:
        for marker in PROBES.keys() & {mark.name for mark in item.iter_markers()}:
            if reason := missing(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a skip is a failure: a test that never ran has proved nothing."""
    report = yield
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself while it is imported."""
    report = yield
    if CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database of this version, to be copied."""
    from tests import databases

    return databases.make_sqlite(tmp_path_factory.mktemp("migrated") / "empty.sqlite3")


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """An empty PostgreSQL database of this version, to be copied; its name."""
    from tests import databases

    name = databases.alone(databases.make_template())
    yield name
    databases.alone(databases.drop(name))
