"""Signatures that were asked for, by the link's secret, by id, or the latest of a rep."""

from collections.abc import Iterable

from bot.ids import secret_digest
from bot.model import SignedFile, Signing
from bot.store.tables import CustomerRow, EvidenceRow, Inbox, OriginalRow, PersonRow, SigningRow, VisitRow


async def by_secret(secret: str) -> Signing | None:
    row = await SigningRow.get_or_none(digest=secret_digest(secret))
    return await _signing(row) if row else None


async def by_id(id_: str) -> Signing | None:
    row = await SigningRow.get_or_none(id=id_)
    return await _signing(row) if row else None


def inbox_key(signing: str) -> str:
    """There is one signature for each that was asked for."""
    return f"signature:{signing}"


async def is_taken(id_: str) -> bool:
    """Whether a signature for it has come in, be it recorded yet or not."""
    return await Inbox.exists(platform="internal", key=inbox_key(id_))


async def behind(evidence: Iterable[str]) -> dict[str, Signing]:
    """Who signed what, by the items of evidence that they became."""
    return {row.evidence: await _signing(row) for row in await SigningRow.filter(evidence__in=list(evidence))}


async def latest_of(rep: str) -> Signing | None:
    """The last one that is still open."""
    row = await SigningRow.filter(rep=rep, state="open").order_by("-at", "-id").first()
    return await _signing(row) if row else None


async def ledger_index(signing: Signing) -> int | None:
    """Where its item of evidence stands in the ledger."""
    item = await EvidenceRow.get_or_none(id=signing.evidence) if signing.evidence else None
    return item.ledger_index if item else None


async def parties(rep: str, customer: str) -> tuple[str, str]:
    """Their names; ids of those who are not there any more stand for themselves."""
    person, row = await PersonRow.get_or_none(id=rep), await CustomerRow.get_or_none(id=customer)
    return person.name if person else rep, row.name if row else customer


async def sm3_of(sha256_: str) -> str:
    """The second digest of an original; "" for what is none."""
    row = await OriginalRow.get_or_none(sha256=sha256_)
    return row.sm3 if row else ""


async def _signing(row: SigningRow) -> Signing:
    """One of a visit that was taken back is taken back too, and one of a rep who left."""
    gone = row.state == "open" and not (
        await VisitRow.filter(id=row.visit).exclude(state="withdrawn").exists() and await PersonRow.exists(id=row.rep, active=True)
    )
    same = (
        "id",
        "rep",
        "visit",
        "customer",
        "what",
        "sha256",
        "at",
        "until",
        "name",
        "title",
        "method",
        "picture",
        "evidence",
        "signed_at",
    )
    state = "withdrawn" if gone else row.state
    return Signing(**{name: getattr(row, name) for name in same}, state=state, file=await _file(row.of))


async def _file(evidence: str) -> SignedFile | None:
    item = await EvidenceRow.get_or_none(id=evidence) if evidence else None
    if item is None or item.sha256 is None:
        return None
    original = await OriginalRow.get_or_none(sha256=item.sha256)
    return SignedFile(evidence=item.id, sha256=item.sha256, name=item.name, mime=item.mime, size=original.size if original else 0)
