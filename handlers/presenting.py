"""What was looked at in a deck becomes evidence of the stage in which it was opened."""

from dataclasses import replace

from bot import entries
from bot.model import Evidence, EvidenceState, Presentation, Visit
from handlers import shown
from handlers.judging import bench, judged
from handlers.work import Work


def finish(work: Work, visit: Visit | None) -> Visit | None:
    """Close the sender's open presentation, if he has one; returns the visit as it stands then."""
    presentation = work.case.presentation
    if presentation is None:
        return visit
    work.case = replace(work.case, presentation=None)
    work.record(entries.deck_closed(presentation, work.interaction.sent_at))
    home = visit if visit and visit.id == presentation.visit else _visit_of(work, presentation)
    item = _item(work, presentation, home) if home and any(presentation.seconds) else None
    work.tell(
        work.person.id,
        f"deck:{presentation.id}:over",
        "card/deck_result",
        name=presentation.name,
        customer=home.customer_name if home else "",
        seconds=sum(presentation.seconds),
        pages=[{"page": at, "seconds": lasted} for at, lasted in enumerate(presentation.seconds, 1) if lasted >= 1],
        of=len(presentation.seconds),
        items=[shown.item(item)] if item else [],
    )
    if item is None or home is None:
        return visit
    after = _with(work, home, item)
    if work.visit and work.visit.id == after.id:
        work.visit = after
    return after if visit and visit.id == after.id else visit


def _visit_of(work: Work, presentation: Presentation) -> Visit | None:
    return next((one for one in work.visits if one.id == presentation.visit), None)


def _item(work: Work, presentation: Presentation, visit: Visit) -> Evidence:
    begun = [action for action in visit.actions if action.stamp.at <= presentation.at]
    action = begun[-1] if begun else next(iter(visit.actions), None)
    item = Evidence(
        id=work.id("e_", presentation.id),
        visit=visit.id,
        rep=visit.rep,
        customer=visit.customer,
        kind="deck",
        state=EvidenceState.PENDING,
        sent_at=presentation.at,
        action=action.id if action else None,
        seconds=round(sum(presentation.seconds), 1),
    )
    return bench(work.case).item(item, action)


def _with(work: Work, visit: Visit, item: Evidence) -> Visit:
    received, source = work.interaction.received_at, f"deck:{item.id}"
    work.record(entries.evidence_added(item, mime="", source=source, received_at=received))
    action = next((one for one in visit.actions if one.id == item.action), None)
    if action is None:
        return replace(visit, evidence=(*visit.evidence, item))
    after = bench(work.case).action(replace(action, evidence=(*action.evidence, item)))
    if (after.verdict, after.stamp) != (action.verdict, action.stamp):
        work.record(judged(after))
    return replace(visit, actions=tuple(after if one.id == after.id else one for one in visit.actions))
