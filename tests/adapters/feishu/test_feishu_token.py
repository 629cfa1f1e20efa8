"""The token: never more than two calls an expiry, and nowhere to be read."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.feishu import FeishuAdapter
from adapters.feishu.errors import ApiError
from adapters.feishu.token import TenantToken
from adapters.sandbox.feishu import FeishuStandIn
from adapters.shared import MemoryLimit, MemoryTokens
from bot.errors import DeliveryError, FetchError
from bot.model import MediaRef
from bot.ports import Parcel, RateLimit, Text

TOKEN = "POST /open-apis/auth/v3/tenant_access_token/internal"


class Unlimited:
    """A RateLimit that lets everything go."""

    async def take(self, key: str, limits: Any) -> float | None:
        return None


def unlimited() -> RateLimit:
    return Unlimited()


async def test_twenty_senders_at_once_ask_for_one_token(
    make: Callable[..., FeishuAdapter], tenant: FeishuStandIn, alert: Parcel, clock: Any
) -> None:
    adapter = make(limits=unlimited())
    for number in range(20):
        tenant.add_user(f"ou_{number}", f"n{number}", f"员工{number}")
    parcels = [replace(alert, uuid=f"{n}", chat="", user=f"ou_{n}", message=Text(text="早")) for n in range(20)]
    await asyncio.gather(*map(adapter.send, parcels))
    assert tenant.calls[TOKEN] == 1
    tenant.accounts.expire_tokens()
    await asyncio.gather(*(adapter.send(replace(parcel, uuid=f"again {parcel.uuid}")) for parcel in parcels))
    assert tenant.calls[TOKEN] == 2


async def test_two_processes_ask_at_most_twice_an_expiry(make: Callable[..., FeishuAdapter], tenant: FeishuStandIn, alert: Parcel) -> None:
    tokens = MemoryTokens()
    first, second = make(tokens=tokens), make(tokens=tokens)
    await asyncio.gather(first.send(alert), second.send(replace(alert, uuid="2")))
    assert tenant.calls[TOKEN] <= 2


async def test_a_token_is_renewed_in_its_last_half_hour(adapter: FeishuAdapter, tenant: FeishuStandIn, clock: Any) -> None:
    for minutes, calls in ((0, 1), (89, 1), (2, 2), (1, 2), (88, 2), (2, 3)):
        clock.move(minutes=minutes)
        await adapter.chats()
        assert tenant.calls[TOKEN] == calls


async def test_while_it_cannot_be_renewed_the_old_one_serves(
    adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel, clock: Any
) -> None:
    await adapter.send(alert)
    clock.move(minutes=100)
    tenant.fail(TOKEN, "http500")
    await adapter.send(replace(alert, uuid="2"))
    assert len(tenant.screen("oc_south")) == 2


async def test_a_refused_token_is_replaced_once(adapter: FeishuAdapter, tenant: FeishuStandIn, alert: Parcel) -> None:
    tenant.fail("/im/v1/messages", "invalid_token", 1)
    await adapter.send(alert)
    assert tenant.calls[TOKEN] == 2
    tenant.fail("/im/v1/messages", "99991661", 2)
    with pytest.raises(DeliveryError) as caught:
        await adapter.send(replace(alert, uuid="2"))
    assert not caught.value.permanent
    assert tenant.calls[TOKEN] == 2  # it was renewed a moment ago: asking again would be a storm


async def test_an_odd_life_makes_no_storm(clock: Any) -> None:
    asked = 0

    async def ask() -> tuple[str, float]:
        nonlocal asked
        asked += 1
        return f"t{asked}", 600.0

    token = TenantToken("k", ask, clock, MemoryTokens())
    for _ in range(5):
        assert await token.get() == "t1"
        clock.move(seconds=60)
    clock.move(seconds=200)
    assert await token.get() == "t2"


async def test_a_failure_leaves_no_token_and_the_next_asks_again(clock: Any) -> None:
    failures = [ApiError("timeout")]

    async def ask() -> tuple[str, float]:
        if failures:
            raise failures.pop()
        return "t1", 7200.0

    token = TenantToken("k", ask, clock, MemoryTokens())
    with pytest.raises(ApiError):
        await token.get()
    assert await token.get() == "t1"


async def test_a_wrong_secret_is_told_and_nothing_is_lost(make: Callable[..., FeishuAdapter], alert: Parcel) -> None:
    with pytest.raises(DeliveryError) as caught:
        await make(app_secret="wrong-secret").send(alert)
    assert not caught.value.permanent
    assert not caught.value.unknown
    assert "10014" in caught.value.reason


@pytest.mark.parametrize("kind", ["http500", "timeout", "reset", "rate", "230013", "99991663", "230099", "2200"])
async def test_secrets_people_and_words_stay_out_of_errors_and_logs(
    make: Callable[..., FeishuAdapter],
    tenant: FeishuStandIn,
    alert: Parcel,
    clock: Any,
    kind: str,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = MemoryTokens()
    adapter = make(tokens=tokens, limits=MemoryLimit(clock))
    await adapter.send(alert)
    token = (await tokens.get("feishu:cli_demo") or ("", 0))[0]
    tenant.fail("/open-apis/", kind, 99)
    told = []
    for attempt in (
        adapter.send(replace(alert, uuid="2", chat="", user="ou_rep01", message=Text(text="客户电话 13812345678"))),
        adapter.fetch(MediaRef(id="file_key_1", kind="file", message_id="om_secret"), tmp_path / "x"),
        adapter.oauth_user("code-77"),
        adapter.chats(),
    ):
        with pytest.raises((DeliveryError, FetchError)) as caught:
            await attempt
        told += [str(caught.value), repr(caught.value), str(caught.value.__cause__), str(caught.value.__context__)]
    told += [line for _, line in await adapter.doctor(fix=False)] + [caplog.text]
    assert token.startswith("t-")
    for secret in (token, "appSecret-7f1b", "demoEncKey-2026", "demoVerTok", "ou_rep01", "13812345678", "code-77", "om_secret"):
        assert secret not in "\n".join(told)


async def test_the_cache_key_holds_no_secret(make: Callable[..., FeishuAdapter], alert: Parcel) -> None:
    keys = set()

    class Watched(MemoryTokens):
        async def get(self, key: str) -> tuple[str, float] | None:
            keys.add(key)
            return await super().get(key)

    await make(tokens=Watched()).send(alert)
    assert keys == {"feishu:cli_demo"}
