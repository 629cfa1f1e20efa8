"""The anonymous survey's rows: a tally, and which ballots were used. What links an answer to a person is nowhere, so it cannot be read out.

* The card that a rep gets carries a ballot that is made while the card is being sent (`bot/ballots.py`) and is kept nowhere: neither in the
  outbox, where the card waits as "survey 2026-11", nor in the ledger, nor in a log.
* The tap opens a page; the answer goes to our server over that page, not through the chat platform, so there is no raw message of it in the
  inbox. The request's body is the answer alone; nobody signs in for it.
* In one step the ballot's digest is noted as used and one counter goes up. Neither row has a time or a person. When the survey closes both
  tables are emptied, and what stays are the sums.

What remains, said plainly: whoever asks everybody and hears the same from all knows what each one said. So sums are shown, and
recorded, only from LEAST answers up; with fewer only their number is kept. Nothing is broken down by region. The platform that carried a
card still has that card with its ballot: who could read both a rep's chat and our database's log files at the moment of the tap could tell
that this ballot was used then. That is outside of what is stored here.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from bot.store.tables import BallotRow, SurveyRow, TallyRow

LEAST = 5  # answers below which no sums are kept
ANSWERS = ("good", "fair", "bad")


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A survey that is under way."""

    id: str
    closes_at: datetime


async def latest_result() -> dict[str, Any] | None:
    """The last closed survey: month, how many were asked and answered, and the answers where there were enough of them."""
    row = await SurveyRow.filter(state="closed").order_by("-id").first()
    return {"month": row.id, "invited": row.invited, "answers": row.answers, "result": row.result} if row else None


async def under_way(id_: str = "") -> Open | None:
    """This one, or whichever is open."""
    rows = SurveyRow.filter(state="open")
    row = await (rows.filter(id=id_) if id_ else rows).order_by("id").first()
    return Open(id=row.id, closes_at=row.closes_at) if row else None


async def known(id_: str) -> bool:
    return bool(await SurveyRow.exists(id=id_))


async def answer(survey: str, ballot: str, given: str) -> bool:
    """Count an answer inside the caller's step. False: this ballot was used already."""
    used = sha256(ballot.encode()).hexdigest()
    if await BallotRow.exists(id=used):
        return False
    await BallotRow(id=used, survey=survey).save(force_create=True)
    tally = f"{survey}:{given}"
    row = await TallyRow.get_or_none(id=tally)
    if row is None:
        await TallyRow(id=tally, survey=survey, answer=given, count=1).save(force_create=True)
    else:
        await TallyRow.filter(id=tally).update(count=row.count + 1)
    return True


async def counted(survey: str) -> tuple[int, dict[str, int] | None]:
    """How many answers came in, and the sums where that is enough of them."""
    rows = {row.answer: row.count for row in await TallyRow.filter(survey=survey)}
    total = sum(rows.values())
    return total, {name: rows.get(name, 0) for name in ANSWERS} if total >= LEAST else None


async def empty(survey: str) -> None:
    """Forget ballots and tallies, inside the caller's step."""
    await BallotRow.filter(survey=survey).delete()
    await TallyRow.filter(survey=survey).delete()
