"""Finding an earlier photo that a new one repeats: by its digest, or by hashes that survive recompression, resizing and cropping.

The whole of the new photo is held against wholes and windows of the old ones (a copy that was cropped), and its windows against old
wholes (an original of which a crop was sent before). See `bot/evidence/alike.py`.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat

from tortoise.backends.base.client import BaseDBAsyncClient

from bot.evidence.alike import NEAR, PARTS, REACH, SHORT_REACH, apart, around, parts, whole
from bot.model import EvidenceState, MediaFile, Twin
from bot.store.tables import CustomerRow, EvidenceRow, PersonRow, PhotoPrint, VisitRow

COLUMNS = tuple(f"b{part}" for part in range(PARTS))
WHOLES = ' AND "window" = 0'  # a reserved word of PostgreSQL
CANDIDATES = 8  # pictures that are looked at
SENDERS = 200  # of one and the same photo
STANDING = (EvidenceState.COUNTED.value, EvidenceState.PENDING.value)


def rows(photo: str, prints: Sequence[str]) -> list[PhotoPrint]:
    """Rows of a photo's hashes, the whole first."""
    return [PhotoPrint(photo=photo, window=window, **dict(zip(COLUMNS, parts(one), strict=True))) for window, one in enumerate(prints)]


async def near(db: BaseDBAsyncClient, photo: str, prints: Sequence[str]) -> list[str]:
    """Digests of the other photos whose hashes are nearest, to be compared as pictures. Needs no transaction."""
    ours, sqlite = [parts(one) for one in prints], db.capabilities.dialect == "sqlite"
    found: dict[str, int] = {}
    for some, reach, condition in ((ours[:1], REACH, ""), (ours[1:], SHORT_REACH, WHOLES)):
        hashes = [whole(one) for one in some]
        _, rows_ = await db.execute_query(query(some, reach, condition, sqlite=sqlite)) if some else (0, ())
        for theirs, *of in rows_:
            distance = min(map(apart, repeat(whole(of)), hashes))
            if distance <= NEAR and theirs != photo:
                found[theirs] = min(found.get(theirs, NEAR), distance)
    return sorted(found, key=found.__getitem__)[:CANDIDATES]


def query(keys: Sequence[Sequence[int]], reach: int, condition: str, *, sqlite: bool) -> str:
    """Rows one of whose parts is around one of ours: each column by its own index. Numbers of our own making, hence in the text.

    PostgreSQL reads the whole table for so many numbers behind an IN, SQLite for as many in a join.
    """
    found = []
    for part, column in enumerate(COLUMNS):
        near_ = sorted({near for key in keys for near in around(key[part], reach)})
        rows_ = f"SELECT photo, {', '.join(COLUMNS)} FROM photo_prints"
        if sqlite:
            found.append(f"{rows_} WHERE {column} IN ({', '.join(map(str, near_))}){condition}")
        else:
            ours = ", ".join(f"({one})" for one in near_)
            found.append(f"{rows_} JOIN (VALUES {ours}) AS k(v) ON {column} = k.v{condition}")
    return " UNION ALL ".join(found)


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
