"""Doubles: records that proved to be another one's. The log admits such a person twice; they are one."""

from __future__ import annotations

import json

from projections.facets import MAIN, MERGED
from projections.index import admissions
from projections.row_codes import ORIGIN, ViewsFile, of_kind_sql
from projections.segments import TRUE


def admitted_doubles(views: ViewsFile, as_of: int, known_at: int) -> int:
    """Return how many of `index.admissions` are of a record that is another one's double.

    Args:
        views: the views file. as_of, known_at: microseconds UTC.
    """
    rows = views.execute(
        "SELECT s.subject FROM segment AS s"
        f" WHERE {of_kind_sql('s.subject', 'P')} AND s.facet = {MAIN} AND s.status = :merged AND {TRUE}",
        {"merged": views.code(MERGED), "t": min(as_of, known_at) - ORIGIN, "k": known_at - ORIGIN},
    )
    doubles = json.dumps([subject for (subject,) in rows])
    return admissions(views, as_of, known_at, among=doubles)
