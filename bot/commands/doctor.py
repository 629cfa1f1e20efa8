"""`doctor`: live checks, each with what to do about it."""

import argparse
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

from bot import stats
from bot.commands import check, doctor_letters, doctor_wire, models, opening, robots
from bot.commands.assembly import Setup, backup_target, menus, opened
from bot.errors import BackupError, SalesTraceError
from bot.line import Line
from bot.store import copies, inbox_rows, outbox_rows, settings

NAME = "doctor"
HELP = "逐项检查数据库、Redis、各平台、时钟、磁盘; --fix 修好接口能修的"
FREE_GB = 2
LATE = timedelta(hours=1)
Check = tuple[bool, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("--fix", action="store_true", help="修好接口能修的 (如应用菜单)")


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, lambda setup: _doctor(setup, fix=args.fix))


async def _doctor(setup: Setup, *, fix: bool) -> int:
    bad = 0
    try:
        async with opened(setup, migrate=False) as (line, _):
            async for fine, words in _checks(setup, line, fix=fix):
                print(f"{'正常' if fine else '异常'}  {words}")
                bad += not fine
    except SalesTraceError as error:
        print(f"异常  数据库: {error}")
        return 1
    print("全部正常" if not bad else f"{bad} 项需要处理")
    return 1 if bad else 0


async def _checks(setup: Setup, line: Line, *, fix: bool) -> AsyncIterator[Check]:
    if problems := await stats.ready(line.database):
        yield False, f"{problems[0]}; 新装请先运行 python -m bot migrate"
        return
    for check_ in await _company():
        yield check_
    if fix:
        revived = await inbox_rows.revive(setup.clock.now()) + await outbox_rows.revive(setup.clock.now())
        yield True, f"放弃过的 {revived} 条已放回队列再试"
    for check_ in (await _queues(setup, line), *_speech(setup), *await _voices(setup, line), _disk(setup), await _copies(setup)):
        yield check_
    for check_ in await _platforms(line, fix=fix):
        yield check_
    for check_ in await doctor_letters.letters(line.database):
        yield check_
    async for told in robots.report(line.config(), line.robots):
        yield told
    async for check_ in doctor_wire.checks(setup, line):
        yield check_
    for hint in check.hints(setup.config, os.environ):
        yield False, hint


async def _company() -> list[Check]:
    counts = await settings.counts()
    found: list[Check] = [(True, f"数据库可用: {counts['people']} 人, {counts['customers']} 家客户")]
    return found if counts["people"] else [*found, (False, "还没有人员, 请先运行 python -m bot import people")]


async def _platforms(line: Line, *, fix: bool) -> list[Check]:
    if fix:
        await menus(line)
    return [found for adapter in line.adapters.values() for found in await adapter.doctor(fix=fix)]


async def _queues(setup: Setup, line: Line) -> Check:
    figures = await stats.figures(line.database, setup.clock.now(), {})
    dead = int(figures["dead_rows.inbox"] + figures["dead_rows.outbox"])
    waiting = f"待处理 {int(figures['inbox_depth'])} 条, 待发送 {int(figures['outbox_depth'])} 条"
    return dead == 0, waiting + (f", 放弃 {dead} 条, 修好原因后用 doctor --fix 放回再试" if dead else "")


def _speech(setup: Setup) -> Iterator[Check]:
    if setup.config.speech.engine == "off":
        yield True, "语音转写: 没有启用 (speech.engine)"
        return
    problems = list(models.problems_of(setup, digests=False))
    yield from ((False, f"语音转写: {problem}") for problem in problems)
    if not problems:
        yield True, f"语音转写: {setup.config.speech.engine} 的组件和模型文件齐全"


async def _voices(setup: Setup, line: Line) -> list[Check]:
    """Voices that wait to be heard; one that waits for long means that nobody hears."""
    if setup.config.speech.engine == "off":
        return []
    figures = await stats.figures(line.database, line.clock.now(), {})
    depth, age, lost = (int(figures[f"voices_{name}"]) for name in ("waiting", "age_seconds", "unheard"))
    late = depth > 0 and age > LATE.total_seconds()
    long, unheard = f", 最久 {age // 60} 分钟" if depth else "", f", 未能转写 {lost} 段" if lost else ""
    return [(not late, f"语音转写: 排队 {depth} 段{long}{unheard}")]


async def _copies(setup: Setup) -> Check:
    """The target answers, and nothing waits for long."""
    if not setup.config.storage.backup:
        return True, "备份: 没有配置 (storage.backup)"
    standing, now = await copies.standing(), setup.clock.now()
    try:
        await backup_target(setup).get("probe")
    except BackupError as problem:
        return False, f"备份: 连不上 ({problem.reason}), 待备份 {standing.waiting} 份; 请检查地址、密码和网络, 恢复后会自动补齐"
    late = bool(standing.oldest and now - standing.oldest > LATE)
    why = f" ({standing.problem})" if late and standing.problem else ""
    return not late, f"备份: 已备份 {standing.done} 份, 待备份 {standing.waiting} 份{why}"


def _disk(setup: Setup) -> Check:
    free = shutil.disk_usage(setup.place(setup.config.storage.vault)).free / 1e9
    return free >= FREE_GB, f"磁盘: 原件库所在盘剩余 {free:.1f} GB" + ("" if free >= FREE_GB else ", 请尽快清理或扩容")
