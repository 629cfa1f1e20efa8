"""How words sound: toneless pinyin, a syllable a Han character. Recognisers mishear characters far more often than syllables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

HAN = re.compile("[\u4e00-\u9fff]+")
INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
# What many speakers, and every recogniser now and then, do not keep apart.
ALIKE = {"zh": "z", "ch": "c", "sh": "s", "n": "l"}


@dataclass(frozen=True, slots=True)
class Run:
    """Han characters in a row: where the first one stands, and a syllable for each."""

    start: int
    syllables: tuple[str, ...]


def runs(text: str) -> Iterator[Run]:
    """Han characters in a row, with their syllables."""
    for found in HAN.finditer(text):
        yield Run(found.start(), syllables(found[0]))


def syllables(han: str) -> tuple[str, ...]:
    """Toneless pinyin of Han characters, one a character: its commonest reading, the same in a keyword and in a transcript."""
    return tuple(map(_syllable, han))


@lru_cache(maxsize=8192)
def _syllable(character: str) -> str:
    from pypinyin import lazy_pinyin  # its dictionary takes 30 MB, and a process that hears nothing never needs it

    return lazy_pinyin(character)[0]


def parts(syllable: str) -> tuple[str, str]:
    """Initial ("" for none) and final."""
    initial = next((one for one in INITIALS if syllable.startswith(one)), "")
    return initial, syllable[len(initial) :]


@lru_cache(maxsize=1024)
def folded(syllable: str) -> str:
    """A spelling in which syllables that are easily taken for one another are equal: zhang = zang, ling = nin."""
    initial, final = parts(syllable)
    return ALIKE.get(initial, initial) + final.replace("ng", "n")


def near(one: str, other: str) -> bool:
    """Whether two syllables share their beginning or their end: xiao and jiao."""
    (initial, final), (initial_other, final_other) = parts(one), parts(other)
    return final == final_other or (initial == initial_other != "")
