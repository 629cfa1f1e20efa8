"""False alarms by rule."""

from hypothesis import given
from hypothesis import strategies as st

from bot.measures.alarms import Light, alarms


def test_false_alarms_stand_beside_how_many_were_answered() -> None:
    lights = [
        Light(rule="a", state="resolved", how="false_alarm"),
        Light(rule="a", state="resolved", how="cleared"),
        Light(rule="a", state="firing", count=2),
        Light(rule="b", state="acknowledged", how="follow"),
        Light(rule="gone", state="muted", how="mute"),
    ]
    found = alarms(lights, ["b", "c", "a"])
    assert [(one.rule, one.raised, one.open, one.answered, one.false, one.rate) for one in found] == [
        ("b", 1, 1, 1, 0, 0.0),
        ("c", 0, 0, 0, 0, None),
        ("a", 4, 2, 1, 1, 0.25),
        ("gone", 1, 1, 1, 0, 0.0),
    ]


hows = st.sampled_from(["", "follow", "false_alarm", "cleared", "back", "mute", "snooze", "offline", "unmute"])
lights = st.lists(
    st.builds(Light, rule=st.sampled_from("abc"), state=st.sampled_from(["firing", "resolved", "muted"]), how=hows, count=st.integers(0, 3))
)


@given(lights)
def test_every_light_is_counted_once(some: list[Light]) -> None:
    found = alarms(some, ["c"])
    assert sum(one.raised for one in found) == sum(one.count for one in some)
    assert all(0 <= one.false <= one.answered <= one.raised for one in found)
