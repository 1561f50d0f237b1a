"""Status: where one subject stood, what else is possible, and the events that make the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from application.answers.events import KnownEvent, known_event
from application.answers.subjects import Asker, history_of, sight
from application.answers.two_clocks import Clocks, Echo, echo
from domain import ids
from domain.errors import UnknownError
from domain.event import Event, State
from projections import belief, changes

if TYPE_CHECKING:
    from application.answers.feed.follow import Views
    from application.store.streams import Streams

OF_THE_FOLD = frozenset({"operators"})
"""What a state keeps to judge by, and no answer: who ran a site since when; its history tells it."""


class Dropped(NamedTuple):
    """An event that no longer counts, and the one that took it back or replaced it."""

    event: KnownEvent
    by: KnownEvent


class Why(NamedTuple):
    """The events that make an answer in the order they count, those dropped, those that came later."""

    folded: tuple[KnownEvent, ...]
    dropped: tuple[Dropped, ...]
    later: tuple[KnownEvent, ...]


class Status(NamedTuple):
    """What one subject was.

    Attributes:
        version: how many events the ledger had of it then.
        facts: what is believed, by name, as far as the one who asks may see it.
        others: what uncertain times allow instead, {} for no record.
        uncertain: the events of uncertain time that the answer rests on.
        differs: the facts that read otherwise as known now.
        why: None unless it was asked for.
    """

    stream: str
    kind: str
    echo: Echo
    version: int
    facts: dict[str, Any]
    others: tuple[dict[str, object], ...]
    uncertain: tuple[KnownEvent, ...]
    differs: tuple[str, ...]
    why: Why | None

    @property
    def spanning(self) -> list[KnownEvent]:
        """The uncertain events in whose span the instant lies: they leave it open."""
        at = self.echo.true_at
        return [e for e in self.uncertain if e.occurred_until and e.occurred_until > at]


def status(
    views: Views,
    streams: Streams,
    clocks: Clocks,
    ask: Asker,
    stream: str,
    *,
    now: int,
    why: bool = False,
) -> Status:
    """Answer where a subject stood at an instant, as known at another.

    Args:
        views, streams: the read models and the log. clocks: both instants.
        ask: who asks. stream: the subject.
        now: what the answer is compared with, as known at this instant; microseconds UTC.
        why: whether the events behind the answer are told, too.

    Raises:
        UnknownError: the subject is not in this ledger, or nothing was recorded about that instant.
    """
    known = history_of(streams, stream)
    sees = sight(ask, stream)
    states = belief.possible(known, clocks.true_at, clocks.known_at)
    if states[0] is None:
        msg = f"{stream}: nothing was recorded about that instant by then"
        raise UnknownError(msg)
    facts, *others = [_seen(state, sees) for state in states]
    if facts.get("holder"):
        facts["holder"] = survivor(streams, facts["holder"], clocks)
    explained = belief.explain(known, clocks.true_at, clocks.known_at)
    learned = changes.learned(known, clocks.as_of, clocks.known_at, now)
    return Status(
        stream,
        ids.kind_of(stream),
        echo(views, clocks),
        len(belief.recorded(known, clocks.known_at)),
        facts,
        tuple(one for one in others if one != facts),
        _told(e for e in explained.folded if e.occurred_until),
        tuple(change.field for change in learned if sees(change.field)),
        _why(explained) if why else None,
    )


def survivor(streams: Streams, person: str, clocks: Clocks) -> str:
    """Return the record that counts for a person by then: the last one it was merged into."""
    passed: set[str] = set()
    while person not in passed:
        passed.add(person)
        known = belief.belief(streams.history(person), clocks.true_at, clocks.known_at)
        person = getattr(known, "same_as", None) or person
    return person


def _seen(state: State | None, sees: Callable[[str], bool]) -> dict[str, Any]:
    if state is None:
        return {}
    return {n: value for n, value in state._asdict().items() if sees(n) and n not in OF_THE_FOLD}


def _told(events: Iterable[Event]) -> tuple[KnownEvent, ...]:
    return tuple(map(known_event, events))


def _why(explained: belief.Explanation) -> Why:
    dropped = (Dropped(known_event(one.event), known_event(one.by)) for one in explained.dropped)
    return Why(_told(explained.folded), tuple(dropped), _told(explained.later))
