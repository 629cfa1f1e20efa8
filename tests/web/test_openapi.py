"""The OpenAPI document is true: schemathesis drives the running app by it, and the app never breaks its own promise."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, settings

from adapters.web.app import build
from adapters.web.openapi import document
from bot.store.database import Database, tortoise_config
from bot.vault import Vault
from tests.web.company import NOW
from tests.web.outside import TOKEN, Bench, Wound

BEARER = {"Authorization": f"Bearer {TOKEN}"}


async def _serve(base: Path, address: "list[str]", up: threading.Event, down: asyncio.Event) -> None:
    database = Database(tortoise_config("sqlite://test.sqlite3", base))
    await database.open(migrate=False)
    runner = web.AppRunner(build(Bench(Wound(NOW), Vault(base / "vault"), database).desk()), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
    up.set()
    await down.wait()
    await runner.cleanup()
    await database.close()


@pytest.fixture(scope="module")
def url(prepared: Path) -> Iterator[str]:
    """The app on loopback, with a loop and a thread of its own: schemathesis knocks from outside."""
    address: list[str] = []
    up, loop = threading.Event(), asyncio.new_event_loop()
    down = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_serve(prepared, address, up, down)))
    thread.start()
    assert up.wait(20)
    yield address[0]
    loop.call_soon_threadsafe(down.set)
    thread.join(20)
    loop.close()


schema = schemathesis.openapi.from_dict(document("http://127.0.0.1"))


@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_answers_are_as_documented(case: Any, url: str) -> None:
    case.call_and_validate(base_url=url, headers=BEARER)


def test_every_path_of_the_contract_is_there(url: str) -> None:
    document = requests.get(f"{url}/api/v1/openapi.json", timeout=5).json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/api/v1/actions",
        "/api/v1/actions/{id}",
        "/api/v1/alerts",
        "/api/v1/coverage",
        "/api/v1/coverage/slots",
        "/api/v1/coverage/trend",
        "/api/v1/completeness",
        "/api/v1/funnel",
        "/api/v1/funnel/claims",
        "/api/v1/alarms",
        "/api/v1/efforts",
        "/api/v1/deals/anomalies",
        "/api/v1/collection",
        "/api/v1/customers/{id}",
        "/api/v1/facts/{kind}",
        "/api/v1/facts/{kind}/{id}",
    }
