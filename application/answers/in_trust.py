"""Which weapons are held in trust and for how many days; what is owed and not held, beside them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from application.answers.two_clocks import Clocks, Echo, echo
from domain.weapon import HELD_IN_TRUST, OWED
from projections import population

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


class Held(NamedTuple):
    """A weapon that the trust answers for.

    Attributes:
        days: whole days since the trust began, to the instant answered. party: who keeps it.
        since: when the trust began, microseconds UTC.
    """

    weapon: str
    days: int
    custody: str
    party: str | None
    site: str | None
    place: str | None
    container: str | None
    since: int


class InTrust(NamedTuple):
    """The weapons in trust, the longest held first, and how many in which custody are owed."""

    echo: Echo
    rows: tuple[Held, ...]
    owed: int
    held: int
    on_the_way: int
    missing: int


def in_trust(views: Views, clocks: Clocks, *, owed: bool) -> InTrust:
    """Return what is held in trust; with `owed` also what is on the way or missing."""
    found = population.in_trust(views.connection, clocks.true_at, clocks.known_at, statuses=OWED)
    by_custody = Counter(one.standing.status for one in found)
    return InTrust(
        echo(views, clocks),
        tuple(_held(one) for one in found if owed or one.standing.status in HELD_IN_TRUST),
        len(found),
        sum(by_custody[custody] for custody in HELD_IN_TRUST),
        by_custody["IN_TRANSIT"],
        by_custody["MISSING"],
    )


def _held(one: population.Held) -> Held:
    it = one.standing
    return Held(
        it.subject,
        one.days,
        it.status,
        it.party,
        it.site,
        it.place,
        it.container,
        it.since or 0,  # never absent of what is in trust
    )
