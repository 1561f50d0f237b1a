"""Stays: from which event to which something was so of a subject. Pure; from whole histories.

    stays(known, known_at, counts)              every span in which it was so, as known at an instant
    since_when(known, as_of, known_at, counts)  the event since which it is so without a break

What a state *counts* as is the caller's: at a site, in trust, sheltered. It is looked at once an
instant, after everything that occurred then; the event that decided it is the last one there that
turned it. Times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

from domain import history
from domain.event import Event, evolve
from domain.history import History
from domain.times import INF
from projections.belief import begins, recorded

Counts: TypeAlias = Callable[[Any], bool]
"""Whether a state counts; asked only of one that something was said about."""


class Stay(NamedTuple):
    """A span in which it was so: the event that began it, the one that ended it; None while it lasts."""

    began: Event
    ended: Event | None

    def touches(self, since: int, until: int) -> bool:
        """Return whether it was so at any instant from one to another, both included."""
        ends = INF if self.ended is None else self.ended.occurred_at
        return self.began.occurred_at <= until and ends > since


def stays(known: History, known_at: int, counts: Counts, as_of: int = INF) -> Iterator[Stay]:
    """Yield the spans in which a subject counted, in order, as known at an instant.

    Args:
        known: the subject's whole history. known_at: as known at. counts: what is asked.
        as_of: nothing that occurred after it.
    """
    state, begun = history.initial(known.id), False
    began: Event | None = None
    for at, some in groupby(history.in_order(recorded(known, known_at)), _occurred):
        if at > as_of:
            break
        so, turned = began is not None, None
        for event in some:
            state, begun = evolve(state, event), begun or begins(event)
            if (begun and counts(state)) is not so:
                so, turned = not so, event
        if turned is None or so is (began is not None):
            continue
        if began is not None:
            yield Stay(began, turned)
        began = turned if so else None
    if began is not None:
        yield Stay(began, None)


def since_when(known: History, as_of: int, known_at: int, counts: Counts) -> Event | None:
    """Return the event since which a subject counts without a break; None where it does not."""
    found = [*stays(known, known_at, counts, as_of)]
    return found[-1].began if found and found[-1].ended is None else None


def _occurred(event: Event) -> int:
    return event.occurred_at
