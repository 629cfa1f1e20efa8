"""资料 <册> <客户>: a deck by a link of its own, whose openings the sender hears of; 开沙箱 <客户>: a logged trial.

A card of another room sends with the button `{"op": "material", "arg": "<deck id>:<customer id>"}`; without a deck (`":C001"`) the
sender chooses one, unless there is only one. A trial is `{"op": "sandbox", "arg": "<customer id>"}`. Reps send to their own customers,
presales, directors and admins within their region.
"""

from collections.abc import Sequence
from datetime import timedelta

from bot import entries
from bot.entries import instant
from bot.errors import Refusal
from bot.ids import secret_digest
from bot.model import Customer, Deck, Material
from handlers.customers import SHOWN, meant, similar
from handlers.words import Command, squeezed
from handlers.work import Work

HINTS = 10
CALLED = 40  # characters of a recipient's name


def send_named(work: Work, command: Command) -> None:
    """`资料 <册> [客户] [收件人]`; without a customer, the open visit's."""
    words = command.arg.split()
    for cut in range(len(words), 0, -1):
        found = _decks(work, " ".join(words[:cut]))
        if found and (customer := _addressed(work, words[cut:])):
            _send(work, _single(found), customer, " ".join(words[cut + 1 :])[:CALLED])
            return
    _explain(work, words)


def send_tapped(work: Work, command: Command) -> None:
    """发白皮书: the button names deck and customer by their ids."""
    id_, _, to = command.arg.partition(":")
    customer = next((one for one in work.case.customers if one.id == to), None)
    if customer is None:
        raise Refusal("no_customer", words=to, similar=[])
    decks = _materials(work)
    chosen = next((one for one in decks if one.id == id_), None) if id_ else decks[0] if len(decks) == 1 else None
    if chosen:
        _send(work, chosen, customer, "")
        return
    listed = [{"name": one.name, "arg": f"{one.id}:{customer.id}"} for one in decks[:SHOWN]]
    work.reply("card/choose_material", customer=customer.name, decks=listed)


def grant(work: Work, command: Command) -> None:
    """开沙箱: who let whom try the product, until when; the address is the configured one."""
    told = work.config.materials
    if not told.sandbox_url:
        raise Refusal("no_sandbox")
    if command.arg:
        customer = _one(command.arg, work.case.customers)
    elif work.visit and (there := work.case.customer(work.visit.customer)):
        customer = there
    else:
        raise Refusal("sandbox_for_whom")
    at = work.interaction.sent_at
    until = at + timedelta(days=told.sandbox_days)
    work.record(entries.sandbox_granted(work.id("sb_", customer.id), customer.id, work.person.id, told.sandbox_url, at, until))
    work.reply("card/sandbox", customer=customer.name, url=told.sandbox_url, until=instant(until), days=told.sandbox_days)


def _send(work: Work, deck: Deck, customer: Customer, recipient: str) -> None:
    at, config = work.interaction.sent_at, work.config
    material = Material(
        id=work.id("mt_", deck.id),
        deck=deck.id,
        name=deck.name,
        customer=customer.id,
        by=work.person.id,
        at=at,
        until=at + timedelta(days=config.materials.link_days),
        recipient=recipient,
    )
    work.record(entries.material_sent(material, secret_digest(work.case.chance)))
    home = config.server.public_url.rstrip("/")
    told = {"name": deck.name, "customer": customer.name, "recipient": recipient, "until": instant(material.until)}
    work.reply(
        "card/material", **told, pages=len(deck.pages), url=f"{home}/material/{work.case.chance}", seen=f"{home}/materials/{material.id}"
    )
    work.reply("reply/material_words", name=deck.name, sender=work.person.name, url=f"{home}/material/{work.case.chance}")


def _materials(work: Work) -> Sequence[Deck]:
    tags = set(work.config.materials.tags)
    found = [deck for deck in work.case.decks if tags & set(deck.tags)]
    if not found:
        raise Refusal("no_materials", tags=sorted(tags))
    return found


def _decks(work: Work, words: str) -> list[Deck]:
    wanted = squeezed(words)
    decks = _materials(work)
    return [one for one in decks if squeezed(one.name) == wanted] or [one for one in decks if wanted and wanted in squeezed(one.name)]


def _single(decks: list[Deck]) -> Deck:
    if len(decks) > 1:
        raise Refusal("several_decks", names=[one.name for one in decks[:HINTS]])
    return decks[0]


def _addressed(work: Work, words: list[str]) -> Customer | None:
    """Whom the first word names; with no words, whom the sender visits."""
    if not words:
        return work.case.customer(work.visit.customer) if work.visit else None
    found = meant(words[0], work.case.customers)
    if len(found) > 1:
        raise Refusal("several_customers", names=[one.name for one in found])
    return found[0] if found else None


def _explain(work: Work, words: list[str]) -> None:
    """Raises Refusal: no such deck, or no such customer."""
    if not words or not _decks(work, words[0]):
        names = [one.name for one in _materials(work)[:HINTS]]
        for cut in range(1, len(words)):
            if found := meant(words[cut], work.case.customers):
                raise Refusal("no_material", words=" ".join(words[:cut]), customer=found[0].name if len(found) == 1 else "", names=names)
        raise Refusal("no_material", words=" ".join(words), customer="", names=names)
    to = " ".join(words[1:])
    if not to:
        raise Refusal("material_for_whom", name=words[0])
    raise Refusal("no_customer", words=to, similar=similar(to, work.case.customers))


def _one(words: str, customers: Sequence[Customer]) -> Customer:
    found = meant(words, customers)
    if not found:
        raise Refusal("no_customer", words=words, similar=similar(words, customers))
    if len(found) > 1:
        raise Refusal("several_customers", names=[one.name for one in found])
    return found[0]
