"""What was recorded long after it happened, from the index of events. Times are microseconds UTC."""

from __future__ import annotations

from typing import NamedTuple

from domain.times import INF
from projections.coding import ORIGIN, ViewsFile, subject_of


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
        "SELECT e.*, e.recorded_at - max(e.occurred_at, ifnull((SELECT u.occurred_until"
        "   FROM segment_class AS c CROSS JOIN uncertain AS u WHERE u.klass = c.k"
        "   AND u.occurred_at = e.occurred_at AND u.subject = e.subject AND u.version = e.version),"
        " e.occurred_at)) AS late_by FROM event_index AS e"
        " WHERE e.occurred_at <= :t AND e.recorded_at <= :k"
        " AND e.recorded_at - e.occurred_at > :over AND late_by > :over ORDER BY e.position",
        {"over": over_us, "t": min(as_of, known_at) - ORIGIN, "k": known_at - ORIGIN},
    )
    text = views.texts
    return [
        Late(
            position,
            subject_of(subject),
            version,
            text[topic],
            occurred_at + ORIGIN,
            recorded_at + ORIGIN,
            text[by],
            late_by,
            corrects,
        )
        for subject, version, position, topic, occurred_at, recorded_at, by, corrects, late_by in rows
    ]
