"""Which ids a file had already, in a temporary database that spills to the disk: a file may have more rows than memory."""

import sqlite3
from types import TracebackType


class Before:
    """Remembers keys. May be used from several threads, one at a time."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)  # "" = a file of its own, gone when it is closed
        self._db.executescript("PRAGMA cache_size = -8000; PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF")
        self._db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, row INTEGER, times INTEGER) WITHOUT ROWID")

    def __enter__(self) -> "Before":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._db.close()

    def first(self, key: str, row: int) -> int:
        """The row that first had this key: `row` itself when it is new."""
        return int(self._met(key, row)[0])

    def times(self, key: str, row: int) -> int:
        """How often the key was met, this time included."""
        return int(self._met(key, row)[1])

    def _met(self, key: str, row: int) -> tuple[int, int]:
        sql = "INSERT INTO seen VALUES (?, ?, 1) ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING row, times"
        found: tuple[int, int] = self._db.execute(sql, (key, row)).fetchone()
        return found
