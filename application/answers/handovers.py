"""How many persons were handed over, by day, crossing, category and receiving party."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from application.answers.by_property import believed, category_of
from application.answers.two_clocks import Clocks, Echo, echo
from application.store.streams import Streams

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


class HandedOver(NamedTuple):
    """How many of a category were handed over to a party at a site on a day (since 1970-01-01)."""

    day: int
    site: str
    category: str
    receiving_party: str
    persons: int


class Handovers(NamedTuple):
    """The handovers of persons by day, site, category and party."""

    echo: Echo
    rows: tuple[HandedOver, ...]

    @property
    def persons(self) -> int:
        """How many were handed over in all."""
        return sum(row.persons for row in self.rows)


def handovers(views: Views, streams: Streams, clocks: Clocks, category: str | None) -> Handovers:
    """Return how many were handed over; of one category where it is named.

    Raises:
        BadInputError: there is no such category.
    """
    kind = category_of(category) if category else None
    found = Counter(
        (views.calendar.day(s.since), s.site, s.category or "", s.receiving_party)
        for s in believed(streams, "P-", clocks)
        if s.custody == "HANDED_OVER" and (kind is None or s.category == kind)
    )
    rows = tuple(HandedOver(*key, count) for key, count in sorted(found.items()))
    return Handovers(echo(views, clocks), rows)
