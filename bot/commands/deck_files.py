"""A deck's file into the installation, page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.decking import keep, take_deck
from bot.line import Line
from bot.model import DeckPage, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDeck:
    pages: int
    changed: bool  # False: the same as before


async def take_file(line: Line, file: Path, name: str, tags: Sequence[str], by: str, told: Callable[[int, int], object]) -> TakenDeck:
    """`told`: (page from 1, how many) after each page. Raises BadDeck."""
    from adapters.slides import slides  # loads what draws pages, which is nobody else's business

    pages: list[DeckPage] = []
    facts: list[Entry] = []
    for number, of, slide in slides(file):
        (large, one), (small, other) = await keep(line, slide.large), await keep(line, slide.small)
        facts += [one, other]
        pages.append(DeckPage(large=large, small=small, width=slide.width, height=slide.height))
        told(number, of)
    return TakenDeck(pages=len(pages), changed=await take_deck(line, name, tags, pages, facts, by))
