"""A forged row: one stored event altered outside the program, as somebody with access to the file would.

with undone(connection) as forged: …     altered for as long as the block lasts
for_good(path, position)                 altered in a file; only ever a demo's
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from domain.errors import UnknownError

FIELDS = ("place", "container", "site", "seal", "serial", "receipt", "reason", "recorded_by")
"""Facts a forger would touch, the likeliest first."""


class Forged(NamedTuple):
    """One stored row as it was altered outside the program."""

    position: int
    event: str
    topic: str
    field: str
    before: str
    after: str


@contextlib.contextmanager
def undone(connection: sqlite3.Connection) -> Iterator[Forged]:
    """Alter a row in the middle of a ledger, and put it back at the end: nothing of it stays."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield _forge(connection, None)
    finally:
        connection.execute("ROLLBACK")


def for_good(path: Path, position: int | None) -> Forged:
    """Alter a row of a ledger file, by default one in its middle.

    Raises:
        UnknownError: there is no such event, or it has no fact to alter.
    """
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        return _forge(connection, position)


def _forge(connection: sqlite3.Connection, position: int | None) -> Forged:
    if position is None:
        (newest,) = connection.execute("SELECT max(rowid) FROM stored_events").fetchone()
        query = "SELECT min(rowid) FROM stored_events WHERE rowid >= ? AND topic = 'weapon.stored'"
        (position,) = connection.execute(query, (newest // 2,)).fetchone()
    row = connection.execute(
        "SELECT originator_id, originator_version, topic, state FROM stored_events WHERE rowid = ?",
        (position,),
    ).fetchone()
    facts: dict[str, Any] = json.loads(row[3]) if row else {}
    field = next((name for name in FIELDS if facts.get(name)), None)
    if position is None or row is None or field is None:
        msg = f"the demo's ledger has no event {position} to alter"
        raise UnknownError(msg)
    before = facts[field]
    facts[field] = after = before[:-1] + chr(ord(before[-1]) ^ 1)
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    update = "UPDATE stored_events SET state = ? WHERE rowid = ?"
    connection.execute(update, (text.encode(), position))
    return Forged(position, f"{row[0]}:{row[1]}", row[2], field, before, after)
