"""What the last stock-take or roll call of each site missed, or found besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from application.answers.two_clocks import Clocks, Echo, echo
from application.store.streams import Streams
from projections.belief import belief
from projections.rollcalls import Counted, closed, last_of_each

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


class Compared(NamedTuple):
    """A closed count, and what it missed.

    Attributes:
        missing: each one expected and not found, with its custody at the instant asked about: it may
            have been found since; None where there is no record.
    """

    counted: Counted
    missing: dict[str, str | None]


class Discrepancies(NamedTuple):
    """Counts with what they missed, in the order they ended; `closed` is how many there were in all."""

    echo: Echo
    closed: int
    counts: tuple[Compared, ...]

    @property
    def missing(self) -> int:
        """How many these counts missed."""
        return sum(one.counted.missing for one in self.counts)

    @property
    def besides(self) -> int:
        """How many these counts found besides."""
        return sum(one.counted.unexpected for one in self.counts)

    @property
    def all_counts(self) -> bool:
        """True when no count was left out."""
        return len(self.counts) == self.closed


def discrepancies(
    views: Views, streams: Streams, clocks: Clocks, site: str | None, *, every: bool
) -> Discrepancies:
    """Return the last count of each site, or every one; of one site where it is named."""
    held = [
        one
        for one in closed(streams.every("S-"), clocks.true_at, clocks.known_at)
        if site in {None, one.site}
    ]
    counts = held if every else last_of_each(held)
    now = _custody(streams, {one for count in counts for one in count.not_found}, clocks)
    return Discrepancies(
        echo(views, clocks),
        len(held),
        tuple(Compared(count, {one: now[one] for one in count.not_found}) for count in counts),
    )


def _custody(streams: Streams, subjects: set[str], clocks: Clocks) -> dict[str, str | None]:
    """Return each one's custody at the instant asked about."""
    known = streams.histories(sorted(subjects))
    states = {one: belief(known[one], clocks.true_at, clocks.known_at) for one in known}
    return {one: state.custody if state else None for one, state in states.items()}
