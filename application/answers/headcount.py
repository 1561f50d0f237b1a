"""Do persons admitted equal those who left plus those here, and what did roll calls find?

Admissions are counted from the log, the others from where everybody stands; a record that is another
one's double counts once. Beside each site stands its last roll call, a count of the persons themselves.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from application.answers.members import Member, of_headcount
from application.answers.two_clocks import Clocks, Echo, echo
from application.store.streams import Streams
from domain.person import END
from projections import population
from projections.doubles import admitted_doubles
from projections.flows import THERE
from projections.index import admissions
from projections.rollcalls import Counted, closed

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


class SiteCount(NamedTuple):
    """A site where persons are, or were counted: how many, and its last roll call."""

    site: str
    here: int
    sheltered: int
    roll_call: Counted | None


class HeadCount(NamedTuple):
    """The ledger's own books of persons, and what was counted at each site.

    Attributes:
        admitted: without the doubles. doubles: admissions of a record that is another one's double.
        by_custody: how many persons in which custody, by its name; EXPECTED are not here yet.
        members: of each number, with the event that decided; None unless it was asked for.
    """

    echo: Echo
    admitted: int
    doubles: int
    left: int
    here: int
    by_custody: dict[str, int]
    sites: tuple[SiteCount, ...]
    members: tuple[Member, ...] | None

    @property
    def expected(self) -> int:
        """How many ought to be here by the admissions."""
        return self.admitted - self.left

    @property
    def agrees(self) -> bool:
        """True when the books add up."""
        return self.here == self.expected

    @property
    def all_agree(self) -> bool:
        """True when the books add up and no last roll call differed from them."""
        return self.agrees and all(one.roll_call.agrees for one in self.sites if one.roll_call)

    @property
    def called(self) -> bool:
        """True when there was a roll call at all."""
        return any(one.roll_call for one in self.sites)


def headcount(views: Views, streams: Streams, clocks: Clocks, *, why: bool = False) -> HeadCount:
    """Return the books of persons at an instant, as known at another, and every site's roll call.

    Args:
        views, streams: the read models and the log. clocks: both instants.
        why: whether the members of each number are told, too.
    """
    connection, instants = views.connection, (clocks.true_at, clocks.known_at)
    stood = [one for one in population.counts(connection, *instants) if one.kind == "person"]
    found: Counter[str] = Counter()
    for one in stood:
        found[one.status] += one.number
    left = sum(found[status] for status in END)
    doubles = admitted_doubles(connection, *instants)
    return HeadCount(
        echo(views, clocks),
        admissions(connection, *instants) - doubles,
        doubles,
        left,
        sum(found.values()) - left - found["EXPECTED"],
        dict(sorted(found.items())),
        tuple(_sites(stood, _last_calls(streams, clocks))),
        of_headcount(streams, clocks) if why else None,
    )


def _sites(stood: list[population.Count], calls: dict[str, Counted]) -> list[SiteCount]:
    here: Counter[str] = Counter()
    sheltered: Counter[str] = Counter()
    for one in stood:
        if one.status in THERE and one.site:
            here[one.site] += one.number
            sheltered[one.site] += one.number if one.status == "SHELTERED" else 0
    return [
        SiteCount(site, here[site], sheltered[site], calls.get(site))
        for site in sorted(here.keys() | calls.keys())
    ]


def _last_calls(streams: Streams, clocks: Clocks) -> dict[str, Counted]:
    """Return the last roll call of each site: a count of its persons, not of one crate."""
    found = closed(streams.every("S-"), clocks.true_at, clocks.known_at)
    return {one.site: one for one in found if one.kind == "person" and not one.container}
