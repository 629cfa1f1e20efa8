"""Who comes and goes: a leaver's access ends at once, his customers move with their history."""

from bot import entries
from bot.case import Member
from bot.entries import instant
from bot.errors import Refusal
from bot.model import Customer, Role
from handlers.customers import meant
from handlers.roles import decides_for, leads
from handlers.words import Command
from handlers.work import Work

LISTED = 20


def leave(work: Work, command: Command) -> None:
    """离职 <人> [交接 <人>]: admins only."""
    if Role.ADMIN not in work.person.roles:
        raise Refusal("admins_only")
    who = _one(work, command.arg)
    if who.person.id == work.person.id:
        raise Refusal("own_leave")
    to = _successor(work, command.more[0], who) if command.more else None
    was_active = who.person.active
    if was_active:
        _ends(work, who)
    moved = who.customers if to else ()
    if to:
        _move(work, who.person.id, to, moved, tell=False)
    work.reply(
        "reply/member_left",
        name=who.person.name,
        id=who.person.id,
        again=not was_active,
        at=instant(work.interaction.sent_at),
        moved=len(moved),
        to=to.person.name if to else "",
        left=[one.name for one in who.customers[:LISTED]] if not to else [],
        count=0 if to else len(who.customers),
    )


def hand_over(work: Work, command: Command) -> None:
    """交接 <客户或人> <人>: admins, and directors within their region."""
    if not leads(work.person):
        raise Refusal("directors_only")
    members = work.case.members.get(command.arg, ())
    customers = _one(work, command.arg).customers if members else _customer(work, command.arg)
    if not customers:
        raise Refusal("nothing_to_hand_over", words=command.arg)
    to = _successor(work, command.more[0])
    if not all(decides_for(work.person, one.region) for one in customers):
        raise Refusal("not_your_region")
    for owner in sorted({one.owner for one in customers}):
        _move(work, owner, to, tuple(one for one in customers if one.owner == owner))
    names = [one.name for one in customers[:LISTED]]
    work.reply("reply/handed_over", to=to.person.name, names=names, count=len(customers), mine=False)


def _one(work: Work, words: str) -> Member:
    found = work.case.members.get(words, ())
    if not found:
        raise Refusal("no_member", words=words)
    if len(found) > 1:
        raise Refusal("several_members", words=words, ids=[one.person.id for one in found])
    return found[0]


def _successor(work: Work, words: str, leaver: Member | None = None) -> Member:
    to = _one(work, words)
    if not to.person.active or Role.REP not in to.person.roles or (leaver and to.person.id == leaver.person.id):
        raise Refusal("no_successor", name=to.person.name)
    if not decides_for(work.person, to.person.region):
        raise Refusal("not_your_region")
    return to


def _customer(work: Work, words: str) -> tuple[Customer, ...]:
    found = meant(words, work.case.customers)
    if len(found) > 1:
        raise Refusal("several_customers", names=[one.name for one in found])
    return found


def _ends(work: Work, who: Member) -> None:
    """His visit is submitted as it stands, his devices open nothing any more, his chats and pages are closed."""
    at, person = work.interaction.sent_at, who.person
    if who.visit:
        open_ = [action for action in who.visit.actions if action.submitted_at is None]
        work.record(*(entries.action_submitted(action.id, at) for action in open_))
        work.record(entries.visit_ended(who.visit.id, at, "timed_out", "left"))
    for device in who.devices:
        if device.state in {"active", "pending"}:
            work.record(entries.device_decided(device.id, person.id, "retired", work.person.id, at))
    work.record(entries.person_left(person.id, work.person.id, at))
    work.record(entries.master_set("people", person.id, {"active": False, "updated_at": work.case.now}))


def _move(work: Work, frm: str, to: Member, customers: tuple[Customer, ...], *, tell: bool = True) -> None:
    """`tell`: the former owner too; who left is reached no more."""
    person = to.person
    moving = [one for one in customers if one.owner != person.id]
    if not moving:
        return
    work.record(entries.customers_handed(frm, person.id, [one.id for one in moving], work.person.id, work.interaction.sent_at))
    for one in moving:
        work.record(entries.master_set("holdings", one.id, {"until": work.interaction.sent_at, "owner": one.owner, "region": one.region}))
        work.record(entries.master_set("customers", one.id, {"owner": person.id, "region": person.region}))
    names = [one.name for one in moving[:LISTED]]
    key = f"handover:{work.interaction.key}:{frm}:{person.id}"
    work.tell(person.id, key, "reply/handed_over", to=person.name, names=names, count=len(moving), mine=True)
    known = {one.person.id: one.person for some in work.case.members.values() for one in some}
    was = known.get(frm) or work.case.people.get(frm)
    if tell and was and was.active and frm != work.person.id:
        told = {"to": person.name, "by": work.person.name, "names": names, "count": len(moving)}
        work.tell(frm, f"{key}:from", "reply/handed_away", **told)
