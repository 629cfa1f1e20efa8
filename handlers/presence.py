"""Where the rep is: check-in records, location messages, reported positions. Judged and recorded; what waited is judged again."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import entries
from bot.consent import withheld
from bot.entries import instant, reasons_json
from bot.errors import Refusal
from bot.evidence.check import covering, judge_check
from bot.evidence.codes import Code
from bot.evidence.place import Near, nearest, problem_of
from bot.evidence.tiers import fixes_of, signs
from bot.model import Check, CheckState, Customer, Entry, Kind, Point, Reason, Submission, Visit
from handlers import shown
from handlers.asking import about_check, ask, bind, exception_id
from handlers.evidence import add, remedies, values
from handlers.judging import bench, change, rejudge
from handlers.visit import begin, offer
from handlers.work import Work

FAR_M = 50_000.0  # beyond this a place is held against nobody
CAUSES = {Kind.CHECKIN: "checkin", Kind.LOCATION: "location"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom a position speaks for. `there`: inside the fence, or too close to say; several of them are to choose from."""

    customers: tuple[Customer, ...]
    there: bool


def arrive(work: Work) -> None:
    """A check-in record or a location message: both are meant, and a visit may begin with them."""
    if why := withheld(work.config, work.case.consents, "location"):
        work.reply("reply/no_consent", purpose="location", why=why)
        return
    point = work.interaction.point
    problem = problem_of(point.lat, point.lng) if point else ""
    if point is None or problem:
        found = [Reason(code=Code.PLACE_PROBLEM, values={"problem": problem})] if problem else []
        work.reply("reply/no_position", reasons=reasons_json(found))
        return
    target = target_of(work, point)
    if not target.customers:
        raise Refusal("nobody_near")
    checks = tuple(_check(work, customer, point) for customer in target.customers)
    work.record(*(_made(work, check) for check in checks))
    if len(checks) > 1:
        offer(work, "near", target.customers)
        _ask(work, checks)
    else:
        _arrived(work, target, checks[0])


def from_page(work: Work) -> None:
    """The visit page's position: for the visit whose page it is, and no other."""
    if why := withheld(work.config, work.case.consents, "location"):
        work.reply("reply/no_consent", purpose="location", why=why)
        return
    point, page, visit = work.interaction.point, work.interaction.page, work.visit
    if page is None or visit is None or visit.id != page.visit:
        raise Refusal("page_over")
    problem = problem_of(point.lat, point.lng) if point else ""
    customer = work.case.customer(visit.customer)
    if point is None or problem or customer is None:
        found = [Reason(code=Code.PLACE_PROBLEM, values={"problem": problem})] if problem else []
        work.reply("reply/no_position", reasons=reasons_json(found))
        return
    check = _check(work, customer, point)
    work.record(_made(work, check))
    _ask(work, (check,))
    work.reply(
        "card/departure",
        customer=customer.name,
        at=instant(check.at),
        late=instant(work.interaction.received_at) if page.late else "",
        battery=check.battery,
        check=shown.check(check),
        stages=shown.stages(work.config) if check.state is CheckState.PASSED and not visit.actions else [],
        **remedies(check),
    )
    _again(work, (check,))


def reported(work: Work) -> None:
    """A position that the client reports by itself: it helps an open visit, or offers one, once a day. Else it is dropped."""
    point = work.interaction.point
    if point is None or problem_of(point.lat, point.lng) or withheld(work.config, work.case.consents, "location"):
        return
    target = target_of(work, point)
    if not target.there or len(target.customers) != 1:
        return
    customer, at = target.customers[0], work.interaction.sent_at
    if work.visit is None:
        day = at.astimezone(work.config.zone).date().isoformat()
        listed = shown.customers(target.customers)
        work.tell(work.person.id, f"near:{work.person.id}:{customer.id}:{day}", "card/choose_customer", why="near", customers=listed)
        return
    check = _check(work, customer, point)
    if work.visit.customer == customer.id and check.state is not CheckState.REFUSED and covering(work.case.checks, customer.id, at) is None:
        work.record(_made(work, check))
        _ask(work, (check,))
        _again(work, (check,))


def recheck(work: Work) -> None:
    """The record read that evidence waited for is done."""
    _again(work, ())


def target_of(work: Work, point: Point) -> Target:
    """The open visit's customer if he may be there; else the own customers in whose fence he is; else the nearest one."""
    here = work.case.customer(work.visit.customer) if work.visit else None
    near = nearest(point, {one.id: one for one in (*work.own, *([here] if here else []))}.values(), work.config.presence.radius_m)
    if here and any(one.customer.id == here.id and one.fence.verdict != "out" for one in near):
        return Target(customers=(here,), there=True)
    inside = _inside(near)
    if inside:
        return Target(customers=tuple(one.customer for one in inside), there=True)
    away = (here,) if here else tuple(one.customer for one in near[:1] if one.fence.distance_m <= FAR_M)
    return Target(customers=away, there=False)


def _inside(near: Sequence[Near]) -> list[Near]:
    """Those whose fence holds the point; failing that, those whose fence may."""
    return [one for one in near if one.fence.verdict == "in"] or [one for one in near if one.fence.verdict == "uncertain"]


def _check(work: Work, customer: Customer, point: Point) -> Check:
    record, page = work.interaction.checkin, work.interaction.page
    name = record.device if record else page.device if page else None
    return judge_check(
        id=work.id("ch_", customer.id),
        rep=work.person.id,
        customer=customer,
        point=point,
        at=work.interaction.sent_at,
        device=None if withheld(work.config, work.case.consents, "device") else name,
        platform=work.interaction.platform,
        bindings=work.case.devices,
        config=work.config,
        place=(record.place if record else work.interaction.text)[:200],
        signs=(
            *signs(
                point,
                work.interaction.sent_at,
                received_at=work.interaction.received_at,
                before=(*work.case.earlier, *work.case.checks),
                max_kmh=work.config.presence.max_kmh,
                exceptions=record.exceptions if record else (),
                by_api=record.by_api if record else False,
                fixes=page.fixes if page else (),
            ),
            *(_told_by_page(work, page) if page else ()),
        ),
        battery=page.battery if page else None,
    )


def _told_by_page(work: Work, page: Submission) -> tuple[Reason, ...]:
    values = {"at": instant(work.interaction.sent_at), "received_at": instant(work.interaction.received_at)}
    return (*fixes_of(page.fixes), *([Reason(code=Code.SIGN_LATE, values=values)] if page.late else []))


def _made(work: Work, check: Check) -> Entry:
    record = work.interaction.checkin
    return entries.check_made(check, source=work.source, wifi=record.wifi if record else "", exceptions=record.exceptions if record else ())


def _arrived(work: Work, target: Target, check: Check) -> None:
    """At one customer: begin or go on, take the record's photos, judge again what waited, and say what is still in the way."""
    customer = target.customers[0]
    if target.there and not _stale(work, customer):
        begin(work, customer, CAUSES[work.interaction.kind], check=check, point=check.point)
    _ask(work, (check,))
    if check.state is not CheckState.PASSED or not target.there or _stale(work, customer):
        work.reply(
            "card/check",
            customer=customer.name,
            check=shown.check(check),
            records=work.by_record,
            page=work.page_url(work.visit.id) if work.visit and check.state is not CheckState.PASSED else "",
            **remedies(check),
        )
    _again(work, (check,))
    visit = _visit_of(work, customer)
    if work.case.media and visit:
        by = bench(work.case, (*work.case.checks, check))
        after, items = add(work, visit, work.case.media, by)
        work.reply("card/received", **values(work, after, items))


def _stale(work: Work, customer: Customer) -> bool:
    """A record that comes after what followed it must not begin a visit again."""
    at = work.interaction.sent_at
    return any(
        visit.id != work.id("v_") and (visit.started_at > at or (visit.customer == customer.id and visit.ended_at and visit.ended_at >= at))
        for visit in work.visits
    )


def _visit_of(work: Work, customer: Customer) -> Visit | None:
    at = work.interaction.sent_at
    return next((one for one in work.visits if one.customer == customer.id and (one.ended_at is None or one.ended_at >= at)), None)


def _ask(work: Work, checks: Sequence[Check]) -> None:
    """What nobody but a director can settle is put before him at once."""
    _device(work, checks)
    for check in checks:
        codes = {reason.code for reason in check.reasons}
        if Code.PLACE_UNCERTAIN in codes and check.state is CheckState.WAITING:
            customer = work.case.customer(check.customer)
            ask(work, exception_id(check.id), "check", check.id, about_check(check, customer.name if customer else check.customer))


def _device(work: Work, checks: Sequence[Check]) -> None:
    """A device seen for the first time: put before the director, or only noted where the config asks for no more. All checks share it."""
    name, codes = checks[0].device, {reason.code for reason in checks[0].reasons}
    if not name or name in {device.device for device in work.case.devices if device.state in {"pending", "recorded"}}:
        return
    if Code.DEVICE_UNKNOWN in codes:
        bind(work, checks[0])
    elif Code.DEVICE_RECORDED in codes:
        platform, at = work.interaction.platform.value, work.interaction.sent_at
        work.record(entries.device_seen(work.id("d_", name), work.person.id, platform, name, "recorded", at))


def _again(work: Work, checks: tuple[Check, ...]) -> None:
    """Judge the day's visits again with what has become known, and tell the rep what changed."""
    by = bench(work.case, (*work.case.checks, *checks))
    before = work.visits
    judged = [rejudge(visit, by) for visit in before]
    work.record(*(fact for _, facts in judged for fact in facts))
    after = [visit for visit, _ in judged]
    if work.visit:
        work.visit = after[-1]
    if found := change(before, after):
        work.reply(
            "reply/judged_again",
            counted=found.counted,
            held=[shown.item(item) for item in found.held],
            completed=[shown.action_name(work.config, action) for action in found.completed],
            lost=[shown.action_name(work.config, action) for action in found.lost],
        )
