"""Belief: what one subject was at an instant, as the ledger knew it at another.

Folding the few events of one subject is exact by definition (`domain/history.py`); the segments answer
the same question for many subjects at once and are tested against it.

    belief(known, as_of, known_at)     the state, or None where nothing about the subject counts
    possible(known, as_of, known_at)   every state the uncertain times allow, the believed one first
    explain(known, as_of, known_at)    the events that make it, in the order folded, and those dropped

Uncertain times: an event that lies somewhere in [occurred_at, occurred_until) and spans the instant
may have happened or not, before or after the certain events in its span. Uncertain events keep their
order among themselves. All times are microseconds UTC, both instants inclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias, TypeVar

from domain import history
from domain.event import Event, S, State, evolve
from domain.history import History

T = TypeVar("T")


def recorded(known: History, known_at: int) -> tuple[Event, ...]:
    """Return the events the ledger had by an instant, in the order they were recorded."""
    if known.events and known.events[-1].recorded_at <= known_at:
        return known.events
    return tuple(e for e in known.events if e.recorded_at <= known_at)


def begins(event: Event) -> bool:
    """True for an event that says something about the subject, not about its record."""
    return not event.TOPIC.startswith("record.")


def belief(known: History[S], as_of: int, known_at: int) -> S | None:
    """Return the state at an instant as known at another, None where nothing counts."""
    return _fold(known, _counted(known, as_of, known_at))


def _counted(known: History, as_of: int, known_at: int) -> list[Event]:
    live = history.in_order(recorded(known, known_at))
    return [e for e in live if e.occurred_at <= as_of]


def _fold(known: History[S], ordered: Sequence[Event]) -> S | None:
    state: S = history.initial(known.id)
    for event in ordered:
        state = evolve(state, event)
    return state if any(map(begins, ordered)) else None


# ── uncertain times ─────────────────────────────────────────────────────────

Reached: TypeAlias = tuple[State, bool]
"""A state, and whether anything about the subject has made it."""


def possible(known: History, as_of: int, known_at: int) -> list[State | None]:
    """Return every state that the uncertain times allow, the believed one first."""
    counted = _counted(known, as_of, known_at)
    spanning = [e for e in counted if (e.occurred_until or as_of) > as_of]
    believed = _fold(known, counted)
    found: list[State | None] = [believed]
    if spanning:
        fixed = [e for e in counted if (e.occurred_until or as_of) <= as_of]
        for state, begun in _interleaved((history.initial(known.id), False), fixed, spanning):
            _add(found, state if begun else None)
    return found


def _interleaved(first: Reached, fixed: list[Event], spanning: list[Event]) -> list[Reached]:
    """Walk the grid (fixed events done, spanning events done) and return the states at its end."""
    reached: list[list[Reached]] = [[first], *([] for _ in spanning)]
    for step in (*fixed, None):
        for done, event in enumerate(spanning):  # those that may lie before this step
            if step is None or _order(event) < _order(step):
                for before in reached[done]:
                    _add(reached[done + 1], _after(before, event))
        if step is not None:
            reached = [[_after(before, step) for before in some] for some in reached]
    return [one for some in reached for one in some]


def _order(event: Event) -> tuple[int, int]:
    return event.occurred_at, event.originator_version


def _after(before: Reached, event: Event) -> Reached:
    return evolve(before[0], event), before[1] or begins(event)


def _add(found: list[T], one: T) -> None:
    if one not in found:
        found.append(one)


# ── why ─────────────────────────────────────────────────────────────────────


class Dropped(NamedTuple):
    """An event that no longer counts, and the one that took it back or replaced it."""

    event: Event
    by: Event


class Explanation(NamedTuple):
    """What makes an answer: events folded in this order, those dropped, those not reached yet."""

    folded: list[Event]
    dropped: list[Dropped]
    later: list[Event]  # they count, but occurred after the instant asked about


def explain(known: History, as_of: int, known_at: int) -> Explanation:
    """Say which events make the belief at an instant, and which were dropped by what."""
    events = recorded(known, known_at)
    by_version = {e.originator_version: e for e in events}
    gone = history.dropped(events)
    live = history.in_order(events)
    return Explanation(
        [e for e in live if e.occurred_at <= as_of],
        [Dropped(by_version[v], by_version[by]) for v, by in sorted(gone.items())],
        [e for e in live if e.occurred_at > as_of],
    )
