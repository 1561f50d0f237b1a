"""Which rules were broken by events that count still, and how often."""

from __future__ import annotations

from typing import NamedTuple

from application.answers.feed.follow import Views
from application.answers.two_clocks import Echo, echo, latest
from projections.irregular import irregularities


class BrokenRules(NamedTuple):
    """Rule to how many of its irregularities are open, in order of the rules."""

    echo: Echo
    open: dict[int, int]

    @property
    def total(self) -> int:
        """How many are open in all."""
        return sum(self.open.values())


def broken_rules(views: Views) -> BrokenRules:
    """Return which rules have irregularities still open, true of the whole log."""
    return BrokenRules(echo(views, latest(views)), dict(irregularities(views.connection)))
