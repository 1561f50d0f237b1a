"""Irregularities still open: which event of which subject broke which rule.

One row an open irregularity. Only subjects whose events can change that are looked at: a fact that
broke a rule, an irregularity that was closed, and whatever replaces or takes back an event.
"""

from __future__ import annotations

import sqlite3
from typing import Any, ClassVar, NamedTuple

from domain.record import IrregularityClosed
from projections.view import Batch, Load


class Irregularities:
    """What broke a rule and has not been closed by an official."""

    NAME: ClassVar[str] = "irregularity"
    TABLES: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS irregularity (
        subject TEXT, version INTEGER, rule INTEGER, PRIMARY KEY (subject, version, rule)
        ) WITHOUT ROWID;
    """

    def take(self, connection: sqlite3.Connection, batch: Batch, load: Load) -> None:
        """Write anew what is open of each subject that the batch concerns."""
        concerned = sorted({event.originator_id for _, event in batch if concerns(event)})
        if not concerned:
            return
        known = load(concerned, batch[-1][0])
        connection.executemany(
            "DELETE FROM irregularity WHERE subject = ?", [(subject,) for subject in concerned]
        )
        connection.executemany(
            "INSERT INTO irregularity VALUES (?, ?, ?)",
            [(subject, *one) for subject in concerned for one in known[subject].state.irregular],
        )


def concerns(event: Any) -> bool:
    """Return whether an event can open or close an irregularity."""
    return (
        bool(event.irregularities)
        or event.corrects is not None
        or event.TOPIC == IrregularityClosed.TOPIC
    )


def irregularities(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return the irregularities still open: (rule, count)."""
    return list(
        connection.execute("SELECT rule, count(*) FROM irregularity GROUP BY rule ORDER BY rule")
    )


class Irregular(NamedTuple):
    """One event that broke a rule, still open: `stream:version`, the rule, its words, who recorded."""

    event: str
    rule: int
    what: str
    by: str


def irregular(connection: sqlite3.Connection, rule: int | None, topic: str = "") -> list[Irregular]:
    """Return the events with an irregularity still open.

    Args:
        connection: the views file.
        rule: of this rule only, None for all.
        topic: only events whose stored name ends so (`handed_over`), "" for all.
    """
    rows = connection.execute(
        "SELECT i.subject || ':' || i.version, i.rule, e.topic, e.recorded_by FROM irregularity AS i"
        " JOIN event_index AS e ON e.subject = i.subject AND e.version = i.version"
        " WHERE (:rule IS NULL OR i.rule = :rule) AND e.topic LIKE '%.' || :topic || '%'"
        " ORDER BY i.subject, i.version",
        {"rule": rule, "topic": topic},
    )
    return [
        Irregular(ref, n, name.partition(".")[2].replace("_", " "), by) for ref, n, name, by in rows
    ]
