"""Is a file of ours sound, and how much does the log hold: what `amana doctor` asks a database."""

from __future__ import annotations

import sqlite3
from typing import Literal

Check = Literal["quick_check", "integrity_check"]
"""SQLite's own: the second also compares every index with its table."""


def damage(connection: sqlite3.Connection, check: Check = "quick_check") -> str:
    """Return the first fault that SQLite finds in its file, "" for none."""
    (said,) = connection.execute(f"PRAGMA {check}").fetchone()
    return "" if said == "ok" else str(said)


def size(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many events the log holds, and of how many streams."""
    events, streams = connection.execute(
        "SELECT count(*), count(DISTINCT originator_id) FROM stored_events"
    ).fetchone()
    return events, streams
