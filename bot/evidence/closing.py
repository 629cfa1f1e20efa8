"""The end of a visit: what `结束拜访` still asks for."""

from bot.config.schema import Config
from bot.evidence.items import too_short, waits
from bot.evidence.needs import Missing, longest
from bot.evidence.verdict import place_mode
from bot.model import Evidence, EvidenceState, VerdictState, Visit


def closing_missing(visit: Visit, config: Config) -> tuple[Missing, ...]:
    """List what closing lacks: photos for a visit with an action on site, and one voice of at most `voice_max_seconds`.

    What the visit sent already counts, also what still waits for a record or a director, and a clip that is only too short for its
    stage. Voice over the cap does not: then `kind` is voice_max, `have` its seconds, `want` the cap. A visit without a stage lacks nothing.
    """
    actions = [action for action in visit.actions if action.verdict.state is not VerdictState.WITHDRAWN]
    if not actions:
        return ()
    items = [item for item in (*visit.evidence, *(item for action in actions for item in action.evidence)) if _good(item)]
    closing = config.visit.closing
    onsite = any(place_mode(config, action) == "onsite" for action in actions)
    photos = sum(item.kind == "photo" for item in items)
    gaps = [Missing(kind="photo", have=photos, want=closing.photo)] if onsite and photos < closing.photo else []
    return (*gaps, *_voice(items, closing.voice_max_seconds))


def _voice(items: list[Evidence], cap: float) -> tuple[Missing, ...]:
    clips = [item for item in items if item.kind == "voice"]
    if any((clip.seconds or 0) <= cap for clip in clips):
        return ()
    if clips:
        return (Missing(kind="voice_max", have=longest(clips), want=cap),)
    return (Missing(kind="voice", have=0, want=1),)


def _good(item: Evidence) -> bool:
    return item.state is EvidenceState.COUNTED or waits(item) or too_short(item)
