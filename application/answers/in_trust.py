"""Which weapons are held in trust and for how many days; what is owed and not held, beside them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from application.answers.events import KnownEvent
from application.answers.members import why_in_trust
from application.answers.two_clocks import Clocks, Echo, echo
from domain.weapon import HELD_IN_TRUST, OWED
from projections import population

if TYPE_CHECKING:
    from application.answers.feed.follow import Views
    from application.store.streams import Streams


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
    """The weapons in trust, the longest held first, and how many in which custody are owed.

    Attributes:
        why: the event since which the trust answers for each; None unless it was asked for.
    """

    echo: Echo
    rows: tuple[Held, ...]
    owed: int
    held: int
    on_the_way: int
    missing: int
    why: dict[str, KnownEvent] | None


def in_trust(
    views: Views, streams: Streams, clocks: Clocks, *, owed: bool, why: bool = False
) -> InTrust:
    """Return what is held in trust; with `owed` also what is on the way or missing.

    Args:
        views, streams: the read models and the log. clocks: both instants.
        owed, why: what is told, too.
    """
    found = population.in_trust(views.connection, clocks.true_at, clocks.known_at, statuses=OWED)
    by_custody = Counter(one.standing.status for one in found)
    custody = OWED if owed else HELD_IN_TRUST
    rows = tuple(_held(one) for one in found if one.standing.status in custody)
    return InTrust(
        echo(views, clocks),
        rows,
        len(found),
        sum(by_custody[custody] for custody in HELD_IN_TRUST),
        by_custody["IN_TRANSIT"],
        by_custody["MISSING"],
        why_in_trust(streams, [o.weapon for o in rows], clocks) if why else None,
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
