"""The event index: one row an event, both clocks, who recorded it and what it replaces.

Recorded times never go back along the log, so the position is the index of the recorded time, too: what
the ledger had learned by an instant is everything up to one position. Rows lie by subject, as a replay
makes them. They are coded (`row_codes.py`); `spelled_event` says the same for other tools, everything
spelled out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import ClassVar

from domain.event import NOT_TRUSTED, Event
from domain.person import Admitted
from domain.record import Retracted
from domain.times import SKEW
from projections.row_codes import (
    ORIGIN,
    Row,
    ViewsFile,
    Vocabulary,
    code_of,
    insert,
    of_kind_sql,
    ordered,
    subject_of,
    subject_sql,
    word_sql,
)
from projections.view import Batch, Load


class EventIndex:
    """Where each event stands in the log and in time."""

    NAME: ClassVar[str] = "event_index"
    TABLES: ClassVar[str] = f"""
    CREATE TABLE IF NOT EXISTS event_index (
        subject, version INTEGER, position INTEGER NOT NULL, topic INTEGER NOT NULL,
        occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL, recorded_by INTEGER NOT NULL,
        corrects INTEGER, clock INTEGER, PRIMARY KEY (subject, version)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS event_index_position
        ON event_index (position, occurred_at, corrects);
    CREATE INDEX IF NOT EXISTS event_index_clock
        ON event_index (clock, position) WHERE clock IS NOT NULL;
    CREATE VIEW IF NOT EXISTS spelled_event AS
        SELECT position, {subject_sql("subject")} AS subject, version, {word_sql("topic")} AS topic,
            occurred_at + {ORIGIN} AS occurred_at, recorded_at + {ORIGIN} AS recorded_at,
            {word_sql("recorded_by")} AS recorded_by, corrects, clock + {ORIGIN} AS clock
        FROM event_index;
    """

    def take(self, connection: ViewsFile, batch: Batch, load: Load) -> None:  # noqa: ARG002 -- the index needs no history
        """Write one row an event."""
        codes = connection.codes
        found = [row for n, e in batch for row in rows(e.originator_id, (n,), (e,), codes)]
        insert(connection, self.NAME, ordered(found))


def rows(
    subject: str, positions: Iterable[int], events: Iterable[Event], word: Vocabulary
) -> list[Row]:
    """Return the rows of a subject's events in the order of the table's columns.

    Args:
        subject: the stream. positions, events: in the log. word: texts to what stands for them.
    """
    code = code_of(subject)
    return [
        (
            code,
            e.originator_version,
            position,
            word[e.TOPIC],
            e.occurred_at - ORIGIN,
            e.recorded_at - ORIGIN,
            word[e.recorded_by],
            e.corrects,
            _believed_clock(e),
        )
        for position, e in zip(positions, events, strict=True)
    ]


def _believed_clock(event: Event) -> int | None:
    """Return what a believed clock showed where it lies before the recorded time; None as a rule."""
    if event.clock is None or NOT_TRUSTED in event.irregularities:
        return None
    return event.clock - ORIGIN


def respelled(rows: Iterable[Row], word: Vocabulary) -> list[Row]:
    """Return rows with their words in another form: numbers for texts, or texts for numbers."""
    return [(*r[:3], word[r[3]], r[4], r[5], word[r[6]], *r[7:]) for r in rows]


# ── questions ───────────────────────────────────────────────────────────────


def positions(connection: ViewsFile, subject: str) -> dict[int, int]:
    """Return the log position of each version of a subject."""
    return dict(
        connection.execute(
            "SELECT version, position FROM event_index WHERE subject = ?", (code_of(subject),)
        ).fetchall()
    )


def newest(connection: ViewsFile) -> tuple[int, str, int, int] | None:
    """Return the newest event: position, subject, version, recorded time; None where there is none."""
    row = connection.execute(
        "SELECT position, subject, version, recorded_at FROM event_index"
        " ORDER BY position DESC LIMIT 1"
    ).fetchone()
    return (row[0], subject_of(row[1]), row[2], row[3] + ORIGIN) if row else None


def earliest(connection: ViewsFile) -> int | None:
    """Return when the first of all facts occurred, microseconds UTC; None where there is none."""
    (at,) = connection.execute("SELECT min(occurred_at) FROM event_index").fetchone()
    return None if at is None else at + ORIGIN


def recorded_at(connection: ViewsFile, position: int, *, by_its_clock: bool = False) -> int | None:
    """Return when a position of the log was recorded, microseconds UTC; None where there is none.

    Args:
        connection, position: the views file, the position.
        by_its_clock: what the clock showed, where a clock before it had run ahead.
    """
    column = "ifnull(clock, recorded_at)" if by_its_clock else "recorded_at"
    row = connection.execute(
        f"SELECT {column} FROM event_index WHERE position = ?", (position,)
    ).fetchone()
    return row[0] + ORIGIN if row else None


def position_at(connection: ViewsFile, known_at: int) -> int:
    """Return the newest position recorded by an instant (inclusive, microseconds UTC), 0 if none.

    After a clock that ran ahead the recorded time stays ahead; the clock of later events, which showed
    less, says by when everything before them was known.
    """
    (later,) = connection.execute(
        "SELECT max(position) FROM event_index WHERE clock IS NOT NULL AND clock <= ?",
        (known_at - ORIGIN,),
    ).fetchone()
    return max(position_by(connection, known_at), later or 0)


def clock_wrong(connection: ViewsFile, now: int) -> tuple[int, int] | None:
    """Return the first and the last position recorded by a clock that ran ahead; None for none.

    Args:
        connection: the views file. now: what the machine's clock shows, microseconds UTC.
    """
    first, last = connection.execute(
        "SELECT min(position), max(position) FROM event_index WHERE clock IS NULL AND recorded_at > :s +"
        " ifnull((SELECT min(clock) FROM event_index WHERE clock IS NOT NULL), :now)",
        {"s": SKEW, "now": now - ORIGIN},
    ).fetchone()
    return None if first is None else (first, last)


def position_by(connection: ViewsFile, known_at: int) -> int:
    """Return the newest position whose recorded time is not later than one, 0 if none.

    Args:
        connection: the views file.
        known_at: a recorded time, microseconds UTC, as `two_clocks.knowledge` makes one of an instant:
            answers go by recorded times, and so must what says which events they rest on.
    """
    latest = newest(connection)
    found, low, high = 0, 0, latest[0] if latest else 0
    while low < high:
        middle = (low + high + 1) // 2
        position, recorded = connection.execute(
            "SELECT position, recorded_at FROM event_index WHERE position <= ?"
            " ORDER BY position DESC LIMIT 1",
            (middle,),
        ).fetchone() or (0, -ORIGIN)
        if recorded + ORIGIN > known_at:
            high = position - 1
        else:
            found, low = position, middle
    return found


def dropped(connection: ViewsFile, known_at: int) -> dict[int | str, set[int]]:
    """Return which events were replaced or taken back, as known at an instant (microseconds UTC).

    Returns:
        subject as rows hold it to versions: from the latest to the earliest, so that a retraction
        which is itself dropped drops nothing, as `domain.history.dropped`.
    """
    rows = connection.execute(
        "SELECT subject, version, corrects, topic = :retracted FROM event_index"
        " WHERE corrects IS NOT NULL AND recorded_at <= :k ORDER BY subject, version DESC",
        {"retracted": connection.code(Retracted.TOPIC), "k": known_at - ORIGIN},
    ).fetchall()
    names = {(subject, version): (corrects, back) for subject, version, corrects, back in rows}
    gone: dict[int | str, set[int]] = {}
    for subject, version, _, _ in rows:
        versions = gone.setdefault(subject, set())
        if version in versions:
            continue
        named = names.get((subject, version))
        while (
            named is not None
        ):  # as `domain.history.replaced`: what a correction replaced stays so
            corrects, back = named
            versions.add(corrects)
            before = None if back else names.get((subject, corrects))
            named = None if before is None or before[1] else before
    return gone


_ADMITTED = "topic = :admitted AND occurred_at <= :t AND recorded_at <= :k"


def admissions(
    connection: ViewsFile, as_of: int, known_at: int, *, among: str | None = None
) -> int:
    """Return how many persons the log has admitted by an instant, as known at another.

    Args:
        connection: the views file. as_of, known_at: microseconds UTC, both inclusive.
        among: only these subjects, a JSON list of what rows hold of them; None for all.

    What was taken back, or corrected to a later day, is no admission by then.
    """
    values = {
        "t": as_of - ORIGIN,
        "k": known_at - ORIGIN,
        "admitted": connection.code(Admitted.TOPIC),
        "among": among,
    }
    here = "(:among IS NULL OR subject IN (SELECT value FROM json_each(:among)))"
    (number,) = connection.execute(
        f"SELECT count(DISTINCT subject) FROM event_index WHERE {_ADMITTED} AND {here}", values
    ).fetchone()
    gone = dropped(connection, known_at)
    rows = connection.execute(
        "SELECT subject, version FROM event_index JOIN json_each(:gone) AS g ON subject = g.value"
        f" WHERE {_ADMITTED} AND {here}",
        {**values, "gone": json.dumps(list(gone))},
    ).fetchall()
    said = {subject for subject, _ in rows}
    counts = {subject for subject, version in rows if version not in gone[subject]}
    return int(number) - len(said - counts)


def subjects_of(connection: ViewsFile, topic: str, as_of: int, known_at: int) -> set[str]:
    """Return the subjects with an event of a stored name by an instant, as known at another."""
    rows = connection.execute(
        "SELECT DISTINCT subject FROM event_index"
        " WHERE topic = ? AND occurred_at <= ? AND recorded_at <= ?",
        (connection.code(topic), as_of - ORIGIN, known_at - ORIGIN),
    )
    return {subject_of(code) for (code,) in rows}


def corrected(connection: ViewsFile) -> list[str]:
    """Return the subjects with an event that replaces or takes back another, in order."""
    rows = connection.execute(
        "SELECT DISTINCT subject FROM event_index WHERE corrects IS NOT NULL ORDER BY subject"
    )
    return [subject_of(code) for (code,) in rows]


def an_example(connection: ViewsFile) -> dict[str, str]:
    """Return a weapon and a person with a long history, for somebody who looks around."""
    return {
        kind: subject_of(code)
        for kind, prefix in (("weapon", "W"), ("person", "P"))
        for (code,) in connection.execute(
            f"SELECT subject FROM event_index WHERE {of_kind_sql('subject', prefix)}"
            " GROUP BY subject ORDER BY count(*) DESC, abs(subject) LIMIT 1"
        )
    }
