"""Belief: what one subject was at an instant, as the ledger knew it at another.

Folding the few events of one subject is exact by definition (`domain/history.py`); the segments answer
the same question for many subjects at once and are tested against it.

    belief(known, as_of, known_at)     the state, or None where nothing about the subject counts
    possible(known, as_of, known_at)   every state the uncertain times allow, the believed one first
    explain(known, as_of, known_at)    the events that make it, in the order folded, and those dropped

Uncertain times: an event that lies somewhere in [occurred_at, occurred_until) and spans the instant
may have happened or not, before or after the certain events in its span, and before or after the other
uncertain ones. All times are microseconds UTC, both instants inclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias, TypeVar

from domain import history
from domain.event import Event, S, State, evolve
from domain.history import History

T = TypeVar("T")
ANY_ORDER = 6
"""Uncertain events at one instant of which every order is told."""


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
    """Return the states at the end of every order: each spanning event taken or not, in any order.

    What was reached is kept by the set of spanning events taken, as the bits of a number: equal states
    meet there. More than `ANY_ORDER` of them keep the order they are believed in, or nobody could wait.
    """
    reached: dict[int, list[Reached]] = {0: [first]}
    in_any_order = len(spanning) <= ANY_ORDER
    for step in (*fixed, None):
        free = [
            (n, event)
            for n, event in enumerate(spanning)
            if step is None or _order(event) < _order(step)
        ]
        for taken in _sets(len(spanning), in_any_order=in_any_order):
            for n, event in free if taken in reached else ():
                into = taken | 1 << n
                if into != taken and (in_any_order or into == (1 << (n + 1)) - 1):
                    for before in reached[taken]:
                        _add(reached.setdefault(into, []), _after(before, event))
        if step is not None:
            reached = {
                taken: [_after(before, step) for before in some] for taken, some in reached.items()
            }
    return [one for _, some in sorted(reached.items()) for one in some]


def _sets(number: int, *, in_any_order: bool) -> Sequence[int]:
    """Return the sets of so many events as numbers, smaller ones first: all, or the beginnings."""
    return range(1 << number) if in_any_order else [(1 << n) - 1 for n in range(number + 1)]


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
