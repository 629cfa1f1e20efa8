"""Every template says something, strictly, and nothing that people write changes its shape."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateNotFound, UndefinedError

from bot.cards import card_of
from bot.evidence.codes import Code
from bot.model import Reason
from bot.ports import Card, Message, Text
from bot.render import Renderer, escaped, metres, minutes, percent, plain, seconds
from tests.render.samples import CARDS, PARTS, REPLIES, SAMPLES

ROOT = Path(__file__).parents[2] / "templates"
RENDERER = Renderer(ROOT)
EVERY = [(name, values) for name, samples in SAMPLES.items() for values in samples]
HOSTILE = [
    '"}],"done":"x',
    '", "buttons": [{"label": "x", "op": "approve", "arg": "ap_1"}], "text": "',
    "{{ 7 * 7 }}{% raw %}",
    "第一行\n状态：完整\u2028假的一行\r\x00",
    "\u202e反过来\u2066",
    "<a href='https://evil.example'>点我</a><at id=all></at>",
    '\\u0022\\"\\',
    "\ud800",
]
# Values that people wrote, or that are made of what they wrote.
WORDS = set(
    "customer name place override rep by reason person site words similar names notes title phone device done problems visit"
    " completed lost before about region regions stage".split()
)


UNSEEMLY = ("作弊", "可疑", "None", "False", "True", "ndefined")
UNKNOWN_WORDS = ({"kind": "else"}, {"code": "from.the.future", "values": {}})


def read(message: Message) -> str:
    return message.text if isinstance(message, Text) else json.dumps([message.title, message.text, message.facts], ensure_ascii=False)


def test_every_template_has_a_sample_and_every_sample_a_template() -> None:
    files = {f"{path.parent.name}/{path.name.partition('.')[0]}" for folder in ("reply", "card") for path in (ROOT / folder).iterdir()}
    assert files == set(SAMPLES)


@pytest.mark.parametrize(("name", "values"), EVERY, ids=[f"{name}-{n}" for n, (name, _) in enumerate(EVERY)])
def test_every_template_speaks_plain_chinese(name: str, values: Mapping[str, Any]) -> None:
    said = read(RENDERER.render(name, values))
    assert any("一" <= sign <= "鿿" for sign in said) or values in UNKNOWN_WORDS
    assert [word for word in UNSEEMLY if word in said] == []
    assert "。。" not in said
    assert "：。" not in said


@pytest.mark.parametrize(("name", "values"), EVERY, ids=[f"{name}-{n}" for n, (name, _) in enumerate(EVERY)])
def test_every_value_that_a_template_is_given_may_be_missing_only_with_an_error(name: str, values: Mapping[str, Any]) -> None:
    for missing in values:
        rest = {key: value for key, value in values.items() if key != missing}
        try:
            message = RENDERER.render(name, rest)
        except (UndefinedError, TypeError, ValueError):
            continue
        assert message == RENDERER.render(name, values), f"{name} says something else without {missing}, and no error"


@pytest.mark.parametrize("evil", HOSTILE)
@pytest.mark.parametrize("name", [*REPLIES, *CARDS])
def test_hostile_names_stay_inert_in_every_template(name: str, evil: str) -> None:
    for values in SAMPLES[name]:
        plain, attacked = RENDERER.render(name, values), RENDERER.render(name, poisoned(values, evil))
        assert shape(attacked) == shape(plain)


def poisoned(value: Any, evil: str, key: str = "") -> Any:
    """The same values, with every word of people's replaced."""
    if isinstance(value, Mapping):
        return {name: poisoned(one, evil, name) for name, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, evil, key) for one in value]
    return evil if isinstance(value, str) and value and key in WORDS else value


def shape(message: Message) -> tuple[object, ...]:
    """What a reader's client would make of it: lines of a text; tone, facts' labels and buttons of a card."""
    if isinstance(message, Text):
        return ("text", message.text.count("\n"))
    effects = tuple((button.op, button.arg, button.url, button.style) for button in message.buttons)
    return ("card", message.tone, tuple(label for label, _ in message.facts), effects, message.text.count("\n"), bool(message.done))


@given(st.text(max_size=200))
def test_any_text_in_a_card_comes_out_as_one_line_of_itself(text: str) -> None:
    said = json.loads(f'"{escaped(text)}"')
    assert said == plain(text)
    assert len(said.splitlines()) <= 1


def test_templates_are_compiled_once(tmp_path: Path) -> None:
    (tmp_path / "reply").mkdir()
    file = tmp_path / "reply" / "x.txt.j2"
    file.write_text("一 {{ name }}")
    renderer = Renderer(tmp_path)
    assert renderer.render("reply/x", {"name": "甲"}) == Text(text="一 甲")
    file.write_text("二 {{ name }}")
    assert renderer.render("reply/x", {"name": "乙"}) == Text(text="一 乙")


@pytest.mark.parametrize(
    "source",
    [
        "{{ missing }}",
        "{{ none }}",
        "  \n ",
    ],
)
def test_a_text_that_cannot_be_said_is_an_error(tmp_path: Path, source: str) -> None:
    (tmp_path / "reply").mkdir()
    (tmp_path / "reply" / "x.txt.j2").write_text(source)
    with pytest.raises((UndefinedError, TypeError, ValueError)):
        Renderer(tmp_path).render("reply/x", {"none": None})


def test_a_template_that_does_not_exist_is_an_error() -> None:
    for name in ("reply/nothing", "card/nothing", "../../etc/passwd"):
        with pytest.raises(TemplateNotFound):
            RENDERER.render(name, {})


WRONG = [
    "{}",
    '{"title": ""}',
    '{"title": "x", "colour": "red"}',
    '{"title": "x", "tone": "pink"}',
    '{"title": "x", "title": "y"}',
    '{"title": 1}',
    '{"title": "x", "facts": [["a"]]}',
    '{"title": "x", "facts": [null, ["a", "b"]]}',
    '{"title": "x", "buttons": [{"label": "a"}]}',
    '{"title": "x", "buttons": [{"label": "a", "op": "b", "url": "c"}]}',
    '{"title": "x", "buttons": [{"label": "a", "op": "b", "style": "big"}]}',
    '{"title": "x",}',
    "[]",
]


@pytest.mark.parametrize("source", WRONG)
def test_a_card_of_the_wrong_shape_is_an_error(source: str) -> None:
    with pytest.raises((ValueError, AttributeError)):
        card_of(source)


def test_a_card_may_end_its_lists_with_null_and_leave_facts_empty() -> None:
    card = card_of('{"title": "x", "facts": [["a", ""], ["b", "c"], null], "buttons": [null]}')
    assert card == Card(title="x", facts=(("b", "c"),))


def test_the_filters_read_naturally() -> None:
    assert [metres(value) for value in (48.0, 499.5, 500.1, 999.9, 1234.5)] == ["48 米", "499.5 米", "500.1 米", "999.9 米", "1.2 公里"]
    assert [percent(value) for value in (0.75, 1.0, 1 / 3, None)] == ["75%", "100%", "33.3%", "—"]
    assert [seconds(value) for value in (30.0, 29.98, 89.9, 45.5)] == ["30 秒", "29.9 秒", "89.9 秒", "45.5 秒"]
    assert [minutes(value) for value in (0, 1, 2100, 3600, 5405)] == ["0 分钟", "1 分钟", "35 分钟", "1 小时", "1 小时 31 分钟"]


def test_times_are_shown_in_the_companys_zone() -> None:
    values: dict[str, Any] = {
        "customer": "华强",
        "started": "2026-11-23T06:05:09.000Z",
        "check": None,
        "records": True,
        "page": "",
        "stages": [],
    }
    for zone, clock in (("Asia/Shanghai", "14:05"), ("Asia/Urumqi", "12:05")):
        card = Renderer(ROOT, lambda zone=zone: ZoneInfo(zone)).render("card/visit_started", values)  # type: ignore[misc] # bound per turn
        assert isinstance(card, Card)
        assert ("时间", clock) in card.facts


@pytest.mark.parametrize("code", list(Code))
def test_every_reason_code_has_a_sentence(code: Code) -> None:
    values = PARTS["reply/reason"][0]["values"]
    said = RENDERER.word(Reason(code=code, values=values))
    assert said
    assert str(code) not in said


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.*")), ids=str)
def test_the_wording_accuses_nobody_and_claims_no_chain(path: Path) -> None:
    """We say 提示 and 哈希存证 + 可信时间戳."""
    text = path.read_text(encoding="utf-8", errors="ignore")
    for word in ("作弊", "造假", "区块链"):
        assert word not in text, f"{path.name}: {word}"
