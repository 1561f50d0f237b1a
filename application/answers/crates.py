"""Crates: what lies in each, under which seal, and what was done with it, in two clocks.

A crate is no stream: it is a fold of its items' events, so that it has both clocks as they have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from application.answers.two_clocks import Clocks, Echo, echo
from domain import crates as seals
from domain import weapon
from domain.crates import paper_key
from domain.errors import UnknownError
from domain.event import Event, evolve
from domain.history import History, in_order, initial
from domain.weapon import Weapon
from projections import belief
from projections import crates as labels_of

if TYPE_CHECKING:
    from application.answers.feed.follow import Views
    from application.store.streams import Streams


class Inside(NamedTuple):
    """One weapon that lies in a crate; `recount_due` where it must be counted."""

    id: str
    custody: str
    site: str
    place: str
    recount_due: bool


class Crate(NamedTuple):
    """A crate at an instant.

    Attributes:
        label: as it is written most. items: in order of their numbers.
        seal: the number applied last, "" for none. intact: None where there is no seal.
        seal_read: another number that was read instead.
    """

    label: str
    items: tuple[Inside, ...]
    seal: str
    intact: bool | None
    seal_read: str

    @property
    def sites(self) -> list[str]:
        """Where it is: one site, or the books contradict themselves."""
        return sorted({one.site for one in self.items if one.site})

    @property
    def owed(self) -> int:
        """How many of its weapons must be counted."""
        return sum(one.recount_due for one in self.items)


class Act(NamedTuple):
    """Something done with a crate: what, when (microseconds UTC), by whom, with how many weapons."""

    topic: str
    at: int
    by: str
    number: str
    weapons: int


class Crates(NamedTuple):
    """Every crate that holds something, in order of labels."""

    echo: Echo
    crates: tuple[Crate, ...]


class OneCrate(NamedTuple):
    """One crate, and what was done with it."""

    echo: Echo
    crate: Crate
    acts: tuple[Act, ...]


def every(views: Views, streams: Streams, clocks: Clocks) -> Crates:
    """Return every crate that held something at an instant, as known at another."""
    found: list[Crate] = []
    by_key: dict[str, list[str]] = {}
    for label in labels_of.every(views.connection):
        by_key.setdefault(paper_key(label), []).append(label)
    for key, labels in sorted(by_key.items()):
        known = _histories(views, streams, labels)
        items = _items(known, key, clocks)
        if items:
            found.append(_crate(items))
    return Crates(echo(views, clocks), tuple(found))


def one(views: Views, streams: Streams, clocks: Clocks, typed: str) -> OneCrate:
    """Return one crate, by its label in whatever case.

    Raises:
        UnknownError: nothing was ever packed in such a crate, or nothing by then.
    """
    key = paper_key(typed)
    labels = [label for label in labels_of.every(views.connection) if paper_key(label) == key]
    if not labels:
        msg = f"nothing was ever packed in a crate '{typed}': `amana crate list` shows labels"
        raise UnknownError(msg)
    known = _histories(views, streams, labels)
    acts = _acts(known, key, clocks)
    items = _items(known, key, clocks)
    if not acts and not items:
        msg = f"crate {typed}: nothing was recorded about that instant by then"
        raise UnknownError(msg)
    crate = _crate(items) if items else Crate(labels[0], (), "", None, "")
    return OneCrate(echo(views, clocks), crate, acts)


def _histories(views: Views, streams: Streams, labels: Iterable[str]) -> list[History]:
    ids = sorted({one for label in labels for one in labels_of.ever_in(views.connection, label)})
    known = streams.histories(ids)
    return [known[one] for one in ids]


def _items(known: Iterable[History], key: str, clocks: Clocks) -> list[Weapon]:
    states = (belief.belief(one, clocks.true_at, clocks.known_at) for one in known)
    return [s for s in states if isinstance(s, Weapon) and paper_key(s.container) == key]


def _crate(items: list[Weapon]) -> Crate:
    bears = seals.seal_of(items)
    return Crate(
        min(one.container for one in items),
        tuple(Inside(s.id, s.custody or "", s.site or "", s.place, s.recount_due) for s in items),
        "" if bears is None else bears.number,
        None if bears is None else bears.intact,
        next((one.seal_read for one in items if one.seal_read), ""),
    )


def _acts(known: Iterable[History], key: str, clocks: Clocks) -> tuple[Act, ...]:
    """Return what was done with a crate in order of time; equal facts of many weapons are one."""
    found: dict[tuple[int, str, str, str], int] = {}
    for one in known:
        for event, number in _about(one, key, clocks):
            act = (event.occurred_at, event.TOPIC, event.recorded_by, number)
            found[act] = found.get(act, 0) + 1
    return tuple(
        Act(topic, at, by, number, count)
        for (at, topic, by, number), count in sorted(found.items())
    )


_ABOUT = frozenset(
    cls.TOPIC
    for cls in (
        weapon.Stored,
        weapon.CrateMoved,
        weapon.SealChecked,
        weapon.SealBroken,
        weapon.Released,
        weapon.Accepted,
        weapon.Returned,
        weapon.Destroyed,
    )
)


def _about(known: History, key: str, clocks: Clocks) -> Iterator[tuple[Event, str]]:
    """Yield the events that did something with the crate, each with the number it used."""
    state = initial(known.id)
    for event in in_order(belief.recorded(known, clocks.known_at)):
        if event.occurred_at > clocks.true_at:
            return
        before, state = state, evolve(state, event)
        if event.TOPIC in _ABOUT and key in {
            paper_key(before.container),
            paper_key(state.container),
        }:
            yield event, getattr(event, "seal", "") or getattr(event, "sealed", "")
