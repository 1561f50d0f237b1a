"""Doubles: records that proved to be another one's. The log admits such a person twice; they are one."""

from __future__ import annotations

from domain.person import Admitted
from domain.record import Retracted
from projections.coding import ORIGIN, ViewsFile, of_kind_sql
from projections.facets import MAIN, MERGED
from projections.segments import TRUE


def admitted_doubles(views: ViewsFile, as_of: int, known_at: int) -> int:
    """Return how many of `index.admissions` are of a record that is another one's double.

    Args:
        views: the views file. as_of, known_at: microseconds UTC.
    """
    (number,) = views.execute(
        "SELECT count(*) FROM segment AS s"
        f" WHERE {of_kind_sql('s.subject', 'P')} AND s.facet = {MAIN} AND s.status = :merged AND {TRUE}"
        " AND EXISTS (SELECT 1 FROM event_index AS a WHERE a.subject = s.subject"
        "  AND a.topic = :admitted AND a.occurred_at <= :t AND a.recorded_at <= :k"
        "  AND NOT EXISTS (SELECT 1 FROM event_index AS r WHERE r.subject = a.subject"
        "   AND r.corrects = a.version AND r.topic = :retracted AND r.recorded_at <= :k))",
        {
            "merged": views.code(MERGED),
            "admitted": views.code(Admitted.TOPIC),
            "retracted": views.code(Retracted.TOPIC),
            "t": min(as_of, known_at) - ORIGIN,
            "k": known_at - ORIGIN,
        },
    ).fetchone()
    return int(number)
