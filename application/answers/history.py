"""History: every event of a subject with both clocks, and who held a weapon when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from application.answers.events import KnownEvent, absent, known_event
from application.answers.subjects import Asker, history_of, sight_of_events
from application.answers.two_clocks import Clocks, Echo, echo
from domain import times
from domain.errors import BadInputError, UnknownError
from domain.event import ENVELOPE, Event, Evidence
from domain.history import dropped
from projections import index, intervals
from projections.belief import recorded
from projections.intervals import Holding

if TYPE_CHECKING:
    from application.answers.feed.follow import Views
    from application.store.streams import Streams

LATE = 24 * times.HOUR
"""An event recorded longer than this after it occurred is marked, microseconds."""


class Told(NamedTuple):
    """One event of a history.

    Attributes:
        position: in the log; None where positions were not asked for.
        facts: its own, without those that say nothing; {} where they are withheld.
        withheld: whether the one who asks may not see them.
        dropped_by: the event that took it back or replaced it; None while it counts.
        late: whether it was recorded long after it occurred.
    """

    event: KnownEvent
    position: int | None
    site: str | None
    place: str | None
    facts: dict[str, object]
    withheld: bool
    on_behalf_of: str | None
    authority: str
    evidence: tuple[Evidence, ...]
    irregularities: tuple[int, ...]
    dropped_by: KnownEvent | None
    late: bool


class SubjectHistory(NamedTuple):
    """Every event of one subject, in the order recorded; `holdings` is None unless asked for."""

    stream: str
    echo: Echo
    events: tuple[Told, ...]
    holdings: tuple[Holding, ...] | None


def history(
    views: Views,
    streams: Streams,
    clocks: Clocks,
    ask: Asker,
    stream: str,
    *,
    gaps: bool = False,
    positions: bool = False,
) -> SubjectHistory:
    """Tell every event of a subject; one that was corrected or retracted stays, marked.

    Args:
        views, streams: the read models and the log.
        clocks: the knowledge asked about; everything recorded where nobody named one.
        ask: who asks. stream: the subject.
        gaps: whether it is told who held a weapon when, and when nobody is known to.
        positions: whether it is told where each event stands in the log.

    Raises:
        BadInputError: `gaps` of something that is no weapon.
        UnknownError: the subject was not in this ledger by then.
    """
    if gaps and not stream.startswith("W-"):
        msg = f"--gaps is about weapons, and {stream} is not one"
        raise BadInputError(msg)
    known = history_of(streams, stream)
    events = recorded(known, clocks.known_at) if clocks.asked else known.events
    if not events:
        msg = f"{stream} was not in this ledger by then"
        raise UnknownError(msg)
    sees = sight_of_events(ask, stream)
    where = index.positions(views.connection, stream) if positions else {}
    gone = dropped(events)
    by_version = {e.originator_version: e for e in events}
    return SubjectHistory(
        stream,
        echo(views, clocks),
        tuple(
            _told(
                event,
                where.get(event.originator_version),
                by_version.get(gone.get(event.originator_version, 0)),
                withheld=not sees(event),
            )
            for event in events
        ),
        tuple(intervals.holdings(known, clocks.known_at)) if gaps else None,
    )


def _told(event: Event, position: int | None, by: Event | None, *, withheld: bool) -> Told:
    learned = event.recorded_at if event.clock is None else event.clock
    late = learned - event.occurred_at > LATE and event.corrects is None
    return Told(
        known_event(event),
        position,
        getattr(event, "site", None),
        getattr(event, "place", None),
        {} if withheld else own_facts(event),
        withheld,
        event.on_behalf_of,
        event.authority,
        tuple(event.evidence),
        tuple(event.irregularities),
        None if by is None else known_event(by),
        late,
    )


def own_facts(event: Event) -> dict[str, object]:
    """Return an event's own facts that say something; of one read back or one just made."""
    fields = getattr(event, "CLASS", type(event)).model_fields
    return {
        name: value
        for name in fields
        if name not in ENVELOPE and not absent(value := getattr(event, name))
    }
