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
