"""The event index: one row an event, both clocks, who recorded it and what it replaces."""

from __future__ import annotations

import sqlite3
from typing import Any, ClassVar

from projections.view import Batch, Load


class EventIndex:
    """Where each event stands in the log and in time. Times are microseconds UTC."""

    NAME: ClassVar[str] = "event_index"
    TABLES: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS event_index (
        position INTEGER PRIMARY KEY, subject TEXT NOT NULL, version INTEGER NOT NULL,
        topic TEXT NOT NULL, occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
        recorded_by TEXT NOT NULL, batch TEXT NOT NULL, corrects INTEGER);
    CREATE INDEX IF NOT EXISTS event_index_subject
        ON event_index (subject, occurred_at, position);
    CREATE INDEX IF NOT EXISTS event_index_recorded
        ON event_index (recorded_at, occurred_at, corrects, subject);
    CREATE INDEX IF NOT EXISTS event_index_occurred ON event_index (occurred_at, subject);
    """

    def take(self, connection: sqlite3.Connection, batch: Batch, load: Load) -> None:  # noqa: ARG002 -- the index needs no history
        """Write one row an event."""
        connection.executemany(
            "INSERT INTO event_index VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [row(position, event) for position, event in batch],
        )


def row(position: int, e: Any) -> tuple[Any, ...]:
    """Return an event's row in the order of the table's columns."""
    return (
        position, e.originator_id, e.originator_version, e.TOPIC, e.occurred_at, e.recorded_at,
        e.recorded_by, e.batch, e.corrects,
    )  # fmt: skip


def positions(connection: sqlite3.Connection, subject: str) -> dict[int, int]:
    """Return the log position of each version of a subject."""
    return dict(
        connection.execute(
            "SELECT version, position FROM event_index WHERE subject = ?", (subject,)
        ).fetchall()
    )


def last(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return the newest position and its recorded time (microseconds UTC); zeros when empty."""
    row = connection.execute(
        "SELECT position, recorded_at FROM event_index ORDER BY position DESC LIMIT 1"
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def of_batch(connection: sqlite3.Connection, batch: str) -> list[tuple[str, int, str]]:
    """Return the events of one operation: (subject, version, stored name), in order of the log."""
    return list(
        connection.execute(
            "SELECT subject, version, topic FROM event_index WHERE batch = ? ORDER BY position",
            (batch,),
        )
    )


def recorded_at(connection: sqlite3.Connection, position: int) -> int | None:
    """Return when a position of the log was recorded, microseconds UTC; None where there is none."""
    row = connection.execute(
        "SELECT recorded_at FROM event_index WHERE position = ?", (position,)
    ).fetchone()
    return int(row[0]) if row else None


def position_at(connection: sqlite3.Connection, known_at: int) -> int:
    """Return the newest position recorded by an instant (inclusive, microseconds UTC), 0 if none."""
    row = connection.execute(
        "SELECT position FROM event_index WHERE recorded_at <= ?"
        " ORDER BY recorded_at DESC, position DESC LIMIT 1",
        (known_at,),
    ).fetchone()
    return int(row[0]) if row else 0


def admissions(connection: sqlite3.Connection, as_of: int, known_at: int) -> int:
    """Return how many persons the log has admitted by an instant, as known at another.

    Admissions that were taken back are not counted; times are microseconds UTC, both inclusive.
    """
    (number,) = connection.execute(
        "SELECT count(DISTINCT a.subject) FROM event_index AS a WHERE a.topic = 'person.admitted'"
        " AND a.occurred_at <= :t AND a.recorded_at <= :k AND NOT EXISTS (SELECT 1"
        "  FROM event_index AS r WHERE r.subject = a.subject AND r.corrects = a.version"
        "  AND r.topic = 'record.retracted' AND r.recorded_at <= :k)",
        {"t": as_of, "k": known_at},
    ).fetchone()
    return int(number)


def subjects_of(connection: sqlite3.Connection, topic: str, as_of: int, known_at: int) -> set[str]:
    """Return the subjects with an event of a stored name by an instant, as known at another."""
    rows = connection.execute(
        "SELECT DISTINCT subject FROM event_index"
        " WHERE topic = ? AND occurred_at <= ? AND recorded_at <= ?",
        (topic, as_of, known_at),
    )
    return {subject for (subject,) in rows}


def an_example(connection: sqlite3.Connection) -> dict[str, str]:
    """Return a weapon and a person with a long history, for somebody who looks around."""
    return {
        kind: subject
        for kind, prefix in (("weapon", "W"), ("person", "P"))
        for (subject,) in connection.execute(
            "SELECT subject FROM event_index WHERE subject >= ? AND subject < ?"
            " GROUP BY subject ORDER BY count(*) DESC, subject LIMIT 1",
            (f"{prefix}-", f"{prefix}."),
        )
    }
