"""Verify, decrypt, parse: the WeCom adapter against wechatpy on the same good callbacks; and how fast hostile ones are refused."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter, process_time
from typing import Any, TypeAlias

from bot.errors import Forged
from bot.model import Envelope, Kind
from tests.bench.callbacks import AES_KEY, CLOCK, CORP, TOKEN, location, sealed, wecom
from tests.bench.figures import Figure, Plan, figure, ratios
from tests.bench.hostile import Attack, attacks

REFUSED_MS = 5.0
TURN = 50  # callbacks
Callback: TypeAlias = tuple[dict[str, str], bytes]
Way: TypeAlias = Callable[[Callback], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Callbacks a second, and a processor second."""

    wall: float
    cpu: float


def measure(plan: Plan) -> list[Figure]:
    return [*_good(plan), *_refusals(plan)]


def _good(plan: Plan) -> list[Figure]:
    turns = 4 if plan.quick else 40
    ways = {"ours": _ours(CLOCK.now()), "theirs": _wechatpy()}
    rates: dict[str, list[Rate]] = {name: [] for name in ways}
    for number in range(plan.rounds + 1):
        spent = _round(ways, turns, number * turns * TURN)
        for name, (wall, cpu) in spent.items() if number else ():
            rates[name].append(Rate(wall=turns * TURN / wall, cpu=turns * TURN / cpu))
    ours, theirs = rates["ours"], rates["theirs"]
    each = statistics.median(1e6 / one.cpu for one in ours)
    name = "验签、解密、解析 ÷ wechatpy"
    return [
        ratios(f"{name}，每 CPU 秒", [one.cpu for one in ours], [one.cpu for one in theirs], at_least=1.0, note=f"每条 {each:.0f} 微秒"),
        ratios(f"{name}，按时间", [one.wall for one in ours], [one.wall for one in theirs]),
    ]


def _round(ways: Mapping[str, Way], turns: int, first: int) -> dict[str, tuple[float, float]]:
    """Seconds by the wall and of the processor, turn by turn on the same callbacks, so that a busy machine is unfair to nobody."""
    spent = dict.fromkeys(ways, (0.0, 0.0))
    for turn in range(turns):
        batch = [sealed(location(first + turn * TURN + index)) for index in range(TURN)]
        for name in sorted(ways, reverse=turn % 2 == 1):
            wall, cpu = perf_counter(), process_time()
            for callback in batch:
                ways[name](callback)
            spent[name] = spent[name][0] + perf_counter() - wall, spent[name][1] + process_time() - cpu
    return spent


def _ours(now: datetime) -> Way:
    adapter = wecom()

    def way(callback: Callback) -> None:
        envelope = adapter.open({}, *callback, now)
        assert isinstance(envelope, Envelope)
        assert adapter.read(envelope).kind is Kind.LOCATION

    return way


def _wechatpy() -> Way:
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
    tries = 2 if plan.quick else 10 * plan.rounds
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
