"""Why a count is what it is: its members, each with the event since which it is counted there.

The event that decided is the one since which a member counts without a break, as known at the instant
asked about: who was sheltered at a site, moved away and came back counts since they came back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from application.answers.events import KnownEvent, known_event
from application.answers.two_clocks import Clocks
from domain.event import Event, State
from domain.history import History, in_order
from domain.person import END, Admitted, Person
from domain.weapon import OWED
from projections import belief, population
from projections.facets import MAIN, values
from projections.stays import Counts, since_when

if TYPE_CHECKING:
    from application.store.streams import Streams

Number = Literal["admitted", "double", "left", "here", "expected"]
"""A number of the head-count: `expected` are those who asked for refuge and are not here yet."""


class Member(NamedTuple):
    """One member of a number, where they are then, and the event that made them one."""

    counted: Number
    id: str
    custody: str
    site: str | None
    event: KnownEvent


def why_there(
    streams: Streams,
    there: Iterable[population.Standing],
    column: population.Column,
    clocks: Clocks,
) -> dict[str, KnownEvent]:
    """Return the event since which each stands there in its custody, by identifiers."""

    def counts(one: population.Standing) -> Counts:
        said = (one.status, getattr(one, column))
        return lambda state: _said(state, column) == said

    return _decided(streams, {one.subject: counts(one) for one in there}, clocks)


def why_in_trust(streams: Streams, weapons: Iterable[str], clocks: Clocks) -> dict[str, KnownEvent]:
    """Return the event since which the trust answers for each weapon, also on the way or missing."""

    def counts(state: State) -> bool:
        main = values(state)[MAIN]
        return main is not None and main.status in OWED and main.since is not None

    return _decided(streams, dict.fromkeys(weapons, counts), clocks)


def _said(state: State, column: population.Column) -> tuple[str, str | None] | None:
    main = values(state)[MAIN]
    return None if main is None else (main.status, getattr(main, column))


def _decided(streams: Streams, asked: dict[str, Counts], clocks: Clocks) -> dict[str, KnownEvent]:
    found = {}
    for known in streams.histories([*asked]).values():
        event = since_when(known, clocks.true_at, clocks.known_at, asked[known.id])
        if event is not None:
            found[known.id] = known_event(event)
    return found


def of_headcount(streams: Streams, clocks: Clocks) -> tuple[Member, ...]:
    """Return the members of every number of the head-count, number by number."""
    found = [one for known in streams.every("P-") for one in _counted(known, clocks)]
    order: list[Number] = ["admitted", "double", "left", "here", "expected"]
    return tuple(sorted(found, key=lambda one: order.index(one.counted)))


def _counted(known: History[Person], clocks: Clocks) -> Iterator[Member]:
    """Yield a person once for each number they count in."""
    at = clocks.true_at, clocks.known_at
    state = belief.belief(known, *at)
    if state is None:
        return

    def member(number: Number, counts: Counts) -> Iterator[Member]:
        event = since_when(known, *at, counts)
        if event is not None:
            yield Member(number, known.id, state.custody, state.site, known_event(event))

    if state.same_as is None:
        if (admitted := _admission(known, clocks)) is not None:
            event = known_event(admitted)
            yield Member("admitted", known.id, state.custody, state.site, event)
        number = _number(state)
        yield from member(number, lambda s: _number(s) == number)
    elif _admission(known, clocks) is not None:
        yield from member("double", lambda s: s.same_as is not None)


def _number(state: Person) -> Number:
    if state.custody in END:
        return "left"
    return "expected" if state.custody == "EXPECTED" else "here"


def _admission(known: History, clocks: Clocks) -> Event | None:
    for event in in_order(belief.recorded(known, clocks.known_at)):
        if event.TOPIC == Admitted.TOPIC and event.occurred_at <= clocks.true_at:
            return event
    return None
