"""Irregularities in both clocks: which event of which subject broke which rule, as known when.

    known as broken at (t, k)  ⇔  occurred_at ≤ t and known_from ≤ k < known_to,
                                  and no closing of it that occurred by t is known at k

An event brings the flags it was recorded with. What disturbs a stream (it comes late, corrects, takes
back, says that two records are one) makes that stream and its partners be judged again at that
knowledge, each event in the history in which it occurred (`domain/judging.py`); differences open and
close rows. Partners are the transfer and its lines, weapons of one serial, both records of a merge; a
directory entry that comes late or is corrected disturbs whoever names it.

    irregularity   what broke a rule; where `closing` is not 0: an event that closes it, its own time
    mention        who names whom, and numbers of paper and metal: since which knowledge
    judging        which stream was judged again, at which knowledge
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import ClassVar

from domain.event import Event
from domain.judging import closes
from projections.as_known import Entries, Kept, Loader, wanted_at
from projections.disturbed import OF_CRATES, Packed, disturbed, leaves_as_it_is
from projections.mentions import mention_rows
from projections.row_codes import ORIGIN, Row, ViewsFile, code_of, insert, subject_of
from projections.view import Batch, Load

_RULE, _KNOWN_FROM, _KNOWN_TO = 2, 4, 5


class Irregularities:
    """What broke a rule, since which knowledge and until which.

    Args:
        entries: what the register holds of a stream's state.
    """

    NAME: ClassVar[str] = "irregularity"
    TABLES: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS irregularity (
        subject, version INTEGER, rule INTEGER, closing INTEGER, known_from INTEGER NOT NULL,
        known_to INTEGER, occurred_at INTEGER NOT NULL,
        PRIMARY KEY (subject, version, rule, closing, known_from)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS mention (
        key, subject, since INTEGER NOT NULL, PRIMARY KEY (key, subject)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS mention_subject ON mention (subject, key, since);
    CREATE TABLE IF NOT EXISTS judging (
        subject, known_at INTEGER NOT NULL, PRIMARY KEY (subject, known_at)) WITHOUT ROWID
    """

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def take(self, connection: ViewsFile, batch: Batch, load: Load) -> None:
        """Write the flags of a batch, then judge again what it disturbs. After the other views."""
        said = [row for _, event in batch for row in said_rows(event)]
        insert(connection, self.NAME, said)
        mentions = [row for _, event in batch for row in mention_rows(event)]
        connection.executemany("INSERT OR IGNORE INTO mention VALUES (?, ?, ?)", mentions)
        last = batch[-1][0]
        judge_again(connection, batch[0][0], last, lambda ids: dict(load(ids, last)), self._entries)


def said_rows(event: Event) -> list[Row]:
    """Return the flags an event was recorded with, or the closing it is; columns as the table's."""
    found = [(event.originator_version, rule, 0) for rule in event.irregularities]
    found += [(version, rule, event.originator_version) for version, rule in closes(event)]
    if not found:
        return []
    code, known, at = code_of(event.originator_id), event.recorded_at, event.occurred_at
    return [(code, *one, known - ORIGIN, None, at - ORIGIN) for one in found]


def judge_again(views: ViewsFile, first: int, last: int, load: Loader, entries: Entries) -> None:
    """Judge again what the events between two positions (inclusive) disturb.

    Args:
        views: the views file; the other views have taken these events.
        load: whole histories, at least as they stood at `last`. entries: see `Irregularities`.
    """
    kept = Kept(load)
    moments = disturbed(views, first, last, kept)
    for subject in sorted(moments):
        settle(views, subject, moments[subject], kept, entries)


def settle(
    views: ViewsFile,
    subject: str,
    moments: Mapping[int, list[Packed] | None],
    kept: Kept,
    entries: Entries,
) -> None:
    """Open and close a stream's rows by what each later knowledge says, and keep when it was judged."""
    code = code_of(subject)
    rows = views.execute("SELECT * FROM irregularity WHERE subject = ?", (code,)).fetchall()
    after, judged_at = settled(views, subject, rows, moments, kept, entries)
    views.executemany(
        "INSERT OR IGNORE INTO judging VALUES (?, ?)", [(code, k - ORIGIN) for k in judged_at]
    )
    if sorted(after, key=repr) != sorted(rows, key=repr):
        views.execute("DELETE FROM irregularity WHERE subject = ?", (code,))
        insert(views, "irregularity", after)


def settled(
    views: ViewsFile,
    subject: str,
    rows: Iterable[Row],
    moments: Mapping[int, list[Packed] | None],
    kept: Kept,
    entries: Entries,
) -> tuple[list[Row], list[int]]:
    """Return a stream's rows with what each later knowledge opens and closes, and when it was judged."""
    code, after, judged_at = code_of(subject), list(rows), []
    for known_at in sorted(moments):
        k, packed = known_at - ORIGIN, moments[known_at]
        if packed is not None:
            broken = any(r[_RULE] == OF_CRATES and r[_KNOWN_FROM] <= k for r in after)
            if not broken and all(leaves_as_it_is(kept, subject, known_at, one) for one in packed):
                continue
        judged_at.append(known_at)
        wanted = wanted_at(views, subject, known_at, kept, entries)
        judged_anew: list[Row] = []
        for row in after:
            if row[_KNOWN_TO] is not None or row[_KNOWN_FROM] > k:
                judged_anew.append(row)  # known before, or later
            elif wanted.pop(row[1:_KNOWN_FROM], None) is not None:
                judged_anew.append(row)
            elif row[_KNOWN_FROM] < k:  # what is said in this moment and not so was never known
                judged_anew.append((*row[:_KNOWN_TO], k, *row[_KNOWN_TO + 1 :]))
        judged_anew += [(code, *one, k, None, at - ORIGIN) for one, at in wanted.items()]
        after = judged_anew
    return after, judged_at


def said_and_judged(
    views: ViewsFile, said: Iterable[Row], subjects: Iterable[str], load: Loader, entries: Entries
) -> list[Row]:
    """Return what the table should hold of some streams, by the log and what was judged again.

    Args:
        views: the views file, for who names whom and who stood where. said: their `said_rows`.
    """
    kept = Kept(load)
    by_subject: dict[int | str, list[Row]] = defaultdict(list)
    for row in said:
        by_subject[row[0]].append(row)
    moments = views.execute(
        "SELECT subject, known_at FROM judging WHERE subject IN (SELECT value FROM json_each(?))"
        " ORDER BY subject, known_at",
        (_json(map(code_of, subjects)),),
    ).fetchall()
    again: dict[int | str, list[int]] = defaultdict(list)
    for code, known_at in moments:
        again[code].append(known_at + ORIGIN)
    for code, some in again.items():
        when = dict.fromkeys(some)
        by_subject[code], _ = settled(
            views, subject_of(code), by_subject[code], when, kept, entries
        )
    return [row for rows in by_subject.values() for row in rows]


def _json(codes: Iterable[int | str]) -> str:
    return json.dumps(list(codes))
