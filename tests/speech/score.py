"""How well a voice was heard: character error rate, and keywords found."""

import json
import re
from pathlib import Path

from bot.config.schema import Config
from bot.hearing.lexicons import Lexicons

AUDIO = Path(__file__).parents[1] / "audio"
SPOKEN: dict[str, str] = json.loads((AUDIO / "transcripts.json").read_text(encoding="utf-8"))
# Recognisers write numbers as digits: both spellings are right.
NUMBERS = {"五十万": "50万", "百分之十五": "15%", "四十五天": "45天", "四十八小时": "48小时", "四十分钟": "40分钟", "十月份": "10月份"}
LEXICONS = Lexicons(Config())


def plain(text: str) -> str:
    """Without punctuation, and with one spelling of numbers."""
    for words, digits in NUMBERS.items():
        text = text.replace(words, digits)
    return re.sub(r"[^\w%]", "", text)


def error_rate(spoken: str, heard: str) -> float:
    """Edits a character of what was spoken."""
    wanted, got = plain(spoken), plain(heard)
    row = list(range(len(got) + 1))
    for n, one in enumerate(wanted, 1):
        before, row[0] = row[0], n
        for m, other in enumerate(got, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (one != other))
    return row[-1] / max(len(wanted), 1)


def recall(spoken: str, heard: str) -> tuple[int, int, int]:
    """Keywords and titles spoken; found as written; found as written or by sound."""
    kinds = (LEXICONS.keywords, LEXICONS.titles)
    wanted = {mark.word for kind in kinds for mark in kind.marks(spoken)}
    found = [mark for kind in kinds for mark in kind.marks(heard)]
    written = {mark.word for mark in found if mark.sure}
    return len(wanted), len(wanted & written), len(wanted & {mark.word for mark in found})
