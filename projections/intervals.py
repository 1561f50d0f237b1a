"""Intervals: who held a weapon when, and when nobody did, or nobody knows.

    no record      before the ledger first has it, and while it was only declared
    held           by a party, an official accountable for it
    in transit     released and not yet accepted: the releaser stays accountable
    nobody         known to be missing or lost, or destroyed

"Nobody held it" and "there is no record of who held it" are two answers; folding them into one lies.
Intervals follow each other without a hole from the weapon's first event on: [start, end), microseconds
UTC; the last one's end is INF.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from domain import history
from domain.event import evolve
from domain.history import History
from domain.times import INF
from domain.weapon import Weapon, WeaponCustody
from projections.belief import recorded

IntervalKind = Literal["HELD", "IN_TRANSIT", "NOBODY", "NO_RECORD"]
WITH_NOBODY: frozenset[WeaponCustody] = frozenset({"MISSING", "LOST", "DESTROYED"})
GAPS: frozenset[IntervalKind] = frozenset({"NOBODY", "NO_RECORD"})


class Holding(NamedTuple):
    """Who had custody in an interval.

    Attributes:
        start, end: microseconds UTC, the end exclusive, INF while it lasts.
        kind: see the module. custody: the weapon's status in it.
        party: the custodian. official: who is accountable; in transit, the releaser.
        transfer: on the way under this transfer.
        version: the event that began it. until: when that event's time is uncertain, the end of
            the span it lies in, microseconds UTC.
    """

    start: int
    end: int
    kind: IntervalKind
    custody: str
    party: str | None
    official: str | None
    site: str | None
    transfer: str | None
    version: int
    until: int | None = None


def holdings(known: History, known_at: int, as_of: int = INF) -> list[Holding]:
    """Return who held a weapon, interval by interval, as known at an instant.

    Args:
        known: the weapon's whole history.
        known_at: as known at. as_of: nothing that occurred after it; both microseconds UTC.
    """
    lasting: dict[int, Holding] = {}  # of two events of one instant, the later one's outcome
    for one in _holdings(known, known_at, as_of):
        lasting[one.start] = one
    found: list[Holding] = []
    for one in lasting.values():
        if found and found[-1][2:8] == one[2:8]:
            continue
        if found:
            found[-1] = found[-1]._replace(end=one.start)
        found.append(one)
    return found


def _holdings(known: History, known_at: int, as_of: int) -> Iterator[Holding]:
    state: Weapon = history.initial(known.id)
    for event in history.in_order(recorded(known, known_at)):
        if event.occurred_at > as_of:
            return
        state = evolve(state, event)
        yield Holding(
            event.occurred_at,
            INF,
            _kind(state),
            state.custody or "",
            state.party,
            state.keeper,
            state.site,
            state.transfer,
            event.originator_version,
            event.occurred_until,
        )


def _kind(state: Weapon) -> IntervalKind:
    if state.custody in WITH_NOBODY:
        return "NOBODY"
    if state.custody == "IN_TRANSIT":
        return "IN_TRANSIT"
    if state.custody in {None, "DECLARED"} or (state.party is None and state.keeper is None):
        return "NO_RECORD"
    return "HELD"


def custodian(known: History, as_of: int, known_at: int) -> Holding | None:
    """Return who was accountable for a weapon at an instant; None where nothing is recorded."""
    found = holdings(known, known_at, as_of)
    return found[-1] if found else None


def gaps(known: History, known_at: int) -> list[Holding]:
    """Return the intervals in which nobody held a weapon or no record says who did."""
    return [one for one in holdings(known, known_at) if one.kind in GAPS]
