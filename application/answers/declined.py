"""Were all who declined to return kept off every manifest that leads out? What was looked at is said.

Looked at are all persons who had an episode by then and every return manifest, which is every one that
leads out as the rules see it: to another party, or over the crossing; named are those who
stated STAY or SEEKS_PROTECTION at any time. Who changed their mind and returned was kept off until then.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from application.answers.reader import Reader
from application.answers.two_clocks import Clocks, Echo, echo
from application.store.streams import Streams
from domain import effects
from domain.event import S, State
from domain.person import Person
from domain.transfer import Transfer
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
    ways = _Ways(streams, clocks)
    returns = ways.out()
    said: Counter[str] = Counter()
    stated = population.said(views.connection, INTENT, clocks.true_at, clocks.known_at)
    for (_, intent), number in stated.items():
        said[intent or NOTHING] += number
    who = fold.declined(streams.every("P-"), ways.lead_out, clocks.true_at, clocks.known_at)
    return DeclinedReport(
        echo(views, clocks),
        sum(said.values()),
        dict(sorted(said.items())),
        len(returns),
        sum(returns.values()),
        tuple(who),
    )


class _Ways:
    """The transfers of persons by then, and whether each leads somebody out."""

    def __init__(self, streams: Streams, clocks: Clocks) -> None:
        self._streams, self._clocks = streams, clocks
        self._looked: dict[str, State | None] = {}
        self.transfers: dict[str, Transfer] = {
            known.id: state
            for known in streams.every("T-")
            if (state := belief(known, clocks.true_at, clocks.known_at)) is not None
            and state.kind == "PERSONS"
        }

    def look(self, stream_id: str | None, kind: type[S]) -> S | None:
        """Return an aggregate as true and known by then; for the effects, which ask for two times."""
        if stream_id is None:
            return None
        if stream_id not in self._looked:
            known = self._streams.history(stream_id)
            self._looked[stream_id] = belief(known, self._clocks.true_at, self._clocks.known_at)
        found = self._looked[stream_id]
        return found if isinstance(found, kind) else None

    then = look

    def lead_out(self, transfer: str, someone: Person) -> bool:
        """Return whether a transfer leads somebody out."""
        planned = self.transfers.get(transfer)
        return planned is not None and effects.way_out_of_person(self, planned, someone)

    def out(self) -> dict[str, int]:
        """Return the transfers that lead out whoever is on them, each with its number of lines."""
        anybody = Person("")
        return {
            number: len(planned.lines)
            for number, planned in self.transfers.items()
            if self.lead_out(number, anybody)
        }
