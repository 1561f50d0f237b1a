"""Audit: are the read models what the log says? Every difference is a finding, and none stops it.

    compare    replays the log in memory and compares each view with it
    rebuild    replays the log into a new views file, which can be put in the old one's place

A comparison takes the log stream by stream, in spans, on every core; beside what a span says, the live
rows of the same subjects are read, and both must be the same rows. Only the subjects that differ are
then compared row by row (`audit_rows.py`). Rows of subjects that the log does not know show in the
number of rows. Tables, indexes and published views must be those of this program, classes of length
those in use, and SQLite finds its own file whole: an index that says otherwise than its table answers
wrongly. What somebody else added (an analyst's index or view) is told and stops
nothing. This finds drift and accidents, not a forger: that is the log's work (`transparency/`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from application.answers.feed import replay, workers
from application.answers.feed.compare_rows import (
    SUBJECT,
    Finding,
    Scope,
    differences,
    judged_rows,
    live_rows,
    live_subjects,
    query,
)
from application.answers.feed.follow import Views
from application.answers.feed.replay import Progress, Rows, Stretch
from application.store.sqlite_file import path_of, reading
from application.store.streams import Streams
from projections import cube, row_codes, segments
from projections.cube import Calendar
from projections.row_codes import ViewsFile, subject_of
from projections.timelines import Cell, Journal
from projections.views_file import damage, make_tables


class Comparison(NamedTuple):
    """What a comparison has looked at, and what it found. `findings` can be read once."""

    position: int
    events: int
    rows: int
    differing: int  # subjects
    findings: Iterator[Finding]


class Seen(NamedTuple):
    """What one piece of a comparison has looked at. Plain values, see `workers.py`."""

    events: int = 0
    rows: Mapping[str, int] = {}
    differing: Sequence[int | str] = ()
    cells: Mapping[Cell, int] = {}
    classes: Sequence[int] = ()
    damage: Sequence[str] = ()


FILE = "file"
"""The piece in which SQLite looks at its own file."""


def compare(asked: Scope, progress: Progress | None = None) -> Comparison:
    """Replay the log in memory and compare every view with it.

    Args:
        asked: see `audit_rows.scope`.
        progress: called with the number of events each step has replayed.
    """
    strange = list(_schema(asked))
    if any(
        one.replayed is not None for one in strange
    ):  # ours is missing or another: no rows to read
        return Comparison(asked.to, 0, 0, 0, iter(strange))
    cut, events = replay.spans(asked.log, asked.to)
    spread = events >= replay.LONG
    views = str(path_of(asked.views)) if spread else asked.views
    work = partial(_seen, asked.to, asked.known_at, asked.calendar.zone.key, views)
    rows: Counter[str] = Counter()
    cells: Counter[Cell] = Counter()
    differing: set[int | str] = set()
    classes: set[int] = set()
    damage: list[str] = []
    for piece in workers.each(asked.log, work, [FILE, *cut], spread=spread):
        seen = Seen(*piece)
        rows.update(seen.rows)
        cells.update(seen.cells)
        differing.update(seen.differing)
        classes.update(seen.classes)
        damage += seen.damage
        if progress is not None and seen.events:
            progress(seen.events)
    if rows != _numbers(asked):
        in_log = set(asked.log.ids())
        differing |= {row_codes.code_of(s) for s in live_subjects(asked) - in_log}
    subjects = sorted(map(subject_of, differing))
    findings = chain(strange, _findings(asked, subjects, cells, classes, damage))
    return Comparison(asked.to, events, rows.total(), len(subjects), findings)


def _seen(
    to: int,
    known_at: int | None,
    zone: str,
    path: str | ViewsFile,
    log: Streams,
    piece: Stretch | str,
) -> tuple[object, ...]:
    """Replay a span of the log and compare the live rows of the same subjects."""
    views = _reading(path) if isinstance(path, str) else path
    if piece == FILE:
        return tuple(Seen(damage=damage(views)))
    here = Scope(log, views, Calendar(ZoneInfo(zone)), to, known_at)
    journal = Journal(here.calendar.day)
    found = list(log.within(to, *piece))
    events, said_rows = replay.rows_of(found, journal)
    if "irregularity" in here.tables:
        subjects_here = [stream.id for stream in found]
        said_rows["irregularity"] = judged_rows(here, said_rows["irregularity"], subjects_here)
    subjects = json.dumps([row_codes.code_of(stream.id) for stream in found])
    live = {table: live_rows(here, table, subjects) for table in here.tables}
    classes = list(replay.classes_of(said_rows))
    return events, *_differing(said_rows, live), journal.cells, classes, []


@lru_cache(maxsize=1)
def _reading(path: str) -> ViewsFile:
    """Open the views once in a worker, which ends with the comparison."""
    return reading(Path(path), ViewsFile)


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
        text, values = query(asked, table)
        (numbers[table],) = asked.views.execute(f"SELECT count(*) {text}", values).fetchone()
    return numbers


# ── findings ────────────────────────────────────────────────────────────────


def _findings(
    asked: Scope,
    subjects: Sequence[str],
    cells: Mapping[Cell, int],
    classes: Iterable[int],
    damage: Iterable[str],
) -> Iterator[Finding]:
    for said in damage:
        yield Finding(FILE, "", "integrity", said, "ok", 0)
    yield from differences(asked, subjects)
    yield from _classes(asked, classes)
    if asked.known_at is None:
        yield from _cube(asked, cells)


def _schema(asked: Scope) -> Iterator[Finding]:
    """Yield which tables, indexes and views are not those of this program."""
    fresh = ViewsFile(":memory:")
    make_tables(fresh)
    made, found = (
        dict(c.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        for c in (fresh, asked.views)
    )
    fresh.close()
    found.pop("owner", None)
    for name in sorted(made.keys() | found.keys()):
        if made.get(name) != found.get(name):
            yield Finding("schema", name, "sql", found.get(name), made.get(name), 0)


def _classes(asked: Scope, wanted: Iterable[int]) -> Iterator[Finding]:
    """Yield the classes of length that questions would miss."""
    found = dict(asked.views.execute("SELECT k, width FROM segment_class"))
    for k in sorted(wanted):
        if found.get(k) != segments.width(k):
            yield Finding(
                "segment_class", f"class {k}", "width", found.get(k), segments.width(k), 0
            )


def _cube(asked: Scope, wanted: Mapping[Cell, int]) -> Iterator[Finding]:
    found = cube.cells(asked.views)
    for cell in sorted(wanted.keys() | found.keys(), key=repr):
        live, said = found.get(cell, 0), wanted.get(cell, 0)
        if live != said:
            name = " ".join(str(part) for part in cell)
            yield Finding("occupancy_cube", name, "delta", live, said, 0)


# ── a new views file ────────────────────────────────────────


def rebuild(
    log: Streams,
    path: Path,
    ledger_id: str,
    *,
    to: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Replay the log into a views file that must not hold anything yet; return the position.

    The file can be put in the place of the live one, or, up to an earlier position, be asked beside it.
    """
    views = Views(log, path, ledger_id)
    try:
        return views.build(to, progress)
    finally:
        views.close()
