"""Where in a TOML text a value stands: a scanner of positions beside `tomllib`, which keeps none.

Only for texts that `tomllib` has accepted: the scanner trusts the grammar and looks for the next thing.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
SPACE = re.compile(r"[ \t]*")
KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'  # up to two quotes may stand before the closing three
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
SCALAR = re.compile(r"[^,\]}#\n]+")  # numbers, booleans, dates


def locate(text: str) -> Mapping[Path, int]:
    """Return the line (from 1) of every key, table and array item of a valid TOML text."""
    return _Scanner(text).scan()


def nearest(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of `path`, or of the closest thing around it that stands in the file; 1 for the file itself."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.arrays: dict[Path, int] = {}  # tables so far in an array of tables

    def scan(self) -> Mapping[Path, int]:
        table: Path = ()
        self._skip(BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(BLANK)
        return self.lines

    def _header(self) -> Path:
        line, many = self.line, self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        parts = self._key()
        self.at += 2 if many else 1
        path: Path = (*self._inside((), parts[:-1], line), parts[-1])
        if many:
            self.lines.setdefault(path, line)
            self.arrays[path] = self.arrays.get(path, -1) + 1
            path += (self.arrays[path],)
        self.lines[path] = line
        return path

    def _inside(self, path: Path, parts: list[str], line: int) -> Path:
        """Walk into tables; an array of tables means its last one."""
        for part in parts:
            path += (part,)
            self.lines.setdefault(path, line)
            if path in self.arrays:
                path += (self.arrays[path],)
        return path

    def _pair(self, table: Path) -> None:
        line, parts = self.line, self._key()
        path = (*self._inside(table, parts[:-1], line), parts[-1])
        self.lines[path] = line
        self.at += 1  # =
        self._skip(SPACE)
        self._value(path)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(SPACE)
            parts.append(self._take(KEY_PART))
            self._skip(SPACE)
            if self.text[self.at] != ".":
                return [_bare(part) for part in parts]
            self.at += 1

    def _value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline(path)
        else:
            self._take(STRING if opening in "\"'" else SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while not self._closed("]"):
            self.lines[(*path, index)] = self.line
            self._value((*path, index))
            index += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        while not self._closed("}"):
            self._pair(path)

    def _closed(self, closing: str) -> bool:
        """Step over a comma; True past the closing bracket."""
        self._skip(BLANK)
        if self.text[self.at] == ",":
            self.at += 1
            self._skip(BLANK)
        if self.text[self.at] != closing:
            return False
        self.at += 1
        return True

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError("not the TOML that was parsed")
        self.at = found.end()
        self.line += found[0].count("\n")
        return found[0]


def _bare(key: str) -> str:
    return next(iter(tomllib.loads(f"{key} = 0"))) if key[0] in "\"'" else key
