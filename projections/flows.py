"""Flows of persons: who came to which site, who left it and how. Pure; from whole histories.

    steps(histories, known_at)     every coming and leaving, as known at an instant

One comes to a site from outside (*entered*) or from another site (*arrived*).

A person is *there* while admitted, sheltered, in care, on the way or absent: who is on the way stands
at the site they left until they arrive, the absent where they should be. Each change of site is one
leaving and one coming, also on the same day, so that for each site and any span of time

    there at its end = there at its beginning + came − left

A record that proves to be another one's double leaves as `merged`. Times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from domain import history
from domain.event import evolve
from domain.history import History
from domain.person import Person, PersonCustody
from projections.belief import recorded

THERE: frozenset[PersonCustody] = frozenset(
    {"ADMITTED", "SHELTERED", "IN_CARE", "IN_TRANSIT", "ABSENT"}
)
ENTERED, ARRIVED = "entered", "arrived"
MOVED_ON = "moved on"
ENDS: dict[PersonCustody, str] = {
    "HANDED_OVER": "handed over", "RELEASED_OTHERWISE": "released", "DECEASED": "died"
}  # fmt: skip
MERGED = "merged"
WAYS = (MOVED_ON, *ENDS.values(), MERGED)
"""How one leaves a site."""


class Step(NamedTuple):
    """One came to a site some way, or left it some way."""

    at: int  # microseconds UTC
    site: str
    way: str  # ENTERED or ARRIVED: came; else one of WAYS


def where(state: Person) -> str | None:
    """Return the site a person stands at, None for who is not (or no longer) there."""
    return state.site if state.custody in THERE and state.same_as is None else None


def steps(histories: Iterable[History], known_at: int) -> Iterator[Step]:
    """Yield every coming and leaving of these persons, person by person.

    Args:
        histories: persons' streams, whole.
        known_at: as the ledger knew it then, microseconds UTC, inclusive.
    """
    for known in histories:
        live = history.in_order(recorded(known, known_at))
        states = [history.initial(known.id)]
        for event in live:
            states.append(evolve(states[-1], event))
        for event, (before, after) in zip(live, pairwise(states), strict=True):
            yield from _step(event.occurred_at, before, after)


def _step(at: int, before: Person, after: Person) -> Iterator[Step]:
    was, now = where(before), where(after)
    if was == now:
        return
    if was is not None:
        yield Step(at, was, _way(after))
    if now is not None:
        yield Step(at, now, ENTERED if was is None else ARRIVED)


def _way(after: Person) -> str:
    if where(after) is not None:
        return MOVED_ON
    return MERGED if after.same_as is not None else ENDS.get(after.custody, MOVED_ON)
