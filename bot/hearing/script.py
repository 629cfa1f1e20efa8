"""How much of a script was said: information for the rep first."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.config.schema import Config, Phrases
from bot.hearing.lexicons import Lexicons


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Points of a script: those that were heard (also where they only sound alike), and the others."""

    rule: Phrases
    heard: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        return len(self.heard) / len(self.rule.points)


def scripts(config: Config, lexicons: Lexicons, stage: str, texts: Sequence[str]) -> tuple[Coverage, ...]:
    """What the voices of one action hold of the scripts of its stage; a product's script only where the product is named."""
    return tuple(
        _coverage(rule, lexicons, texts)
        for rule in config.rules
        if isinstance(rule, Phrases) and rule.stage == stage and (not rule.product or _said(rule, lexicons, texts))
    )


def _said(rule: Phrases, lexicons: Lexicons, texts: Sequence[str]) -> bool:
    return any(lexicons.products[rule.id].marks(text) for text in texts)


def _coverage(rule: Phrases, lexicons: Lexicons, texts: Sequence[str]) -> Coverage:
    said = {mark.word for text in texts for mark in lexicons.scripts[rule.id].marks(text)}
    return Coverage(
        rule=rule,
        heard=tuple(point for point in rule.points if point in said),
        missing=tuple(point for point in rule.points if point not in said),
    )
