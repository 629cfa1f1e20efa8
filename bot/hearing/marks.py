"""Keywords in a transcript: as they are written, or as they sound; what only sounds alike is marked as doubtful, never as sure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.hearing.sounds import HAN, folded, near, runs, syllables

LONG = 4  # syllables of a word that may differ in one
FOLDABLE = 3  # syllables from which on easily confused sounds are taken for one another; shorter words would be found everywhere


@dataclass(frozen=True, slots=True)
class Mark:
    """A keyword in text[start:end]; `sure` when it or a synonym stands there as written."""

    start: int
    end: int
    word: str
    sure: bool


class Lexicon:
    """Words to look for, compiled once: `words` maps what is told to its synonyms."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._literal: list[tuple[re.Pattern[str], str]] = []
        self._exact: dict[tuple[str, ...], str] = {}
        self._folded: dict[tuple[str, ...], str] = {}
        self._halves: dict[tuple[str, tuple[str, ...]], list[tuple[tuple[str, ...], str]]] = {}
        for word, synonyms in words.items():
            for spelling in (word, *synonyms):
                self._add(spelling, word)
        self._exact_lengths = sorted({len(sound) for sound in self._exact}, reverse=True)
        self._folded_lengths = sorted({len(sound) for sound in self._folded}, reverse=True)
        self._half_lengths = sorted({len(half) for _, half in self._halves}, reverse=True)

    def _add(self, spelling: str, word: str) -> None:
        if not spelling.strip():
            return
        self._literal.append((_pattern(spelling.strip()), word))
        if not HAN.fullmatch(spelling) or len(spelling) < 2:
            return
        sound = syllables(spelling)
        self._exact.setdefault(sound, word)
        plain = tuple(map(folded, sound))
        if len(sound) >= FOLDABLE:
            self._folded.setdefault(plain, word)
        if len(sound) >= LONG:
            # One wrong syllable leaves the first half whole, or the second.
            middle = len(plain) // 2
            self._halves.setdefault(("first", plain[:middle]), []).append((sound, word))
            self._halves.setdefault(("last", plain[middle:]), []).append((sound, word))

    def marks(self, text: str) -> tuple[Mark, ...]:
        """Every word found, without overlaps, in the order of the text; sure ones win over doubtful, longer over shorter."""
        found = sorted({*self._written(text), *self._sounding(text)}, key=lambda one: (not one.sure, one.start - one.end, one.start))
        taken: list[Mark] = []
        for mark in found:
            if all(mark.end <= other.start or mark.start >= other.end for other in taken):
                taken.append(mark)
        return tuple(sorted(taken, key=lambda one: one.start))

    def _written(self, text: str) -> Iterator[Mark]:
        for pattern, word in self._literal:
            for found in pattern.finditer(text):
                yield Mark(found.start(), found.end(), word, sure=True)

    def _sounding(self, text: str) -> Iterator[Mark]:
        for run in runs(text):
            sounds, plain = run.syllables, tuple(map(folded, run.syllables))
            for length, table, row in (
                *((length, self._exact, sounds) for length in self._exact_lengths),
                *((length, self._folded, plain) for length in self._folded_lengths),
            ):
                for at in range(len(row) - length + 1):
                    if word := table.get(row[at : at + length]):
                        yield Mark(run.start + at, run.start + at + length, word, sure=False)
            yield from self._missed(run.start, sounds, plain)

    def _missed(self, start: int, sounds: Sequence[str], plain: tuple[str, ...]) -> Iterator[Mark]:
        """Long words with one syllable wrong."""
        for half in self._half_lengths:
            for at in range(len(plain) - half + 1):
                part = plain[at : at + half]
                for whole, word in self._halves.get(("first", part), ()):
                    if _all_but_one(sounds[at : at + len(whole)], whole):
                        yield Mark(start + at, start + at + len(whole), word, sure=False)
                for whole, word in self._halves.get(("last", part), ()):
                    begin = at + half - len(whole)
                    if begin >= 0 and _all_but_one(sounds[begin : begin + len(whole)], whole):
                        yield Mark(start + begin, start + begin + len(whole), word, sure=False)


def _all_but_one(heard: Sequence[str], whole: Sequence[str]) -> bool:
    if len(heard) != len(whole):
        return False
    wrong = [(one, other) for one, other in zip(heard, whole, strict=True) if folded(one) != folded(other)]
    return len(wrong) == 1 and near(*wrong[0])


def _pattern(spelling: str) -> re.Pattern[str]:
    """Letters stand for themselves in either case, may be spaced apart (C T O), and are no part of a longer word."""
    letters = r"\s?".join(re.escape(one) for one in spelling)
    before = r"(?<![A-Za-z0-9])" if spelling[0].isascii() else ""
    after = r"(?![A-Za-z0-9])" if spelling[-1].isascii() else ""
    return re.compile(before + letters + after, re.IGNORECASE)


def marked(text: str, marks: Iterable[Mark]) -> str:
    """The text with 【预算】 around what is sure, and 【疑似预算：予算】 where something else is written."""
    out, at = [], 0
    for mark in marks:
        said = text[mark.start : mark.end]
        out += [text[at : mark.start], f"【{said}】" if mark.sure else f"【疑似{mark.word}：{said}】"]
        at = mark.end
    return "".join([*out, text[at:]])


def pieces(text: str, marks: Iterable[Mark]) -> list[tuple[str, str]]:
    """The text in parts: ("", plain words), (keyword, sure words), (keyword?, words that only sound like it)."""
    parts, at = [], 0
    for mark in marks:
        parts += [("", text[at : mark.start]), (mark.word if mark.sure else f"{mark.word}?", text[mark.start : mark.end])]
        at = mark.end
    return [(name, words) for name, words in [*parts, ("", text[at:])] if words]


MARKED = re.compile(r"【(?:疑似[^：】]*：)?([^】]*)】")


def unmarked(text: str) -> str:
    """Inverse of `marked`, for a text that somebody copied out of the chat."""
    return MARKED.sub(r"\1", text)
