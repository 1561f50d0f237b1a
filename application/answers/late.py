"""What was recorded long after it happened, by whom."""

from __future__ import annotations

from typing import NamedTuple

from application.answers.feed.follow import Views
from application.answers.two_clocks import Clocks, Echo, echo
from projections import late as lateness
from projections.late import Late

__all__ = ["CameLate", "Late", "late"]


class CameLate(NamedTuple):
    """The events that came late, in order of the log."""

    echo: Echo
    events: tuple[Late, ...]


def late(views: Views, over: int, clocks: Clocks) -> CameLate:
    """Return the events recorded more than so long, microseconds, after they occurred."""
    events = lateness.late(views.connection, over, clocks.true_at, clocks.known_at)
    return CameLate(echo(views, clocks), tuple(events))
