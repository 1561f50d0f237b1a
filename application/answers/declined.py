"""Were all who declined to return kept off every return manifest? What was looked at is said, too.

Looked at are all persons who had an episode by then and every return manifest; named are those who
stated STAY or SEEKS_PROTECTION at any time. Who changed their mind and returned was kept off until then.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from application.answers.reader import Reader
from application.answers.two_clocks import Clocks, Echo, echo
from application.store.streams import Streams
from projections import declined as fold
from projections import population
from projections.belief import belief
from projections.facets import INTENT

if TYPE_CHECKING:
    from application.answers.feed.follow import Views

NOTHING = "NOTHING"
"""What somebody stated who was never heard."""


class DeclinedReport(NamedTuple):
    """Who declined, and how many persons and return manifests were looked at.

    Attributes:
        stated: how many persons state what, by intent; NOTHING for those who stated none.
        lines: of all return manifests together.
    """

    echo: Echo
    persons: int
    stated: dict[str, int]
    manifests: int
    lines: int
    declined: tuple[fold.Declined, ...]

    @property
    def kept_off(self) -> int:
        """How many of those who declined were kept off."""
        return sum(one.kept_off for one in self.declined)

    @property
    def not_kept_off(self) -> int:
        """How many of those who declined were not."""
        return len(self.declined) - self.kept_off

    @property
    def all_kept_off(self) -> bool:
        """True when nobody who declined was taken up, carried or listed."""
        return not self.not_kept_off


def declined(views: Views, streams: Streams, clocks: Clocks, reader: Reader) -> DeclinedReport:
    """Return everybody who declined to return by an instant, as known at another.

    Raises:
        NotAllowedError: this reader may not know what persons want.
    """
    reader.need_protected()
    returns = _returns(streams, clocks)
    said: Counter[str] = Counter()
    stated = population.said(views.connection, INTENT, clocks.true_at, clocks.known_at)
    for (_, intent), number in stated.items():
        said[intent or NOTHING] += number
    who = fold.declined(streams.every("P-"), returns.keys(), clocks.true_at, clocks.known_at)
    return DeclinedReport(
        echo(views, clocks),
        sum(said.values()),
        dict(sorted(said.items())),
        len(returns),
        sum(returns.values()),
        tuple(who),
    )


def _returns(streams: Streams, clocks: Clocks) -> dict[str, int]:
    """Return the return manifests by then, with how many lines each had."""
    return {
        known.id: len(state.lines)
        for known in streams.every("T-")
        if (state := belief(known, clocks.true_at, clocks.known_at)) is not None
        and state.purpose == "RETURN"
    }
