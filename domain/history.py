"""History: one stream as it is known, and what it was believed to be at any instant.

Belief at an instant t (the definition everything is tested against):

1. take the stream's events, in the order they were recorded;
2. drop every event that a later retraction or correction names: from the latest to the earliest, so
   that a retraction which is itself dropped drops nothing;
3. order by (`occurred_at`, version): ties go by version;
4. fold those with `occurred_at` ≤ t with the stream's one `evolve`.

A fact that comes late is judged against the state at its own instant, decisions against what is known
now. In order, recording costs one `evolve`; late, corrected or retracted, the stream is folded again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from domain import directory, ids, person, record, stocktake, transfer, weapon
from domain.event import evolve

STATES: dict[str, type[Any]] = {
    "person": person.Person,
    "weapon": weapon.Weapon,
    "transfer": transfer.Transfer,
    "stocktake": stocktake.StockTake,
    "site": directory.Site,
    "party": directory.Party,
    "official": directory.Official,
}
RETRACTION = record.Retracted.TOPIC


def dropped(events: Sequence[Any]) -> dict[int, int]:
    """Return which versions no longer count, each with the version that took it back or replaced it.

    Args:
        events: one stream's events in the order they were recorded.
    """
    gone: dict[int, int] = {}
    for event in reversed(events):
        if event.corrects is not None and event.originator_version not in gone:
            gone.setdefault(event.corrects, event.originator_version)
    return gone


def in_order(events: Sequence[Any]) -> list[Any]:
    """Return the events that count, in order of occurrence, ties by version."""
    gone = dropped(events)
    live = [e for e in events if e.originator_version not in gone]
    live.sort(key=lambda e: (e.occurred_at, e.originator_version))
    return live


def believed(stream_id: str, events: Sequence[Any], as_of: int | None = None) -> Any:
    """Fold what counts up to an instant (inclusive, microseconds UTC; None: everything)."""
    state = initial(stream_id)
    for event in in_order(events):
        if as_of is not None and event.occurred_at > as_of:
            break
        state = evolve(state, event)
    return state


def just_before(known: History, occurred_at: int, version: int) -> Any:
    """Return the state in which an event stands that replaces or takes back a version.

    Everything else that counts and lies before it: earlier, or at the same instant and recorded
    before the version it corrects.
    """
    state = initial(known.id)
    for event in in_order(known.events):
        place = (event.occurred_at, event.originator_version)
        if place < (occurred_at, version) and event.originator_version != version:
            state = evolve(state, event)
    return state


def initial(stream_id: str) -> Any:
    """Return the state of a stream before its first event."""
    return STATES[ids.kind_of(stream_id)](stream_id)


class History(NamedTuple):
    """One stream: its events as recorded, and the state they make. Never mutated."""

    id: str
    events: tuple[Any, ...]
    state: Any
    latest: int  # the latest occurred_at that counts, microseconds UTC

    @property
    def version(self) -> int:
        """How many events the stream has."""
        return len(self.events)

    def at(self, instant: int) -> Any:
        """Return the state at an instant (inclusive, microseconds UTC), as known now."""
        return self.state if instant >= self.latest else believed(self.id, self.events, instant)

    def then(self, event: Any) -> History:
        """Return the history with one more recorded event."""
        events = (*self.events, event)
        if event.corrects is None and event.occurred_at >= self.latest:
            return History(self.id, events, evolve(self.state, event), event.occurred_at)
        return of(self.id, events)


def of(stream_id: str, events: Iterable[Any]) -> History:
    """Build a stream's history from its events in the order they were recorded."""
    recorded = tuple(events)
    state = initial(stream_id)
    latest = -(2**63)
    step = evolve
    ordered: Sequence[Any] = recorded
    if not _plain(recorded):
        ordered = in_order(recorded)
    for event in ordered:
        state = step(state, event)
        latest = event.occurred_at
    return History(stream_id, recorded, state, latest)


def _plain(events: Sequence[Any]) -> bool:
    """True when nothing was corrected and everything came in order: the usual case."""
    before = -(2**63)
    for event in events:
        if event.occurred_at < before or event.corrects is not None:
            return False
        before = event.occurred_at
    return True
