"""What was recorded long after it happened, from the index of events. Times are microseconds UTC."""

from __future__ import annotations

from typing import NamedTuple

from domain.times import INF
from projections.row_codes import ORIGIN, ViewsFile, subject_of


class Late(NamedTuple):
    """An event recorded long after it occurred.

    Attributes:
        late_by: from the latest instant it can have occurred to its recording, microseconds.
        corrects: the version it corrects; None for a first record.
    """

    position: int
    subject: str
    version: int
    topic: str
    occurred_at: int
    recorded_at: int
    recorded_by: str
    late_by: int
    corrects: int | None


def late(views: ViewsFile, over_us: int, as_of: int = INF, known_at: int = INF) -> list[Late]:
    """Return the events recorded more than so long after they occurred, in order of the log.

    Args:
        views: the views file. over_us: microseconds.
        as_of, known_at: only what occurred, and was recorded, by then; microseconds UTC.
    """
    rows = views.execute(
        "SELECT e.*, ifnull(e.clock, e.recorded_at) - max(e.occurred_at, ifnull((SELECT u.occurred_until"
        "   FROM segment_class AS c CROSS JOIN uncertain AS u WHERE u.klass = c.k"
        "   AND u.occurred_at = e.occurred_at AND u.subject = e.subject AND u.version = e.version),"
        " e.occurred_at)) AS late_by FROM event_index AS e"
        " WHERE e.occurred_at <= :t AND e.recorded_at <= :k"
        " AND ifnull(e.clock, e.recorded_at) - e.occurred_at > :over AND late_by > :over"
        " ORDER BY e.position",
        {"over": over_us, "t": min(as_of, known_at) - ORIGIN, "k": known_at - ORIGIN},
    )
    text = views.texts
    return [
        Late(
            row[2],
            subject_of(row[0]),
            row[1],
            text[row[3]],
            row[4] + ORIGIN,
            (row[5] if row[8] is None else row[8]) + ORIGIN,
            text[row[6]],
            row[9],
            row[7],
        )
        for row in rows
    ]
