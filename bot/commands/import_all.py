"""`import all`: an export into an empty installation; the same figures, and a passing `verify`."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from bot.clock import SystemClock
from bot.commands.assembly import Setup, data_folder, opened, public_key
from bot.commands.export import progress
from bot.config.load import compile_bytes
from bot.config.secrets import Secrets
from bot.errors import ConfigError, SalesTraceError
from bot.portable import manifest as listing
from bot.portable.reading import Archive, archive, take
from bot.ports import Clock
from bot.verify import Asked, verify

IMPORTED = "config.imported.toml"


def run(path: Path, file: Path) -> int:
    """Take `file` in beside the config at `path`, which is written if it is not there."""
    import asyncio

    return asyncio.run(imported(path.resolve(), file, SystemClock()))


async def imported(path: Path, file: Path, clock: Clock) -> int:
    """The same on a loop that runs already. Problems become lines and exit code 1."""
    try:
        with archive(file) as source:
            return await _import(path, source, clock)
    except ConfigError as error:
        print("\n".join(error.problems), file=sys.stderr)
    except SalesTraceError as error:
        print(f"\n未能完成: {error}", file=sys.stderr)
    return 1


async def _import(path: Path, source: Archive, clock: Clock) -> int:
    text = source.text(listing.CONFIG)
    fresh = not path.exists()
    loaded = compile_bytes((text if fresh else path.read_text(encoding="utf-8")).encode(), str(path))
    setup = Setup(path=path, loaded=loaded, secrets=Secrets.read(os.environ, loaded.config, platforms=False), clock=clock, platforms=False)
    key = public_key(setup)
    if key is None:
        raise SalesTraceError(
            f"缺少账本的签名密钥: 请设置 SALESTRACE_SIGNING_KEY, 或把原来的 signing.key 放进 {setup.config.storage.data} 再导入"
        )
    source.check(key, data_folder(setup), progress)
    if fresh:
        path.write_text(text, encoding="utf-8")
    try:
        broken = await _into(setup, source)
    except SalesTraceError:
        if fresh:
            path.unlink()
        raise
    if not fresh and path.read_text(encoding="utf-8") != text:
        path.with_name(IMPORTED).write_text(text, encoding="utf-8")
        print(f"包里的配置写在 {IMPORTED}; 现在用的仍是 {path.name}")
    return 1 if broken else 0


async def _into(setup: Setup, source: Archive) -> list[str]:
    show: Callable[[str, int], None] = lambda what, done: progress(what, done, done)  # noqa: E731 - one line of adapting
    async with opened(setup, migrate=True) as (line, _):
        note = await take(line.database, line.vault, source, setup.config.storage.backup, setup.clock.now(), progress)
        if note:
            (data_folder(setup) / "checkpoint").write_text(note, encoding="utf-8")
        report = await verify(line.database, line.vault, Asked(key=public_key(setup)), show)
    for broken in report.broken:
        print(broken)
    result = f"不符 {len(report.broken)} 处" if report.broken else "全部相符"
    print(f"\n导入 {report.entries} 条记录, {report.files} 个原件, 树根 {report.root}: {result}")
    return report.broken
