"""Finding an earlier photo that a new one repeats: by its digest, or by hashes that survive recompression, resizing and cropping.

A coarse hash of 64 bits in four parts finds candidates by an index: two hashes that differ in at most 7 bits have a part that differs in
at most one. A fine hash of 256 bits then decides. The whole of the new photo is held against wholes and windows of the old ones (a copy
that was cropped), and its windows against old wholes (an original of which a crop was sent before).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from tortoise.expressions import Q

from bot.model import MediaFile, Twin
from bot.store.tables import CustomerRow, EvidenceRow, PersonRow, PhotoPrint

PARTS, PART_BITS = 4, 16
COARSE_HEX = PARTS * PART_BITS // 4
NEAR = 14  # of 256 bits: recompressed, resized and cropped copies stay below (measured), other pictures of the same place above
CANDIDATES = 2000


def rows(photo: str, prints: Sequence[str]) -> list[PhotoPrint]:
    """Rows of a photo's hashes, the whole first."""
    return [_row(photo, window, text) for window, text in enumerate(prints)]


def _row(photo: str, window: int, text: str) -> PhotoPrint:
    coarse, fine = _split(text)
    return PhotoPrint(photo=photo, window=window, fine=fine, **dict(zip(("b0", "b1", "b2", "b3"), coarse, strict=True)))


def _split(text: str) -> tuple[list[int], str]:
    whole = int(text[:COARSE_HEX], 16)
    return [whole >> PART_BITS * (PARTS - 1 - part) & 0xFFFF for part in range(PARTS)], text[COARSE_HEX:]


async def find(file: MediaFile) -> Twin | None:
    """The earliest photo that this one repeats, whoever sent it."""
    if file.sha256 and (same := await EvidenceRow.filter(sha256=file.sha256, kind="photo").order_by("sent_at", "id").first()):
        return await _twin(same, exact=True)
    digests = await _alike(file.prints)
    alike = await EvidenceRow.filter(sha256__in=digests, kind="photo").order_by("sent_at", "id").first() if digests else None
    return await _twin(alike, exact=False) if alike else None


async def _alike(prints: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for window, text in enumerate(prints):
        coarse, fine = _split(text)
        near = PhotoPrint.filter(_near(coarse)) if window == 0 else PhotoPrint.filter(_near(coarse), window=0)
        for row in await near.limit(CANDIDATES).only("photo", "fine"):
            if (int(row.fine, 16) ^ int(fine, 16)).bit_count() <= NEAR:
                found[row.photo] = None
    return list(found)


def _near(coarse: Iterable[int]) -> Q:
    """Rows one of whose parts equals ours but for one bit."""
    condition = Q()
    for part, value in enumerate(coarse):
        near: dict[str, Any] = {f"b{part}__in": [value, *(value ^ 1 << bit for bit in range(PART_BITS))]}
        condition |= Q(**near)
    return condition


async def _twin(row: EvidenceRow, *, exact: bool) -> Twin:
    person = await PersonRow.get_or_none(id=row.rep)
    customer = await CustomerRow.get_or_none(id=row.customer)
    return Twin(
        evidence=row.id,
        action=row.action,
        visit=row.visit,
        rep=row.rep,
        rep_name=person.name if person else row.rep,
        customer_name=customer.name if customer else row.customer,
        at=row.sent_at,
        exact=exact,
    )
