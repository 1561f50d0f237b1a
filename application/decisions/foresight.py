"""What a correction or a retraction would change, and which rules the rest would break by it.

    consequences(unit, refs, run)    what `run` changes and newly breaks; nothing of it stays

Every event that counts is judged in the history in which it occurred, before and after, in the streams
concerned and in their transfers; what is broken only after it is what the change breaks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from application.decisions.unit import Unit
from domain import history
from domain.book import RULES, Case
from domain.event import Event, State, evolve
from domain.history import History

Breach = tuple[str, int, int]
"""A stream, the first reading's version of an event of it, and the rule it breaks."""


class Change(NamedTuple):
    """One stream as it is and as it would be."""

    stream: str
    before: State
    after: State


class Consequences(NamedTuple):
    """What a change leads to: the streams it touches and the rules newly broken, with their events."""

    changes: tuple[Change, ...]
    breaks: frozenset[Breach]
    mends: frozenset[Breach]

    @property
    def rules(self) -> tuple[int, ...]:
        """The numbers newly broken, ascending."""
        return tuple(sorted({number for _, _, number in self.breaks}))


class _RehearsedError(Exception):
    """Not a fault: the way out of an attempt whose outcome is not wanted."""


def consequences(unit: Unit, streams: Iterable[str], run: Callable[[], object]) -> Consequences:
    """Try something and take it back; return what it would change.

    Args:
        unit: the unit of work. streams: those it is about. run: what is tried.

    Raises:
        CustodyError: what is tried is refused.
    """
    concerned = _with_partners(unit, streams)
    before = {b for s in concerned for b in broken(unit, s)}
    changes: list[Change] = []
    after: set[Breach] = set()
    with contextlib.suppress(_RehearsedError), unit.attempt():
        mark = unit.mark()
        run()
        for stream, was in unit.before(mark).items():
            changes.append(Change(stream, was.state, unit.state(stream)))
        after = {b for s in concerned for b in broken(unit, s)}
        raise _RehearsedError
    return Consequences(tuple(changes), frozenset(after - before), frozenset(before - after))


def broken(unit: Unit, stream: str) -> set[Breach]:
    """Return which rules a stream's events break, each judged where it stands."""
    known = unit.history(stream)
    if known is None:
        return set()
    ordered = history.in_order(known.events)
    first = history.opening(known.events)
    state: State = history.initial(stream)
    so_far: list[Event] = []
    found: set[Breach] = set()
    for event in ordered:
        if not event.TOPIC.startswith("record."):
            past = [first] if first is not None and first not in so_far and first != event else []
            case = Case(
                event,
                unit.now,
                state,
                state,
                History(stream, (*past, *so_far), state, event.occurred_at),
                unit.at(event.occurred_at),
                unit.at(event.occurred_at),
                lambda *_: (),
                replaced=history.replaced_by(known.events, event),
            )
            root = history.first_reading(known.events, event)
            found.update(
                (stream, root, rule.number) for rule in RULES[event.TOPIC] if rule.check(case)
            )
        state = evolve(state, event)
        so_far.append(event)
    return found


def _with_partners(unit: Unit, streams: Iterable[str]) -> Collection[str]:
    """Return the streams and the transfers that they name, or whose lines they are."""
    found: dict[str, None] = dict.fromkeys(streams)
    for stream in list(found):
        known = unit.history(stream)
        for event in known.events if known else ():
            number = getattr(event, "transfer", None)
            line = getattr(event, "subject", None)
            found.update(dict.fromkeys(n for n in (number, line) if isinstance(n, str)))
    unit.load(list(found))
    return found
