"""Irregularities still open: which event of which subject broke which rule.

One row an open irregularity. Only subjects whose events can change that are looked at: a fact that
broke a rule, an irregularity that was closed, and whatever replaces or takes back an event.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from domain.event import Event, State
from domain.person import Found
from domain.record import IrregularityClosed
from domain.weapon import Accepted, Located, Returned
from projections.coding import Row, ViewsFile, code_of, subject_of, word_sql
from projections.view import Batch, Load

ANSWERS_A_SIGHTING = frozenset({Located.TOPIC, Accepted.TOPIC, Returned.TOPIC, Found.TOPIC})
"""What says where one is that was seen elsewhere: its rule 27 is open no longer."""


class Irregularities:
    """What broke a rule and has not been closed by an official."""

    NAME: ClassVar[str] = "irregularity"
    TABLES: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS irregularity (
        subject, version INTEGER, rule INTEGER, PRIMARY KEY (subject, version, rule)
        ) WITHOUT ROWID;
    """

    def take(self, connection: ViewsFile, batch: Batch, load: Load) -> None:
        """Write anew what is open of each subject that the batch concerns."""
        concerned = sorted({event.originator_id for _, event in batch if concerns(event)})
        if not concerned:
            return
        known = load(concerned, batch[-1][0])
        connection.executemany(
            "DELETE FROM irregularity WHERE subject = ?",
            [(code_of(subject),) for subject in concerned],
        )
        connection.executemany(
            "INSERT INTO irregularity VALUES (?, ?, ?)",
            [one for subject in concerned for one in rows(subject, known[subject].state)],
        )


def rows(subject: str, state: State) -> list[Row]:
    """Return what is open of a subject, in the order of the table's columns."""
    return [(code_of(subject), *one) for one in state.irregular]


def concerns(event: Event) -> bool:
    """Return whether an event can open or close an irregularity."""
    return (
        bool(event.irregularities)
        or event.corrects is not None
        or event.TOPIC == IrregularityClosed.TOPIC
        or event.TOPIC in ANSWERS_A_SIGHTING
    )


def irregularities(connection: ViewsFile) -> list[tuple[int, int]]:
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


_OF_THIS_NAME = f"{word_sql('e.topic')} LIKE '%.' || :topic || '%'"


def looked_at(connection: ViewsFile, topic: str = "") -> int:
    """Return how many events of a name there are, irregular or not; `topic` as for `irregular`."""
    (number,) = connection.execute(
        f"SELECT count(*) FROM event_index AS e WHERE {_OF_THIS_NAME}", {"topic": topic}
    ).fetchone()
    return int(number)


def irregular(connection: ViewsFile, rule: int | None, topic: str = "") -> list[Irregular]:
    """Return the events with an irregularity still open.

    Args:
        connection: the views file.
        rule: of this rule only, None for all.
        topic: only events whose stored name goes on so after its dot (`handed_over`), "" for all.
    """
    found = connection.execute(
        "SELECT i.subject, i.version, i.rule, e.topic, e.recorded_by FROM irregularity AS i"
        " JOIN event_index AS e ON e.subject = i.subject AND e.version = i.version"
        f" WHERE (:rule IS NULL OR i.rule = :rule) AND {_OF_THIS_NAME}",
        {"rule": rule, "topic": topic},
    )
    text = connection.texts
    spelled = sorted(
        (subject_of(code), *ref, text[name], text[by]) for code, *ref, name, by in found
    )
    return [
        Irregular(f"{subject}:{version}", n, name.partition(".")[2].replace("_", " "), by)
        for subject, version, n, name, by in spelled
    ]
