"""Who came to each site, was there at the day's end, and left it how, day by day.

Who came and who left is folded from the log, who was there is read from the cube of days: each day must
add up, there = before + came − left. The two are counted apart, so each checks the other.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from application.answers.spans import Span
from application.answers.two_clocks import Echo, echo
from application.store.streams import Streams
from projections.cube import occupancy
from projections.flows import ARRIVED, ENTERED, MERGED, THERE, WAYS, steps

if TYPE_CHECKING:
    from application.answers.feed.follow import Views

Placed = Counter[tuple[int, str]]
"""How many, by day and site."""


class DayAtPlace(NamedTuple):
    """One day of one site on which somebody came or left, or which does not add up.

    Attributes:
        day: days since 1970-01-01. before: there at the end of the day before.
        entered: those of `came` who came from outside. left: how many some way, by its name.
        sheltered: those of `there` in that custody.
    """

    day: int
    site: str
    before: int
    came: int
    entered: int
    left: dict[str, int]
    there: int
    sheltered: int

    @property
    def adds_up(self) -> bool:
        """True when who came and left explains who is there."""
        return self.there == self.before + self.came - sum(self.left.values())


class Flow(NamedTuple):
    """The days of a span on which something happened, by day and site."""

    echo: Echo
    span: Span
    days: tuple[DayAtPlace, ...]

    @property
    def adds_up(self) -> bool:
        """True when every day adds up."""
        return all(day.adds_up for day in self.days)

    @property
    def usual_ways(self) -> tuple[str, ...]:
        """The ways to leave that a table needs: that of doubles only where there were some."""
        merged = any(day.left[MERGED] for day in self.days)
        return tuple(way for way in WAYS if merged or way != MERGED)

    @property
    def ways(self) -> tuple[str, ...]:
        """Every way to leave a site."""
        return WAYS


def flow(views: Views, streams: Streams, span: Span, site: str | None) -> Flow:
    """Return each day and site of a span; of one site where it is named."""
    moved, (there, sheltered) = _moved(views, streams, span, site), _there(views, span, site)
    sites = sorted({at for _, at, _ in moved} | {at for _, at in there})
    found = []
    for day in range(span.first, span.last + 1):
        for at in sites:
            entered = moved[day, at, ENTERED]
            one = DayAtPlace(
                day,
                at,
                there[day - 1, at],
                entered + moved[day, at, ARRIVED],
                entered,
                {way: moved[day, at, way] for way in WAYS},
                there[day, at],
                sheltered[day, at],
            )
            if one.came or any(one.left.values()) or not one.adds_up:
                found.append(one)
    return Flow(echo(views, span.clocks), span, tuple(found))


def _moved(
    views: Views, streams: Streams, span: Span, site: str | None
) -> Counter[tuple[int, str, str]]:
    """Return how many came or left some way: by day, site and way, folded from the log."""
    calendar = views.calendar
    begin = calendar.start(span.first)
    return Counter(
        (calendar.day(step.at), step.site, step.way)
        for step in steps(streams.every("P-"), span.known_at)
        if begin <= step.at <= span.until and site in {None, step.site}
    )


def _there(views: Views, span: Span, site: str | None) -> tuple[Placed, Placed]:
    """Return how many were there, and sheltered, at the end of each day and of the one before."""
    there: Placed = Counter()
    sheltered: Placed = Counter()
    for one in occupancy(
        views.connection, views.calendar, span.first - 1, span.last, span.known_at, site=site
    ):
        if one.status in THERE and one.site:
            there[one.day, one.site] += one.number
            sheltered[one.day, one.site] += one.number if one.status == "SHELTERED" else 0
    return there, sheltered
