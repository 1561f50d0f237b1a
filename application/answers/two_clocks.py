"""The two clocks of a question: what was true at `as_of`, as the ledger knew it at `known_at`.

Both are instants in microseconds UTC, both inclusive, both now unless named. Every answer says which
it was made for, and from which position of the log: its `Echo`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain import times
from projections.index import position_at, position_by, recorded_at

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


class Clocks(NamedTuple):
    """The instant asked about and the knowledge asked about, microseconds UTC."""

    as_of: int
    known_at: int
    asked: bool = True  # False when nobody named an instant, so that it is now
    said: int | None = None  # the knowledge as it was asked, where a clock ran ahead meanwhile

    @property
    def true_at(self) -> int:
        """The instant an answer is about: nothing is known of what lies after `known_at`."""
        return min(self.as_of, self.known_at)


class Echo(NamedTuple):
    """Both clocks as answered: instants in microseconds UTC, and the log's position.

    Attributes:
        true_at: the instant answered, the earlier of both clocks.
        position: of the last event known then, 0 when there was none.
        asked: whether somebody named the instant.
    """

    as_of: int
    true_at: int
    known_at: int
    position: int
    asked: bool


def echo(views: Views, clocks: Clocks) -> Echo:
    """Return both clocks with the position of the last event that was known."""
    position = position_by(views.connection, clocks.known_at)
    known_at = clocks.known_at if clocks.said is None else clocks.said
    return Echo(clocks.as_of, clocks.true_at, known_at, position, clocks.asked)


def knowledge(views: Views, known_at: int) -> int:
    """Return the recorded time up to which an answer reads, as known at an instant.

    The instant itself, but where a clock ran ahead: then the recorded time of the last position that
    was known by then, so that knowledge goes by position. All times are microseconds UTC.
    """
    reached = recorded_at(views.connection, position_at(views.connection, known_at))
    return max(known_at, reached or 0)


def latest(views: Views) -> Clocks:
    """Return the instant of the log's last event: whatever is so by then is so now.

    An answer that is always about the present prints it; printed twice, it reads the same.
    """
    last = recorded_at(views.connection, position_at(views.connection, times.INF)) or 0
    return Clocks(last, last)


def said_when(views: Views, position: int) -> int | None:
    """Return what a believed clock showed when a position was recorded, see `recorded_when`."""
    return recorded_at(views.connection, position, by_its_clock=True)


def recorded_when(views: Views, position: int) -> int | None:
    """Return when the event at a position was recorded, microseconds UTC; None for no event."""
    return recorded_at(views.connection, position)
