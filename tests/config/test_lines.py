"""The locator finds every path that tomllib finds, at the line where it was written."""

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.config.lines import Path, locate, nearest

TEXT = """\
# comment with [brackets] and = signs
timezone = "Asia/Shanghai"  # "quoted"

[visit]
closing = { photo = 1, voice_max_seconds = 60 }
deep.er = 'a#b'

[[rules]]
id = "a"
tell = [  # who
    "owner",

    "region",  # and ]
]
text = \"\"\"
many
lines \\"\" # still inside
\"\"\"

[[rules]]
"id" = "b"

[rules.sub]
key = [[1, 2], [{ x = 1979-05-27 07:32:00 }]]
"""


def test_lines_of_a_file_written_by_hand() -> None:
    lines = locate(TEXT)
    assert {path: lines[path] for path in PLACES} == PLACES


PLACES: dict[Path, int] = {
    ("timezone",): 2,
    ("visit",): 4,
    ("visit", "closing", "voice_max_seconds"): 5,
    ("visit", "deep", "er"): 6,
    ("rules",): 8,
    ("rules", 0): 8,
    ("rules", 0, "tell", 0): 11,
    ("rules", 0, "tell", 1): 13,
    ("rules", 0, "text"): 15,
    ("rules", 1): 20,
    ("rules", 1, "id"): 21,
    ("rules", 1, "sub"): 23,
    ("rules", 1, "sub", "key", 1, 0, "x"): 24,
}


def test_what_is_absent_stands_where_its_table_stands() -> None:
    lines = locate(TEXT)
    assert nearest(lines, ("rules", 1, "hours")) == 20
    assert nearest(lines, ("server", "listen")) == 1


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield from paths(item, (*path, key))


bare = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)
quoted = st.text(st.characters(codec="utf-8", exclude_characters="'\r\n\x7f", exclude_categories=("Cc", "Cs")), max_size=6).map(
    lambda text: f"'{text}'"
)
keys = bare | quoted
breaks = st.sampled_from(["", " ", "\n", " # ] } , = \n", "\n\n  "])
literals = st.sampled_from(
    [
        "1",
        "-2.5e3",
        "true",
        "1979-05-27 07:32:00",
        '"a # ] \\" b"',
        "'c, } = '",
        '""',
        '"""x"""',
        '"""\n "" [t]\n\\""""',
        '"""a"""""',
        "'''\n]'',\n'''",
        "'''b'''''",
    ]
)


@st.composite
def arrays(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(values, max_size=3))
    text = "".join(f"{draw(breaks)}{item}{draw(breaks)}," for item in items)
    return f"[{text if draw(st.booleans()) else text.removesuffix(',')}{draw(breaks)}]"


@st.composite
def inlines(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    names = draw(st.lists(bare, max_size=3, unique=True))
    return "{" + ", ".join(f"{name} = {draw(values)}" for name in names) + "}"


values = st.recursive(literals, lambda inner: arrays(inner) | inlines(inner), max_leaves=6)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, int]]:
    """A document, and the line at which each marked key was written."""
    text, marks = "", {}
    for number in range(draw(st.integers(1, 6))):
        text += draw(st.sampled_from(["", "\n", "# [no] = 1\n", "\r\n"]))
        header = draw(st.sampled_from(["", "[t{n}]", "[[list]]", "[[list.sub]]", "[t{n}.'in side'.x]"]))
        if header and ("sub" not in header or "[[list]]" in text):
            text += header.format(n=number) + "\n"
        name = f"mark{number}"
        marks[name] = text.count("\n") + 1
        key = draw(st.sampled_from([name, f'"{name}"', f"{name} . {draw(keys)}"]))
        text += f"{key} = {draw(values)}{draw(st.sampled_from(['', ' # end']))}\n"
    return text, marks


@given(documents())
def test_every_path_is_found_at_its_line(document: tuple[str, dict[str, int]]) -> None:
    text, marks = document
    lines = locate(text)
    assert set(paths(tomllib.loads(text))) == set(lines)
    assert {str(path[-1]): line for path, line in lines.items() if path[-1] in marks} == marks
