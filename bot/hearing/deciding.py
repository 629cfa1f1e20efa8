"""What follows when a voice was heard: facts to record, and what the rep is told. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import entries
from bot.config.schema import Config
from bot.entries import instant
from bot.hearing.gist import gist
from bot.hearing.lexicons import Lexicons
from bot.hearing.marks import Mark, marked
from bot.hearing.people import named
from bot.hearing.script import Coverage, scripts
from bot.model import Address, Contact, Draft, Entry, Evidence, HeardTitle, Json, Outgoing
from bot.ports import Heard

ASKED, DRAFT, HEARD = "asked", "draft", "heard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice with what is known around it. `others`: the words in force of the action's other voices; `titles`: asked about before."""

    item: Evidence
    stage: str
    customer_name: str
    contacts: tuple[Contact, ...] = ()
    titles: tuple[HeardTitle, ...] = ()
    others: tuple[str, ...] = ()
    asked: bool = False  # the bot waits for another line of the rep already


def heard(voice: Voice, said: Heard, config: Config, now: datetime) -> Draft:
    """A transcript is there: marked, drafted for a scene, checked for people and titles, and back in the rep's chat."""
    lexicons, item = Lexicons(config), voice.item
    marks = lexicons.keywords.marks(said.text)
    state = DRAFT if item.scene and said.text else HEARD
    facts = [entries.evidence_heard(item.id, said, said.seconds or item.seconds, marks_json(marks), state, now)]
    facts += meetings(voice, said.text)
    titles = unknown_titles(voice, said.text, lexicons, config)
    told = values(voice, said.text, marks, scripts(config, lexicons, voice.stage, (*voice.others, said.text)), config)
    messages = [_to(item.rep, f"heard:{item.id}", "reply/heard", {**told, "engine": said.engine})]
    if state == DRAFT:
        if not voice.asked:  # his next line may put the words right
            facts.append(entries.question_asked(item.rep, "transcript", item.id, now))
        messages.append(_to(item.rep, draft_key(item.id), "card/draft", {**told, "evidence": item.id, "state": DRAFT}))
    for title in titles:
        facts.append(entries.title_asked(title))
        messages.append(_to(item.rep, title_key(title.id), "card/title", {**title_values(title, voice.customer_name), "done": ""}))
    return Draft(entries=tuple(facts), messages=tuple(messages))


def unheard(voice: Voice, reason: str, now: datetime) -> Draft:
    """No words: the evidence stays, the rep is told why."""
    item = voice.item
    told = {"customer": voice.customer_name, "reason": reason, "seconds": item.seconds}
    message = _to(item.rep, f"heard:{item.id}", "reply/unheard", told)
    return Draft(entries=(entries.evidence_unheard(item.id, reason, now),), messages=(message,))


def meetings(voice: Voice, text: str) -> list[Entry]:
    """Contacts whom the voice names: their last interaction moves by itself."""
    item = voice.item
    return [entries.contact_met(contact.id, item.visit, item.id, item.sent_at) for contact in named(text, voice.contacts)]


def unknown_titles(voice: Voice, text: str, lexicons: Lexicons, config: Config) -> list[HeardTitle]:
    """Titles said in the stages that are listened to, which no contact has and nobody was asked about."""
    if voice.stage not in config.keywords.titles_in:
        return []
    asked = {title.title for title in voice.titles}
    said = dict.fromkeys(mark.word for mark in lexicons.titles.marks(text))
    item = voice.item
    return [
        HeardTitle(
            id=f"{item.customer}:{word}",
            customer=item.customer,
            title=word,
            evidence=item.id,
            rep=item.rep,
            state=ASKED,
            at=item.sent_at,
        )
        for word in said
        if word not in asked and not held(word, voice.contacts, config)
    ]


def held(title: str, contacts: Iterable[Contact], config: Config) -> bool:
    """Whether one of the contacts has this title, under any of its names."""
    return any(same_title(title, contact.title, config) for contact in contacts)


def same_title(title: str, written: str, config: Config) -> bool:
    words = (title, *config.keywords.titles.get(title, ()))
    return any(word.casefold() in written.casefold() for word in words)


def values(voice: Voice, text: str, marks: Sequence[Mark], said: Sequence[Coverage], config: Config) -> Json:
    """What the answer to a voice shows."""
    scene = config.scene(voice.item.scene)
    words = dict.fromkeys(mark.word for mark in marks if mark.sure)
    return {
        "customer": voice.customer_name,
        "scene": scene.name if scene else "",
        "seconds": voice.item.seconds,
        "text": marked(text, marks),
        "gist": list(gist(text, marks)),
        "keywords": list(words),
        "doubtful": [mark.word for mark in marks if not mark.sure and mark.word not in words],
        "scripts": [
            {"product": one.rule.product, "heard": len(one.heard), "of": len(one.rule.points), "missing": list(one.missing)} for one in said
        ],
    }


def title_values(title: HeardTitle, customer_name: str) -> Json:
    return {"title_id": title.id, "title": title.title, "customer": customer_name, "at": instant(title.at)}


def marks_json(marks: Iterable[Mark]) -> list[Json]:
    return [{"start": mark.start, "end": mark.end, "word": mark.word, "sure": mark.sure} for mark in marks]


def marks_of(items: Iterable[Json]) -> tuple[Mark, ...]:
    """Inverse of `marks_json`."""
    return tuple(Mark(one["start"], one["end"], one["word"], sure=one["sure"]) for one in items)


def draft_key(evidence: str) -> str:
    """The outbox key of a draft's card."""
    return f"draft:{evidence}"


def card_key(evidence: str) -> str:
    """The outbox key of the card that shows what was read on a business card."""
    return f"card:{evidence}"


def title_key(title: str) -> str:
    """The outbox key of the card that asks about a title."""
    return f"title:{title}"


def _to(person: str, key: str, template: str, told: Json) -> Outgoing:
    return Outgoing(key=key, to=Address(person=person), template=template, values=told)
