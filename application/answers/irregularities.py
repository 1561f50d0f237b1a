"""Which events broke a rule and are not closed, and of how many that were looked at; in both clocks.

open_events(views, clocks, reader, rule=16)        the events that broke it, also of one name only
irregularities(views, clocks, reader, None, "handed over")   the same, with how many there are
closed_events(views, streams, clocks, reader)      those that were closed: by whom, and why

Every event is judged in the history in which it occurred, as known at the instant asked about; what
was flagged when it was recorded stands in its envelope and is shown by `history`. Rules that tell what
somebody wants are shown to who may read that, and left out for everybody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from application.answers.reader import Reader
from application.answers.two_clocks import Clocks, Echo, echo
from application.store.streams import Streams
from domain.errors import BadInputError, UnknownError
from domain.event import EVENTS
from domain.rules import BOOK
from projections import irregular as rows
from projections.irregular import Irregular

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


class Irregularities(NamedTuple):
    """The events that broke a rule, one row a broken rule.

    Attributes:
        name: how such events are called, as `handed over`; "" for all.
        looked_at: how many events of that name count.
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


class ClosedOne(NamedTuple):
    """One irregularity that was closed: by whom, when (microseconds UTC) and why."""

    event: str
    rule: int
    what: str
    by: str
    closed_by: str
    closed_at: int
    reason: str


class ClosedOnes(NamedTuple):
    """The irregularities that were closed, in order of their events."""

    echo: Echo
    closed: tuple[ClosedOne, ...]


def broken_rules(views: Views, clocks: Clocks, reader: Reader) -> BrokenRules:
    """Return which rules have irregularities still open."""
    found = rows.irregularities(views.connection, clocks.true_at, clocks.known_at)
    return BrokenRules(echo(views, clocks), {n: c for n, c in found if reader.sees_rule(n)})


def open_events(
    views: Views, clocks: Clocks, reader: Reader, rule: int | None = None, name: str | None = None
) -> tuple[Irregular, ...]:
    """Return the events with an irregularity still open.

    Args:
        views: the read models. clocks: the instant and the knowledge. reader: who asks.
        rule: of this rule only.
        name: only events that are called so, as `handed over` or `handed-over`.

    Raises:
        UnknownError: the book has no such rule. BadInputError: no event is called so.
    """
    _in_the_book(rule)
    found = rows.irregular(views.connection, rule, _stored(name), clocks.true_at, clocks.known_at)
    return tuple(one for one in found if reader.sees_rule(one.rule))


def of_streams(
    views: Views, clocks: Clocks, reader: Reader, subjects: Sequence[str]
) -> tuple[Irregular, ...]:
    """Return the events of some streams with an irregularity still open."""
    found = rows.irregular(views.connection, None, "", clocks.true_at, clocks.known_at, subjects)
    return tuple(one for one in found if reader.sees_rule(one.rule))


def irregularities(
    views: Views, clocks: Clocks, reader: Reader, rule: int | None, name: str | None
) -> Irregularities:
    """Return the events with an irregularity still open, and of how many; as `open_events`."""
    stored = _stored(name)
    events = open_events(views, clocks, reader, rule, name)
    looked = rows.looked_at(views.connection, stored, clocks.true_at, clocks.known_at)
    return Irregularities(echo(views, clocks), stored.replace("_", " "), looked, events)


def closed_events(
    views: Views,
    streams: Streams,
    clocks: Clocks,
    reader: Reader,
    rule: int | None = None,
    name: str | None = None,
) -> ClosedOnes:
    """Return the irregularities that were closed, with who closed each and why; as `open_events`."""
    _in_the_book(rule)
    found = [
        one
        for one in rows.closed(
            views.connection, rule, _stored(name), clocks.true_at, clocks.known_at
        )
        if reader.sees_rule(one.rule)
    ]
    known = streams.histories(sorted({one.subject for one in found}))
    closed = []
    for one in found:
        closing = known[one.subject].events[one.closing - 1]
        closed.append(ClosedOne(*one[:4], closing.recorded_by, closing.occurred_at, closing.reason))
    return ClosedOnes(echo(views, clocks), tuple(closed))


def _in_the_book(rule: int | None) -> None:
    if rule is not None and rule not in BOOK:
        msg = f"there is no rule {rule}: `amana rules` prints the book"
        raise UnknownError(msg)


def _stored(name: str | None) -> str:
    """Return the part of a stored name after its dot, as a person writes it: `handed over`.

    Raises:
        BadInputError: no event is called so; none would say that none was irregular.
    """
    if name is None:
        return ""
    said = " ".join(re.split(r"[\s_-]+", name.strip().lower()))
    possible = sorted({topic.partition(".")[2].replace("_", " ") for topic in EVENTS})
    if said not in possible:
        begin = [one for one in possible if said and one[0] == said[0]] or possible
        msg = f"no event is called '{name}': write one of {', '.join(begin)}"
        raise BadInputError(msg)
    return said.replace(" ", "_")
