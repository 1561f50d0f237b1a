"""Replay: every read model of the log at once, from its first event to the last.

The pull loop (`follow.py`) takes events as they come; this takes streams one after another, whole, and
gives the rows that every view should then hold. It never builds a validated event, keeps one stream in
memory at a time and writes in key order, the indexes last. Both ways fold with the one `evolve` and
must give equal rows: that is what `audit.py` compares.
"""

from __future__ import annotations

import contextlib
import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from application.mapper import replayed
from domain.times import INF
from projections import cube, index, segments
from projections.cube import Calendar
from projections.tracks import Journal, whole

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
TABLES = ("irregularity", "event_index", "segment", "uncertain")
"""Tables whose rows belong to one subject each."""
AT_ONCE = 20_000
IDS_AT_ONCE = 500


class Stream(NamedTuple):
    """One stream as read from the log: its events and their positions, as recorded."""

    id: str
    positions: tuple[int, ...]
    events: tuple[Any, ...]


def streams(
    log: sqlite3.Connection, to: int = INF, subjects: Sequence[str] | None = None
) -> Iterator[Stream]:
    """Yield streams in order of identifiers, up to a position of the log.

    Args:
        log: the ledger. to: the last position that counts.
        subjects: only these streams; all when None.
    """
    if subjects is None:
        yield from _streams(log, "", (to,))
        return
    for start in range(0, len(subjects), IDS_AT_ONCE):
        some = subjects[start : start + IDS_AT_ONCE]
        where = f" AND originator_id IN ({','.join('?' * len(some))})"
        yield from _streams(log, where, (to, *some))


def _streams(log: sqlite3.Connection, where: str, values: Sequence[Any]) -> Iterator[Stream]:
    rows = log.execute(
        "SELECT originator_id, rowid, originator_version, topic, state FROM stored_events"
        f" WHERE rowid <= ?{where} ORDER BY originator_id, originator_version",
        values,
    )
    for stream_id, some in groupby(rows, itemgetter(0)):
        positions, events = [], []
        for _, position, version, topic, state in some:
            positions.append(position)
            events.append(replayed(stream_id, version, topic, state))
        yield Stream(stream_id, tuple(positions), tuple(events))


def rows_of(stream: Stream, journal: Journal) -> Rows:
    """Return the rows every view should hold of one stream; cells of the cube stay in the journal."""
    timeline = whole(stream.id, stream.events, journal)
    found = [segments.row(one) for one in journal.dirty]
    journal.dirty.clear()
    doubtful = [segments.uncertain_row(event) for event in stream.events if event.occurred_until]
    return {
        "irregularity": [(stream.id, *one) for one in timeline.state.irregular],
        "event_index": list(map(index.row, stream.positions, stream.events)),
        "segment": found,
        "uncertain": [one for one in doubtful if one is not None],
    }


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from looking at millions of short-lived rows: none form a cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


Progress = Callable[[int], None]


def build(
    log: sqlite3.Connection, views: sqlite3.Connection, calendar: Calendar, to: int,
    progress: Progress | None = None,
) -> int:  # fmt: skip
    """Fill the empty tables of a views file from the log, inside the caller's transaction.

    Args:
        log: the ledger. views: the views file. calendar: the zone's days.
        to: the last position that counts.
        progress: called with the number of events each step has taken.

    Returns:
        how many events were replayed.
    """
    indexes = views.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        f" AND tbl_name IN ({','.join('?' * len(TABLES))})",
        TABLES,
    ).fetchall()
    for name, _ in indexes:
        views.execute(f"DROP INDEX {name}")
    journal = Journal(calendar.day)
    with collector_paused():
        count = _fill(views, streams(log, to), journal, progress)
    cube.write(views, journal.cells)
    for _, sql in indexes:
        views.execute(sql)
    return count


def _fill(
    views: sqlite3.Connection, every: Iterable[Stream], journal: Journal, progress: Progress | None
) -> int:
    waiting: Rows = {table: [] for table in TABLES}
    count = taken = 0
    for stream in every:
        for table, rows in rows_of(stream, journal).items():
            waiting[table] += rows
        taken += len(stream.events)
        if taken >= AT_ONCE:
            _insert(views, waiting)
            count, taken = _told(progress, count, taken)
    _insert(views, waiting)
    count, _ = _told(progress, count, taken)
    return count


def _told(progress: Progress | None, count: int, taken: int) -> tuple[int, int]:
    if progress is not None:
        progress(taken)
    return count + taken, 0


def _insert(views: sqlite3.Connection, waiting: Rows) -> None:
    for table, rows in waiting.items():
        insert(views, table, rows)
    segments.write_classes(
        views, {row[8] for row in waiting["segment"]} | {row[0] for row in waiting["uncertain"]}
    )
    for rows in waiting.values():
        rows.clear()


def insert(views: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert whole rows into one of the tables, inside the caller's transaction."""
    if rows:
        marks = ",".join("?" * len(rows[0]))
        views.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
