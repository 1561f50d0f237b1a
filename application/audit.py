"""Audit: are the read models what the log says? Every difference is a finding, and none stops it.

    compare    replays the log in memory and compares each view, row by row where digests differ
    rebuild    replays the log into a new views file, which can be put in the old one's place
    late       what was recorded long after it happened

Each table's rows fall into buckets of subjects. A bucket's digest is the sum of its rows' hashes, so
the order of rows does not matter; only the subjects of unequal buckets are compared row by row. With
`to`, both sides are taken as they were known at that position of the log: what the ledger then knew
must still be what it answers about then. `--sample 1%` and `--since` look at some subjects only.
Digests find drift and accidents, not a forger: that is the log's work (`transparency/`).
"""

from __future__ import annotations

import itertools
import marshal
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from application import replay, workers
from application.follow import Views
from application.replay import TABLES, Progress, Row, Rows
from domain.times import INF
from projections import segments
from projections.cube import Calendar
from projections.tracks import Cell, Journal, Segment, Value
from projections.view import Positions

BUCKETS = 4_096
AT_ONCE = 20_000
Sums: TypeAlias = dict[str, dict[int, int]]
"""Table to bucket to the sum of its rows' digests."""
SUBJECT = {"irregularity": 0, "event_index": 1, "segment": 0, "uncertain": 2}
"""Where each table's rows name their subject."""
KEYS = {
    "irregularity": ("subject", "version", "rule"),
    "event_index": ("position",),
    "segment": ("subject", "facet", "valid_from", "known_from", "version"),
    "uncertain": ("subject", "version"),
}
KNOWN_THEN = ("event_index", "segment", "uncertain")
"""Tables that still hold what was known at an earlier position."""
WHOLE_ROW = "row"


class Finding(NamedTuple):
    """One difference between a view and the log.

    Attributes:
        table, subject, column: where it is; column `row` when a whole row is missing or too many.
        live: what the view holds. replayed: what the log says. None: there is no such row.
        version: the event of the subject that the row speaks of, 0 where it is none.
    """

    table: str
    subject: str
    column: str
    live: Any
    replayed: Any
    version: int


class Comparison(NamedTuple):
    """What a comparison has looked at, and what it found. `findings` can be read once."""

    position: int
    events: int
    rows: int
    unequal_buckets: int
    findings: Iterator[Finding]


class Scope(NamedTuple):
    """Both sides of a comparison.

    Attributes:
        log, views: the ledger and its views file. calendar: the zone's days.
        to: the last position that counts. known_at: its recorded time, microseconds UTC; None when
            the views stand at that position themselves.
    """

    log: sqlite3.Connection
    views: sqlite3.Connection
    calendar: Calendar
    to: int
    known_at: int | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that can be compared."""
        return TABLES if self.known_at is None else KNOWN_THEN


def scope(
    log: sqlite3.Connection, views: sqlite3.Connection, calendar: Calendar, to: int | None = None
) -> Scope:
    """Return what to compare: the views as they stand, or as they stood at a position.

    Args:
        log: the ledger. views: the views file, caught up. calendar: the zone's days.
        to: a position of the log; None is where the views stand.
    """
    reached = Positions(views).of(segments.Segments.NAME)
    if to is None or to >= reached:
        return Scope(log, views, calendar, reached)
    row = views.execute(
        "SELECT recorded_at FROM event_index WHERE position <= ? ORDER BY position DESC LIMIT 1",
        (to,),
    ).fetchone()
    return Scope(log, views, calendar, to, row[0] if row else -INF)


# ── comparing everything ────────────────────────────────────────────────────


def compare(asked: Scope, progress: Progress | None = None) -> Comparison:
    """Replay the log in memory and compare every view with it.

    Args:
        asked: see `scope`.
        progress: called with the number of events each step has replayed.
    """
    cut, events = replay.spans(asked.log, asked.to)
    work = partial(_replayed, asked.to, asked.calendar.zone.key, asked.tables)
    wanted, found = Digests(), Digests()
    cells: Counter[Cell] = Counter()
    pieces = workers.each(asked.log, work, cut, spread=events >= replay.LONG)
    live = _digested(asked, found)
    for count, sums, changed in pieces:
        wanted.plus(sums)
        cells.update(changed)
        next(live, None)  # some of the live rows, while the others replay
        if progress is not None:
            progress(count)
    for _ in live:
        pass
    unequal = wanted.unequal(found)
    findings = _findings(asked, unequal, cells)
    return Comparison(asked.to, events, found.rows, len(unequal), findings)


def _replayed(
    to: int, zone: str, tables: Sequence[str], log: sqlite3.Connection, span: replay.Span
) -> tuple[int, Sums, dict[Cell, int]]:
    """Return how many events a span has, the digests of what they make, and cells of the cube."""
    journal, digests, events = Journal(Calendar(ZoneInfo(zone)).day), Digests(), 0
    for stream in replay.within(log, to, span):
        rows = replay.rows_of(stream, journal)
        bucket = _bucket(stream.id)
        for table in tables:
            digests.add(table, bucket, rows[table])
        events += len(stream.events)
    return events, digests.sums, dict(journal.cells)


def _digested(asked: Scope, digests: Digests) -> Iterator[None]:
    """Digest the live rows, some at each step."""
    for table in asked.tables:
        place = SUBJECT[table]
        live = _live(asked, table, "", ())
        while some := list(itertools.islice(live, AT_ONCE)):
            digests.add_each(table, place, some)
            yield


def _findings(asked: Scope, unequal: set[int], cells: Counter[Cell]) -> Iterator[Finding]:
    if unequal:
        subjects = [s for s in _subjects(asked) if _bucket(s) in unequal]
        yield from differences(asked, subjects)
    if asked.known_at is None:
        yield from _cube(asked, cells)


class Digests:
    """Order-free digests of rows: one number for each table and bucket of subjects."""

    def __init__(self) -> None:
        self.rows = 0
        self.sums: Sums = {table: {} for table in TABLES}

    def add(self, table: str, bucket: int, rows: Sequence[Row]) -> None:
        """Take rows of one table that belong to one bucket, in any order."""
        sums = self.sums[table]
        sums[bucket] = sum(map(_digest, rows), sums.get(bucket, 0))
        self.rows += len(rows)

    def add_each(self, table: str, place: int, rows: Sequence[Row]) -> None:
        """Take rows of one table whose subjects stand at a place in them."""
        sums = self.sums[table]
        for row in rows:
            bucket = _bucket(row[place])
            sums[bucket] = sums.get(bucket, 0) + _digest(row)
        self.rows += len(rows)

    def plus(self, sums: Sums) -> None:
        """Take the sums of other rows."""
        for table, some in sums.items():
            own = self.sums[table]
            for bucket, digest in some.items():
                own[bucket] = own.get(bucket, 0) + digest

    def unequal(self, other: Digests) -> set[int]:
        """Return the buckets in which two sides are not equal."""
        return {
            bucket
            for table, sums in self.sums.items()
            for bucket in range(BUCKETS)
            if sums.get(bucket, 0) != other.sums[table].get(bucket, 0)
        }


def _digest(row: Row) -> int:
    """Return 32 bits of a row, the same in every process (`hash` is not)."""
    return zlib.crc32(marshal.dumps(row, 2))  # version 2: equal rows, equal bytes


def _bucket(subject: str) -> int:
    return zlib.crc32(subject.encode()) % BUCKETS


def _subjects(asked: Scope) -> list[str]:
    """Return every subject of the log or of a view."""
    found = {s for (s,) in asked.log.execute("SELECT DISTINCT originator_id FROM stored_events")}
    for table in asked.tables:
        found |= {s for (s,) in asked.views.execute(f"SELECT DISTINCT subject FROM {table}")}
    return sorted(found)


def _cube(asked: Scope, wanted: Counter[Cell]) -> Iterator[Finding]:
    found = Counter({tuple(row[:5]): row[5] for row in asked.views.execute(_CUBE)})
    for cell in sorted(wanted.keys() | found.keys()):
        if wanted[cell] != found[cell]:
            name = " ".join(str(part) for part in cell)
            yield Finding("occupancy_cube", name, "delta", found[cell], wanted[cell], 0)


_CUBE = "SELECT kind, site, valid_day, status, known_day, delta FROM occupancy_cube"


# ── comparing some subjects, row by row ─────────────────────────────────────


def sampled(asked: Scope, share: float, seed: int = 0) -> list[str]:
    """Return a share of the subjects: another one for each seed."""
    limit = int(share * 2**32)
    return [s for s in _subjects(asked) if zlib.crc32(s.encode(), seed) < limit]


def since(asked: Scope, position: int) -> list[str]:
    """Return the subjects that the log speaks of after a position."""
    rows = asked.log.execute(
        "SELECT DISTINCT originator_id FROM stored_events WHERE rowid > ? AND rowid <= ? ORDER BY 1",
        (position, asked.to),
    )
    return [subject for (subject,) in rows]


def differences(asked: Scope, subjects: Sequence[str]) -> Iterator[Finding]:
    """Yield how the views of some subjects differ from the log."""
    names = {table: _columns(asked, table) for table in asked.tables}
    for start in range(0, len(subjects), replay.IDS_AT_ONCE):
        some = subjects[start : start + replay.IDS_AT_ONCE]
        marks = ",".join("?" * len(some))
        journal = Journal(asked.calendar.day)
        wanted: Rows = {table: [] for table in TABLES}
        for stream in replay.streams(asked.log, asked.to, some):
            for table, rows in replay.rows_of(stream, journal).items():
                wanted[table] += rows
        for table in asked.tables:
            live = _live(asked, table, f" AND subject IN ({marks})", some)
            yield from _rows(table, names[table], live, wanted[table])


def _rows(
    table: str, names: Sequence[str], live: Iterable[Row], wanted: Iterable[Row]
) -> Iterator[Finding]:
    places = [names.index(name) for name in KEYS[table]]
    found = {tuple(row[p] for p in places): row for row in live}
    says = {tuple(row[p] for p in places): row for row in wanted}
    for key in sorted(found.keys() | says.keys(), key=repr):
        one, other = found.get(key), says.get(key)
        row = one or other or ()
        subject = row[SUBJECT[table]]
        version = row[names.index("version")]
        if one is None or other is None:
            yield Finding(table, subject, WHOLE_ROW, one, other, version)
            continue
        for name, is_live, is_replayed in zip(names, one, other, strict=True):
            if is_live != is_replayed:
                yield Finding(table, subject, name, is_live, is_replayed, version)


def _columns(asked: Scope, table: str) -> list[str]:
    return [row[1] for row in asked.views.execute(f"PRAGMA table_info({table})")]


_BY_THEN = {"event_index": "position", "segment": "known_from", "uncertain": "recorded_at"}


def _live(asked: Scope, table: str, where: str, values: Sequence[Any]) -> Iterator[Row]:
    """Yield a view's rows, as they stood at the position that is asked about."""
    if asked.known_at is None:
        return asked.views.execute(f"SELECT * FROM {table} WHERE true{where}", values)
    limit = asked.to if table == "event_index" else asked.known_at
    rows = asked.views.execute(
        f"SELECT * FROM {table} WHERE {_BY_THEN[table]} <= ?{where}", (limit, *values)
    )
    if table != "segment":
        return rows
    return (_unlearned(row, asked.known_at) for row in rows)


def _unlearned(row: Row, known_at: int) -> Row:
    """Return a segment's row without what was learned of it after an instant."""
    subject, facet, valid_from, known_from, version, valid_to, closed_at, known_to, _, *state = row
    if closed_at > known_at:
        valid_to = closed_at = INF
    if known_to > known_at:
        known_to = INF
    was = Segment(
        subject, facet, valid_from, known_from, version, Value(*state),
        valid_to=valid_to, closed_at=closed_at, known_to=known_to,
    )  # fmt: skip
    return segments.row(was)


# ── a new views file; what came late ────────────────────────────────────────


def rebuild(
    log: sqlite3.Connection, path: Path, ledger_id: str, *, to: int | None = None,
    progress: Progress | None = None,
) -> int:  # fmt: skip
    """Replay the log into a views file that must not hold anything yet; return the position.

    The file can be put in the place of the live one, or, up to an earlier position, be asked beside it.
    """
    views = Views(log, path, ledger_id)
    try:
        return views.build(to, progress)
    finally:
        views.close()


class Late(NamedTuple):
    """An event recorded long after it occurred.

    Attributes:
        late_by: from the latest instant it can have occurred to its recording, microseconds.
        corrects: the version it corrects; None for a first record.
    """

    position: int
    subject: str
    version: int
    topic: str
    occurred_at: int
    recorded_at: int
    recorded_by: str
    late_by: int
    corrects: int | None


def late(views: sqlite3.Connection, over_us: int) -> list[Late]:
    """Return the events recorded more than so long after they occurred, in order of the log.

    Args:
        views: the views file. over_us: microseconds.
    """
    rows = views.execute(
        "SELECT e.position, e.subject, e.version, e.topic, e.occurred_at, e.recorded_at,"
        " e.recorded_by, e.recorded_at - max(e.occurred_at, coalesce((SELECT u.occurred_until"
        "   FROM segment_class AS c CROSS JOIN uncertain AS u WHERE u.klass = c.k"
        "   AND u.occurred_at = e.occurred_at AND u.subject = e.subject AND u.version = e.version),"
        " e.occurred_at)) AS late_by, e.corrects"
        " FROM event_index AS e WHERE e.recorded_at - e.occurred_at > :over"
        " AND late_by > :over ORDER BY e.position",
        {"over": over_us},
    )
    return [Late(*row) for row in rows]
