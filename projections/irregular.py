"""Questions about irregularities: what broke a rule and is open, or was closed, at both clocks."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import NamedTuple

from domain.judging import NOT_ANSWERED
from domain.times import INF
from projections.index import dropped
from projections.row_codes import ORIGIN, ViewsFile, code_of, subject_of, word_sql


class Irregular(NamedTuple):
    """One event that broke a rule, not closed: `stream:version`, the rule, its words, who recorded."""

    event: str
    rule: int
    what: str
    by: str


class Closed(NamedTuple):
    """One event that broke a rule, and the event that closed it; `stream:version` both."""

    event: str
    rule: int
    what: str
    by: str
    subject: str
    closing: int


_BROKEN = (
    "i.closing = 0 AND i.occurred_at <= :t AND i.known_from <= :k"
    " AND (i.known_to IS NULL OR i.known_to > :k)"
)
_CLOSING = (
    "c.subject = i.subject AND c.rule = i.rule AND c.closing > 0"
    " AND (c.version = i.version OR c.version = 0"
    "  AND (c.occurred_at, c.closing) > (i.occurred_at, i.version)"
    "  AND NOT EXISTS (SELECT 1 FROM event_index AS r JOIN word AS w ON w.code = r.topic"
    f"   WHERE r.subject = i.subject AND r.version = i.version AND w.text = '{NOT_ANSWERED}'))"
    " AND c.occurred_at <= :t AND c.known_from <= :k AND (c.known_to IS NULL OR c.known_to > :k)"
)
_OPEN = f"{_BROKEN} AND NOT EXISTS (SELECT 1 FROM irregularity AS c WHERE {_CLOSING})"


def _clocks(as_of: int, known_at: int) -> dict[str, int]:
    return {"t": min(as_of, known_at) - ORIGIN, "k": known_at - ORIGIN}


def irregularities(
    connection: ViewsFile, as_of: int = INF, known_at: int = INF
) -> list[tuple[int, int]]:
    """Return the irregularities open at an instant, as known at another: (rule, count)."""
    return list(
        connection.execute(
            f"SELECT i.rule, count(*) FROM irregularity AS i WHERE {_OPEN}"
            " GROUP BY i.rule ORDER BY i.rule",
            _clocks(as_of, known_at),
        )
    )


_TOPIC = word_sql("e.topic")
_OF_THIS_NAME = f"(:topic = '' OR substr({_TOPIC}, instr({_TOPIC}, '.') + 1) = :topic)"


def names(connection: ViewsFile) -> list[str]:
    """Return the stored names of the events this ledger has."""
    rows = connection.execute(f"SELECT DISTINCT topic, {word_sql('topic')} FROM event_index")
    return sorted(text for _, text in rows)


def looked_at(connection: ViewsFile, topic: str = "", as_of: int = INF, known_at: int = INF) -> int:
    """Return how many events of a name count, irregular or not; `topic` as for `irregular`."""
    (number,) = connection.execute(
        "SELECT count(*) FROM event_index AS e WHERE e.occurred_at <= :t AND e.recorded_at <= :k"
        f" AND {_OF_THIS_NAME}",
        {"topic": topic, **_clocks(as_of, known_at)},
    ).fetchone()
    gone = dropped(connection, known_at)
    if not gone:
        return int(number)
    rows = connection.execute(
        "SELECT e.subject, e.version FROM event_index AS e JOIN json_each(:subjects) AS j"
        f" ON e.subject = j.value WHERE e.occurred_at <= :t AND e.recorded_at <= :k AND {_OF_THIS_NAME}",
        {"topic": topic, "subjects": _json(gone), **_clocks(as_of, known_at)},
    )
    return int(number) - sum(version in gone[subject] for subject, version in rows)


def _json(codes: Iterable[int | str]) -> str:
    return json.dumps(list(codes))


def irregular(
    connection: ViewsFile,
    rule: int | None,
    topic: str = "",
    as_of: int = INF,
    known_at: int = INF,
    subjects: Collection[str] = (),
) -> list[Irregular]:
    """Return the events that broke a rule by an instant and are not closed, as known at another.

    Args:
        connection: the views file.
        rule: of this rule only, None for all.
        topic: only events whose stored name goes on so after its dot (`handed_over`), "" for all.
        as_of, known_at: microseconds UTC, both inclusive.
        subjects: of these streams only, where any are named.
    """
    found = connection.execute(
        "SELECT i.subject, i.version, i.rule, e.topic, e.recorded_by FROM irregularity AS i"
        " JOIN event_index AS e ON e.subject = i.subject AND e.version = i.version"
        f" WHERE {_OPEN} AND (:rule IS NULL OR i.rule = :rule) AND {_OF_THIS_NAME}"
        " AND (:subjects = '[]' OR i.subject IN (SELECT value FROM json_each(:subjects)))",
        {
            "rule": rule,
            "topic": topic,
            "subjects": _json(map(code_of, subjects)),
            **_clocks(as_of, known_at),
        },
    )
    text = connection.texts
    spelled = sorted(
        (subject_of(code), *ref, text[name], text[by]) for code, *ref, name, by in found
    )
    return [
        Irregular(f"{subject}:{version}", n, name.partition(".")[2].replace("_", " "), by)
        for subject, version, n, name, by in spelled
    ]


def closed(
    connection: ViewsFile,
    rule: int | None = None,
    topic: str = "",
    as_of: int = INF,
    known_at: int = INF,
) -> list[Closed]:
    """Return the events that broke a rule and were closed; arguments as for `irregular`."""
    found = connection.execute(
        "SELECT i.subject, i.version, i.rule, e.topic, e.recorded_by, c.closing"
        " FROM irregularity AS i JOIN event_index AS e"
        " ON e.subject = i.subject AND e.version = i.version"
        f" JOIN irregularity AS c ON {_CLOSING}"
        f" WHERE {_BROKEN} AND (:rule IS NULL OR i.rule = :rule) AND {_OF_THIS_NAME}",
        {"rule": rule, "topic": topic, **_clocks(as_of, known_at)},
    )
    text = connection.texts
    spelled = sorted(
        (subject_of(code), version, n, text[name], text[by], closing)
        for code, version, n, name, by, closing in found
    )
    first = {one[:3]: one for one in reversed(spelled)}  # closed twice, it is one
    return [
        Closed(f"{s}:{version}", n, name.partition(".")[2].replace("_", " "), by, s, closing)
        for s, version, n, name, by, closing in sorted(first.values())
    ]
