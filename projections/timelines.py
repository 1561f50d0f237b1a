"""Timelines: one subject's facets as segments in two clocks. Pure; `segments.py` stores them.

A segment says that a facet had a value from `valid_from`, known since `known_from`. Its end is learned
later: it is known in [known_from, closed_at) as "until further notice" and in [closed_at, known_to) as
[valid_from, valid_to). An end not learned is INF.

    true at (t, k)  ⇔  valid_from ≤ t and known_from ≤ k < known_to
                       and (t < valid_to or k < closed_at)

    housed at A on day 1, recorded day 1       A  [1, ∞)  known [1, ∞)
    moved to B on day 5, recorded day 6        A  [1, 5)  closed 6;          B  [5, ∞)  known [6, ∞)
    the move was on day 4, corrected day 9     A  known to 9, and A [1, 4) B [4, ∞) known [9, ∞)

In order, an event costs one `evolve` and at most two writes a facet. Late, corrected or retracted, the
subject's few events are folded again and compared with the segments known so far: nothing is deleted,
and `valid_to`, `closed_at`, `known_to` are each written once. Facets are independent: a changed intent
does not split the housing. All times are microseconds UTC; nothing occurs after it was recorded, so
that an instant later than `known_at` means `known_at`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from domain import history
from domain.event import Event, State, evolve
from domain.times import INF
from projections.belief import begins
from projections.facets import FACETS, NOTHING, SHOWN, Value, values

OPEN_CLASS = 62


class Segment:
    """One segment: a row of the table. `stored` and `dirty` say what has to be written."""

    __slots__ = (
        "closed_at", "dirty", "facet", "known_from", "known_to", "stored", "subject", "valid_from",
        "valid_to", "value", "version",
    )  # fmt: skip

    def __init__(
        self,
        subject: str,
        facet: int,
        valid_from: int,
        known_from: int,
        version: int,
        value: Value,
        *,
        valid_to: int = INF,
        closed_at: int = INF,
        known_to: int = INF,
        stored: bool = False,
    ) -> None:
        self.subject, self.facet, self.version, self.value = subject, facet, version, value
        self.valid_from, self.valid_to = valid_from, valid_to
        self.known_from, self.closed_at, self.known_to = known_from, closed_at, known_to
        self.stored, self.dirty = stored, False

    @property
    def stands(self) -> Stands | None:
        """What the cube counts; None for what stands nowhere."""
        status, site = self.value[:2]
        return None if site is None else (self.subject[0], site, status)

    @property
    def klass(self) -> int:
        """⌊log2⌋ of how long after `valid_from` it may still answer, microseconds; 62 is for ever."""
        reach = self.valid_to
        if self.closed_at > reach and self.closed_at != self.known_from:
            reach = self.closed_at
        reach = min(reach, self.known_to)  # whoever knows it asks about an instant before that
        return OPEN_CLASS if reach == INF else (reach - self.valid_from).bit_length() - 1


Day: TypeAlias = Callable[[int], int]
"""The calendar day of an instant in the site's zone, days since 1970-01-01."""
Stands: TypeAlias = tuple[str, str, str]
"""Kind's letter, site, status: what the cube counts."""
Cell: TypeAlias = tuple[str, str, str, int, int]
"""Of the occupancy cube: kind's letter, site, status, valid day, day it became known."""


class Journal:
    """Changes of segments on their way to the views file, and what they change in the cube.

    Args:
        day: the days of the site's zone.

    Attributes:
        dirty: segments that are new or were changed. cells: the cube's changes.
    """

    def __init__(self, day: Day) -> None:
        self._day = day
        self.dirty: list[Segment] = []
        self.cells: dict[Cell, int] = {}

    def change(self, last: Segment | None, new: Segment | None, at: int, known_at: int) -> None:
        """The open segment's end is learned, and what follows it; either may be missing."""
        before = after = None
        if last is not None:
            last.valid_to, last.closed_at = at, known_at
            self._touch(last)
            before = last.stands
        if new is not None:
            self._touch(new)
            after = new.stands
        if before != after:
            valid, known = self._day(at), self._day(known_at)
            self._count(before, valid, known, -1)
            self._count(after, valid, known, 1)

    def begin(self, segment: Segment) -> None:
        """Take note of a new segment, open or born closed."""
        self._touch(segment)
        self._span(segment, segment.known_from, 1)

    def close(self, segment: Segment, valid_to: int, known_at: int) -> None:
        """The open segment's end is learned."""
        self.change(segment, None, valid_to, known_at)

    def retire(self, segment: Segment, known_at: int) -> None:
        """The segment is no longer believed."""
        segment.known_to = known_at
        self._touch(segment)
        self._span(segment, known_at, -1)

    def _touch(self, segment: Segment) -> None:
        if not segment.dirty:
            segment.dirty = True
            self.dirty.append(segment)

    def _span(self, segment: Segment, known_at: int, delta: int) -> None:
        known = self._day(known_at)
        self._count(segment.stands, self._day(segment.valid_from), known, delta)
        if segment.valid_to != INF:
            self._count(segment.stands, self._day(segment.valid_to), known, -delta)

    def _count(self, stands: Stands | None, valid: int, known: int, delta: int) -> None:
        if stands is not None:
            cell = (*stands, valid, known)
            self.cells[cell] = self.cells.get(cell, 0) + delta


class Timeline:
    """One subject: its state in order of occurrence, and the segments known now.

    What is in order needs the open segments only; the closed ones can be left out of memory until
    something comes that is not (`forget`, `recall`).

    Args:
        subject: the stream. version: how many events were taken.
        state, latest, begun: what they make, see `History`; whether any says something about the
            subject.
        live: the segments that are believed and not empty, in any order.
    """

    __slots__ = (
        "_live", "_open", "_says", "begun", "latest", "state", "subject", "values", "version",
    )  # fmt: skip

    def __init__(
        self,
        subject: str,
        state: State | None = None,
        latest: int = -INF,
        *,
        version: int = 0,
        begun: bool = False,
        live: Sequence[Segment] = (),
    ) -> None:
        self.subject, self.version, self.latest, self.begun = subject, version, latest, begun
        self.state = history.initial(subject) if state is None else state
        self.values = values(self.state) if begun else NOTHING
        self._says: object = None  # what of the state the values were made of
        self._open: list[Segment | None] = [None, None, None]
        self.recall(live)

    def recall(self, live: Iterable[Segment]) -> None:
        """Know again every segment that is believed and not empty."""
        self._live: tuple[dict[Key, Segment], ...] = ({}, {}, {})
        self._open = [None, None, None]
        for segment in live:
            self._keep(segment)

    def forget(self) -> None:
        """Let go of all segments but the open ones."""
        self._live = ()

    def take(self, events: Sequence[Event], journal: Journal) -> None:
        """Take the next events, all in order: one evolve each, at most two writes a facet."""
        state, says = self.state, self._says
        shown = SHOWN[state.__class__]
        for event in events:
            state = evolve(state, event)
            if not self.begun:
                if not begins(event):
                    continue
                self.begun = True
            if (now := shown(state)) == says:
                continue
            says = now
            before, self.values = self.values, values(state)
            for facet, value in enumerate(self.values):
                if before[facet] != value:
                    self._change(facet, value, event, journal)
        self.state, self._says = state, says
        self.version, self.latest = events[-1].originator_version, events[-1].occurred_at

    def _change(self, facet: int, value: Value | None, event: Event, journal: Journal) -> None:
        at, known_at = event.occurred_at, event.recorded_at
        last, new = self._open[facet], None
        if value is not None:
            new = Segment(self.subject, facet, at, known_at, event.originator_version, value)
        journal.change(last, new, at, known_at)
        if self._live:
            if last is not None and last.valid_from == at:
                del self._live[facet][_key(last)]
            if new is not None:
                self._live[facet][_key(new)] = new
        self._open[facet] = new

    def take_any(self, events: Sequence[Event], journal: Journal) -> None:
        """Take the last of these events, all of the subject's so far, in order or not."""
        event = events[-1]
        if event.corrects is None and event.occurred_at >= self.latest:
            self.take(events[-1:], journal)
        else:
            self.refold(events, journal)

    def refold(self, events: Sequence[Event], journal: Journal) -> None:
        """Take the last of these events, which came late, corrects or takes something back.

        Args:
            events: all of the subject's events so far, in the order they were recorded.
            journal: where the changes go.
        """
        ordered = history.in_order(events)
        self.version = len(events)
        self.latest = ordered[-1].occurred_at if ordered else -INF
        self.begun = any(map(begins, ordered))
        known_at = events[-1].recorded_at
        wanted: tuple[dict[Key, int], ...] = ({}, {}, {})
        self.state, self.values, self._says = history.initial(self.subject), NOTHING, None
        for facet, key, valid_to in self._runs(ordered):
            wanted[facet][key] = valid_to
        for facet in FACETS:
            self._reconcile(facet, wanted[facet], known_at, journal)

    def _runs(self, ordered: Sequence[Event]) -> Iterator[tuple[int, Key, int]]:
        """Fold and yield what each facet says from when to when; leaves the final state behind."""
        starts: list[Key | None] = [None, None, None]
        begun = False
        for event in ordered:
            self.state = evolve(self.state, event)
            begun = begun or begins(event)
            before, self.values = self.values, values(self.state) if begun else NOTHING
            for facet in FACETS:
                now = self.values[facet]
                if before[facet] == now:
                    continue
                run = starts[facet]
                if run is not None and run[0] < event.occurred_at:
                    yield facet, run, event.occurred_at
                starts[facet] = now and (event.occurred_at, event.originator_version, now)
        for facet, run in enumerate(starts):
            if run is not None:
                yield facet, run, INF

    def _reconcile(
        self, facet: int, wanted: dict[Key, int], known_at: int, journal: Journal
    ) -> None:
        live = self._live[facet]
        for key, segment in list(live.items()):
            valid_to = wanted.get(key)
            if valid_to == segment.valid_to:
                del wanted[key]
            elif valid_to is not None and segment.valid_to == INF:
                journal.close(segment, valid_to, known_at)
                del wanted[key]
            else:
                journal.retire(segment, known_at)
                del live[key]
        self._open[facet] = next((s for s in live.values() if s.valid_to == INF), None)
        for (valid_from, version, value), valid_to in wanted.items():
            closed_at = INF if valid_to == INF else known_at
            segment = Segment(
                self.subject,
                facet,
                valid_from,
                known_at,
                version,
                value,
                valid_to=valid_to,
                closed_at=closed_at,
            )
            journal.begin(segment)
            self._keep(segment)

    def _keep(self, segment: Segment) -> None:
        if self._live:
            self._live[segment.facet][_key(segment)] = segment
        if segment.valid_to == INF:
            self._open[segment.facet] = segment


Key: TypeAlias = tuple[int, int, Value]
"""When a run began, by which version, and what it says."""


def _key(segment: Segment) -> Key:
    return segment.valid_from, segment.version, segment.value


def whole(subject: str, events: Sequence[Event], journal: Journal) -> Timeline:
    """Take a subject's events from the first to the last, as if they came one by one."""
    timeline, before, count = Timeline(subject), -INF, 0
    for event in events:
        if event.corrects is not None or event.occurred_at < before:
            break
        before, count = event.occurred_at, count + 1
    if count:
        timeline.take(events[:count], journal)
    for last in range(count + 1, len(events) + 1):
        timeline.take_any(events[:last], journal)
    return timeline
