"""Which originals a ledger names, and who names them: kept beside the pass in a temporary database, not in memory."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import TracebackType

BATCH = 1000


class Named(AbstractContextManager["Named"]):
    """Digests with the entry that names each, and its second digest. Gone when closed."""

    def __init__(self) -> None:
        # No name: SQLite keeps a few pages in memory and the rest in a file that nobody else can open.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE named (digest TEXT PRIMARY KEY, who TEXT NOT NULL, sm3 TEXT, seen INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID"
        )
        self._waiting: list[tuple[str, str, str | None, bool]] = []

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._db.close()

    def note(self, digest: str, who: str, *, sm3: str | None = None, first: bool = True) -> None:
        """`first`: this entry is what the original is known by, whatever named it before."""
        self._waiting.append((digest, who, sm3, first))
        if len(self._waiting) >= BATCH:
            self._flush()

    def found(self, digest: str) -> tuple[str, str | None] | None:
        """Who names this original, and its second digest; remembered as there. None for one that nobody names."""
        self._flush()
        self._db.execute("UPDATE named SET seen = 1 WHERE digest = ?", (digest,))
        row = self._db.execute("SELECT who, sm3 FROM named WHERE digest = ?", (digest,)).fetchone()
        return (row[0], row[1]) if row else None

    def absent(self) -> Iterator[tuple[str, str]]:
        """Originals that were never `found`, with who names them."""
        self._flush()
        yield from self._db.execute("SELECT digest, who FROM named WHERE seen = 0 ORDER BY digest")

    def _flush(self) -> None:
        if not self._waiting:
            return
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO named (digest, who, sm3) VALUES (?1, ?2, ?3) ON CONFLICT (digest) DO UPDATE SET"
            " who = CASE WHEN ?4 THEN excluded.who ELSE who END, sm3 = coalesce(excluded.sm3, sm3)",
            self._waiting,
        )
        self._db.execute("COMMIT")
        self._waiting.clear()
