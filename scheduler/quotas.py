"""Rounds over the month's allowances: admins hear at 70 and at 90 per cent, and when a platform says that it is used up."""

from bot import corridor
from bot.line import Line
from bot.measures.quota import month_of
from bot.meter import quotas
from bot.model import Address, Draft, Outgoing, Role
from bot.store import people


async def watch(line: Line) -> None:
    """Tell what has not been told this month."""
    now, config = line.clock.now(), line.config()
    admins = await people.with_role(Role.ADMIN)
    month = month_of(now, config.zone)
    messages = [
        Outgoing(
            key=f"quota:{one.platform}:{one.what}:{month}:{'out' if one.refused else one.step}:{admin.id}",
            to=Address(person=admin.id),
            template="reply/quota",
            values={
                "platform": one.platform,
                "what": one.what,
                "used": one.used,
                "limit": one.limit,
                "out": one.refused,
                "forecast": one.forecast or 0,
            },
        )
        for one in await quotas(config, now)
        if one.step
        for admin in admins
    ]
    if messages:
        async with line.database.step() as tx:
            await corridor.record(tx, Draft(messages=tuple(messages)), config, now, frozenset(line.adapters))
        line.wake.notify("outbox")
