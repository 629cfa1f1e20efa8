"""People as their company sees them: those who come and go, and accounts that nobody knows yet."""

from dataclasses import replace

from tortoise.expressions import Q

from bot.case import Case, Member, Offer, Wants
from bot.model import Interaction, Role
from bot.store import convert, people
from bot.store.tables import Account, CustomerRow, DeviceRow, LinkRow, Outbox, PersonRow

TOLD = "stranger-told:"  # how the keys of what admins are told of unknown senders begin, followed by the day


async def offer_of(digest: str) -> Offer | None:
    """The latest code of this digest, with whoever asked for it; None when he left."""
    row = await LinkRow.filter(digest=digest).order_by("-until").first() if digest else None
    person = await people.by_id(row.person) if row else None
    return Offer(id=row.id, person=person, until=row.until, taken=row.taken) if row and person else None


async def unknown_sender(case: Case, interaction: Interaction, wants: Wants) -> Case:
    """What is known of somebody who is not: a code that he typed, and who is to hear of him."""
    day = interaction.sent_at.astimezone(case.config.zone).date().isoformat()
    known = [user for user in (interaction.sender, interaction.sender_alias) if user]
    return replace(
        case,
        offer=await offer_of(wants.offer),
        admins=tuple(await people.with_role(Role.ADMIN)),
        strangers=await Outbox.filter(key__startswith=f"{TOLD}{day}:").count(),
        former=await Account.filter(platform=interaction.platform.value, user__in=known).exists(),
    )


async def members(words: str) -> tuple[Member, ...]:
    """Those whose id or name it is, also when they left."""
    rows = await PersonRow.filter(Q(id=words) | Q(name=words)).order_by("id")
    return tuple([await _member(row) for row in rows])


async def _member(row: PersonRow) -> Member:
    return Member(
        person=convert.person(row, await people.accounts(row.id)),
        customers=tuple([convert.customer(one, (), None) for one in await CustomerRow.filter(owner=row.id).order_by("id")]),
        devices=tuple([convert.device(one) for one in await DeviceRow.filter(person=row.id).order_by("id")]),
    )


async def forget_letters(person: str) -> None:
    """What waits to be sent to somebody's own chats is not sent."""
    for platform, user in (await people.accounts(person)).items():
        await Outbox.filter(platform=platform.value, recipient=f"user:{user}", state="new").delete()
