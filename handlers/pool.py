"""沉默客户 [区域]: who is in the pool and on what grounds, and whether the pool was right."""

from dataclasses import asdict

from bot.entries import instant
from bot.errors import Refusal
from bot.measures.conversion import Conversion
from bot.model import Json, Role
from handlers.roles import leads, region_asked
from handlers.words import Command
from handlers.work import Work


def show(work: Work, command: Command) -> None:
    """For directors and admins, and for presales, who nurture them."""
    if not leads(work.person) and Role.PRESALES not in work.person.roles:
        raise Refusal("directors_only")
    region_asked(work, command.arg)
    pool = work.case.pool
    if pool is None:
        raise Refusal("stale_button")
    region = work.config.region(pool.region or "")
    listed = [
        {"name": one.name, "owner": one.owner, "since": instant(one.since), "parts": [asdict(part) for part in one.parts]}
        for one in pool.listed
    ]
    work.reply(
        "reply/silent",
        region=region.name if region else "全部区域",
        count=pool.count,
        customers=listed,
        pool=_rate(pool.pool),
        ordinary=_rate(pool.ordinary),
        repurchase=_rate(pool.repurchase),
        days=pool.days,
    )


def _rate(found: Conversion) -> Json:
    rate = found.rate
    return {"began": found.began, "due": found.due, "converted": found.converted, "rate": float(rate) if rate is not None else None}
