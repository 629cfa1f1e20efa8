"""Verify, decrypt, parse: the WeCom adapter against wechatpy on the same good callbacks; and how fast hostile ones are refused."""

import statistics
from collections.abc import Callable
from datetime import datetime
from time import perf_counter, process_time
from typing import Any, TypeAlias

from bot.errors import Forged
from bot.model import Envelope, Kind
from tests.bench.callbacks import AES_KEY, CLOCK, CORP, TOKEN, location, sealed, wecom
from tests.bench.figures import Figure, Plan, figure, ratios
from tests.bench.hostile import Attack, attacks

REFUSED_MS = 5.0
Callback: TypeAlias = tuple[dict[str, str], bytes]


def measure(plan: Plan) -> list[Figure]:
    return [*_good(plan), *_refusals(plan)]


def _good(plan: Plan) -> list[Figure]:
    count = 200 if plan.quick else 2000
    ours, theirs = _ours(CLOCK.now()), _wechatpy()
    times: dict[str, list[tuple[float, float]]] = {"ours": [], "theirs": []}
    for number in range(plan.rounds + 1):
        batch = [sealed(location(number * count + index)) for index in range(count)]
        pair = [("ours", ours), ("theirs", theirs)]
        for name, way in pair if number % 2 else reversed(pair):
            taken = _timed(way, batch)
            if number:
                times[name].append(taken)
    wall, cpu = ([[1 / one[clock] for one in times[name]] for name in ("ours", "theirs")] for clock in (0, 1))
    each = statistics.median(one[1] for one in times["ours"]) / count * 1e6
    return [
        ratios("验签、解密、解析 ÷ wechatpy，每 CPU 秒", *cpu, at_least=1.0, note=f"每条 {each:.0f} 微秒"),
        ratios("验签、解密、解析 ÷ wechatpy，按时间", *wall),
    ]


def _timed(way: Callable[[Callback], None], batch: list[Callback]) -> tuple[float, float]:
    """Seconds by the wall and of the processor."""
    wall, cpu = perf_counter(), process_time()
    for callback in batch:
        way(callback)
    return perf_counter() - wall, process_time() - cpu


def _ours(now: datetime) -> Callable[[Callback], None]:
    adapter = wecom()

    def way(callback: Callback) -> None:
        envelope = adapter.open({}, *callback, now)
        assert isinstance(envelope, Envelope)
        assert adapter.read(envelope).kind is Kind.LOCATION

    return way


def _wechatpy() -> Callable[[Callback], None]:
    from wechatpy.enterprise import parse_message
    from wechatpy.enterprise.crypto import WeChatCrypto

    crypto: Any = WeChatCrypto(TOKEN, AES_KEY, CORP)

    def way(callback: Callback) -> None:
        query, body = callback
        plain = crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        assert parse_message(plain).type == "location"

    return way


def _refusals(plan: Plan) -> list[Figure]:
    """The slowest refusal stands for all; each one's time is in the JSON."""
    tries = 2 if plan.quick else 3 * plan.rounds
    best = {attack.name: min(_refused_ms(attack) for _ in range(tries)) for attack in attacks()}
    worst = max(best, key=lambda name: best[name])
    return [
        figure(
            f"拒绝恶意输入（{len(best)} 种）中最慢的一种",
            [best[worst]],
            "毫秒",
            at_most=REFUSED_MS,
            note=f"{worst}；其余中位数 {statistics.median(best.values()):.2g} 毫秒",
            more={"refused_ms": best},
        )
    ]


def _refused_ms(attack: Attack) -> float:
    """Milliseconds until refused; infinite when it was let in."""
    since = perf_counter()
    try:
        attack.open(*attack.callback, CLOCK.now())
    except Forged:
        return (perf_counter() - since) * 1e3
    return float("inf")
