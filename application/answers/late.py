"""What was recorded long after it happened, by whom."""

from __future__ import annotations

from typing import NamedTuple

from application.answers.feed.follow import Views
from application.answers.two_clocks import Echo, echo, latest
from projections import late as lateness
from projections.late import Late

__all__ = ["CameLate", "Late", "late"]


class CameLate(NamedTuple):
    """The events that came late, in order of the log; true of the whole log."""

    echo: Echo
    events: tuple[Late, ...]


def late(views: Views, over: int) -> CameLate:
    """Return the events recorded more than so long, microseconds, after they occurred."""
    events = lateness.late(views.connection, over)
    return CameLate(echo(views, latest(views)), tuple(events))
