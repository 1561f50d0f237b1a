"""One transfer: what was released against what was accepted, line by line, in both clocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from application.answers.events import KnownEvent, known_event
from application.answers.irregularities import of_streams
from application.answers.reader import Reader
from application.answers.two_clocks import Clocks, Echo, echo
from application.store.streams import Streams
from domain.errors import UnknownError
from domain.event import Event, evolve
from domain.history import History, in_order, initial
from domain.transfer import Transfer
from projections.belief import belief, recorded
from projections.irregular import Irregular

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


UNLISTED = "UNLISTED"
"""The outcome of what arrived and stood on no list."""


class Line(NamedTuple):
    """One line: what became of it, by which event; what arrived unlisted, too."""

    subject: str
    outcome: str
    event: KnownEvent


class KnownTransfer(NamedTuple):
    """A transfer at an instant, as known at another.

    Attributes:
        lines: in order of identifiers, those that arrived unlisted last.
        irregular: its events that broke a rule and are not closed, judged as known then.
    """

    echo: Echo
    transfer: Transfer
    lines: tuple[Line, ...]
    irregular: tuple[Irregular, ...]


def transfer(
    views: Views, streams: Streams, clocks: Clocks, reader: Reader, number: str
) -> KnownTransfer:
    """Return a transfer.

    Raises:
        UnknownError: there was none of that number, or it was not known.
    """
    known = streams.history(number)
    found: Transfer | None = belief(known, clocks.true_at, clocks.known_at)
    if found is None:
        what = "was not planned by then, as known then" if known.events else "is not in this ledger"
        raise UnknownError(f"{number} {what}")
    irregular = of_streams(views, clocks, reader, [number])
    return KnownTransfer(echo(views, clocks), found, tuple(_lines(known, clocks)), irregular)


def _lines(known: History[Transfer], clocks: Clocks) -> Iterator[Line]:
    """Yield each line as it stands, with the last event that changed it."""
    state: Transfer = initial(known.id)
    by: dict[str, Event] = {}
    arrived: dict[str, Event] = {}
    for event in in_order(recorded(known, clocks.known_at)):
        if event.occurred_at > clocks.true_at:
            break
        before, state = state, evolve(state, event)
        by |= {one: event for one, out in state.lines.items() if before.lines.get(one) != out}
        arrived |= dict.fromkeys(state.unlisted[len(before.unlisted) :], event)
    for one, outcome in sorted(state.lines.items()):
        yield Line(one, outcome, known_event(by[one]))
    for one in state.unlisted:
        yield Line(one, UNLISTED, known_event(arrived[one]))
