"""The occupancy cube: how many stood where at the end of each day, as known at any instant.

One cell holds how a count changed: at a site, in a status, on a valid day, as it became known on a day.

    occupancy of CAMP-R1 on 12 Dec, known on 15 Dec  =  Σ delta  valid_day ≤ 12 Dec, known_day ≤ 15 Dec

Days begin at midnight in the site's zone. A count is that of the day's last instant: whoever came and
left on one day is not in it. Known instants inside a day are exact too: what was recorded later on that
day is taken off again, subject by subject.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.times import INF, micros, moment
from projections.index import position_by
from projections.row_codes import ViewsFile, instant, kind_sql
from projections.timelines import Cell

TABLES = """
CREATE TABLE IF NOT EXISTS occupancy_cube (
    kind TEXT, site INTEGER, status INTEGER, valid_day INTEGER, known_day INTEGER,
    delta INTEGER NOT NULL, PRIMARY KEY (kind, site, valid_day, status, known_day)) WITHOUT ROWID;
"""
EPOCH = date(1970, 1, 1)
QUARTER = 15 * 60 * 1_000_000
"""Zones change their offset on quarters of an hour, microseconds."""
QUARTERS_SINCE = 63_072_000 * 1_000_000
"""1972-01-01T00:00Z: before it some zones kept their own noon, to the second."""


class Calendar:
    """Days of a zone, as numbers: days since 1970-01-01."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._known: dict[int, int] = {}

    def day(self, at: int) -> int:
        """Return the day an instant (microseconds UTC) lies in."""
        if at < QUARTERS_SINCE:
            return (moment(at, self.zone).date() - EPOCH).days
        quarter = at // QUARTER
        found = self._known.get(quarter)
        if found is None:
            local = moment(quarter * QUARTER, self.zone)
            found = self._known[quarter] = (local.date() - EPOCH).days
        return found

    def start(self, day: int) -> int:
        """Return the first instant of a day, microseconds UTC."""
        first = EPOCH + timedelta(days=day)
        return micros(datetime(first.year, first.month, first.day, tzinfo=self.zone))


class Occupancy(NamedTuple):
    """How many stood in a status at a site at the end of a day (days since 1970-01-01)."""

    day: int
    site: str
    status: str
    number: int


def write(connection: ViewsFile, cells: Mapping[Cell, int]) -> None:
    """Add changes to the cube, inside the caller's transaction."""
    codes = connection.codes
    connection.executemany(
        "INSERT INTO occupancy_cube VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET delta = delta + excluded.delta",
        [
            (kind, codes[site], codes[status], valid_day, known_day, delta)
            for (kind, site, status, valid_day, known_day), delta in sorted(cells.items())
            if delta
        ],
    )


def cells(connection: ViewsFile) -> dict[Cell, int]:
    """Return the whole cube, its words spelled out."""
    texts = connection.texts
    return {
        (kind, texts[site], texts[status], *days): delta
        for kind, site, status, *days, delta in connection.execute("SELECT * FROM occupancy_cube")
    }


def occupancy(
    connection: ViewsFile,
    calendar: Calendar,
    first: int,
    last: int,
    known_at: int,
    *,
    kind: str = "person",
    site: str | None = None,
) -> list[Occupancy]:
    """Return the counts of each day of a range, at one site or at all.

    Args:
        connection: the views file. calendar: the zone's days.
        first, last: days since 1970-01-01, both inclusive.
        known_at: as known at, microseconds UTC.
        kind: `person` or `weapon`. site: one site only.
    """
    cells = _cells(connection, kind[0].upper(), site, last, calendar.day(min(known_at, INF - 1)))
    for cell, delta in _learned_later(connection, calendar, kind[0].upper(), site, known_at):
        cells[cell] -= delta
    return list(_running(cells, first, last))


Change = tuple[int, str, str]
"""Valid day, site, status."""


def _cells(
    connection: ViewsFile, kind: str, site: str | None, last: int, known_day: int
) -> Counter[Change]:
    where = "" if site is None else " AND site = :site"
    rows = connection.execute(
        "SELECT valid_day, site, status, sum(delta) FROM occupancy_cube"
        f" WHERE kind = :kind{where} AND valid_day <= :last AND known_day <= :known GROUP BY 1, 2, 3",
        {
            "kind": kind,
            "site": None if site is None else connection.code(site),
            "last": last,
            "known": known_day,
        },
    )
    texts = connection.texts
    return Counter({(day, texts[at], texts[status]): delta for day, at, status, delta in rows})


def _running(cells: Counter[Change], first: int, last: int) -> Iterator[Occupancy]:
    by_day: dict[int, list[tuple[str, str, int]]] = {}
    for (day, site, status), delta in cells.items():
        if day <= last:
            by_day.setdefault(max(day, first), []).append((site, status, delta))
    running: Counter[tuple[str, str]] = Counter()
    for day in range(first, last + 1):
        for site, status, delta in by_day.get(day, ()):
            running[site, status] += delta
        for (site, status), count in sorted(running.items()):
            if count:
                yield Occupancy(day, site, status, count)


def _learned_later(
    connection: ViewsFile, calendar: Calendar, kind: str, site: str | None, known_at: int
) -> Iterator[tuple[Change, int]]:
    """Yield the changes that became known after an instant, on the same day."""
    if known_at >= INF - 1:
        return
    end = calendar.start(calendar.day(known_at) + 1)
    where = "" if site is None else " AND +s.site = :site"  # by subject, not through the site
    rows = connection.execute(
        "SELECT s.site, s.status, s.valid_from, s.valid_to, s.known_from, s.closed_at, s.known_to"
        " FROM (SELECT DISTINCT subject FROM event_index WHERE position > :first"
        "       AND position <= :last) AS c"
        " CROSS JOIN segment AS s WHERE s.subject = c.subject AND s.facet = 0"
        f" AND +s.site IS NOT NULL AND {kind_sql('s.subject')} = :kind{where}",
        {
            "first": position_by(connection, known_at),
            "last": position_by(connection, end - 1),
            "kind": kind,
            "site": None if site is None else connection.code(site),
        },
    )
    texts = connection.texts
    for at, status, *times in rows:
        for known, valid, delta in _deltas(*map(instant, times)):
            if known_at < known < end:
                yield (calendar.day(valid), texts[at], texts[status]), delta


def _deltas(
    valid_from: int, valid_to: int, known_from: int, closed_at: int, known_to: int
) -> Iterable[tuple[int, int, int]]:
    """Yield how one segment changes counts: (known at, valid at, ±1)."""
    yield known_from, valid_from, 1
    if valid_to != INF:
        yield closed_at, valid_to, -1
    if known_to != INF:
        yield known_to, valid_from, -1
        if valid_to != INF:
            yield known_to, valid_to, 1
