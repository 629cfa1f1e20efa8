"""Rounds over the month's allowances: admins hear at 70 and at 90 per cent, and when a platform says that it is used up."""

from bot import corridor
from bot.line import Line
from bot.measures.quota import Quota, month_of
from bot.meter import quotas
from bot.model import Address, Draft, Outgoing, Person, Platform, Role
from bot.store import people


async def watch(line: Line) -> None:
    """Tell what has not been told this month."""
    now, config = line.clock.now(), line.config()
    admins = await people.with_role(Role.ADMIN)
    month, found = month_of(now, config.zone), await quotas(config, now)
    closed = frozenset(Platform(one.platform) for one in found if one.refused)
    reached = [one for one in found if one.step]
    messages = [_told(one, month, admin, _way(admin, frozenset(line.adapters) - closed)) for one in reached for admin in admins]
    if messages:
        async with line.database.step() as tx:
            await corridor.record(tx, Draft(messages=tuple(messages)), config, now, frozenset(line.adapters))
        line.wake.notify("outbox")


def _told(one: Quota, month: str, admin: Person, to: Address) -> Outgoing:
    return Outgoing(
        key=f"quota:{one.platform}:{one.what}:{month}:{'out' if one.refused else one.step}:{admin.id}",
        to=to,
        template="reply/quota",
        values={
            "platform": one.platform,
            "what": one.what,
            "used": one.used,
            "limit": one.limit,
            "out": one.refused,
            "short": one.short,
            "forecast": one.forecast or 0,
        },
    )


def _way(admin: Person, usable: frozenset[Platform]) -> Address:
    """Not by a platform that takes no more this month, where he is on another one too."""
    if admin.accounts.keys() - usable and (others := [one for one in Platform if one in usable and one in admin.accounts]):
        return Address(platform=others[0], user=admin.accounts[others[0]])
    return Address(person=admin.id)
