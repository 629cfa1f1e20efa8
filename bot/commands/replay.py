"""`replay`: what other rules would have told on the recorded history. Nobody is told, nothing is changed."""

import argparse
import csv
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from time import monotonic

from bot.commands import opening
from bot.commands.assembly import TEMPLATES, Setup, existing
from bot.config.load import load
from bot.config.saying import said
from bot.config.schema import Config
from bot.effect import told
from bot.entries import parse_instant
from bot.ports import Text
from bot.render import Renderer
from bot.replay import Effect, replay

NAME = "replay"
HELP = "用另一份规则试算已有的记录: 会多提醒谁、少提醒谁; 不提醒任何人, 不改任何东西"
LISTED = 200
EVERY = 0.5  # seconds between two words of progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_config(parser)
    parser.add_argument("--rules", type=Path, required=True, metavar="NEW.toml", help="要试算的配置文件")
    parser.add_argument("--since", default="", metavar="YYYY-MM-DD", help="从这一天起 (默认最早)")
    parser.add_argument("--until", default="", metavar="YYYY-MM-DD", help="到这一天止, 含当天 (默认现在)")
    parser.add_argument("--out", type=Path, default=None, metavar="F.csv", help=f"完整清单写到这个文件 (屏幕上最多 {LISTED} 条)")


def run(args: argparse.Namespace) -> int:
    return opening.run(args.config, lambda setup: _replay(setup, args), platforms=False)


async def _replay(setup: Setup, args: argparse.Namespace) -> int:
    present, new = setup.config, load(args.rules).config
    try:
        since, until = _day(setup, args.since), _day(setup, args.until)
    except ValueError:
        print("日期应写作 YYYY-MM-DD", file=sys.stderr)
        return 2
    end = min(until + timedelta(days=1), setup.clock.now()) if until else setup.clock.now()
    if since and since >= end:
        print("--since 应早于 --until 和现在", file=sys.stderr)
        return 2
    base = await existing(setup)
    try:
        effect = await replay(present, new, since, end, _progress())
        values = await told(effect, present, new, LISTED)
        rows = await told(effect, present, new, sys.maxsize) if args.out else {}
    finally:
        await base.close()
    print(_words(setup, present, new, effect, values))
    if args.out:
        write(args.out, rows["listed"], setup.config.zone)
        print(f"完整清单: {args.out}")
    return 0


def _words(setup: Setup, present: Config, new: Config, effect: Effect, values: object) -> str:
    message = Renderer(TEMPLATES, lambda: setup.config.zone).render("reply/config_effect", values)  # type: ignore[arg-type] # Json
    lines = said(present, new) or ["两份配置说的是同样的内容"]
    span = f"{effect.since.astimezone(setup.config.zone):%Y-%m-%d} 至 {effect.until.astimezone(setup.config.zone):%Y-%m-%d}"
    shown = message.text if isinstance(message, Text) else ""
    return "\n".join([f"\r{span}, 看过 {effect.turns:,} 处变化", *[f"  {line}" for line in lines], shown])


def write(path: Path, rows: list[dict[str, object]], zone: tzinfo) -> None:
    """Times in the company's zone, with their offset; a mark that tells spreadsheets the encoding; no cell that is a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["增减", "时间", "规则", "客户", "人员", "区域", "告知"])
        for row in rows:
            at = parse_instant(str(row["at"])).astimezone(zone).isoformat(timespec="seconds")
            cells = [row["sign"], at, row["rule"], row["customer"], row["person"], row["region"], "、".join(row["tell"])]  # type: ignore[arg-type] # a list of words
            table.writerow([_cell(str(cell)) for cell in cells])


def _cell(text: str) -> str:
    return (
        f"'{text}" if text[:1] in ("=", "@", "\t") or (text[:1] in "+-" and len(text) > 1) else {"+": "多报", "-": "少报"}.get(text, text)
    )


def _day(setup: Setup, text: str) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=setup.config.zone) if text else None


def _progress() -> Callable[[float], None]:
    last = [0.0]

    def say(share: float) -> None:
        if monotonic() - last[0] >= EVERY:
            last[0] = monotonic()
            print(f"\r试算 {min(share, 1):.0%}  ", end="", file=sys.stderr, flush=True)

    return say
