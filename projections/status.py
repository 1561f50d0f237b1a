"""Current status: one row a subject, what is known now, and the irregularities still open."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from domain import history, ids
from domain.history import History
from projections.view import Batch, Load

KEEP = 50_000


class Status:
    """Subjects and where they stand now. Columns are the facets asked for; `state` is all of it."""

    NAME: ClassVar[str] = "status"
    TABLES: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS status (
        subject TEXT PRIMARY KEY, kind TEXT NOT NULL, custody TEXT, site TEXT, party TEXT,
        container TEXT, category TEXT, since INTEGER NOT NULL, merged INTEGER NOT NULL,
        version INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS status_site ON status (site, kind, custody);
    CREATE INDEX IF NOT EXISTS status_custody ON status (kind, custody, since);
    CREATE TABLE IF NOT EXISTS irregularity (
        subject TEXT, version INTEGER, rule INTEGER, PRIMARY KEY (subject, version, rule)
        ) WITHOUT ROWID;
    """

    def __init__(self) -> None:
        self._known: dict[str, History] = {}

    def take(self, connection: sqlite3.Connection, batch: Batch, load: Load) -> None:
        """Fold the batch into its subjects and write their rows anew."""
        touched = self._fold(batch, load)
        connection.executemany(
            "INSERT OR REPLACE INTO status VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [row(self._known[subject]) for subject in touched],
        )
        connection.executemany(
            "DELETE FROM irregularity WHERE subject = ?", [(subject,) for subject in touched]
        )
        connection.executemany(
            "INSERT INTO irregularity VALUES (?, ?, ?)",
            [
                (subject, version, rule)
                for subject in touched
                for version, rule in self._known[subject].state.irregular
            ],
        )

    def _fold(self, batch: Batch, load: Load) -> list[str]:
        if len(self._known) > KEEP:
            self._known.clear()
        touched = dict.fromkeys(event.originator_id for _, event in batch)
        first = {e.originator_id: e.originator_version for _, e in reversed(batch)}
        for stream, version in first.items():
            if version == 1:
                self._known[stream] = history.of(stream, ())
        unknown = [s for s, version in first.items() if not self._follows(s, version)]
        self._known.update(load(unknown, batch[0][0] - 1))
        for _, event in batch:
            self._known[event.originator_id] = self._known[event.originator_id].then(event)
        return list(touched)

    def _follows(self, stream: str, version: int) -> bool:
        """True unless another process took events of the stream, or a batch of ours failed."""
        known = self._known.get(stream)
        return known is not None and known.version == version - 1


def row(known: History) -> tuple[Any, ...]:
    """Return a subject's row in the order of the table's columns."""
    state = known.state
    facets = state._asdict()
    return (
        known.id, ids.kind_of(known.id), facets.get("custody") or facets.get("status"),
        facets.get("site"), facets.get("party"), facets.get("container") or None,
        facets.get("category"), facets["since"], facets.get("same_as") is not None, known.version,
        json.dumps(facets, ensure_ascii=False, separators=(",", ":")),
    )  # fmt: skip


def subject(connection: sqlite3.Connection, subject_id: str) -> tuple[int, dict[str, Any]] | None:
    """Return a subject's version and state as known now, or None."""
    found = connection.execute(
        "SELECT version, state FROM status WHERE subject = ?", (subject_id,)
    ).fetchone()
    return (found[0], json.loads(found[1])) if found else None


def at_site(connection: sqlite3.Connection, site: str) -> Iterator[dict[str, Any]]:
    """Yield the state of every person and weapon at a site now, in order of identifiers."""
    rows = connection.execute(
        "SELECT state FROM status WHERE site = ? AND kind IN ('person', 'weapon') AND NOT merged"
        " ORDER BY subject",
        (site,),
    )
    return (json.loads(state) for (state,) in rows)


def in_container(connection: sqlite3.Connection, container: str) -> Iterator[dict[str, Any]]:
    """Yield the state of every weapon packed in a container now."""
    rows = connection.execute(
        "SELECT state FROM status WHERE container = ? ORDER BY subject", (container,)
    )
    return (json.loads(state) for (state,) in rows)


def counts(connection: sqlite3.Connection) -> list[tuple[str, str, str, int]]:
    """Return how many subjects stand where now: (kind, custody, site, count)."""
    return list(
        connection.execute(
            "SELECT kind, custody, coalesce(site, ''), count(*) FROM status"
            " WHERE kind IN ('person', 'weapon') AND NOT merged GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
    )


def handed_over(connection: sqlite3.Connection, offset_us: int) -> list[tuple[int, int]]:
    """Return handovers of persons per day of the site's zone: (days since 1970-01-01, count).

    Args:
        connection: the views file.
        offset_us: the zone's offset from UTC, microseconds.
    """
    return list(
        connection.execute(
            "SELECT (since + ?) / 86400000000, count(*) FROM status"
            " WHERE kind = 'person' AND custody = 'HANDED_OVER' AND NOT merged"
            " GROUP BY 1 ORDER BY 1",
            (offset_us,),
        )
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


def an_example(connection: sqlite3.Connection) -> dict[str, str]:
    """Return a weapon and a person with a long history, for somebody who looks around."""
    return {
        kind: subject
        for kind in ("weapon", "person")
        for (subject,) in connection.execute(
            "SELECT subject FROM status WHERE kind = ? ORDER BY version DESC, subject LIMIT 1",
            (kind,),
        )
    }
