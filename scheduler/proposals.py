"""Configs that admins sent in chat: read and compared, tried on the recorded history, put in force, and put back.

The file on disk stays the truth: it is swapped whole, and only while it is the one that the proposal was read beside.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from bot import corridor, entries
from bot.config.box import ConfigBox
from bot.config.diff import needs_restart
from bot.config.editing import with_rule
from bot.config.load import Loaded, compile_bytes
from bot.config.saying import said
from bot.config.swapping import digest_of, swap
from bot.effect import told
from bot.errors import ConfigError
from bot.line import Line
from bot.model import Address, Draft, Entry, Json, Outgoing, Person, Role
from bot.replay import replay
from bot.store import people, proposals
from bot.store.tables import ProposalRow
from scheduler.configured import in_force

FILE = "config.toml"  # before each problem, whatever the file was called
SPAN = timedelta(days=30)
BUDGET = 45.0  # seconds for a shadow run beside everything else
PAGE = 300  # turns between two looks at the rest of the product
LISTED = 4  # incidents told in chat, of each side
PART = 1400  # bytes of one message: the shortest limit is 2048
log = logging.getLogger("salestrace.config")


class Proposals:
    """Rounds over what was sent: `round` reads and puts in force, `try_out` runs one on the history, however long that takes."""

    def __init__(self, path: Path, box: ConfigBox, line: Line) -> None:
        self._path, self._box, self._line = path, box, line

    async def round(self) -> None:
        for row in await proposals.in_state("approved", "undoing"):
            await self._put(row, undo=row.state == "undoing")
        for row in await proposals.in_state("sent"):
            await self._check(row)

    async def try_out(self) -> None:
        """What the oldest would have told; then the button. Without the answer in time, the button alone."""
        for row in await proposals.in_state("checked"):
            present, new = self._line.config(), await self._loaded(row.sha256)
            effect, values = None, None
            try:
                async with asyncio.timeout(BUDGET):
                    now = self._line.clock.now()
                    effect = await replay(present, new.config, now - SPAN, now, page=PAGE)
                    values = await told(effect, present, new.config, LISTED)
            except TimeoutError:
                log.warning("a shadow run took longer than %.0f s", BUDGET)
            counts = {name: values[name] for name in ("more", "fewer", "people")} if values else None
            fact = entries.config_moved(row.id, "shown", "", self._line.clock.now(), counts)
            await self._record([fact], await self._offer(row, new, values))

    # ---- reading -----------------------------------------------------------------------------------------------------

    async def _check(self, row: ProposalRow) -> None:
        now, present = self._line.clock.now(), self._line.config()
        try:
            loaded = await self._read(row)
            problems: list[str] = []
        except ConfigError as error:
            problems = error.problems
        if problems:
            fact = entries.config_checked(row.id, row.sha256, present.version, len(problems), now)
            parts = _parts(problems)
            await self._record(
                [fact],
                [
                    self._to(
                        row.by,
                        f"{row.id}:problems:{n}",
                        "reply/config_problems",
                        {"problems": part, "first": n == 0, "count": len(problems)},
                    )
                    for n, part in enumerate(parts)
                ],
            )
            return
        lines = said(present, loaded.config)
        facts = [entries.config_checked(row.id, loaded.sha256, present.version, 0, now)]
        if not lines:
            facts.append(entries.config_moved(row.id, "dropped", "", now))
            await self._record(facts, [self._to(row.by, f"{row.id}:same", "reply/config_same", {})])
            return
        parts = _parts(lines)
        await self._record(
            facts,
            [
                self._to(
                    row.by,
                    f"{row.id}:diff:{n}",
                    "reply/config_diff",
                    {"lines": part, "first": n == 0, "last": n == len(parts) - 1, "days": SPAN.days},
                )
                for n, part in enumerate(parts)
            ],
        )

    async def _read(self, row: ProposalRow) -> Loaded:
        """Raises ConfigError. What comes of a change of one value is a file like any other, and lies in the vault like one."""
        if not row.edit:
            return await self._loaded(row.sha256)
        text = await asyncio.to_thread(self._path.read_bytes)
        loaded = compile_bytes(with_rule(compile_bytes(text, FILE).text, row.edit).encode(), FILE)
        await self._line.vault.put(loaded.data)
        return loaded

    async def _loaded(self, sha256: str) -> Loaded:
        data = await asyncio.to_thread(self._line.vault.path(sha256).read_bytes)
        if not data.strip():
            raise ConfigError([f"{FILE}:1: 文件是空的"])
        return compile_bytes(data, FILE)

    async def _offer(self, row: ProposalRow, new: Loaded, values: Json | None) -> list[Outgoing]:
        """The effect to its sender, and the buttons to whoever may tap them."""
        present = self._line.config()
        two = present.changes.approvals > 1
        admins = await people.with_role(Role.ADMIN)
        others = [one for one in admins if one.id != row.by]
        deciders = others if two else [one for one in admins if one.id == row.by]
        sender = next((one.name for one in admins if one.id == row.by), "")
        lines = said(present, new.config)
        card = {
            "id": row.id,
            "state": "shown",
            "by": sender,
            "lines": lines[:3],
            "rest": max(len(lines) - 3, 0),
            "effect": {name: values[name] for name in ("days", "more", "fewer", "people")} if values else {},
            "two": two,
        }
        messages = [self._to(row.by, f"{row.id}:effect", "reply/config_effect", values)] if values else []
        if two:
            names = [one.name for one in others]
            messages.append(self._to(row.by, f"{row.id}:waits", "reply/config_waits", {"admins": names}))
        return messages + [self._to(one.id, f"{row.id}:card:{one.id}", "card/config", card) for one in deciders]

    # ---- putting in force ----------------------------------------------------------------------------------------------

    async def _put(self, row: ProposalRow, *, undo: bool) -> None:
        """Killed anywhere in between, it is done again: a file that is swapped already is not swapped twice."""
        here, there = (row.sha256, row.base) if undo else (row.base, row.sha256)
        try:
            loaded = await self._there(there)
        except (ConfigError, OSError) as problem:
            log.error("config %s cannot be put in force: %s", row.id, type(problem).__name__)
            await self._stale(row)
            return
        disk = await asyncio.to_thread(digest_of, self._path)
        if disk not in (here, loaded.sha256):
            await self._stale(row)
            return
        before = self._line.config()
        if disk != loaded.sha256:
            await asyncio.to_thread(swap, self._path, loaded.data)
        changed = self._box.swap(loaded)
        now, lines = self._line.clock.now(), said(before, loaded.config)
        how = "undo" if undo else "chat"
        fact = entries.config_applied(loaded.sha256, now, how=how, by=row.decided_by, proposal=row.id)
        told = await self._news(row, lines, needs_restart(changed), undo=undo)
        await in_force(self._line, loaded, Draft(entries=(fact,), messages=tuple(told)))

    async def _there(self, sha256: str) -> Loaded:
        """The very file, or where it is from before files were kept its text."""
        if self._line.vault.path(sha256).is_file():
            return await self._loaded(sha256)
        return compile_bytes((await proposals.text_of(sha256) or "").encode(), FILE)

    async def _news(self, row: ProposalRow, lines: Sequence[str], restart: Sequence[str], *, undo: bool) -> list[Outgoing]:
        """All admins hear of it, and may take it back; the card that was tapped has no buttons any more."""
        admins = await people.with_role(Role.ADMIN)
        by = next((one.name for one in admins if one.id == row.decided_by), "")
        state = "undone" if undo else "applied"
        card = {
            "id": row.id,
            "state": state,
            "by": by,
            "lines": list(lines[:3]),
            "rest": max(len(lines) - 3, 0),
            "restart": list(restart),
        }
        made = [self._to(one.id, f"{row.id}:{state}:{one.id}", "card/config_applied", card) for one in admins]
        return made + self._spent(row, admins, state)

    def _spent(self, row: ProposalRow, admins: Iterable[Person], state: str) -> list[Outgoing]:
        kind = "applied" if state == "undone" else "card"
        return [
            Outgoing(
                key=f"config:{row.id}:{kind}:{one.id}:{state}",
                to=Address(person=one.id),
                template="card/config_spent",
                values={"state": state},
                edits=f"config:{row.id}:{kind}:{one.id}",
            )
            for one in admins
        ]

    async def _stale(self, row: ProposalRow) -> None:
        """The file is another one by now."""
        fact = entries.config_moved(row.id, "stale", "", self._line.clock.now())
        persons = dict.fromkeys([row.by, row.decided_by])
        await self._record([fact], [self._to(one, f"{row.id}:stale", "reply/refuse_config_stale", {}) for one in persons if one])

    # ---- telling -------------------------------------------------------------------------------------------------------

    @staticmethod
    def _to(person: str, key: str, template: str, values: Json) -> Outgoing:
        return Outgoing(key=f"config:{key}", to=Address(person=person), template=template, values=values)

    async def _record(self, facts: Sequence[Entry], messages: Sequence[Outgoing]) -> None:
        line = self._line
        async with line.database.step() as tx:
            draft = Draft(entries=tuple(facts), messages=tuple(messages))
            await corridor.record(tx, draft, line.config(), line.clock.now(), frozenset(line.adapters))
        line.wake.notify("outbox")


def _parts(lines: Sequence[str]) -> list[list[str]]:
    """Lines in messages that every platform shows whole."""
    parts: list[list[str]] = [[]]
    size = 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > PART and parts[-1]:
            parts.append([])
            size = len(line.encode()) + 1
        parts[-1].append(line)
    return parts
