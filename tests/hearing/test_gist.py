"""The gist is made of the voice's own sentences."""

from hypothesis import given
from hypothesis import strategies as st

from bot.hearing.gist import LINES, LONGEST, gist, snippet
from bot.hearing.marks import Lexicon

LEXICON = Lexicon({"预算": (), "招标时间": (), "交付周期": ()})
TEXT = "今天讲了四十分钟。第一是预算要等。第二是招标时间可能推迟，交付周期要短。第三是预算。"


def test_the_sentences_that_hold_the_most_keywords() -> None:
    assert gist(TEXT, LEXICON.marks(TEXT)) == ("第一是预算要等。", "第二是招标时间可能推迟，交付周期要短。")


def test_nothing_marked_nothing_told() -> None:
    assert gist("今天没见到人。", ()) == ()


def test_a_snippet_is_the_sentence_of_its_keyword() -> None:
    mark = LEXICON.marks(TEXT)[-1]
    assert snippet(TEXT, mark) == "第三是预算。"


def test_a_voice_without_full_stops_is_broken_at_its_pauses() -> None:
    text = "，".join(["我们今天讲了很久的方案和很多的问题"] * 6 + ["他们的预算还要再等一等看看"] + ["后来大家一起去吃了饭聊了天"] * 6)
    (line,) = gist(text, LEXICON.marks(text))
    assert "预算" in line and len(line) <= LONGEST


@given(st.lists(st.sampled_from(["预算", "招标时间", "我们走了很远", "，", "。", "\n", "a b"]), max_size=60).map("".join))
def test_every_line_stands_in_the_text(text: str) -> None:
    lines = gist(text, LEXICON.marks(text))
    assert len(lines) <= LINES
    assert all(line in text and len(line) <= LONGEST for line in lines)
