"""Papers that a customer must have on file: filed by their name, or by a word; what is missing, told."""

from bot import entries
from bot.case import Paper
from bot.entries import instant
from bot.errors import Refusal
from bot.model import Can, Evidence, EvidenceState, MediaFile, Visit
from handlers.asking import all_items
from handlers.customers import meant, similar
from handlers.words import Command, squeezed
from handlers.work import Work

FILEABLE = frozenset({"file", "photo"})


def by_name(work: Work, visit: Visit, items: tuple[Evidence, ...], media: tuple[MediaFile, ...]) -> list[str]:
    """File what bears a paper's name; return the papers' names."""
    filed = []
    for item, file in zip(items, media, strict=False):
        paper = _named(work, visit.customer, file.ref.name) if file.ref.name and item.state is not EvidenceState.LOST else None
        if paper:
            _file(work, visit.customer, paper, item)
            filed.append(paper.name)
    return filed


def file_as(work: Work, command: Command) -> None:
    """归档 <文件名>: the latest file or photo of the visit is that paper."""
    visit = work.visit or work.case.last_visit
    items = [item for item in all_items(visit) if item.kind in FILEABLE and item.sha256] if visit else []
    if visit is None or not items:
        raise Refusal("nothing_to_file", words=command.arg, files=Can.FILES in work.case.can, customer=visit.customer_name if visit else "")
    paper = _named(work, visit.customer, command.arg)
    if paper is None:
        raise Refusal("no_paper", words=command.arg, papers=[one.name for one in work.case.papers if one.customer == visit.customer])
    _file(work, visit.customer, paper, max(items, key=lambda item: (item.sent_at, item.id)))
    work.reply("reply/filed", customer=visit.customer_name, papers=[paper.name])


def show(work: Work, command: Command) -> None:
    """文件 <客户>: what is on file, what is missing and until when."""
    found = meant(command.arg, work.case.customers)
    if not found:
        raise Refusal("no_customer", words=command.arg, similar=similar(command.arg, work.case.customers))
    if len(found) > 1:
        raise Refusal("several_customers", names=[one.name for one in found])
    papers = [one for one in work.case.papers if one.customer == found[0].id]
    listed = [{"name": one.name, "state": one.state, "due": instant(one.due) if one.due else ""} for one in papers]
    work.reply("reply/papers", customer=found[0].name, papers=listed)


def _named(work: Work, customer: str, words: str) -> Paper | None:
    """The paper whose name or alias the words hold, whatever marks and spaces stand around it."""
    said = squeezed(words)
    papers = [one for one in work.case.papers if one.customer == customer]
    return next((one for one in papers if any(squeezed(name) and squeezed(name) in said for name in (one.name, *one.aliases))), None)


def _file(work: Work, customer: str, paper: Paper, item: Evidence) -> None:
    work.record(entries.document_filed(customer, paper.rule, item.id, work.person.id, work.interaction.sent_at))
