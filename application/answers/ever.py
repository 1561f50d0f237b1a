"""Who or what was ever at a site or place, in a crate, with a party; what an official answered for.

One is *there* while in custody: persons from admission to their end, weapons from the hand of their
holder. Who is on the way stands where they left from until they arrive, the absent where they should
be; a missing weapon is nowhere. A party also keeps who was handed over to it, and what was returned to
it; an official answers for what is missing, too. Where somebody stands, everybody may read, and so every
event that moves them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from application.answers.events import KnownEvent, known_event
from application.answers.subjects import in_directory
from application.answers.two_clocks import Clocks, Echo, echo
from domain import ids
from domain.crates import paper_key
from domain.errors import UnknownError
from domain.history import History
from domain.person import Person
from domain.weapon import KEPT, Weapon
from projections import crates, population, stays
from projections.flows import THERE

if TYPE_CHECKING:
    from application.answers.feed.follow import Views
    from application.store.streams import Streams

Whose = Literal["site", "crate", "party", "official"]
Kind = Literal["person", "weapon"]
STORED = KEPT | {"IN_TRANSIT"}
_GIVEN = frozenset({"HANDED_OVER", "RETURNED"})
_CUSTODY: dict[Whose, frozenset[str]] = {
    "site": THERE | STORED,
    "crate": STORED,
    "party": THERE | STORED | _GIVEN,
    "official": STORED | {"MISSING", "RETURNED"},
}
"""The custody in which one is there."""


class Asked(NamedTuple):
    """What is asked for.

    Attributes:
        whose, key: at which site, in which crate, with which party or official; a code or a label.
        since, until: at any instant from the one to the other, both included, microseconds UTC.
        place: only there in a site, or below it: `T-50` is all of `T-50/06`. kind: only these.
    """

    whose: Whose
    key: str
    since: int
    until: int
    place: str = ""
    kind: Kind | None = None


class Stay(NamedTuple):
    """One span in which somebody or something was there; `left` is None while it lasts."""

    id: str
    came: KnownEvent
    left: KnownEvent | None


class Ever(NamedTuple):
    """Who and what was there, in order of identifiers and of time.

    Attributes:
        asked: with the label of a crate as it is written; what lies after the known instant is that
            instant.
    """

    asked: Asked
    echo: Echo
    stays: tuple[Stay, ...]

    def number(self, kind: Kind) -> int:
        """How many persons or weapons: one who came back counts once."""
        return len({one.id for one in self.stays if ids.kind_of(one.id) == kind})


def ever(views: Views, streams: Streams, known: Clocks, asked: Asked) -> Ever:
    """Answer who and what was there at any instant of a span, as known at an instant.

    Args:
        views, streams: the read models and the log. known: the knowledge asked about.
        asked: where, in which span.

    Raises:
        UnknownError: the directory does not have it, or nothing was ever packed in such a crate.
    """
    until = min(asked.until, known.known_at)
    labels = [asked.key]
    if asked.whose == "crate":
        labels = _labels(views, asked.key)
        asked = asked._replace(key=labels[0])
    else:
        in_directory(streams, asked.key, asked.whose)
    asked = asked._replace(since=min(asked.since, until), until=until)
    counts = _counts(asked)
    found: list[Stay] = []
    for one in _candidates(views, streams, asked, labels, known.known_at):
        if asked.kind in {None, ids.kind_of(one.id)}:
            found += (
                _told(one.id, stay)
                for stay in stays.stays(one, known.known_at, counts)
                if stay.touches(asked.since, until)
            )
    return Ever(asked, echo(views, known._replace(as_of=until)), tuple(found))


def _told(subject: str, stay: stays.Stay) -> Stay:
    left = None if stay.ended is None else known_event(stay.ended)
    return Stay(subject, known_event(stay.began), left)


def _candidates(
    views: Views, streams: Streams, asked: Asked, labels: list[str], known_at: int
) -> Iterator[History]:
    """Yield the histories of all who may have been there.

    The read models name them, but for what they do not hold: who is accountable, and which party keeps
    a person.
    """
    if asked.whose == "official":
        yield from streams.every("W-")
        return
    column: population.Column = "container" if asked.whose == "crate" else asked.whose
    span = (asked.since, asked.until, known_at)
    found = population.ever(views.connection, column, labels, *span)
    if asked.whose == "party":
        yield from streams.every("P-")
        found = [one for one in found if ids.kind_of(one) != "person"]
    yield from streams.histories(found).values()


def _labels(views: Views, typed: str) -> list[str]:
    """Return every way in which a crate's label was written."""
    key = paper_key(typed)
    labels = [label for label in crates.every(views.connection) if paper_key(label) == key]
    if not labels:
        msg = f"nothing was ever packed in a crate '{typed}': `amana crate list` shows labels"
        raise UnknownError(msg)
    return labels


def _counts(asked: Asked) -> stays.Counts:
    """Return whether a state of a person or a weapon is there."""
    custody, key, crate = _CUSTODY[asked.whose], asked.key, paper_key(asked.key)
    place, below = asked.place.casefold(), f"{asked.place}/".casefold()

    def there(state: Person | Weapon) -> bool:
        if state.custody not in custody:
            return False
        if isinstance(state, Person):
            if state.same_as is not None:
                return False
            party = state.receiving_party if state.custody in _GIVEN else state.party
        else:
            party = state.party
            if asked.whose == "crate":
                return paper_key(state.container) == crate
            if asked.whose == "official":
                return state.keeper == key
        if asked.whose == "party":
            return party == key
        here = state.place.casefold()
        return state.site == key and (not place or here == place or here.startswith(below))

    return there
