"""Counts that were closed: stock-takes of weapons and roll calls of persons, as known at an instant.

    closed(histories, as_of, known_at)     every count that stood closed, in the order they ended

A count of one crate says nothing about the whole site: `container` names it. A count that was opened
again is not closed until it ends anew. Pure; times are microseconds UTC, both inclusive.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.history import History
from projections.belief import belief

KINDS = {"PERSONS": "person", "ITEMS": "weapon"}
"""What the log calls a count, and what is counted."""


class Counted(NamedTuple):
    """A closed count and its four totals."""

    stocktake: str
    kind: str  # person | weapon
    site: str
    container: str  # "" for the whole site
    at: int  # when it was closed, microseconds UTC
    expected: int
    found: int
    missing: int
    unexpected: int

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
    found = [
        Counted(
            known.id, KINDS[state.kind], state.site, state.container, state.since, *state.totals
        )
        for known in histories
        if (state := belief(known, as_of, known_at)) is not None and state.status == "CLOSED"
    ]
    return sorted(found, key=lambda one: (one.at, one.stocktake))
