"""Counts that were closed: stock-takes of weapons and roll calls of persons, as known at an instant.

    closed(histories, as_of, known_at)     every count that stood closed, in the order they ended

A count of one crate says nothing about the whole site: `container` names it. A count that was opened
again is not closed until it ends anew. Pure; times are microseconds UTC, both inclusive.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.history import History
from domain.stocktake import StockTake
from projections.belief import belief

KINDS = {"PERSONS": "person", "ITEMS": "weapon"}
"""What the log calls a count, and what is counted."""


class Counted(NamedTuple):
    """A closed count, its four totals, and whom or what they name.

    Attributes:
        not_found: expected and missing. besides: found and unexpected, as typed.
    """

    stocktake: str
    kind: str  # person | weapon
    site: str
    container: str  # "" for the whole site
    at: int  # when it was closed, microseconds UTC
    expected: int
    found: int
    missing: int
    unexpected: int
    not_found: tuple[str, ...]
    besides: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """True when exactly what the ledger expected was there."""
        return self.expected == self.found and not self.unexpected


def closed(histories: Iterable[History], as_of: int, known_at: int) -> list[Counted]:
    """Return the counts closed by an instant, as known at another.

    Args:
        histories: stock-takes, whole.
        as_of, known_at: microseconds UTC.
    """
    states = (belief(known, as_of, known_at) for known in histories)
    found = [_counted(state) for state in states if state is not None and state.status == "CLOSED"]
    return sorted(found, key=lambda one: (one.at, one.stocktake))


def _counted(state: StockTake) -> Counted:
    expected, found, missing, unexpected = state.totals
    return Counted(
        state.id,
        KINDS[state.kind or ""],
        state.site or "",
        state.container,
        state.since,
        expected,
        found,
        missing,
        unexpected,
        state.missing,
        state.unexpected,
    )


def last_of_each(counts: Iterable[Counted]) -> list[Counted]:
    """Return the last count of each kind, site and container, from counts in the order they ended."""
    last = {(one.kind, one.site, one.container): one for one in counts}
    return sorted(last.values(), key=lambda one: (one.at, one.stocktake))
