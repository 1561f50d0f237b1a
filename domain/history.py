"""History: one stream as it is known, and what it was believed to be at any instant.

Belief at an instant t (the definition everything is tested against):

1. take the stream's events, in the order they were recorded;
2. drop every event that a later retraction or correction names: from the latest to the earliest, so
   that a retraction which is itself dropped drops nothing; a correction of a correction takes its
   place wholly, so that what the first one replaced stays dropped as long as the second counts;
3. order by (`occurred_at`, version): ties go by version;
4. fold those with `occurred_at` ≤ t with the stream's one `evolve`.

A fact that comes late is judged against the state at its own instant, decisions against what is known
now. In order, recording costs one `evolve`; late, corrected or retracted, the stream is folded again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, NamedTuple

from typing_extensions import TypeVar  # one with a default, before Python 3.13

from domain import directory, ids, person, record, stocktake, transfer, weapon
from domain.event import Event, State, evolve

S = TypeVar("S", bound=State)
S_co = TypeVar("S_co", bound=State, covariant=True, default=Any)
"""The aggregate a history is of; not said where it may be of any kind."""
STATES: dict[str, Callable[[str], State]] = {
    "person": person.Person,
    "weapon": weapon.Weapon,
    "transfer": transfer.Transfer,
    "stocktake": stocktake.StockTake,
    "site": directory.Site,
    "party": directory.Party,
    "official": directory.Official,
}
RETRACTION = record.Retracted.TOPIC


def dropped(events: Sequence[Event]) -> dict[int, int]:
    """Return which versions no longer count, each with the version that took it back or replaced it.

    Args:
        events: one stream's events in the order they were recorded.
    """
    gone: dict[int, int] = {}
    for event in reversed(events):
        if event.corrects is None or event.originator_version in gone:
            continue
        for version in replaced(events, event):
            gone.setdefault(version, event.originator_version)
    return gone


def replaced(events: Sequence[Event], event: Event) -> list[int]:
    """Return the versions an event takes the place of: the one it names, and what that one replaced.

    A retraction takes back the one it names alone.

    Args:
        events: the stream's events, as recorded. event: a correction or retraction among them.
    """
    found: list[int] = []
    earlier: Event | None = event
    while earlier is not None and earlier.corrects is not None:
        named = earlier.corrects
        found.append(named)
        if earlier.TOPIC == RETRACTION:
            break
        earlier = next(
            (e for e in events if e.originator_version == named < earlier.originator_version), None
        )
        if earlier is not None and earlier.TOPIC == RETRACTION:
            break
    return found


def replaced_by(events: Sequence[Event], event: Event) -> Event | None:
    """Return the event that another corrects or takes back; None where it does neither."""
    if event.corrects is None:
        return None
    return next((e for e in events if e.originator_version == event.corrects), None)


def opening(events: Sequence[Event]) -> Event | None:
    """Return the event that opens a stream as it reads now; None where it was taken back."""
    gone = dropped(events)
    for event in events:
        if event.originator_version not in gone and first_reading(events, event) == 1:
            return event
    return None


def first_reading(events: Sequence[Event], event: Event) -> int:
    """Return the version of an event as it was recorded first, before any correction of it."""
    if event.corrects is None or event.TOPIC == RETRACTION:
        return event.originator_version
    return replaced(events, event)[-1]


def in_order(events: Sequence[Event]) -> list[Event]:
    """Return the events that count, in order of occurrence, ties by version."""
    gone = dropped(events)
    live = [e for e in events if e.originator_version not in gone]
    live.sort(key=lambda e: (e.occurred_at, e.originator_version))
    return live


def believed(stream_id: str, events: Sequence[Event], as_of: int | None = None) -> Any:
    """Fold what counts up to an instant (inclusive, microseconds UTC; None: everything)."""
    state = initial(stream_id)
    for event in in_order(events):
        if as_of is not None and event.occurred_at > as_of:
            break
        state = evolve(state, event)
    return state


def just_before(known: History[S], occurred_at: int, version: int) -> S:
    """Return the state in which an event stands that replaces or takes back a version.

    Everything else that counts and lies before it: earlier, or at the same instant and recorded
    before the version it corrects.
    """
    state: S = initial(known.id)
    for event in in_order(known.events):
        turn = (event.occurred_at, event.originator_version)
        if turn < (occurred_at, version) and event.originator_version != version:
            state = evolve(state, event)
    return state


def initial(stream_id: str) -> Any:
    """Return the state of a stream before its first event."""
    return STATES[ids.kind_of(stream_id)](stream_id)


class History(NamedTuple, Generic[S_co]):
    """One stream: its events as recorded, and the state they make. Never mutated."""

    id: str
    events: tuple[Event, ...]
    state: S_co
    latest: int  # the latest occurred_at that counts, microseconds UTC

    @property
    def version(self) -> int:
        """How many events the stream has."""
        return len(self.events)

    def at(self, instant: int) -> S_co:
        """Return the state at an instant (inclusive, microseconds UTC), as known now."""
        if instant >= self.latest:
            return self.state
        earlier: S_co = believed(self.id, self.events, instant)
        return earlier

    def then(self, event: Event) -> History[S_co]:
        """Return the history with one more recorded event."""
        events = (*self.events, event)
        if event.corrects is None and event.occurred_at >= self.latest:
            return History(self.id, events, evolve(self.state, event), event.occurred_at)
        return of(self.id, events)


def of(stream_id: str, events: Iterable[Event]) -> History:
    """Build a stream's history from its events in the order they were recorded."""
    recorded = tuple(events)
    state = initial(stream_id)
    latest = -(2**63)
    step = evolve
    ordered: Sequence[Event] = recorded
    if not _plain(recorded):
        ordered = in_order(recorded)
    for event in ordered:
        state = step(state, event)
        latest = event.occurred_at
    return History(stream_id, recorded, state, latest)


def project(_: State | None, events: Iterable[Event]) -> State | None:
    """Fold a whole stream: what the library calls a projector function; None for no events."""
    recorded = tuple(events)
    state: State | None = of(recorded[0].originator_id, recorded).state if recorded else None
    return state


def _plain(events: Sequence[Event]) -> bool:
    """True when nothing was corrected and everything came in order: the usual case."""
    before = -(2**63)
    for event in events:
        if event.occurred_at < before or event.corrects is not None:
            return False
        before = event.occurred_at
    return True
