"""Strict XML: no DOCTYPE, no entities of its own, few and shallow elements. Under 5 ms for any 64 KiB."""

from collections.abc import Callable
from typing import TypeAlias, Union
from xml.parsers import expat

MAX_DEPTH = 16
MAX_ELEMENTS = 1000
Node: TypeAlias = dict[str, Union[str, "Node", list[Union[str, "Node"]]]]


class XmlError(ValueError):
    """Not well-formed, or more than a callback ever holds."""


def _build(root: Node) -> tuple[Callable[[str, object], None], Callable[[str], None], Callable[[str], None]]:
    """Return handlers for start, end and text that build nested dicts under `root`.

    Repeated siblings become a list, attributes are ignored. Closures: every callback is parsed three times on its way.
    """
    above, pieces, count = [root], list[str](), 0

    def start(_name: str, _attributes: object) -> None:
        nonlocal count
        count += 1
        if count > MAX_ELEMENTS or len(above) > MAX_DEPTH:
            raise XmlError("too much")
        above.append({})
        pieces.clear()

    def end(name: str) -> None:
        value = above.pop() or "".join(pieces)
        pieces.clear()
        node = above[-1]
        if name not in node:
            node[name] = value
        elif isinstance(before := node[name], list):
            before.append(value)
        else:
            node[name] = [before, value]

    return start, end, pieces.append


def _refuse(*_: object) -> None:
    raise XmlError("doctype")


def parse(data: bytes) -> Node:
    """Return the children of the `<xml>` root. Raises XmlError."""
    if not data.lstrip().startswith(b"<"):  # a UTF-16 mark would override the encoding given below
        raise XmlError("malformed")
    document: Node = {}
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = _build(document)
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlError("malformed") from error
    except ValueError as error:  # expat's own refusal of odd input
        raise XmlError(str(error)) from None
    root = document.get("xml")
    if not isinstance(root, dict):
        raise XmlError("no content")
    return root


def text(node: Node, name: str) -> str:
    """Return a child's text, "" when it is absent, repeated or has children of its own."""
    value = node.get(name)
    return value if isinstance(value, str) else ""


def child(node: Node, name: str) -> Node:
    """Return a child element, {} when there is none or it holds text only."""
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def children(node: Node, name: str) -> list[Node]:
    """Return the children of that name that hold elements; one or several, always a list."""
    value = node.get(name)
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]
