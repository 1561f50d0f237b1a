"""Own slips: corrections that officials made alone, and what waits though it could be made alone."""

from __future__ import annotations

from typing import NamedTuple

from application.answers.feed.follow import Views
from application.decisions.ledger import Ledger
from application.decisions.review import Ref
from application.decisions.slips import why_two
from application.decisions.unit import Note
from application.store.streams import Streams
from domain.event import as_a
from domain.history import RETRACTION
from domain.record import Proposed
from projections.index import corrected


class Slip(NamedTuple):
    """One correction made alone; `recorded_at` in microseconds UTC."""

    stream: str
    version: int
    corrects: int
    topic: str
    by: str
    recorded_at: int
    reason: str


def could_be_alone(custody: Ledger, proposal: Ref) -> bool:
    """Return whether what was proposed is the official's own slip, which needs nobody else."""
    stream, version = proposal
    with custody.reading() as unit:
        unit.load([stream])
        known = unit.history(stream)
        waiting = as_a(Proposed, known.events[version - 1]) if known else None
        if known is None or waiting is None or waiting.target is None:
            return False
        when = (waiting.true_at, waiting.true_until, waiting.true_precision)
        note = Note(waiting.recorded_by, *when, reason=waiting.reason or "a slip")
        target = known.events[waiting.target - 1]
        return why_two(unit, stream, note, target, waiting.facts) is None


def slips(views: Views, streams: Streams) -> tuple[Slip, ...]:
    """Return every correction made alone, in the order they were recorded."""
    found = [
        Slip(
            known.id,
            event.originator_version,
            event.corrects,
            event.TOPIC,
            event.recorded_by,
            event.recorded_at,
            event.reason,
        )
        for known in streams.histories(corrected(views.connection)).values()
        for event in known.events
        if event.corrects is not None and event.approved_by is None and event.TOPIC != RETRACTION
    ]
    return tuple(sorted(found, key=lambda one: one.recorded_at))
