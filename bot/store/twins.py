"""Finding an earlier photo that a new one repeats: by its digest, or by hashes that survive recompression, resizing and cropping.

The whole of the new photo is held against wholes and windows of the old ones (a copy that was cropped), and its windows against old
wholes (an original of which a crop was sent before). See `bot/evidence/alike.py`.
"""

from collections.abc import Iterable, Sequence

from tortoise.backends.base.client import BaseDBAsyncClient

from bot.evidence.alike import NEAR, PARTS, apart, around, parts
from bot.model import EvidenceState, MediaFile, Twin
from bot.store.tables import CustomerRow, EvidenceRow, PersonRow, PhotoPrint, VisitRow

COLUMNS = tuple(f"b{part}" for part in range(PARTS))
CANDIDATES = 8  # pictures that are looked at
SENDERS = 200  # of one and the same photo
STANDING = (EvidenceState.COUNTED.value, EvidenceState.PENDING.value)


def rows(photo: str, prints: Sequence[str]) -> list[PhotoPrint]:
    """Rows of a photo's hashes, the whole first."""
    return [PhotoPrint(photo=photo, window=window, **dict(zip(COLUMNS, parts(one), strict=True))) for window, one in enumerate(prints)]


async def near(db: BaseDBAsyncClient, photo: str, prints: Sequence[str]) -> list[str]:
    """Digests of the other photos whose hashes are nearest, to be compared as pictures. Needs no transaction."""
    ours = [parts(one) for one in prints]
    found: dict[str, int] = {}
    for keys, condition in ((ours[:1], ""), (ours[1:], " AND window = 0")):
        for row in await db.execute_query_dict(_query(keys, condition)) if keys else ():
            theirs = [row[column] for column in COLUMNS]
            distance = min(apart(one, theirs) for one in keys)
            if distance <= NEAR and row["photo"] != photo:
                found[row["photo"]] = min(found.get(row["photo"], NEAR), distance)
    return sorted(found, key=found.__getitem__)[:CANDIDATES]


def _query(keys: Sequence[Sequence[int]], condition: str) -> str:
    """Rows one of whose parts is around one of ours: each column by its own index. Numbers of our own making, hence in the text."""
    each = [sorted({near for key in keys for near in around(key[part])}) for part in range(PARTS)]
    wanted = [f"({column} IN ({', '.join(map(str, ns))}){condition})" for column, ns in zip(COLUMNS, each, strict=True)]
    return f"SELECT photo, {', '.join(COLUMNS)} FROM photo_prints WHERE {' OR '.join(wanted)}"


async def sent(file: MediaFile) -> tuple[Twin, ...]:
    """Every earlier sending of this photo or of one that shows the same, oldest first."""
    found: list[EvidenceRow] = []
    for digest in filter(None, (file.sha256, file.alike)):
        found += await EvidenceRow.filter(sha256=digest, kind="photo").order_by("sent_at", "id").limit(SENDERS)
    if not found:
        return ()
    people = await _names(PersonRow, (row.rep for row in found))
    customers = await _names(CustomerRow, (row.customer for row in found))
    gone = {row.id for row in await VisitRow.filter(id__in=list({row.visit for row in found}), state="withdrawn").only("id")}
    twins = [
        Twin(
            evidence=row.id,
            action=row.action,
            visit=row.visit,
            rep=row.rep,
            rep_name=people.get(row.rep, row.rep),
            customer_name=customers.get(row.customer, row.customer),
            at=row.sent_at,
            exact=row.sha256 == file.sha256,
            stands=row.state in STANDING,
            withdrawn=row.visit in gone,
        )
        for row in found
    ]
    return tuple(sorted(twins, key=lambda twin: (twin.at, twin.evidence)))


async def _names(table: type[PersonRow] | type[CustomerRow], ids: Iterable[str]) -> dict[str, str]:
    return dict(await table.filter(id__in=list(set(ids))).values_list("id", "name"))
