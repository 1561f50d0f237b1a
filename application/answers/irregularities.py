"""Which events broke a rule and are still open, and of how many that were looked at.

open_events(views, rule=16)                the events that broke it, also of one name only
irregularities(views, None, "handed over") the same, with how many of that name there are
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from application.answers.two_clocks import Echo, echo, latest
from domain.errors import BadInputError
from projections.irregular import Irregular, irregular, looked_at
from projections.irregular import irregularities as by_rule

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


class Irregularities(NamedTuple):
    """The events that broke a rule, one row a broken rule, as known at the log's last event.

    Attributes:
        name: how such events are called, as `handed over`; "" for all.
        looked_at: how many events of that name there are.
    """

    echo: Echo
    name: str
    looked_at: int
    events: tuple[Irregular, ...]

    @property
    def irregular(self) -> int:
        """How many events broke a rule; one may have broken several."""
        return len({one.event for one in self.events})


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
    return BrokenRules(echo(views, latest(views)), dict(by_rule(views.connection)))


def open_events(
    views: Views, rule: int | None = None, name: str | None = None
) -> tuple[Irregular, ...]:
    """Return the events with an irregularity still open.

    Args:
        views: the read models. rule: of this rule only.
        name: only events whose name begins so, as `handed over` or `handed-over`.
    """
    return tuple(irregular(views.connection, rule, _stored(name)))


def irregularities(views: Views, rule: int | None, name: str | None) -> Irregularities:
    """Return the events with an irregularity still open, and of how many; as `open_events`.

    Raises:
        BadInputError: the ledger has no event of that name, so that none would say nothing.
    """
    looked = looked_at(views.connection, _stored(name))
    if not looked:
        msg = (
            f"no event of this ledger is called '{name}': `amana history` shows how they are called"
        )
        raise BadInputError(msg)
    return Irregularities(
        echo(views, latest(views)),
        _stored(name).replace("_", " "),
        looked,
        open_events(views, rule, name),
    )


def _stored(name: str | None) -> str:
    """Return the part of a stored name after its dot, as a person writes it: `handed over`."""
    return (name or "").replace(" ", "_").replace("-", "_")
