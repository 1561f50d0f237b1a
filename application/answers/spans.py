"""The days a report answers about, as known at an instant. A day is one of the ledger's zone.

Days are numbers: days since 1970-01-01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from application.answers.two_clocks import Clocks
from domain.errors import BadInputError
from domain.times import day_name
from projections.index import earliest

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


class Day(NamedTuple):
    """A day somebody asks for: an instant in it, microseconds UTC, and how they wrote it."""

    at: int
    typed: str


class Span(NamedTuple):
    """The days a report answers about, as known at an instant.

    Attributes:
        first, last: both inclusive; `last` lies before `first` where none of the days asked for had
            begun.
        asked: the last day asked for; None where nobody named one and the known day is meant.
        until: the instant the last day is counted to, microseconds UTC: its end, or the known instant
            where that is earlier.
    """

    first: int
    last: int
    asked: int | None
    until: int
    known_at: int

    @property
    def clocks(self) -> Clocks:
        """Both clocks of the last day's numbers."""
        return Clocks(self.until, self.known_at)


def span(views: Views, first: Day | None, last: Day | None, known_at: int | None, now: int) -> Span:
    """Return the days; those after the known instant are left out: nothing is known of them.

    Args:
        views: the read models. first: that of the first fact where None. last: the known day where None.
        known_at: as the ledger knew it then, now where None. now: both microseconds UTC.

    Raises:
        BadInputError: the days stand the wrong way round.
    """
    day, known = views.calendar.day, now if known_at is None else known_at
    ends = day(known if last is None else last.at)
    if first is None:
        fact = earliest(views.connection)
        begins = min(day(now if fact is None else fact), ends)
    else:
        begins = day(first.at)
        if begins > ends:
            msg = (
                f"--from {first.typed} lies after --until {last.typed if last else day_name(ends)}"
            )
            raise BadInputError(msg)
    shown = min(ends, day(known))
    until = min(views.calendar.start(shown + 1) - 1, known)
    return Span(begins, shown, None if last is None else ends, until, known)
