"""Segments: every subject's standing at any instant, as known at any other. See `tracks.py`.

    segment         one row each time a facet changed, in two clocks; ends are learned later
    segment_class   which classes of length are in use, and how far back each can reach
    uncertain       events that lie somewhere in a span
    occupancy_cube  counts by day, see `cube.py`

A segment of class c can answer an instant t only if it began after t − 2^(c+1). So a whole site at
(t, k) is one range per class of an index that holds every column asked for (crates and parties,
asked for less often, have a narrow one):

    segment_class c CROSS JOIN segment s
    WHERE s.site = :site AND s.klass = c.k AND s.valid_from > :t - c.width AND s.valid_from <= :t
      AND s.known_from <= :k AND s.known_to > :k AND (s.valid_to > :t OR s.closed_at > :k)

`rectangle` is the same as standard rectangles, [valid_from, valid_to) × [known_from, known_to), for
other tools. All times are microseconds UTC.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, ClassVar

from domain import history
from domain.history import History
from domain.times import INF
from projections import cube
from projections.belief import begins
from projections.cube import Calendar
from projections.tracks import OPEN_CLASS, Journal, Segment, Timeline, Value
from projections.view import Batch, Load

KEEP = 250_000
"""Subjects whose state and open segments stay in memory, about 1 kB each."""
FOR_EVER = 2 * INF
AT_ONCE = 500
_TIMES = "klass, valid_from, valid_to, closed_at, known_from, known_to"
_STATE = "status, site, place, container, party, since"
ANSWERS = f"s.subject, s.facet, s.valid_from, s.version, s.{_STATE.replace(', ', ', s.')}"
"""Columns of one row of an answer, see `population.Standing`."""
TRUE = (
    "s.valid_from <= :t AND s.known_from <= :k AND s.known_to > :k"
    " AND (s.valid_to > :t OR s.closed_at > :k)"
)
"""The one condition: true at `:t`, as known at `:k`; `:t` not later than `:k`."""


class Segments:
    """The two-clock read model.

    Args:
        calendar: the days of the site's zone.
    """

    NAME: ClassVar[str] = "segments"
    TABLES: ClassVar[str] = f"""
    CREATE TABLE IF NOT EXISTS segment (
        subject TEXT, facet INTEGER, valid_from INTEGER, known_from INTEGER, version INTEGER,
        valid_to INTEGER NOT NULL, closed_at INTEGER NOT NULL, known_to INTEGER NOT NULL,
        klass INTEGER NOT NULL, status TEXT NOT NULL, site TEXT, place TEXT, container TEXT,
        party TEXT, since INTEGER,
        PRIMARY KEY (subject, facet, valid_from, known_from, version)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS segment_site
        ON segment (site, {_TIMES}, status, place, container, party, since)
        WHERE site IS NOT NULL;
    CREATE INDEX IF NOT EXISTS segment_container
        ON segment (container, klass, valid_from) WHERE container IS NOT NULL;
    CREATE INDEX IF NOT EXISTS segment_party
        ON segment (party, klass, valid_from) WHERE party IS NOT NULL;
    CREATE TABLE IF NOT EXISTS segment_class (k INTEGER PRIMARY KEY, width INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS uncertain (
        klass INTEGER, occurred_at INTEGER, subject TEXT, version INTEGER,
        occurred_until INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
        PRIMARY KEY (klass, occurred_at, subject, version)) WITHOUT ROWID;
    {cube.TABLES}
    CREATE VIEW IF NOT EXISTS rectangle AS
        SELECT subject, facet, version, {_STATE}, valid_from, {INF} AS valid_to,
            known_from, min(closed_at, known_to) AS known_to
        FROM segment WHERE closed_at > known_from
        UNION ALL
        SELECT subject, facet, version, {_STATE}, valid_from, valid_to, closed_at, known_to
        FROM segment WHERE closed_at < known_to AND valid_to > valid_from;
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._known: dict[str, Timeline] = {}

    def take(self, connection: sqlite3.Connection, batch: Batch, load: Load) -> None:
        """Write what a batch changes, inside the caller's transaction."""
        journal = Journal(self.calendar.day)
        self._meet(connection, batch, load)
        late = self._late(batch)
        live = _live(connection, late)
        for subject in late:
            self._known[subject].recall(live.get(subject, ()))
        histories = load(late, batch[-1][0])
        try:
            for _, event in batch:
                timeline = self._known[event.originator_id]
                if timeline.in_order(event):
                    timeline.take(event, journal)
                else:
                    events = histories[event.originator_id].events
                    timeline.refold(events[: event.originator_version], journal)
            _write(connection, journal)
            _write_uncertain(connection, (e for _, e in batch))
        except BaseException:
            self._known.clear()  # they are ahead of what was written
            raise
        for subject in late:
            self._known[subject].forget()

    def _late(self, batch: Batch) -> list[str]:
        """Return the subjects of which a batch corrects something, or says something late."""
        latest: dict[str, int] = {}
        late = set()
        for _, event in batch:
            subject = event.originator_id
            before = latest.get(subject)
            if before is None:
                before = self._known[subject].latest
            if event.corrects is not None or event.occurred_at < before:
                late.add(subject)
            latest[subject] = max(before, event.occurred_at)
        return sorted(late)

    def _meet(self, connection: sqlite3.Connection, batch: Batch, load: Load) -> None:
        """Know every subject of a batch as it stood before it."""
        if len(self._known) > KEEP:
            self._known.clear()
        first: dict[str, int] = {}
        for _, event in batch:
            first.setdefault(event.originator_id, event.originator_version)
        stale = {s for s, v in first.items() if not self._knows(s, v - 1)}  # or never met
        earlier = sorted(s for s in stale if first[s] > 1)
        live = _live(connection, earlier)
        known = load(earlier, batch[0][0] - 1)
        for subject in stale:
            timeline = (
                timeline_of(known[subject], live.get(subject, ()))
                if subject in known
                else Timeline(subject)
            )
            timeline.forget()
            self._known[subject] = timeline

    def _knows(self, subject: str, version: int) -> bool:
        """False also when another process has taken events of the subject meanwhile."""
        known = self._known.get(subject)
        return known is not None and known.version == version


def timeline_of(known: History, live: Iterable[Segment]) -> Timeline:
    """Return a subject's timeline from its history and its rows."""
    begun = any(map(begins, history.in_order(known.events)))
    return Timeline(
        known.id, known.state, known.latest, version=known.version, begun=begun, live=tuple(live)
    )


def _live(connection: sqlite3.Connection, subjects: Sequence[str]) -> dict[str, list[Segment]]:
    found: dict[str, list[Segment]] = {}
    for start in range(0, len(subjects), AT_ONCE):
        some = subjects[start : start + AT_ONCE]
        for read in connection.execute(
            "SELECT subject, facet, valid_from, known_from, version, valid_to, closed_at,"
            f" {_STATE} FROM segment WHERE subject IN ({','.join('?' * len(some))})"
            f" AND known_to = {INF} AND valid_to > valid_from",
            some,
        ):
            subject, facet, valid_from, known_from, version, valid_to, closed_at, *state = read
            segment = Segment(
                subject, facet, valid_from, known_from, version, Value(*state),
                valid_to=valid_to, closed_at=closed_at, stored=True,
            )  # fmt: skip
            found.setdefault(subject, []).append(segment)
    return found


# ── writing ─────────────────────────────────────────────────────────────────


KEY = itemgetter(0, 1, 2, 3, 4)
"""A row's primary key."""


def row(segment: Segment) -> tuple[Any, ...]:
    """Return a segment's row in the order of the table's columns."""
    return (
        segment.subject, segment.facet, segment.valid_from, segment.known_from, segment.version,
        segment.valid_to, segment.closed_at, segment.known_to, segment.klass, *segment.value,
    )  # fmt: skip


def _write(connection: sqlite3.Connection, journal: Journal) -> None:
    new = [row(s) for s in journal.dirty if not s.stored]
    ends = [
        (s.valid_to, s.closed_at, s.known_to, s.klass,
         s.subject, s.facet, s.valid_from, s.known_from, s.version)
        for s in journal.dirty if s.stored
    ]  # fmt: skip
    new.sort(key=KEY)  # neighbours lie on one page
    ends.sort(key=itemgetter(4, 5, 6, 7, 8))
    insert_rows(connection, new)
    connection.executemany(
        "UPDATE segment SET valid_to = ?, closed_at = ?, known_to = ?, klass = ? WHERE subject = ?"
        " AND facet = ? AND valid_from = ? AND known_from = ? AND version = ?",
        ends,
    )
    write_classes(connection, {one[8] for one in new} | {one[3] for one in ends})
    cube.write(connection, journal.cells)
    for segment in journal.dirty:
        segment.stored, segment.dirty = True, False


def insert_rows(connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows of segments, inside the caller's transaction."""
    connection.executemany(f"INSERT INTO segment VALUES ({','.join('?' * 15)})", rows)


def write_classes(connection: sqlite3.Connection, classes: Iterable[int]) -> None:
    """Note which classes are in use and how far back each can reach, microseconds."""
    connection.executemany(
        "INSERT OR IGNORE INTO segment_class VALUES (?, ?)",
        [(k, FOR_EVER if k == OPEN_CLASS else 2 << k) for k in classes],
    )


def uncertain_row(event: Any) -> tuple[Any, ...] | None:
    """Return the row of an event whose time is a span, None for the others."""
    until = event.occurred_until
    if until is None or until <= event.occurred_at:
        return None
    klass = (until - event.occurred_at).bit_length() - 1
    return (
        klass, event.occurred_at, event.originator_id, event.originator_version, until,
        event.recorded_at,
    )  # fmt: skip


def _write_uncertain(connection: sqlite3.Connection, events: Iterable[Any]) -> None:
    rows = [found for e in events if (found := uncertain_row(e)) is not None]
    insert_uncertain(connection, rows)
    write_classes(connection, {found[0] for found in rows})


def insert_uncertain(connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows of uncertain events, inside the caller's transaction."""
    connection.executemany("INSERT INTO uncertain VALUES (?, ?, ?, ?, ?, ?)", rows)
