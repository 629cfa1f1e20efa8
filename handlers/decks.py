"""演示 <册>: a deck as a page of one's own, whose seconds count; without a visit a rehearsal."""

from bot import entries
from bot.errors import Refusal
from bot.model import Deck, Presentation
from handlers.presenting import finish
from handlers.stages import current, name_stage
from handlers.words import Command, squeezed, stage_named
from handlers.work import Work

STAGE = "演示"
HINTS = 10


def show(work: Work, command: Command) -> None:
    """Give the link. A visit that is not in the stage of demos enters it."""
    deck = _meant(work, command.arg)
    work.visit = finish(work, work.visit)
    stage = stage_named(STAGE, work.config)
    if work.visit and stage:
        action = current(work.visit)
        if action is None or action.stage != stage.id:
            name_stage(work, Command(op="stage", arg=stage.id))
    visit = work.visit
    presentation = Presentation(
        id=work.id("p_"),
        deck=deck.id,
        name=deck.name,
        rep=work.person.id,
        at=work.interaction.sent_at,
        visit=visit.id if visit else "",
        customer=visit.customer if visit else "",
    )
    work.record(entries.deck_opened(presentation))
    work.reply(
        "card/deck",
        name=deck.name,
        pages=len(deck.pages),
        customer=visit.customer_name if visit else "",
        url=f"{work.config.server.public_url.rstrip('/')}/deck/{presentation.id}",
    )


def over(work: Work) -> None:
    """Nobody looks any more; somebody who came back meanwhile goes on."""
    presentation = work.case.presentation
    if presentation and presentation.due_at and presentation.due_at <= work.case.now:
        work.visit = finish(work, work.visit)


def _meant(work: Work, words: str) -> Deck:
    decks = work.case.decks
    if not decks:
        raise Refusal("no_decks")
    wanted = squeezed(words)
    found = [one for one in decks if squeezed(one.name) == wanted] or [one for one in decks if wanted and wanted in squeezed(one.name)]
    if not found:
        raise Refusal("no_deck", words=words, names=[one.name for one in decks[:HINTS]])
    if len(found) > 1:
        raise Refusal("several_decks", names=[one.name for one in found[:HINTS]])
    return found[0]
