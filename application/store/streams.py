"""Read streams and the log back from the ledger, without validation and many at once.

streams = custody.streams
streams.history("W-…").state              one stream, its events folded
streams.histories(["W-…", "P-…"])         several at once
for known in streams.every("P-"): …       all of a kind, in order of identifiers
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from application.store.mapper import facts_of, replayed
from domain import history
from domain.history import History

IDS_AT_ONCE = 500


class Streams:
    """The log as questions read it: whole histories and positions, never a row of a table."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def histories(self, stream_ids: Sequence[str]) -> dict[str, History]:
        """Return each stream's history; an unknown stream's is empty."""
        return histories(self.connection, stream_ids)

    def history(self, stream_id: str) -> History:
        """Return one stream's history, empty where there is no such stream."""
        return histories(self.connection, [stream_id])[stream_id]

    def every(self, prefix: str = "") -> Iterator[History]:
        """Yield every stream's history, in order of identifiers, those with a prefix only."""
        return every(self.connection, prefix)

    def newest(self) -> int:
        """Return the newest position, 0 when the log is empty."""
        return newest(self.connection)


_COLUMNS = "originator_id, originator_version, topic, state"


def histories(connection: sqlite3.Connection, stream_ids: Sequence[str]) -> dict[str, History]:
    """Return each stream's history; an unknown stream's is empty."""
    read: dict[str, History] = {}
    for start in range(0, len(stream_ids), IDS_AT_ONCE):
        some = stream_ids[start : start + IDS_AT_ONCE]
        found: dict[str, list[Any]] = {stream_id: [] for stream_id in some}
        for row in connection.execute(
            f"SELECT {_COLUMNS} FROM stored_events"
            f" WHERE originator_id IN ({','.join('?' * len(some))})"
            " ORDER BY originator_id, originator_version",
            list(some),
        ):
            found[row[0]].append(replayed(*row))
        for stream_id, events in found.items():
            read[stream_id] = history.of(stream_id, events)
    return read


def log(connection: sqlite3.Connection, after: int, limit: int) -> list[tuple[int, Any]]:
    """Return the next events of the log with their positions, oldest first."""
    return [
        (position, replayed(stream_id, version, topic, state))
        for position, stream_id, version, topic, state in connection.execute(
            f"SELECT rowid, {_COLUMNS} FROM stored_events WHERE rowid > ? ORDER BY rowid LIMIT ?",
            (after, limit),
        )
    ]


def event_at(connection: sqlite3.Connection, position: int) -> tuple[str, int, int] | None:
    """Return which event stands at a position: stream, version, recorded time; None for none."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM stored_events WHERE rowid = ?", (position,)
    ).fetchone()
    return (row[0], row[1], facts_of(*row[2:])["recorded_at"]) if row else None


def version_at(connection: sqlite3.Connection, stream_id: str, position: int) -> int:
    """Return how many events a stream had at a position of the log (inclusive)."""
    (count,) = connection.execute(
        "SELECT count(*) FROM stored_events WHERE originator_id = ? AND rowid <= ?",
        (stream_id, position),
    ).fetchone()
    return int(count)


def every(connection: sqlite3.Connection, prefix: str = "") -> Iterator[History]:
    """Yield every stream's history, in order of identifiers, those with a prefix only."""
    current: str = ""
    events: list[Any] = []
    for row in connection.execute(
        f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id >= ? AND originator_id < ?"
        " ORDER BY originator_id, originator_version",
        (prefix, prefix + "\U0010ffff"),
    ):
        if row[0] != current and events:
            yield history.of(current, events)
            events = []
        current = row[0]
        events.append(replayed(*row))
    if events:
        yield history.of(current, events)


def newest(connection: sqlite3.Connection) -> int:
    """Return the newest position of the log, 0 when it is empty."""
    row = connection.execute("SELECT max(rowid) FROM stored_events").fetchone()
    return int(row[0] or 0)
