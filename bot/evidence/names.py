"""Whether a customer's name stands among words that were read off a photo. Pure; fuzzy, because signs are read askew."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ENOUGH = 0.8  # of the characters of a name of four or more: one wrong in five
FUZZY = 4  # shorter names must be there to the letter
FORM = re.compile(r"(?:股份|控股|集团)*(?:有限责任公司|有限公司|公司|集团|厂)$")
PLACE = re.compile(r"^(?:[\u4e00-\u9fff]{2,3}(?:省|自治区))?(?:[\u4e00-\u9fff]{2,4}?市)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The name that fits best, and how well (0–1)."""

    words: str = ""
    score: float = 0.0

    @property
    def seen(self) -> bool:
        return self.score >= ENOUGH


def sighting(lines: Sequence[str], names: Iterable[str]) -> Sighting:
    """Look for a customer's name and aliases in the lines, also where one runs over two lines."""
    text = [squeezed(line) for line in lines]
    wanted = {phrase for name in names for phrase in _phrases(name)}
    found = [Sighting(words=phrase, score=round(_fit(phrase, [*text, "".join(text)]), 3)) for phrase in sorted(wanted)]
    return max(found, key=lambda one: (one.score, len(one.words)), default=Sighting())


def squeezed(text: str) -> str:
    """Letters, digits and characters only, without case."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _phrases(name: str) -> set[str]:
    """The name, and what is left of it on a sign: without its legal form and the place in front."""
    whole = squeezed(name)
    short = FORM.sub("", whole)
    bare = PLACE.sub("", short)
    return {phrase for phrase in (whole, short if bare else "", bare) if len(phrase) > 1}


def _fit(phrase: str, lines: Iterable[str]) -> float:
    return max((_within(phrase, line) for line in lines if line), default=0.0)


def _within(phrase: str, line: str) -> float:
    """1 where it stands there; else the best share of it in a stretch of its own length."""
    if phrase in line:
        return 1.0
    if len(phrase) < FUZZY:
        return 0.0
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(phrase)
    best = 0.0
    for start in range(max(len(line) - len(phrase), 0) + 1):
        matcher.set_seq1(line[start : start + len(phrase)])
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
            best = max(best, matcher.ratio())
    return best
