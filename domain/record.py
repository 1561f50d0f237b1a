"""Events every stream can have: proposals, retractions, closed irregularities, erasure.

A correction replaces an event: it is an event of the same class whose envelope names the version it
`corrects` and carries the true time. A retraction takes an event back. Both, and every decision that
needs a second official, are first *proposed*; the approval by another official makes the event itself,
recorded by the one who proposed and approved by the other.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from domain.access import Thing
from domain.event import CorrectionReason, Event, Instant, OfficialCode, S, Text, register
from domain.times import Precision


class RecordEvent(Event):
    """An event that speaks about the record itself."""

    THING: ClassVar[Thing] = "correction"
    DECISION = True
    AFTER_END = True


class Proposed(RecordEvent):
    """Waits for a second official: an event of class `topic` with these facts.

    Attributes:
        target: the version it would replace or take back.
        true_at, true_until, true_precision: when the proposed fact occurred, microseconds UTC;
            None for a decision, which occurs when it is approved.
    """

    TOPIC: ClassVar[str] = "record.proposed"
    topic: Text
    facts: dict[str, Any] = Field(default={})
    target: int | None = None
    true_at: Instant | None = None
    true_until: Instant | None = None
    true_precision: Precision = "EXACT"

    def evolve(self, s: S) -> S:
        return s._replace(pending=(*s.pending, self.originator_version))


class Declined(RecordEvent):
    """A second official said no to a proposal."""

    TOPIC: ClassVar[str] = "record.declined"
    proposal: int
    reason: Annotated[Text, Field(min_length=1)]

    def evolve(self, s: S) -> S:
        return s._replace(pending=tuple(v for v in s.pending if v != self.proposal))


class Approved(RecordEvent):
    """A second official said yes; the proposed event follows it."""

    TOPIC: ClassVar[str] = "record.approved"
    proposal: int

    def evolve(self, s: S) -> S:
        return s._replace(pending=tuple(v for v in s.pending if v != self.proposal))


class Retracted(RecordEvent):
    """Takes the event named by `corrects` back, as if it had never been recorded."""

    TOPIC: ClassVar[str] = "record.retracted"
    SECOND = True
    why: CorrectionReason


class IrregularityClosed(RecordEvent):
    """An official looked into an irregularity and closed it; the reason is required."""

    TOPIC: ClassVar[str] = "record.irregularity_closed"
    THING = "irregularity"
    event: int
    rule: int
    reason: Annotated[Text, Field(min_length=1)]

    def evolve(self, s: S) -> S:
        rest = tuple(i for i in s.irregular if tuple(i) != (self.event, self.rule))
        return s._replace(irregular=rest)


class Erased(RecordEvent):
    """The subject's key is destroyed: personal values are gone, the record stands."""

    TOPIC: ClassVar[str] = "record.erased"
    THING = "erasure"
    authority: Annotated[Text, Field(min_length=1)]

    def evolve(self, s: S) -> S:
        return s._replace(erased=True)


class ClockSet(RecordEvent):
    """The machine's clock is right now; where in the log it was wrong, and by how much.

    Attributes:
        first, last: positions of the log, both included; None where no event was recorded by it.
        ahead: how far the clock ran ahead of the true time, microseconds; below 0 it ran behind.
    """

    TOPIC: ClassVar[str] = "record.clock_set"
    THING = "clock"
    originator_id: OfficialCode
    first: int | None = None
    last: int | None = None
    ahead: int | None = None
    reason: Annotated[Text, Field(min_length=1)]


register(Proposed, Declined, Approved, Retracted, IrregularityClosed, Erased, ClockSet)
