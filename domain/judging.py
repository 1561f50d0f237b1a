"""Judged again: which rules the events of one stream broke, each in the history in which it occurred.

    judged(known, others_at, find_at)     {(version, rule)}, before anything is closed
    closings(known)                       the events that close what was broken, each with what

What was flagged when an event was recorded stands in its envelope, as what was said then. Later
knowledge may raise or clear it: an admission moved to a later day, an authorisation taken back. Here
every event that counts is judged by the same rule functions, all severities: a decision that only a
later correction made wrong is wrong, too. Its history is what lies before it, of its own stream and of
all others: in order of occurrence, ties in the order of recording.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from typing import TypeAlias

from domain import history
from domain.book import RULES, Case
from domain.directory import Site, SiteOpened
from domain.event import Event, State, as_a, evolve
from domain.history import History
from domain.record import IrregularityClosed
from domain.rules import WRITTEN_IN

assert WRITTEN_IN  # the book is complete only once the rules' modules were read  # noqa: S101

Look: TypeAlias = Callable[[str], State | None]
Find: TypeAlias = Callable[[str, str], Collection[str]]
Broken: TypeAlias = tuple[int, int]
"""The version of an event, and the number of a rule it broke."""

OF_THE_EPISODE = frozenset({3})
"""Rules that ask for the stream's first event: they look at the whole of it."""

ANSWERED_BY: dict[int, frozenset[str]] = {
    27: frozenset({"weapon.located", "weapon.accepted", "weapon.returned", "person.found"})
}
"""Rules whose irregularities end with what says where one is: seen elsewhere, and now it is known."""
NOT_ANSWERED = "weapon.released"
"""It left from where it was not: that it arrived somewhere does not explain it, a reason does."""
ALL_BEFORE = 0
"""In place of a version: every event of the stream that did not occur later."""


def judged(
    known: History, others_at: Callable[[Event], Look], find_at: Callable[[Event], Find]
) -> set[Broken]:
    """Return which events of a stream broke which rules, as it is known.

    Args:
        known: the stream as it is known.
        others_at: a way to look at other streams as they were before an event.
        find_at: the same for the register.
    """
    found: set[Broken] = set()
    live = history.in_order(known.events)
    episode = History(known.id, tuple(_as_begun(known, live)), known.state, known.latest)
    before = history.of(known.id, ())
    for event in live:
        look, state = others_at(event), before.state
        case = Case(
            event,
            event.recorded_at,
            state,
            state,
            before,
            look,
            look,
            find_at(event),
            replaced=history.replaced_by(known.events, event),
            memo={},
        )
        for number, _, check in RULES[event.TOPIC]:
            seen = case._replace(history=episode) if number in OF_THE_EPISODE else case
            if check(seen) is not None:
                found.add((event.originator_version, number))
        events = (*before.events, event)
        before = History(known.id, events, evolve(before.state, event), event.occurred_at)
    return found


def closes(event: Event) -> Iterator[Broken]:
    """Yield what an event closes: one irregularity, or all of a rule before it (`ALL_BEFORE`)."""
    closing = as_a(IrregularityClosed, event)
    if closing is not None:
        yield closing.event, closing.rule
    for rule, topics in ANSWERED_BY.items():
        if event.TOPIC in topics:
            yield ALL_BEFORE, rule


def closed_by(broken: Broken, event: Event, by: Event, closing: Broken) -> bool:
    """Return whether a closing event closes one irregularity of an event of the same stream.

    Args:
        broken: the irregularity. event: what broke the rule. by, closing: as `closings` yields them.
    """
    version, rule = closing
    if version != ALL_BEFORE:
        return closing == broken
    later = (by.occurred_at, by.originator_version) > (event.occurred_at, event.originator_version)
    return rule == broken[1] and later and event.TOPIC != NOT_ANSWERED


def closings(known: History) -> Iterator[tuple[Event, Broken]]:
    """Yield the events that close something and count, each with what it closes."""
    for event in history.in_order(known.events):
        for broken in closes(event):
            yield event, broken


class Before:
    """A stream as it was before any event of another: folded once, asked often."""

    def __init__(self, known: History) -> None:
        self._known = known
        state: State = history.initial(known.id)
        self._places: list[tuple[int, int]] = []
        self._states = [state]
        for one in history.in_order(known.events):
            state = evolve(state, one)
            self._places.append((one.occurred_at, one.recorded_at))
            self._states.append(state)

    def of(self, event: Event) -> State | None:
        """Return the stream as it was before an event; None where it had not begun.

        What the directory names is somebody or some place also before that: one without a role.
        """
        passed = bisect_left(self._places, (event.occurred_at, event.recorded_at))
        if not self._known.events or (passed == 0 and self._known.id[1] == "-"):
            return None
        return as_first_opened(self._known, self._states[passed])


def as_first_opened(known: History, state: State) -> State:
    """Return a site as it opened first, where it had not opened by then: it has a side, and is run.

    A ledger's directory is often written after the first days that it tells of.
    """
    if not isinstance(state, Site) or state.kind is not None:
        return state
    opened = next((e for e in history.in_order(known.events) if e.TOPIC == SiteOpened.TOPIC), None)
    return state if opened is None else evolve(state, opened)


def _as_begun(known: History, live: Collection[Event]) -> list[Event]:
    """Return the events that count in the order in which they, or what they correct, were recorded."""
    corrects = {e.originator_version: e.corrects for e in known.events}

    def begun(event: Event) -> int:
        version = event.originator_version
        while (earlier := corrects.get(version)) is not None:
            version = earlier
        return version

    return sorted(live, key=begun)
