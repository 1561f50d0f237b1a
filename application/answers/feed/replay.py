"""Replay: every read model of the log at once, from its first event to the last.

The pull loop (`follow.py`) takes events as they come; this takes streams one after another, whole, and
gives the rows that every view should then hold. It never builds a validated event, keeps one stream in
memory at a time and writes in key order, the indexes last; a long log is read on every core
(`workers.py`). Both ways fold with the one `evolve` and must give equal rows: that is what `audit.py`
compares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from application.answers.feed import workers
from application.store.register import entries
from application.store.streams import Stream, Streams
from projections import cube, index, judged_again, mentions, row_codes, segments
from projections.cube import Calendar
from projections.row_codes import Row, ViewsFile
from projections.timelines import Cell, Journal, whole

Rows = dict[str, list[Row]]
TABLES = ("irregularity", "mention", "event_index", "segment", "uncertain")
"""Tables whose rows belong to one subject each."""
RESPELLED = {"event_index": index.respelled, "segment": segments.respelled}
"""Tables whose rows hold words."""
WORDS = row_codes.Same()
PIECE = 10_000
"""Events that are read, written and told about at once."""
LONG = 200_000
"""Events from which a replay is spread over the cores: starting processes costs half a second."""


class Stretch(NamedTuple):
    """Streams from one identifier up to another, which is not included; None is the end."""

    first: str
    after: str | None


def spans(log: Streams, to: int) -> tuple[list[Stretch], int]:
    """Cut the log into stretches of about `PIECE` events; return them and how many events there are.

    Stretches follow each other as their rows do.
    """
    found, first, taken, events = [], "", 0, 0
    for stream_id, count in log.lengths(to):
        if taken >= PIECE:
            found.append(Stretch(first, stream_id))
            first, taken = stream_id, 0
        taken += count
        events += count
    found.append(Stretch(first, None))
    found.sort(key=lambda span: row_codes.rank(span.first))
    return found, events


def rows_of(found: Iterable[Stream], journal: Journal) -> tuple[int, Rows]:
    """Return how many events some streams have, and the rows that every view should hold of them.

    Words stay texts; cells of the cube stay in the journal.
    """
    irregularity, event_index, uncertain = list[Row](), list[Row](), list[Row]()
    mention = list[Row]()
    for stream in found:
        whole(stream.id, stream.events, journal)
        named = dict[int | str, Row]()
        for event in stream.events:
            irregularity += judged_again.said_rows(event)
            for row in mentions.mention_rows(event):
                named.setdefault(row[0], row)
        mention += named.values()
        event_index += index.rows(stream.id, stream.positions, stream.events, WORDS)
        uncertain += segments.uncertain_rows(stream.events)
    segment = [segments.row(one, WORDS) for one in journal.dirty]
    journal.dirty.clear()
    return len(event_index), {
        "irregularity": irregularity,
        "mention": mention,
        "event_index": event_index,
        "segment": segment,
        "uncertain": uncertain,
    }


# ── filling empty tables ────────────────────────────────────────────────────


Progress = Callable[[int], None]


class Filling(NamedTuple):
    """What one piece of the log puts into the tables. Plain values, see `workers.py`."""

    events: int
    rows: Rows
    cells: dict[Cell, int]


def build(
    log: Streams, views: ViewsFile, calendar: Calendar, to: int, progress: Progress | None = None
) -> int:
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
    cut, events = spans(log, to)
    cells: Counter[Cell] = Counter()
    work = partial(_filling, to, calendar.zone.key)
    for piece in workers.each(log, work, cut, spread=events >= LONG):
        filling = Filling(*piece)
        put(views, filling.rows)
        cells.update(filling.cells)
        if progress is not None:
            progress(filling.events)
    cube.write(views, cells)
    for _, sql in indexes:
        views.execute(sql)
    judged_again.judge_again(views, 1, to, log.histories, entries)
    return events


def _filling(to: int, zone: str, log: Streams, span: Stretch) -> tuple[object, ...]:
    journal = Journal(Calendar(ZoneInfo(zone)).day)
    events, rows = rows_of(log.within(to, *span), journal)
    for table in ("event_index", "segment"):
        rows[table] = row_codes.ordered(rows[table])
    return events, rows, journal.cells


def put(views: ViewsFile, rows: Rows) -> None:
    """Insert rows, their words as texts, inside the caller's transaction."""
    for table, some in rows.items():
        spelled = RESPELLED[table](some, views.codes) if table in RESPELLED else some
        row_codes.insert(views, table, spelled)
    segments.write_classes(views, classes_of(rows))


def classes_of(rows: Rows) -> set[int]:
    """Return the classes of length that rows are in."""
    return {row[segments.KLASS] for row in rows["segment"]} | {row[0] for row in rows["uncertain"]}
