"""Audit: are the read models what the log says? Every difference is a finding, and none stops it.

    compare    replays the log in memory and compares each view with it
    rebuild    replays the log into a new views file, which can be put in the old one's place
    late       what was recorded long after it happened

A comparison takes the log stream by stream, in spans, on every core; beside what a span says, the live
rows of the same subjects are read, and both must be the same rows. Only the subjects that differ are
then compared row by row. Rows of subjects that the log does not know show in the number of rows. With
`to`, both sides are taken as they were known at that position of the log: what the ledger then knew
must still be what it answers about then. `--sample 1%` and `--since` look at
some subjects only. This finds drift and accidents, not a forger: that is the log's work
(`transparency/`).
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from application import replay, workers
from application.follow import Views
from application.replay import RESPELLED, TABLES, WORDS, Progress, Row, Rows, Span
from domain.times import INF
from projections import coding, cube, segments
from projections.coding import ORIGIN, ViewsFile, subject_of
from projections.cube import Calendar
from projections.tracks import Cell, Journal
from projections.view import Positions

SUBJECT = {"irregularity": 0, "event_index": 0, "segment": 0, "uncertain": 2}
"""Where each table's rows name their subject."""
KEYS = {
    "irregularity": ("subject", "version", "rule"),
    "event_index": ("subject", "version"),
    "segment": ("subject", "facet", "valid_from", "known_from", "version"),
    "uncertain": ("subject", "version"),
}
KNOWN_THEN = ("event_index", "segment", "uncertain")
"""Tables that still hold what was known at an earlier position."""
WHOLE_ROW = "row"
INSTANTS = frozenset(
    {"valid_from", "valid_to", "known_from", "known_to", "closed_at", "since", "occurred_at",
     "occurred_until", "recorded_at"}
)  # fmt: skip


class Finding(NamedTuple):
    """One difference between a view and the log.

    Attributes:
        table, subject, column: where it is; column `row` when a whole row is missing or too many.
        live: what the view holds. replayed: what the log says. None: there is no such row.
            Instants are microseconds UTC.
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
    differing: int  # subjects
    findings: Iterator[Finding]


class Scope(NamedTuple):
    """Both sides of a comparison.

    Attributes:
        log, views: the ledger and its views file. calendar: the zone's days.
        to: the last position that counts. known_at: its recorded time, microseconds UTC; None when
            the views stand at that position themselves.
    """

    log: sqlite3.Connection
    views: ViewsFile
    calendar: Calendar
    to: int
    known_at: int | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that can be compared."""
        return TABLES if self.known_at is None else KNOWN_THEN


@contextlib.contextmanager
def scope(
    log: sqlite3.Connection, views: ViewsFile, calendar: Calendar, to: int | None = None
) -> Iterator[Scope]:
    """Hold one state of the views to compare: as they stand, or as they stood at a position.

    Args:
        log: the ledger. views: the views file, caught up. calendar: the zone's days.
        to: a position of the log; None is where the views stand.
    """
    views.execute("BEGIN")  # others may go on meanwhile
    try:
        reached = Positions(views).of(segments.Segments.NAME)
        if to is None or to >= reached:
            yield Scope(log, views, calendar, reached)
            return
        row = views.execute(
            "SELECT recorded_at FROM event_index WHERE position <= ? ORDER BY position DESC LIMIT 1",
            (to,),
        ).fetchone()
        yield Scope(log, views, calendar, to, coding.instant(row[0]) if row else -INF)
    finally:
        views.execute("ROLLBACK")


# ── comparing everything ────────────────────────────────────────────────────


class Seen(NamedTuple):
    """What one piece of a comparison has looked at. Plain values, see `workers.py`."""

    events: int
    rows: dict[str, int]
    differing: list[int | str]
    cells: dict[Cell, int]


def compare(asked: Scope, progress: Progress | None = None) -> Comparison:
    """Replay the log in memory and compare every view with it.

    Args:
        asked: see `scope`.
        progress: called with the number of events each step has replayed.
    """
    cut, events = replay.spans(asked.log, asked.to)
    path = str(workers.path_of(asked.views))
    work = partial(_seen, asked.to, asked.known_at, asked.calendar.zone.key, path)
    rows: Counter[str] = Counter()
    cells: Counter[Cell] = Counter()
    differing: set[int | str] = set()
    for piece in workers.each(asked.log, work, cut, spread=events >= replay.LONG):
        seen = Seen(*piece)
        rows.update(seen.rows)
        cells.update(seen.cells)
        differing.update(seen.differing)
        if progress is not None:
            progress(seen.events)
    if rows != _numbers(asked):
        differing |= _strangers(asked)
    subjects = sorted(map(subject_of, differing))
    return Comparison(
        asked.to, events, rows.total(), len(subjects), _findings(asked, subjects, cells)
    )


def _seen(
    to: int, known_at: int | None, zone: str, path: str, log: sqlite3.Connection, span: Span
) -> tuple[Any, ...]:
    """Replay a span of the log and compare the live rows of the same subjects."""
    here = Scope(log, _reading(path), Calendar(ZoneInfo(zone)), to, known_at)
    journal = Journal(here.calendar.day)
    found = list(replay.within(log, to, span))
    events, said = replay.rows_of(found, journal)
    subjects = json.dumps([coding.code_of(stream.id) for stream in found])
    live = {table: _of_subjects(here, table, subjects) for table in here.tables}
    return events, *_differing(said, live), journal.cells


@lru_cache(maxsize=1)
def _reading(path: str) -> ViewsFile:
    return workers.reading(Path(path), ViewsFile)


def _of_subjects(asked: Scope, table: str, subjects: str) -> list[Row]:
    """Return the live rows of subjects, a JSON list of what rows hold of them."""
    where = " AND subject IN (SELECT value FROM json_each(?))"
    return _live(asked, table, where, (subjects,))


def _differing(said: Rows, live: Rows) -> tuple[dict[str, int], list[int | str]]:
    """Return how many live rows there are in each table, and the subjects whose rows differ."""
    subjects = set()
    for table, rows in live.items():
        subjects |= {row[SUBJECT[table]] for row in set(rows).symmetric_difference(said[table])}
    return {table: len(rows) for table, rows in live.items()}, list(subjects)


def _numbers(asked: Scope) -> Counter[str]:
    """Return how many live rows each table has."""
    numbers: Counter[str] = Counter()
    for table in asked.tables:
        query, values = _query(asked, table)
        (numbers[table],) = asked.views.execute(f"SELECT count(*) {query}", values).fetchone()
    return numbers


def _strangers(asked: Scope) -> set[int | str]:
    """Return the subjects of live rows that belong to nothing in the log."""
    in_log = set(map(coding.code_of, _streams(asked)))
    return set(map(coding.code_of, _live_subjects(asked))) - in_log


def _streams(asked: Scope) -> set[str]:
    return {s for (s,) in asked.log.execute("SELECT DISTINCT originator_id FROM stored_events")}


def _live_subjects(asked: Scope) -> set[str]:
    return {
        subject_of(code)
        for table in asked.tables
        for (code,) in asked.views.execute(f"SELECT DISTINCT subject FROM {table}")
    }


def _findings(
    asked: Scope, subjects: Sequence[str], cells: Mapping[Cell, int]
) -> Iterator[Finding]:
    yield from differences(asked, subjects)
    if asked.known_at is None:
        yield from _cube(asked, cells)


def _cube(asked: Scope, wanted: Mapping[Cell, int]) -> Iterator[Finding]:
    found = cube.cells(asked.views)
    for cell in sorted(wanted.keys() | found.keys(), key=repr):
        live, said = found.get(cell, 0), wanted.get(cell, 0)
        if live != said:
            name = " ".join(str(part) for part in cell)
            yield Finding("occupancy_cube", name, "delta", live, said, 0)


# ── comparing some subjects, row by row ─────────────────────────────────────


def sampled(asked: Scope, share: float, seed: int = 0) -> list[str]:
    """Return a share of the subjects: another one for each seed."""
    limit = int(share * 2**32)
    subjects = sorted(_streams(asked) | _live_subjects(asked))
    return [s for s in subjects if zlib.crc32(s.encode(), seed) < limit]


def since(asked: Scope, position: int) -> list[str]:
    """Return the subjects that the log speaks of after a position."""
    rows = asked.log.execute(
        "SELECT DISTINCT originator_id FROM stored_events WHERE rowid > ? AND rowid <= ? ORDER BY 1",
        (position, asked.to),
    )
    return [subject for (subject,) in rows]


def differences(asked: Scope, subjects: Sequence[str]) -> Iterator[Finding]:
    """Yield how the views of some subjects differ from the log."""
    for start in range(0, len(subjects), replay.IDS_AT_ONCE):
        some = subjects[start : start + replay.IDS_AT_ONCE]
        codes = json.dumps(list(map(coding.code_of, some)))
        streams = list(replay.streams(asked.log, asked.to, some))
        _, wanted = replay.rows_of(streams, Journal(asked.calendar.day))
        for table in asked.tables:
            yield from _rows(asked, table, _of_subjects(asked, table, codes), wanted[table])


def _rows(
    asked: Scope, table: str, live: Iterable[Row], wanted: Iterable[Row]
) -> Iterator[Finding]:
    names = [row[1] for row in asked.views.execute(f"PRAGMA table_info({table})")]
    places = [names.index(name) for name in KEYS[table]]
    found = {tuple(row[p] for p in places): row for row in live}
    says = {tuple(row[p] for p in places): row for row in wanted}
    for key in sorted(found.keys() | says.keys(), key=repr):
        one, other = (side[key] and _plain(names, side[key]) if key in side else None
                      for side in (found, says))  # fmt: skip
        row = one or other or {}
        subject, version = row["subject"], row["version"]
        if one is None or other is None:
            yield Finding(table, subject, WHOLE_ROW, one, other, version)
            continue
        for name in names:
            if one[name] != other[name]:
                yield Finding(table, subject, name, one[name], other[name], version)


def _plain(names: Sequence[str], row: Row) -> dict[str, Any]:
    """Return a row spelled out, instants in microseconds UTC."""
    plain = dict(zip(names, row, strict=True))
    plain["subject"] = subject_of(plain["subject"])
    for name in INSTANTS & plain.keys():
        if isinstance(plain[name], int):
            plain[name] += ORIGIN
    return plain


_BY_THEN = {"event_index": "position", "segment": "known_from", "uncertain": "recorded_at"}


def _query(asked: Scope, table: str) -> tuple[str, tuple[int, ...]]:
    """Return what reads a view's rows as they stood at the position that is asked about."""
    if asked.known_at is None:
        return f"FROM {table} WHERE true", ()
    limit = asked.to if table == "event_index" else asked.known_at - ORIGIN
    return f"FROM {table} WHERE {_BY_THEN[table]} <= ?", (limit,)


def _live(asked: Scope, table: str, where: str, values: Sequence[Any]) -> list[Row]:
    """Return some of a view's rows, their words as texts, as they stood at the position."""
    query, then = _query(asked, table)
    rows = asked.views.execute(f"SELECT * {query}{where}", (*then, *values)).fetchall()
    if table in RESPELLED:
        rows = RESPELLED[table](rows, asked.views.texts)
    if table != "segment" or asked.known_at is None:
        return rows
    return [_unlearned(row, asked.known_at) for row in rows]


def _unlearned(row: Row, known_at: int) -> Row:
    """Return a segment's row without what was learned of it after an instant."""
    was = segments.segment_of(row, WORDS)
    if was.closed_at > known_at:
        was.valid_to = was.closed_at = INF
    if was.known_to > known_at:
        was.known_to = INF
    return segments.row(was, WORDS)


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


def late(views: ViewsFile, over_us: int) -> list[Late]:
    """Return the events recorded more than so long after they occurred, in order of the log.

    Args:
        views: the views file. over_us: microseconds.
    """
    rows = views.execute(
        "SELECT e.*, e.recorded_at - max(e.occurred_at, ifnull((SELECT u.occurred_until"
        "   FROM segment_class AS c CROSS JOIN uncertain AS u WHERE u.klass = c.k"
        "   AND u.occurred_at = e.occurred_at AND u.subject = e.subject AND u.version = e.version),"
        " e.occurred_at)) AS late_by FROM event_index AS e"
        " WHERE e.recorded_at - e.occurred_at > :over AND late_by > :over ORDER BY e.position",
        {"over": over_us},
    )
    text = views.texts
    return [
        Late(position, subject_of(subject), version, text[topic], occurred_at + ORIGIN,
             recorded_at + ORIGIN, text[by], late_by, corrects)
        for subject, version, position, topic, occurred_at, recorded_at, by, corrects, late_by in rows
    ]  # fmt: skip
