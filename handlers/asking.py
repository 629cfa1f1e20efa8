"""What a rep puts before his director: an exception, a new place, a new phone."""

from bot import entries
from bot.entries import instant, reasons_json
from bot.errors import Refusal
from bot.model import Check, Device, Evidence, Json, Platform, Visit
from handlers.words import Command
from handlers.work import Work

DEVICE_SHOWN = 6  # characters of a device id that a person can compare


def ask(work: Work, id_: str, what: str, subject: str, about: Json) -> bool:
    """Ask the region's directors, never the rep himself. False when there is nobody to ask."""
    told = [person for person in work.case.directors if person.id != work.person.id]
    values = {"approval": id_, "what": what, "rep": work.person.name, "at": instant(work.interaction.sent_at), **about}
    asked = {**values, "told": [person.id for person in told]}
    work.record(entries.approval_asked(id_, what, subject, work.person.id, work.person.region, work.interaction.sent_at, asked))
    for person in told:
        work.tell(person.id, f"approval:{id_}:{person.id}", "card/approval", **values, done="")
    return bool(told)


def about_check(check: Check, customer: str) -> Json:
    """What the director sees of a check."""
    return {
        "customer": customer,
        "place": check.place,
        "distance_m": check.distance_m,
        "device": (check.device or "")[-DEVICE_SHOWN:],
        "reasons": reasons_json(check.reasons),
    }


def platform_of(check: Check) -> Platform:
    """A point's source begins with its platform: wecom.checkin."""
    name = check.point.source.partition(".")[0]
    return Platform(name) if name in set(Platform) else Platform.WECOM


def exception_id(check: str) -> str:
    """The approval of a check's exception; a check has one."""
    return "ap_" + check.removeprefix("ch_")


def newsite_id(check: str) -> str:
    """The approval of a check's place as a new one of the customer."""
    return "as_" + check.removeprefix("ch_")


def appeal_id(evidence: str) -> str:
    """The approval of an appeal about an item of evidence; an item has one."""
    return "aa_" + evidence.removeprefix("e_")


def appeal(work: Work, command: Command) -> None:
    """申诉: an item that does not count is put before the director, with the reasons that it was given."""
    found = next(((visit, item) for visit in work.visits for item in all_items(visit) if item.id == command.arg), None)
    if found is None:
        raise Refusal("stale_button")
    if work.case.approval:
        work.reply("reply/already_asked", what="item")
        return
    visit, item = found
    about = {
        "customer": visit.customer_name,
        "place": item.action or item.id,
        "distance_m": None,
        "device": "",
        "reasons": reasons_json(item.reasons),
    }
    told = ask(work, appeal_id(item.id), "item", item.id, about)
    work.reply("reply/asked", what="item", customer=visit.customer_name, told=told)


def all_items(visit: Visit) -> tuple[Evidence, ...]:
    """Every item of a visit, with and without a stage."""
    return (*visit.evidence, *(item for action in visit.actions for item in action.evidence))


def ask_exception(work: Work, command: Command) -> None:
    """申请例外."""
    check = _check(work, command)
    customer = work.case.customer(check.customer)
    if work.case.approval:
        work.reply("reply/already_asked", what="check")
        return
    name = customer.name if customer else check.customer
    told = ask(work, exception_id(check.id), "check", check.id, about_check(check, name))
    work.reply("reply/asked", what="check", customer=name, told=told)


def propose_site(work: Work, command: Command) -> None:
    """登记为新地点: the director's tap makes it a place of the customer."""
    check = _check(work, command)
    customer = work.case.customer(check.customer)
    if work.case.approval:
        work.reply("reply/already_asked", what="site")
        return
    name = customer.name if customer else check.customer
    site = "s_" + check.id.removeprefix("ch_")
    place = check.place[:100] or "新地点"
    work.record(entries.site_proposed(site, check.customer, place, check.point, work.person.id, work.interaction.sent_at))
    told = ask(work, newsite_id(check.id), "site", site, about_check(check, name))
    work.reply("reply/asked", what="site", customer=name, told=told)


def _check(work: Work, command: Command) -> Check:
    check = next((one for one in work.case.checks if one.id == command.arg), None)
    if check is None:
        raise Refusal("stale_button")
    return check


def ask_device(work: Work, _: Command) -> None:
    """换手机: the device of the latest check-in that did not match is put before the director."""
    known = {(one.platform, one.device): one for one in work.case.devices}
    tried = [check for check in sorted(work.case.checks, key=lambda one: one.at) if check.device]
    latest = tried[-1] if tried else None
    binding = known.get((platform_of(latest), latest.device or "")) if latest else None
    if latest is None or (binding and binding.state == "active"):
        work.reply("reply/device", devices=[device_values(one) for one in work.case.devices if one.state in {"active", "pending"}])
        return
    if binding and binding.state == "pending":
        work.reply("reply/already_asked", what="device")
        return
    told = bind(work, latest, binding)
    work.reply("reply/asked", what="device", customer="", told=told)


def bind(work: Work, check: Check, binding: Device | None = None) -> bool:
    """Put a check's device before the director. `binding`: the device as it was seen before, retired or rejected."""
    at, platform = work.interaction.sent_at, platform_of(check)
    id_ = binding.id if binding else work.id("d_", check.device or "")
    if binding is None:
        work.record(entries.device_seen(id_, work.person.id, platform.value, check.device or "", "pending", at))
    customer = work.case.customer(check.customer)
    return ask(work, work.id("ad_", id_), "device", id_, about_check(check, customer.name if customer else ""))


def device_values(device: Device) -> Json:
    return {"name": device.device[-DEVICE_SHOWN:], "state": device.state, "since": instant(device.since)}


def relocate(work: Work, _: Command) -> None:
    """重新定位: how."""
    work.reply("reply/relocate", records=work.by_record)
