"""The cards of a red light and their buttons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts import alert_messages
from bot.config.schema import Config, Inactivity, Region
from bot.model import Alert, AlertState, Outgoing, Person, Platform
from bot.ports import Card
from tests.handlers.build import ADMIN, CONFIG, DIRECTOR, NOON, OTHER_DIRECTOR, RENDERER, REP, Bot, alert, buttons, words

NIGHT = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # 02:00 in Shanghai
SHORT = alert(
    rule="short-demo",
    subject="action:a_1",
    values={
        "customer_name": "华强",
        "rep": "E001",
        "rep_name": "王强",
        "stage": "demo",
        "action": "a_1",
        "seconds": 45.5,
        "limit": 90.0,
        "of": 1,
    },
)
EXCESS = alert(
    rule="excess-need",
    subject="rep:E001",
    count=7,
    values={
        "rep": "E001",
        "rep_name": "王强",
        "stage": "need",
        "per_day": 5,
        "day": "2026-11-23",
        "actions": [{"action": "a_1", "at": "2026-11-23T04:00:00.000Z", "customer": "C001", "customer_name": "华强"}],
    },
)


def cards(
    one: Alert, config: Config = CONFIG, owner: Person | None = REP, now: datetime = NOON, *, first: bool = True
) -> tuple[Outgoing, ...]:
    return alert_messages(one, config, owner=owner, version="" if first else "v2", first=first, now=now)


def shown(one: Outgoing) -> Card:
    card = RENDERER.render(one.template, one.values)
    assert isinstance(card, Card)
    return card


def lit(one: Alert | None = None) -> Bot:
    bot = Bot()
    bot.alerts = {"al_1": one or alert()}
    return bot


def test_the_group_gets_the_card_with_its_four_buttons_and_ids() -> None:
    group, _ = cards(alert())
    card = shown(group)
    assert (group.key, group.to.platform, group.to.chat) == ("alert:al_1:region", Platform.FEISHU, "oc_south")
    assert (card.title, card.tone, card.tag) == ("72 小时无新动作：华强", "red", "待处理")
    assert [button.label for button in card.buttons] == ["查看记录", "我来跟进", "误报", "静默 24 小时"]
    assert card.buttons[0].url == "http://127.0.0.1:8080/record/al_1"
    assert card.footer == "inactive-72h · al_1"
    assert ("销售", "王强") in card.facts


def test_the_owner_gets_his_own_buttons_in_working_hours_only() -> None:
    _, own = cards(alert(), now=NIGHT)
    assert (own.key, own.to.person) == ("alert:al_1:owner", "E001")
    assert own.not_before == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert [button.label for button in shown(own).buttons] == ["去拜访", "已离线沟通", "暂缓"]
    assert cards(alert())[1].not_before == NOON


def test_short_demo_and_excess_name_the_very_record() -> None:
    (short,) = cards(SHORT)
    assert shown(short).title == "方案演示 45.5 秒"
    assert shown(short).buttons[0].url.endswith("/record/a_1")
    (excess,) = cards(EXCESS)
    assert shown(excess).title == "王强 当日需求确认 7 次"
    assert shown(excess).buttons[0].url.endswith("/record/al_1")
    assert "12:00 华强" in shown(excess).text
    assert ("次数", "7 次") in shown(excess).facts


def test_a_mean_over_several_demos_says_so() -> None:
    mean = replace(SHORT, subject="rep:E001", values={**SHORT.values, "of": 10})
    card = shown(cards(mean)[0])
    assert card.title == "方案演示 45.5 秒（平均）"
    assert card.buttons[0].url.endswith("/record/al_1")


def test_updates_edit_the_first_cards_and_wait_no_longer_than_they_do() -> None:
    group, own = cards(alert(), now=NIGHT, first=False)
    assert (group.key, group.edits, group.not_before) == ("alert:al_1:region:v2", "alert:al_1:region", None)
    assert (own.edits, own.not_before) == ("alert:al_1:owner", datetime(2026, 11, 24, 1, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("state", "tone", "labels"),
    [
        (AlertState.FIRING, "red", ["查看记录", "我来跟进", "误报", "静默 24 小时"]),
        (AlertState.ACKNOWLEDGED, "yellow", ["查看记录", "误报", "静默 24 小时"]),
        (AlertState.MUTED, "grey", ["查看记录", "我来跟进", "误报"]),
        (AlertState.RESOLVED, "green", ["查看记录"]),
    ],
)
def test_the_card_shows_its_state(state: AlertState, tone: str, labels: list[str]) -> None:
    card = shown(cards(alert(state=state))[0])
    assert (card.tone, [button.label for button in card.buttons]) == (tone, labels)


def test_a_region_without_a_chat_and_a_rule_that_tells_nobody_send_nothing() -> None:
    quiet = Config(regions=(Region(id="south", name="华南"),), rules=(Inactivity(id="inactive-72h", kind="inactivity", tell=()),))
    assert cards(alert(), quiet) == ()
    assert [one.template for one in cards(alert(), Config())] == ["card/alert_owner"]


@pytest.mark.parametrize("first", [True, False])
def test_a_group_robot_gets_the_card_once_and_then_a_word(first: bool) -> None:
    robot = Config(regions=(Region(id="south", name="华南", alert_chat="dingtalk:robot"),))
    group, own = cards(alert(state=AlertState.RESOLVED), robot, first=first)
    assert (group.to.chat, group.edits, own.edits) == ("robot", "", "" if first else "alert:al_1:owner")
    assert group.template == ("card/alert" if first else "reply/alert_moved")
    more = alert_messages(alert(count=7), robot, owner=None, version="n7", first=False, now=NOON, moved=False)
    assert more == ()


# ---- taps ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "state", "how", "seen"),
    [
        ("alert.follow", AlertState.ACKNOWLEDGED, "follow", "李总 跟进中"),
        ("alert.false", AlertState.RESOLVED, "false_alarm", "李总 标为误报"),
        ("alert.mute", AlertState.MUTED, "mute", "李总 静默 24 小时"),
    ],
)
def test_a_directors_tap_moves_the_alert_and_its_cards(op: str, state: AlertState, how: str, seen: str) -> None:
    bot = lit()
    said = words(bot.tap(op, "al_1", by=DIRECTOR, chat="oc_south"))
    assert bot.alerts["al_1"].state is state
    assert bot.entries[0].body["how"] == how
    assert seen in said
    assert {one.edits: one.token for one in bot.sent} == {"alert:al_1:region": "token", "alert:al_1:owner": ""}


def test_mute_lasts_a_day() -> None:
    bot = lit()
    bot.tap("alert.mute", "al_1", by=DIRECTOR)
    assert bot.alerts["al_1"].until == NOON + timedelta(hours=24)


@pytest.mark.parametrize(("who", "moved"), [(DIRECTOR, True), (ADMIN, True), (OTHER_DIRECTOR, False), (REP, False)])
def test_only_the_regions_director_or_an_admin_moves_it(who: Person, moved: bool) -> None:
    bot = lit()
    said = words(bot.tap("alert.follow", "al_1", by=who))
    assert (bot.alerts["al_1"].state is AlertState.ACKNOWLEDGED) == moved
    assert ("由所在区域的主管处理" in said) != moved


def test_the_second_tap_records_nothing_and_says_how_it_stands() -> None:
    bot = lit()
    bot.tap("alert.follow", "al_1", by=DIRECTOR)
    count = len(bot.entries)
    assert "跟进中" in words(bot.tap("alert.follow", "al_1", by=DIRECTOR))
    assert len(bot.entries) == count
    bot.tap("alert.false", "al_1", by=DIRECTOR)
    bot.tap("alert.mute", "al_1", by=DIRECTOR)
    assert bot.alerts["al_1"].state is AlertState.RESOLVED


def test_the_owner_may_go_and_gets_the_button_that_begins_the_visit() -> None:
    bot = lit()
    said = bot.tap("alert.go", "al_1")
    assert bot.alerts["al_1"].state is AlertState.ACKNOWLEDGED
    assert ("start", "C001") in buttons(said).values()
    own = next(one for one in bot.sent if one.edits == "alert:al_1:owner")
    assert (own.token, own.not_before) == ("token", None)


def test_the_owner_may_say_that_he_talked() -> None:
    bot = lit()
    said = words(bot.tap("alert.offline", "al_1"))
    assert bot.entries[0].body["how"] == "offline"
    assert "王强 已离线沟通" in said


def test_a_snooze_asks_for_a_line_of_reason() -> None:
    bot = lit()
    assert "请用一句话说明「华强」暂缓的原因" in words(bot.tap("alert.snooze", "al_1"))
    assert "alert.moved" not in bot.types()
    said = words(bot.text("客户下周盘点"))
    assert bot.alerts["al_1"].state is AlertState.ACKNOWLEDGED
    moved = next(entry for entry in bot.entries if entry.type == "alert.moved")
    assert (moved.body["how"], moved.body["reason"]) == ("snooze", "客户下周盘点")
    assert "暂缓：客户下周盘点" in said
    assert bot.question is None


def test_a_command_is_not_taken_for_the_reason() -> None:
    bot = lit()
    bot.tap("alert.snooze", "al_1")
    bot.text("今日")
    assert bot.alerts["al_1"].state is AlertState.FIRING
    assert bot.question is None


def test_another_rep_cannot_use_the_owners_buttons() -> None:
    bot = lit(alert(values={"customer": "C001", "owner": "E777", "hours": 72}))
    assert "由所在区域的主管处理" in words(bot.tap("alert.offline", "al_1"))


def test_a_button_of_an_alert_that_is_gone_is_refused() -> None:
    assert "已经失效" in words(Bot().tap("alert.follow", "al_gone", by=DIRECTOR))


def test_the_words_of_a_button_mean_the_one_light_that_waits() -> None:
    bot = lit(alert())
    assert "跟进" in words(bot.text("我来跟进", by=DIRECTOR))
    [moved] = [entry for entry in bot.entries if entry.type == "alert.moved"]
    assert (moved.body["alert"], moved.body["state"], moved.body["how"]) == ("al_1", "acknowledged", "follow")
    two = Bot()
    two.alerts = {f"al_{n}": alert(f"al_{n}") for n in range(2)}
    assert "红灯 2 条" in words(two.text("误报", by=DIRECTOR)) and two.entries == []
    assert "没有未解除的红灯" in words(Bot().text("暂缓"))


def test_the_list_names_ten_of_the_open_ones_with_their_links() -> None:
    bot = Bot()
    bot.alerts = {f"al_{n}": alert(f"al_{n}") for n in range(12)}
    said = words(bot.text("红灯", by=DIRECTOR, chat="oc_south"))
    assert "红灯 12 条，最近 10 条" in said
    assert said.count("/record/al_") == 10
    assert bot.sent[-1].to.chat == "oc_south"
    bot.alerts = {"al_1": SHORT, "al_2": EXCESS}
    said = words(bot.text("红灯", by=DIRECTOR))
    assert "王强 华强 方案演示 45.5 秒" in said
    assert "王强 当日需求确认 7 次" in said
    bot.alerts = {}
    assert "没有未解除的红灯" in words(bot.text("红灯", by=DIRECTOR))
    assert "只供主管使用" in words(bot.text("红灯"))
