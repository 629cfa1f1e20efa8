"""Writing into config.toml which regions are live, as directors and admins asked in chat; the config's own watch then puts it in force."""

import os
import tempfile
from pathlib import Path
from typing import Any

from bot import corridor
from bot.config.load import read
from bot.config.pilot import Unchangeable, with_live
from bot.errors import ConfigError
from bot.line import Line
from bot.model import Address, Draft, Outgoing
from bot.store import pilots


class Pilots:
    """A round every few seconds; the file is replaced whole, so nobody ever reads half of it."""

    def __init__(self, path: Path, line: Line) -> None:
        self._path = path
        self._line = line

    async def round(self) -> None:
        for region, told in (await pilots.asked()).items():
            await self._one(region, told)

    async def _one(self, region: str, told: dict[str, Any]) -> None:
        why = ""
        try:
            _replace(self._path, with_live(read(self._path).decode(), region, bool(told["live"])))
        except Unchangeable as problem:
            why = str(problem)
        except ConfigError:
            why = "config.toml 现在有错误, 请先改好 (python -m bot check)"
        except (OSError, UnicodeDecodeError):
            why = "config.toml 写不进去, 请检查文件的权限"
        await self._tell(region, told, why)

    async def _tell(self, region: str, told: dict[str, Any], why: str) -> None:
        line, config, now = self._line, self._line.config(), self._line.clock.now()
        known = config.region(region)
        values = {"name": known.name if known else region, "live": bool(told["live"]), "why": why}
        key = f"pilot:{region}:{told['at']}"
        message = Outgoing(key=key, to=Address(person=str(told["by"])), template="reply/pilot", values=values)
        async with line.database.step() as tx:
            await corridor.record(tx, Draft(messages=(message,)), config, now, frozenset(line.adapters))
            await pilots.settled(region)
        line.wake.notify("outbox")


def _replace(path: Path, text: str) -> None:
    """Under the same name and with the same rights. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
