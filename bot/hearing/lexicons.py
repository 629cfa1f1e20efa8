"""The words that a company listens for, from its config."""

from bot.config.schema import Config, FollowUp, Phrases
from bot.hearing.marks import Lexicon


def keywords(config: Config) -> dict[str, tuple[str, ...]]:
    """Keywords of the summary, of every scene and of every obligation, with their synonyms."""
    listed = [*config.keywords.summary, *(word for scene in config.scenes for word in scene.keywords)]
    listed += [rule.when.keyword for rule in config.rules if isinstance(rule, FollowUp) and rule.when.keyword]
    return {word: config.keywords.synonyms.get(word, ()) for word in dict.fromkeys(listed)}


def hotwords(config: Config, names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What a recogniser is told to expect: our own lists alone, never what somebody typed in chat."""
    told = [*keywords(config), *config.keywords.titles]
    told += [point for rule in config.rules if isinstance(rule, Phrases) for point in rule.points]
    return tuple(dict.fromkeys([*told, *names]))


class Lexicons:
    """Compiled once for a config."""

    def __init__(self, config: Config) -> None:
        self.keywords = Lexicon(keywords(config))
        self.titles = Lexicon(config.keywords.titles)
        self.scripts = {rule.id: Lexicon(rule.points) for rule in config.rules if isinstance(rule, Phrases)}
        self.products = {
            rule.id: Lexicon({rule.product: rule.aliases}) for rule in config.rules if isinstance(rule, Phrases) and rule.product
        }
