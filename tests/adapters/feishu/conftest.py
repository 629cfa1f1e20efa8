"""The real adapter against the stand-in tenant, on loopback, with a clock that only tests move."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.feishu import FeishuAdapter
from adapters.sandbox.feishu import FeishuStandIn
from adapters.shared import MemoryTokens
from bot.config.schema import Feishu
from bot.ports import Button, Card, Parcel

APP = "cli_demo"
SECRETS: dict[str, Any] = {"app_secret": "appSecret-7f1b", "encrypt_key": "demoEncKey-2026", "verification_token": "demoVerTok"}


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


ALERT = Card(
    title="72 小时无动作：南方精工",
    tone="red",
    tag="待处理",
    text="最近一次完整动作在 3 天 2 小时前。",
    facts=(("负责人", "张三"),),
    mention=("ou_dir1",),
    buttons=(Button(label="我来跟进", op="ack", arg="al_1"),),
    footer="规则 inactive-72h",
)


@pytest.fixture
def alert(clock: HandClock) -> Parcel:
    """A group card on its first try."""
    return Parcel(uuid="al_1/1", message=ALERT, chat="oc_south", first_tried_at=clock.now())


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def tenant(clock: HandClock) -> AsyncIterator[FeishuStandIn]:
    """A tenant with a rep and a director, in one group with the robot."""
    server = FeishuStandIn(clock, app_id=APP, **SECRETS)
    server.base = await server.start()  # type: ignore[attr-defined]
    server.add_user("ou_rep01", "u1", "张三")
    server.add_user("ou_dir1", "u9", "李总")
    server.add_chat("oc_south", "华南总监群", ["ou_dir1", "ou_rep01"])
    yield server
    await server.close()


@pytest.fixture
async def make(tenant: FeishuStandIn, clock: HandClock) -> AsyncIterator[Callable[..., FeishuAdapter]]:
    """Return how to make an adapter of the tenant; each is closed in the end."""
    base, made = tenant.base, []  # type: ignore[attr-defined]

    def build(**options: Any) -> FeishuAdapter:
        config = Feishu(app_id=APP, api_base=base, accounts_base=base)
        made.append(FeishuAdapter(config, **SECRETS | {"clock": clock, "tokens": MemoryTokens(), "timeout": 0.8} | options))
        return made[-1]

    yield build
    for each in made:
        await each.close()


@pytest.fixture
def adapter(make: Callable[..., FeishuAdapter]) -> FeishuAdapter:
    return make()
