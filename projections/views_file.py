"""The views file: which tables it has, whose it is, and how it begins again.

    owner      which ledger's it is, and of which layout
    tracking   how far it has read, and which making of the views this is (`view.py`)
    word       the words of rows as numbers (`row_codes.py`)

and the tables of every view. Opening it and feeding it is `application/answers/feed/follow.py`.
"""

from __future__ import annotations

import secrets
import sqlite3

from projections import row_codes
from projections.as_known import Entries
from projections.cube import Calendar
from projections.index import EventIndex
from projections.judged_again import Irregularities
from projections.row_codes import ViewsFile
from projections.segments import Segments
from projections.view import MADE, Positions, View

LAYOUT = 10
"""Raised when a view's tables or their meaning change: older files are made anew."""
OWNER = "CREATE TABLE IF NOT EXISTS owner (id TEXT PRIMARY KEY)"


def default_views(calendar: Calendar, entries: Entries) -> tuple[View, ...]:
    """Return the views every ledger has."""
    return (EventIndex(), Segments(calendar), Irregularities(entries))


def make_tables(connection: ViewsFile) -> None:
    """Make the tables, indexes and published views of a views file, where they are not there."""
    for tables in (
        row_codes.TABLES,
        Positions.TABLE,
        Irregularities.TABLES,
        EventIndex.TABLES,
        Segments.TABLES,
    ):
        for statement in tables.split(";"):  # a script would commit the caller's transaction
            connection.execute(statement)


def make(connection: ViewsFile, owner: str) -> None:
    """Make everything anew for an owner, inside the caller's transaction."""
    empty(connection)
    connection.execute(OWNER)
    connection.execute("INSERT INTO owner (id) VALUES (?)", (owner,))
    make_tables(connection)
    Positions(connection).set(MADE, secrets.randbits(62))


def owners(connection: ViewsFile) -> list[str]:
    """Return whose a file is: one owner, or none where it is new."""
    connection.execute(OWNER)
    return [owner for (owner,) in connection.execute("SELECT id FROM owner")]


def making(connection: ViewsFile) -> int:
    """Return which making of the views this is, -1 where the file cannot say."""
    try:
        return Positions(connection).of(MADE)
    except sqlite3.Error:
        return -1


def damage(connection: ViewsFile) -> list[str]:
    """Return what SQLite finds wrong with its own file: an index says otherwise than its table."""
    said = [line for (line,) in connection.execute("PRAGMA integrity_check")]
    return [] if said == ["ok"] else said


def empty(connection: ViewsFile) -> None:
    """Drop everything a views file holds, inside the caller's transaction."""
    for kind in ("trigger", "view", "index", "table"):
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite_%'"
            " AND sql IS NOT NULL",
            (kind,),
        ).fetchall():
            keeps_numbers = (kind, name) == ("table", "word")
            verb = "DELETE FROM" if keeps_numbers else f"DROP {kind}"
            connection.execute(f'{verb} "{name}"')
    connection.forget()
