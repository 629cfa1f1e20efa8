"""A gist of a voice in its own sentences: those that hold keywords. Nothing is put into other words, so nothing is invented."""

import re
from collections.abc import Sequence

from bot.hearing.marks import Mark

LINES = 2
LONGEST = 60  # characters of a line
ENDS = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
PAUSES = re.compile(r"[^，,、 ]+[，,、 ]?")


def gist(text: str, marks: Sequence[Mark]) -> tuple[str, ...]:
    """At most two sentences, in the order of the text, that together hold the most different keywords; () where there is none."""
    told = [(start, end, {mark.word for mark in marks if start <= mark.start < end}) for start, end in _sentences(text)]
    chosen: list[tuple[int, int]] = []
    seen: set[str] = set()
    for _ in range(LINES):
        start, end, words = max(told, key=lambda one: (len(one[2] - seen), -one[0]), default=(0, 0, set[str]()))
        if not words - seen:
            break
        chosen.append((start, end))
        seen |= words
    return tuple(text[start:end].strip(" ，,、") for start, end in sorted(chosen))


def snippet(text: str, mark: Mark) -> str:
    """The sentence that a keyword was said in."""
    start, end = next(((start, end) for start, end in _sentences(text) if start <= mark.start < end), (0, len(text)))
    return text[start:end].strip(" ，,、")


def _sentences(text: str) -> list[tuple[int, int]]:
    """Sentences by their marks; one that is too long is broken at its pauses, and one without pauses where the line is full."""
    return [part for found in ENDS.finditer(text) for part in _broken(text, found.start(), found.end())]


def _broken(text: str, start: int, end: int) -> list[tuple[int, int]]:
    if end - start <= LONGEST:
        return [(start, end)]
    parts, begin = [], start
    for found in PAUSES.finditer(text, start, end):
        if found.end() - begin > LONGEST and found.start() > begin:
            parts.append((begin, found.start()))
            begin = found.start()
        while found.end() - begin > LONGEST:
            parts.append((begin, begin + LONGEST))
            begin += LONGEST
    return [*parts, (begin, end)] if begin < end else parts
