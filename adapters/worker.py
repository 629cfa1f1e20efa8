"""A child process that answers questions: started when there is one, one at a time, ended when it is idle, slow or too big."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from bot.errors import FetchError

START_S = 180.0  # importing a recogniser and loading its weights takes long on a busy machine
LINE = 4 << 20  # bytes of an answer
log = logging.getLogger(__name__)
Answer = Mapping[str, object]


class Worker:
    """Runs a script that writes `{"ready": true}` (or says `why` not), then an answer a line for every question a line."""

    def __init__(
        self,
        script: str,
        arguments: Sequence[str] = (),
        *,
        python: str = sys.executable,
        idle_s: float,
        environment: Mapping[str, str] | None = None,
        start_s: float = START_S,
        patience: int = 1,
    ) -> None:
        """`patience`: how many times its time a child may take that was given no turn on the processor; for one that gives way to all."""
        self._patience = patience
        self._command = (python, "-I", script, *arguments)  # neither the environment nor the working folder decides what it imports
        self._environment = {"PATH": os.defpath, **(environment or {})}  # no secrets
        self._idle_s = idle_s
        self._start_s = start_s
        self._alone = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._dismissal: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Of the child that is there now."""
        return self._child.pid if self._child else None

    async def ask(self, question: Mapping[str, object], wall_s: float) -> Answer | None:
        """Return the answer; None when the child ended over it. Raises FetchError: `unavailable` when it does not start, `too_slow`."""
        async with self._alone:
            if self._dismissal:
                self._dismissal.cancel()
            told = await self._line(await self._asked(question), wall_s)
            if told is None:
                await self._dismiss()
            self._dismissal = asyncio.create_task(self._idle())
            return told

    async def restart(self) -> None:
        """Let the child go; the next question starts another."""
        async with self._alone:
            await self._dismiss()

    async def close(self) -> None:
        """Let the child go for good."""
        if self._dismissal:
            self._dismissal.cancel()
        await self.restart()

    async def _idle(self) -> None:
        await asyncio.sleep(self._idle_s)
        await self.restart()

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._child and self._child.returncode is None:
            return self._child
        self._child = await self._started()
        told = await self._line(self._child, self._start_s) or {}
        if told.get("ready") is not True:
            await self._dismiss()
            log.warning("a worker did not get ready: %s", told.get("why", "it ended"))
            raise FetchError("unavailable", permanent=False)
        return self._child

    async def _started(self) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=self._environment,
                limit=LINE,
            )
        except OSError as error:
            log.warning("a worker did not start: %s", error.strerror)
            raise FetchError("unavailable", permanent=False) from error

    async def _asked(self, question: Mapping[str, object]) -> asyncio.subprocess.Process:
        """The child that has the question; one that had ended unnoticed before it is replaced. Raises FetchError."""
        for _ in range(2):
            child = await self._ready()
            try:
                if child.stdin is None:
                    raise BrokenPipeError
                child.stdin.write(json.dumps(question).encode() + b"\n")
                await child.stdin.drain()
                return child
            except (BrokenPipeError, ConnectionResetError):
                await self._dismiss()
        raise FetchError("unavailable", permanent=False)

    async def _line(self, child: asyncio.subprocess.Process, wall_s: float) -> Answer | None:
        """What it answers; None when it ended."""
        if child.stdout is None:
            return None
        reading = asyncio.ensure_future(child.stdout.readline())
        try:
            if not await self._in_time(child.pid, reading, wall_s):
                log.warning("a worker took longer than %s s", wall_s)
                raise FetchError("too_slow", permanent=False)
            line = reading.result()
        except BaseException:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await self._dismiss()  # a late answer must not be taken for that to the next question
            raise
        return json.loads(line) if line.endswith(b"\n") else None

    async def _in_time(self, pid: int, reading: asyncio.Future[bytes], wall_s: float) -> bool:
        began = _processor_s(pid)
        for _ in range(self._patience):
            if (await asyncio.wait({reading}, timeout=wall_s))[0]:
                return True
            now = _processor_s(pid)
            if began is None or now is None or now - began > wall_s / 2:
                return False
        return False

    async def _dismiss(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with suppress(ProcessLookupError):
            child.kill()
        await child.communicate()


def _processor_s(pid: int) -> float | None:
    """Processor time that a process was given so far; None where the system does not say."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
