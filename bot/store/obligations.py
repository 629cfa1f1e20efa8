"""What followup and phrases rules look at: papers that are owed, and what the voices of an action said."""

from datetime import datetime

from bot.config.schema import Config, FollowUp
from bot.hearing.lexicons import Lexicons
from bot.hearing.script import scripts
from bot.model import Transcript
from bot.rules.facts import FollowUpFacts, ScriptFacts
from bot.store import convert
from bot.store.tables import ActionRow, CustomerRow, DocumentRow, EvidenceRow, TranscriptRow

SAID = ("heard", "submitted", "draft")


async def followup(customer: str, rule: FollowUp) -> FollowUpFacts | None:
    """None for a customer that is not there."""
    row = await CustomerRow.get_or_none(id=customer)
    if row is None:
        return None
    filed = await DocumentRow.get_or_none(id=f"{customer}:{rule.id}")
    return FollowUpFacts(
        rule=rule.id,
        customer=row.id,
        name=row.name,
        region=row.region,
        owner=row.owner,
        seen=await _seen(customer, rule, filed.at if filed else None),
        filed_at=filed.at if filed else None,
    )


async def _seen(customer: str, rule: FollowUp, since: datetime | None) -> datetime | None:
    """The first time after `since` that what starts the obligation was seen. A keyword that only sounds alike starts nothing."""
    when = rule.when
    if when.stage:
        actions = ActionRow.filter(customer=customer, stage=when.stage, state="complete")
        row = await (actions.filter(at__gt=since) if since else actions).order_by("at").first()
        return row.at if row else None
    if when.scene:
        voices = EvidenceRow.filter(customer=customer, scene=when.scene).exclude(state="refused")
        item = await (voices.filter(sent_at__gt=since) if since else voices).order_by("sent_at").first()
        return item.sent_at if item else None
    spoken = TranscriptRow.filter(customer=customer, state__in=list(SAID))
    found = await (spoken.filter(sent_at__gt=since) if since else spoken).order_by("sent_at")
    named = (one for one in map(convert.transcript, found) if _names(one, when.keyword))
    return next((one.at for one in named), None)


def _names(spoken: Transcript, keyword: str) -> bool:
    return any(mark["sure"] and mark["word"] == keyword for mark in spoken.marks)


async def said(action: str, config: Config) -> list[ScriptFacts]:
    """The scripts of a submitted action of which something was heard at all; none while nothing of it was transcribed."""
    row = await ActionRow.get_or_none(id=action)
    if row is None or row.submitted_at is None or row.state == "withdrawn":
        return []
    items = [item.id for item in await EvidenceRow.filter(action=action, kind="voice").only("id")]
    spoken = await TranscriptRow.filter(evidence__in=items, state__in=list(SAID)) if items else []
    texts = [convert.transcript(one).text for one in spoken]
    found = scripts(config, Lexicons(config), row.stage, texts) if texts else ()
    return [
        ScriptFacts(
            rule=one.rule.id,
            action=row.id,
            rep=row.rep,
            customer=row.customer,
            region=row.region,
            heard=one.heard,
            missing=one.missing,
        )
        for one in found
    ]
