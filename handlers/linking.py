"""One person, several accounts: a code asked for in one chat and typed in another."""

from datetime import timedelta
from hashlib import sha256

from bot import entries
from bot.case import Case, Offer
from bot.errors import Refusal
from bot.model import Address, Draft, Entry, Interaction, Outgoing, Platform
from handlers.words import Command
from handlers.work import Work

GOOD_FOR = timedelta(minutes=10)
DIGITS = 8


def digest(code: str) -> str:
    """What is kept of a code."""
    return sha256(f"salestrace link {code}".encode()).hexdigest() if code else ""


def link(work: Work, command: Command) -> None:
    """关联账号: give a code. With one: it was meant for another chat."""
    if command.arg:
        offer = work.case.offer
        raise Refusal("link_here" if offer and offer.person.id == work.person.id else "link_known")
    missing = [platform for platform in _enabled(work.case) if platform not in work.person.accounts]
    if not missing:
        raise Refusal("link_all")
    seed = sha256(f"{work.source}:{work.person.id}:link".encode()).digest()
    code = f"{int.from_bytes(seed[:8], 'big') % 10**DIGITS:0{DIGITS}d}"
    at = work.interaction.sent_at
    work.record(entries.link_offered(work.id("l_"), work.person.id, digest(code), at, at + GOOD_FOR))
    work.reply("reply/link_code", code=code, minutes=int(GOOD_FOR.total_seconds() // 60), platforms=[one.value for one in missing])


def take(interaction: Interaction, case: Case) -> Draft:
    """An unknown account types a code: it belongs to whoever asked for it. Raises Refusal."""
    offer = case.offer
    if case.former:
        raise Refusal("stopped")
    if offer is None or offer.taken or interaction.sent_at > offer.until:
        raise Refusal("link_code")
    if interaction.platform in offer.person.accounts:
        raise Refusal("link_taken", platform=interaction.platform.value)
    return Draft(entries=_facts(interaction, offer), messages=_news(interaction, offer))


def _facts(interaction: Interaction, offer: Offer) -> tuple[Entry, ...]:
    person, platform, user = offer.person.id, interaction.platform.value, interaction.sender
    account = {"platform": platform, "person": person, "user": user, "by": "code"}
    return (
        entries.link_taken(offer.id, person, platform, user, interaction.sent_at),
        entries.master_set("accounts", f"{platform}:{person}", account),
    )


def _news(interaction: Interaction, offer: Offer) -> tuple[Outgoing, ...]:
    """Both chats are told: who did not do it himself must hear of it."""
    values = {"name": offer.person.name, "platform": interaction.platform.value}
    here = Address(platform=interaction.platform, user=interaction.sender)
    told = [Outgoing(key=f"link:{offer.id}:here", to=here, template="reply/linked", values=values)]
    for platform, user in offer.person.accounts.items():
        there = Address(platform=platform, user=user)
        told.append(Outgoing(key=f"link:{offer.id}:{platform.value}", to=there, template="reply/linked_elsewhere", values=values))
    return tuple(told)


def _enabled(case: Case) -> list[Platform]:
    tables = {Platform.WECOM: case.config.wecom, Platform.DINGTALK: case.config.dingtalk, Platform.FEISHU: case.config.feishu}
    return [platform for platform, table in tables.items() if table]
