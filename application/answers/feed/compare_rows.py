"""Audit, row by row: what the views hold of some subjects, beside what the log says of them.

Both sides are rows as they are stored, their words spelled out; a finding names the table, the subject,
the column, both values and the event. With a position, both are taken as they were known there: what
the ledger then knew must still be what it answers about then.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from application.answers.feed import replay
from application.answers.feed.replay import RESPELLED, TABLES, WORDS
from application.store.register import entries
from application.store.sqlite_file import one_state
from application.store.streams import IDS_AT_ONCE, Streams
from domain.times import INF
from projections import judged_again, row_codes, segments
from projections.cube import Calendar
from projections.row_codes import ORIGIN, Row, ViewsFile, subject_of
from projections.timelines import Journal
from projections.view import READ, Positions

SUBJECT = {"irregularity": 0, "mention": 1, "event_index": 0, "segment": 0, "uncertain": 2}
"""Where each table's rows name their subject."""
KEYS = {
    "irregularity": ("subject", "version", "rule", "closing", "known_from"),
    "mention": ("subject", "key"),
    "event_index": ("subject", "version"),
    "segment": ("subject", "facet", "valid_from", "known_from", "version"),
    "uncertain": ("subject", "version"),
}
KNOWN_THEN = ("event_index", "segment", "uncertain")
"""Tables that still hold what was known at an earlier position."""
WHOLE_ROW = "row"
INSTANTS = frozenset(
    {"valid_from", "valid_to", "known_from", "known_to", "closed_at", "since", "occurred_at",
     "occurred_until", "recorded_at", "clock"}
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
    live: object
    replayed: object
    version: int


class Scope(NamedTuple):
    """Both sides of a comparison.

    Attributes:
        log, views: the ledger and its views file. calendar: the zone's days.
        to: the last position that counts. known_at: its recorded time, microseconds UTC; None when
            the views stand at that position themselves.
    """

    log: Streams
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
    log: Streams, views: ViewsFile, calendar: Calendar, to: int | None = None
) -> Iterator[Scope]:
    """Hold one state of the views to compare: as they stand, or as they stood at a position.

    Args:
        log: the ledger. views: the views file, caught up. calendar: the zone's days.
        to: a position of the log; None is where the views stand.
    """
    with one_state(views):  # others may go on meanwhile
        reached = Positions(views).of(READ)
        if to is None or to >= reached:
            yield Scope(log, views, calendar, reached)
            return
        row = views.execute(
            "SELECT recorded_at FROM event_index WHERE position <= ? ORDER BY position DESC LIMIT 1",
            (to,),
        ).fetchone()
        yield Scope(log, views, calendar, to, row_codes.instant(row[0]) if row else -INF)


# ── which subjects ──────────────────────────────────────────────────────────


def live_subjects(asked: Scope) -> set[str]:
    """Return every subject of a view."""
    return {
        subject_of(code)
        for table in asked.tables
        for (code,) in asked.views.execute(f"SELECT DISTINCT subject FROM {table}")
    }


def sampled(asked: Scope, share: float, seed: int = 0) -> list[str]:
    """Return a share of the subjects: another one for each seed."""
    limit = int(share * 2**32)
    subjects = sorted({*asked.log.ids(), *live_subjects(asked)})
    return [s for s in subjects if zlib.crc32(s.encode(), seed) < limit]


def since(asked: Scope, position: int) -> list[str]:
    """Return the subjects that the log speaks of after a position."""
    return asked.log.ids_between(position, asked.to)


def differences(asked: Scope, subjects: Sequence[str]) -> Iterator[Finding]:
    """Yield how the views of some subjects differ from the log."""
    for start in range(0, len(subjects), IDS_AT_ONCE):
        some = subjects[start : start + IDS_AT_ONCE]
        codes = json.dumps(list(map(row_codes.code_of, some)))
        streams = asked.log.some(asked.to, some)
        _, wanted = replay.rows_of(streams, Journal(asked.calendar.day))
        if "irregularity" in asked.tables:
            wanted["irregularity"] = judged_rows(asked, wanted["irregularity"], some)
        for table in asked.tables:
            yield from _rows(asked, table, live_rows(asked, table, codes), wanted[table])


def _rows(
    asked: Scope, table: str, live: Iterable[Row], wanted: Iterable[Row]
) -> Iterator[Finding]:
    names = [row[1] for row in asked.views.execute(f"PRAGMA table_info({table})")]
    places = [names.index(name) for name in KEYS[table]]
    found = {tuple(row[p] for p in places): row for row in live}
    says = {tuple(row[p] for p in places): row for row in wanted}
    for key in sorted(found.keys() | says.keys(), key=repr):
        one, other = (
            side[key] and _plain(names, side[key]) if key in side else None
            for side in (found, says)
        )
        row = one or other or {}
        subject, version = row["subject"], row.get("version", 0)
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


def judged_rows(asked: Scope, said: Iterable[Row], subjects: Iterable[str]) -> list[Row]:
    """Return what the irregularities of some subjects should be: said, and judged again."""
    return judged_again.said_and_judged(asked.views, said, subjects, asked.log.histories, entries)


# ── live rows ───────────────────────────────────────────────────────────────


def live_rows(asked: Scope, table: str, subjects: str) -> list[Row]:
    """Return the live rows of subjects, a JSON list of what rows hold of them."""
    where = " AND subject IN (SELECT value FROM json_each(?))"
    return _live(asked, table, where, (subjects,))


_BY_THEN = {"event_index": "position", "segment": "known_from", "uncertain": "recorded_at"}


def query(asked: Scope, table: str) -> tuple[str, tuple[int, ...]]:
    """Return what reads a view's rows as they stood at the position that is asked about."""
    if asked.known_at is None:
        return f"FROM {table} WHERE true", ()
    limit = asked.to if table == "event_index" else asked.known_at - ORIGIN
    return f"FROM {table} WHERE {_BY_THEN[table]} <= ?", (limit,)


def _live(asked: Scope, table: str, where: str, values: Sequence[object]) -> list[Row]:
    """Return some of a view's rows, their words as texts, as they stood at the position."""
    text, then = query(asked, table)
    rows = asked.views.execute(f"SELECT * {text}{where}", (*then, *values)).fetchall()
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
