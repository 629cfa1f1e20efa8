"""JSON from outside: an object, of bounded depth and width, without NaN and without a key twice."""

import json
import re
from typing import Any

MAX_DEPTH = 32
MAX_PARTS = 5000  # commas, brackets and braces outside strings
SMALL = 2048  # bytes that are parsed faster than counted
STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # an open end matches too: the search stays linear


def loads(raw: bytes | str, *, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Parse an object. Raises ValueError on anything else, however it is broken."""
    if len(raw) > SMALL and not _narrow(raw.encode() if isinstance(raw, str) else raw):
        raise ValueError("too wide")
    try:
        value = json.loads(raw, object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")
    if not _shallow(value, max_depth):
        raise ValueError("too deep")
    return value


def dig(node: Any, *path: str) -> Any:
    """Return what lies at `path` inside nested objects, None where there is nothing."""
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def word(node: Any, *path: str) -> str:
    """Return the text at `path` as a database takes it (no NUL, no lone surrogate), "" where there is none."""
    value = dig(node, *path)
    return value.replace("\x00", "").encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _narrow(raw: bytes) -> bool:
    bare = STRING.sub(b"", raw)
    return bare.count(b",") + bare.count(b"[") + bare.count(b"{") <= MAX_PARTS


def _shallow(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [inner for node in layer for inner in (node.values() if isinstance(node, dict) else node) if isinstance(inner, dict | list)]
        if not layer:
            return True
    return False
