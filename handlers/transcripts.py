"""What a machine heard, put right by the rep, and submitted. The machine's words and his stand side by side for good."""

from difflib import SequenceMatcher

from bot import entries
from bot.errors import Refusal
from bot.hearing.deciding import draft_key, marks_json
from bot.hearing.gist import gist
from bot.hearing.lexicons import Lexicons
from bot.hearing.marks import marked, unmarked
from bot.model import Json, Transcript, TranscriptState
from handlers import shown
from handlers.words import Command
from handlers.work import Work

LONGEST = 4000  # characters of a corrected text
ALIKE = 0.3  # below it a line is no correction of what was heard
HEAD, FOOT = "语音转写", "——"  # around the words in the message that people copy them from


def rewrite(work: Work, _: Command) -> None:
    """改文字: the next line of text takes the place of the words."""
    known = _known(work)
    work.record(entries.question_asked(work.person.id, "transcript", known.evidence, work.interaction.sent_at))
    work.reply("reply/ask_words", customer=_customer(work, known), text=known.text)


def replace_words(work: Work, _: Command) -> None:
    """The answer: kept beside the machine's words, marked anew. What looks nothing like them is not taken for a correction."""
    known = _known(work)
    if known.state in {TranscriptState.SUBMITTED, TranscriptState.EXPIRED}:
        raise Refusal("words_final", state=known.state.value)
    text = words_of(work.interaction.text)
    if not _correction(text, known):
        raise Refusal("no_correction")
    marks = Lexicons(work.config).keywords.marks(text)
    at = work.interaction.sent_at
    work.record(entries.evidence_edited(known.evidence, text, marks_json(marks), work.person.id, at))
    draft = known.state is TranscriptState.DRAFT
    work.reply("reply/rewritten", customer=_customer(work, known), text=marked(text, marks), gist=list(gist(text, marks)), draft=draft)
    if draft:
        work.record(entries.question_asked(work.person.id, "transcript", known.evidence, at))  # he may put it right once more
        work.update(draft_key(known.evidence), "card/draft", _card(work, known, text, "draft"), token=_token(work))


def submit(work: Work, _: Command) -> None:
    """提交: the rep stands by these words."""
    known = _known(work)
    if known.state is not TranscriptState.DRAFT:
        raise Refusal("words_final", state=known.state.value)
    work.record(entries.evidence_submitted(known.evidence, work.person.id, work.interaction.sent_at))
    work.reply("reply/submitted", customer=_customer(work, known), edited=known.edited is not None)
    work.update(draft_key(known.evidence), "card/draft", _card(work, known, known.text, "submitted"), token=_token(work))


def words_of(message: str) -> str:
    """The words in what somebody sent back: without our own head and foot, and without our marks."""
    lines = [line.strip() for line in message.partition(FOOT)[0].strip().splitlines()]
    lines = lines[1:] if lines and lines[0].startswith(HEAD) else lines
    return unmarked(" ".join(filter(None, lines)))[:LONGEST]


def _correction(text: str, known: Transcript) -> bool:
    return bool(text) and (not known.text or SequenceMatcher(None, text, known.text, autojunk=False).ratio() >= ALIKE)


def _known(work: Work) -> Transcript:
    known = work.case.transcript
    if known is None or known.rep != work.person.id:
        raise Refusal("no_transcript")
    return known


def _card(work: Work, known: Transcript, text: str, state: str) -> Json:
    marks = Lexicons(work.config).keywords.marks(text)
    scene = work.config.scene(known.scene)
    return {
        "customer": _customer(work, known),
        "scene": scene.name if scene else known.scene,
        "text": marked(text, marks),
        "evidence": known.evidence,
        "keywords": list(dict.fromkeys(mark.word for mark in marks if mark.sure)),
        "state": state,
    }


def _customer(work: Work, known: Transcript) -> str:
    return shown.customer_name(work.case, known.customer)


def _token(work: Work) -> str:
    return work.interaction.choice.token if work.interaction.choice else ""
