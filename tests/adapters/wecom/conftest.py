"""A stand-in, the real adapter talking to it, and a clock that the test winds."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.sandbox.wecom import WeComStandIn
from adapters.sandbox.wecom.crypt import Seal
from adapters.shared import MemoryTokens
from adapters.wecom import WeComAdapter
from bot.config.schema import WeCom

CORP, AGENT, SECRET, TOKEN = "wwDEMO01", 1000007, "s3cr3t-of-the-app", "token-of-the-app"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
Signed = tuple[dict[str, str], bytes]


@dataclass
class HandClock:
    """Stands still until it is wound."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 6, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at

    def wind(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def seal() -> Seal:
    return Seal(TOKEN, AES_KEY, CORP)


@pytest.fixture
def signed(clock: HandClock, seal: Seal) -> Callable[..., Signed]:
    """Make a genuine callback around a plaintext, or around ciphertext given as `locked`."""

    def make(inner: str = "", *, locked: str = "", seal: Seal = seal, timestamp: str = "", nonce: str = "n-1") -> Signed:
        locked = locked or seal.lock(inner.encode())
        timestamp = timestamp or str(int(clock.now().timestamp()))
        query = {"msg_signature": seal.sign(timestamp, nonce, locked), "timestamp": timestamp, "nonce": nonce}
        body = f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{locked}]]></Encrypt><AgentID>{AGENT}</AgentID></xml>"
        return query, body.encode()

    return make


@pytest.fixture
async def standin(clock: HandClock) -> AsyncIterator[WeComStandIn]:
    platform = WeComStandIn(clock, corp_id=CORP, agent_id=AGENT, secret=SECRET, token=TOKEN, aes_key=AES_KEY)
    await platform.start()
    await platform.add_member("li.na", "李娜")
    yield platform
    await platform.close()


@pytest.fixture
def make_adapter(standin: WeComStandIn, clock: HandClock) -> Callable[..., WeComAdapter]:
    def make(secret: str = SECRET, **config: Any) -> WeComAdapter:
        given: dict[str, Any] = {"corp_id": CORP, "agent_id": AGENT, "api_base": standin.base_url, "oauth_base": standin.base_url, **config}
        return WeComAdapter(WeCom(**given), secret=secret, token=TOKEN, aes_key=AES_KEY, clock=clock, tokens=MemoryTokens())

    return make


@pytest.fixture
async def adapter(make_adapter: Callable[..., WeComAdapter]) -> AsyncIterator[WeComAdapter]:
    made = make_adapter()
    yield made
    await made.close()


@pytest.fixture
def offline(clock: HandClock) -> WeComAdapter:
    """For what needs no platform: opening and reading."""
    config = WeCom(corp_id=CORP, agent_id=AGENT)
    return WeComAdapter(config, secret=SECRET, token=TOKEN, aes_key=AES_KEY, clock=clock, tokens=MemoryTokens())
