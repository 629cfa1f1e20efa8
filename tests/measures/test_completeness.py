"""Shares of actions without a photo, a place or a summary."""

from hypothesis import given
from hypothesis import strategies as st

from bot.measures.completeness import Chain, completeness

chains = st.lists(
    st.builds(Chain, photo=st.booleans(), place=st.booleans(), summary=st.booleans(), place_asked=st.booleans(), actions=st.integers(0, 4))
)


def test_each_lack_is_counted_by_itself_and_all_together() -> None:
    found = completeness(
        [
            Chain(photo=True, place=True, summary=True),
            Chain(photo=False, place=False, summary=False),
            Chain(photo=False, place=False, summary=True, place_asked=False),
            Chain(photo=True, place=True, summary=False),
        ]
    )
    assert (found.actions, found.onsite, found.no_photo, found.no_place, found.no_summary, found.lacking) == (4, 3, 2, 1, 2, 3)
    assert (found.photo_share, found.place_share, found.summary_share, found.lacking_share) == (0.5, 1 / 3, 0.5, 0.75)


def test_shares_over_nothing_are_none() -> None:
    found = completeness([])
    assert (found.photo_share, found.place_share, found.summary_share, found.lacking_share) == (None, None, None, None)


def test_what_happens_online_cannot_lack_a_place() -> None:
    found = completeness([Chain(photo=True, place=False, summary=True, place_asked=False)])
    assert (found.place_share, found.lacking) == (None, 0)


@given(chains)
def test_counted_together_is_counted_one_by_one(some: list[Chain]) -> None:
    single = [
        Chain(photo=one.photo, place=one.place, summary=one.summary, place_asked=one.place_asked)
        for one in some
        for _ in range(one.actions)
    ]
    assert completeness(some) == completeness(single)


@given(chains)
def test_what_lacks_anything_is_between_the_worst_and_the_sum(some: list[Chain]) -> None:
    found = completeness(some)
    each = (found.no_photo, found.no_place, found.no_summary)
    assert max(each) <= found.lacking <= min(sum(each), found.actions)
