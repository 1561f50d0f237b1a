"""How many were where at the end of each day, and what a count found there that day."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from application.answers.spans import Span
from application.answers.two_clocks import Echo, echo
from application.store.streams import Streams
from domain.weapon import KEPT
from projections import cube
from projections.rollcalls import Counted, closed

if TYPE_CHECKING:
    from application.answers.feed.follow import Views

SubjectKind = Literal["person", "weapon"]
EXPECTED: dict[SubjectKind, frozenset[str]] = {"person": frozenset({"SHELTERED"}), "weapon": KEPT}
"""The custody in which a count expects to find somebody or something."""


class DayEnd(NamedTuple):
    """How many stood in a custody at a site at the end of a day.

    Attributes:
        day: days since 1970-01-01.
        custody: "" where a count was made and nobody stood.
        counted: the day's last count there of what is in this custody; None for none.
        counts: how many counts of that kind there were that day.
    """

    day: int
    site: str
    custody: str
    number: int
    counted: Counted | None
    counts: int


class Occupancy(NamedTuple):
    """Who or what stood where, by day, site and custody."""

    echo: Echo
    span: Span
    rows: tuple[DayEnd, ...]


def occupancy(
    views: Views, streams: Streams, span: Span, kind: SubjectKind, site: str | None
) -> Occupancy:
    """Return how many persons or weapons stood where each day; at one site where it is named."""
    counts = _counts(views, streams, span, kind, site)
    found = [
        (one.day, one.site, one.status, one.number)
        for one in cube.occupancy(
            views.connection,
            views.calendar,
            span.first,
            span.last,
            span.known_at,
            kind=kind,
            site=site,
        )
        if one.number and one.site
    ]
    expected = EXPECTED[kind]
    beside = {(day, at) for day, at, custody, _ in found if custody in expected}
    found += [(day, at, "", 0) for day, at in counts.keys() - beside]  # counted where none stood
    rows = []
    for day, at, custody, number in sorted(found):
        there = counts.get((day, at), []) if custody in {*expected, ""} else []
        rows.append(DayEnd(day, at, custody, number, there[-1] if there else None, len(there)))
    return Occupancy(echo(views, span.clocks), span, tuple(rows))


def _counts(
    views: Views, streams: Streams, span: Span, kind: SubjectKind, site: str | None
) -> dict[tuple[int, str], list[Counted]]:
    """Return the counts of a kind by day and site, each day's in the order they ended."""
    found: dict[tuple[int, str], list[Counted]] = defaultdict(list)
    for one in closed(streams.every("S-"), span.until, span.known_at):
        day = views.calendar.day(one.at)
        if one.kind == kind and site in {None, one.site} and span.first <= day:
            found[day, one.site].append(one)
    return found
