"""Replay: every read model of the log at once, from its first event to the last.

The pull loop (`follow.py`) takes events as they come; this takes streams one after another, whole, and
gives the rows that every view should then hold. It never builds a validated event, keeps one stream in
memory at a time and writes in key order, the indexes last; a long log is read on every core
(`workers.py`). Both ways fold with the one `evolve` and must give equal rows: that is what `audit.py`
compares.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from application import workers
from application.mapper import replayed
from projections import coding, cube, index, irregular, segments
from projections.coding import ViewsFile
from projections.cube import Calendar
from projections.tracks import Cell, Journal, whole

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
OF_STREAMS = ("irregularity", "segment", "uncertain")
TABLES = ("irregularity", "event_index", "segment", "uncertain")
"""Tables whose rows belong to one subject each."""
RESPELLED = {"event_index": index.respelled, "segment": segments.respelled}
"""Tables whose rows hold words."""
WORDS = coding.Same()
PIECE = 10_000
"""Events that are read, written and told about at once."""
LONG = 200_000
"""Events from which a replay is spread over the cores: starting processes costs half a second."""
IDS_AT_ONCE = 500
_COLUMNS = "originator_id, rowid, originator_version, topic, state"


class Stream(NamedTuple):
    """One stream as read from the log: its events and their positions, as recorded."""

    id: str
    positions: tuple[int, ...]
    events: tuple[Any, ...]


class Span(NamedTuple):
    """Streams from one identifier up to another, which is not included; None is the end."""

    first: str
    after: str | None


def spans(log: sqlite3.Connection, to: int) -> tuple[list[Span], int]:
    """Cut the log into spans of about `PIECE` events; return them and how many events there are.

    Spans follow each other as their rows do.
    """
    found, first, taken, events = [], "", 0, 0
    for stream_id, count in log.execute(
        "SELECT originator_id, count(*) FROM stored_events WHERE rowid <= ? GROUP BY originator_id",
        (to,),
    ):
        if taken >= PIECE:
            found.append(Span(first, stream_id))
            first, taken = stream_id, 0
        taken += count
        events += count
    found.append(Span(first, None))
    found.sort(key=lambda span: segments.place(span.first))
    return found, events


def within(log: sqlite3.Connection, to: int, span: Span) -> Iterator[Stream]:
    """Yield the streams of a span in order of identifiers, up to a position of the log."""
    if span.after is None:
        return _streams(log, " AND originator_id >= ?", (to, span.first))
    return _streams(log, " AND originator_id >= ? AND originator_id < ?", (to, *span))


def streams(log: sqlite3.Connection, to: int, subjects: Sequence[str]) -> Iterator[Stream]:
    """Yield some streams in order of identifiers, up to a position of the log.

    Args:
        log: the ledger. to: the last position that counts. subjects: their identifiers.
    """
    for start in range(0, len(subjects), IDS_AT_ONCE):
        some = subjects[start : start + IDS_AT_ONCE]
        where = f" AND originator_id IN ({','.join('?' * len(some))})"
        yield from _streams(log, where, (to, *some))


def _streams(log: sqlite3.Connection, where: str, values: Sequence[Any]) -> Iterator[Stream]:
    rows = log.execute(
        f"SELECT {_COLUMNS} FROM stored_events WHERE rowid <= ?{where}"
        " ORDER BY originator_id, originator_version",
        values,
    )
    for stream_id, some in groupby(rows, itemgetter(0)):
        positions, events = [], []
        for _, position, version, topic, state in some:
            positions.append(position)
            events.append(replayed(stream_id, version, topic, state))
        yield Stream(stream_id, tuple(positions), tuple(events))


def folded(stream: Stream, journal: Journal) -> Rows:
    """Return the rows that folding a stream makes, see `OF_STREAMS`; words stay texts.

    Cells of the cube stay in the journal.
    """
    timeline = whole(stream.id, stream.events, journal)
    found = [segments.row(one, WORDS) for one in journal.dirty]
    journal.dirty.clear()
    doubtful = [segments.uncertain_row(event) for event in stream.events if event.occurred_until]
    return {
        "irregularity": irregular.rows(stream.id, timeline.state),
        "segment": found,
        "uncertain": [one for one in doubtful if one is not None],
    }


def indexed(stream: Stream) -> list[Row]:
    """Return a stream's rows of the event index; words stay texts."""
    return [index.row(*one, WORDS) for one in zip(*stream[1:], strict=True)]


def all_folded(found: Iterable[Stream], journal: Journal) -> tuple[int, Rows]:
    """Return how many events some streams have, and the rows that folding them makes."""
    events, rows = 0, {table: list[Row]() for table in OF_STREAMS}
    for stream in found:
        events += len(stream.events)
        for table, some in folded(stream, journal).items():
            rows[table] += some
    return events, rows


# ── filling empty tables ────────────────────────────────────────────────────


Progress = Callable[[int], None]


class Page(NamedTuple):
    """Positions of the log after one and up to another, inclusive."""

    after: int
    last: int


class Filling(NamedTuple):
    """What one piece of the log puts into the tables. Plain values, see `workers.py`."""

    events: int
    rows: Rows
    cells: dict[Cell, int]


def build(
    log: sqlite3.Connection, views: ViewsFile, calendar: Calendar, to: int,
    progress: Progress | None = None,
) -> int:  # fmt: skip
    """Fill the empty tables of a views file from the log, inside the caller's transaction.

    The event index is read page by page, the rest stream by stream, so that every table is written in
    the order of its key.

    Args:
        log: the ledger. views: the views file. calendar: the zone's days.
        to: the last position that counts.
        progress: called with the number of events each step has taken.

    Returns:
        how many events were replayed.
    """
    indexes = views.execute(
        "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        f" AND tbl_name IN ({','.join('?' * len(TABLES))})",
        TABLES,
    ).fetchall()
    for _, name, _ in indexes:
        views.execute(f"DROP INDEX {name}")
    cut, events = spans(log, to)
    pages = [Page(n, min(n + PIECE, to)) for n in range(0, to, PIECE)]
    cells: Counter[Cell] = Counter()
    work = partial(_filling, to, calendar.zone.key)
    for n, piece in enumerate(workers.each(log, work, [*pages, *cut], spread=events >= LONG)):
        if n == len(pages):
            _create(views, indexes, {"event_index"})  # while the workers fold
        filling = Filling(*piece)
        _insert(views, filling.rows)
        cells.update(filling.cells)
        if progress is not None and filling.events:
            progress(filling.events)
    cube.write(views, cells)
    _create(views, indexes, {*OF_STREAMS})
    return events


def _create(views: ViewsFile, indexes: Sequence[Row], tables: set[str]) -> None:
    for table, _, sql in indexes:
        if table in tables:
            views.execute(sql)


def _filling(to: int, zone: str, log: sqlite3.Connection, piece: Page | Span) -> tuple[Any, ...]:
    if isinstance(piece, Page):
        return 0, {"event_index": index_rows(log, piece)}, {}
    journal = Journal(Calendar(ZoneInfo(zone)).day)
    events, rows = all_folded(within(log, to, piece), journal)
    rows["segment"] = segments.ordered(rows["segment"])
    return events, rows, journal.cells


def index_rows(log: sqlite3.Connection, page: Page) -> list[Row]:
    """Return the event index of a page of the log, in order of positions; words stay texts."""
    rows = log.execute(
        f"SELECT {_COLUMNS} FROM stored_events WHERE rowid > ? AND rowid <= ? ORDER BY rowid", page
    )
    return [
        index.row(position, replayed(stream_id, version, topic, state), WORDS)
        for stream_id, position, version, topic, state in rows
    ]


def _insert(views: ViewsFile, rows: Rows) -> None:
    for table, some in rows.items():
        insert(views, table, some)
    segments.write_classes(
        views,
        {row[segments.KLASS] for row in rows.get("segment", ())}
        | {row[0] for row in rows.get("uncertain", ())},
    )


def insert(views: ViewsFile, table: str, rows: Sequence[Row]) -> None:
    """Insert whole rows, their words as texts, inside the caller's transaction."""
    if rows:
        if table in RESPELLED:
            rows = RESPELLED[table](rows, views.codes)
        marks = ",".join("?" * len(rows[0]))
        views.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
