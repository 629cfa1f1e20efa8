"""Evidence completeness (M46): how many actions lack a photo, a place, or a summary in words."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What one action has, or how many (`actions`) are alike in that. `place_asked`: it had to be on site."""

    photo: bool
    place: bool
    summary: bool
    place_asked: bool = True
    actions: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """Counts of actions that were not taken back. `onsite`: those of them that had to be on site; only they can lack a place.

    `lacking`: actions that lack at least one of the three.
    """

    actions: int
    onsite: int
    no_photo: int
    no_place: int
    no_summary: int
    lacking: int

    @property
    def photo_share(self) -> float | None:
        """Share without a photo, 0–1; None over nothing."""
        return _share(self.no_photo, self.actions)

    @property
    def place_share(self) -> float | None:
        """Share without a place among those that had to be on site."""
        return _share(self.no_place, self.onsite)

    @property
    def summary_share(self) -> float | None:
        """Share without words: no voice that counts, or one of which nothing was heard."""
        return _share(self.no_summary, self.actions)

    @property
    def lacking_share(self) -> float | None:
        return _share(self.lacking, self.actions)


def completeness(chains: Iterable[Chain]) -> Completeness:
    """Count them."""
    actions = onsite = no_photo = no_place = no_summary = lacking = 0
    for one in chains:
        placeless = one.place_asked and not one.place
        actions += one.actions
        onsite += one.actions * one.place_asked
        no_photo += one.actions * (not one.photo)
        no_place += one.actions * placeless
        no_summary += one.actions * (not one.summary)
        lacking += one.actions * (placeless or not one.photo or not one.summary)
    return Completeness(actions=actions, onsite=onsite, no_photo=no_photo, no_place=no_place, no_summary=no_summary, lacking=lacking)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
