"""One event as answers name it: plain values, the same in every question."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from domain.event import Event
from domain.times import Precision, When


class KnownEvent(NamedTuple):
    """Which event, when it happened, and who recorded it, when and why.

    Attributes:
        version: within its stream. topic: its stored name.
        occurred_at: microseconds UTC, the earliest instant when it is uncertain.
        occurred_until: the end (exclusive) of the span it lies in; None when certain.
        recorded_at: when the ledger learned of it, microseconds UTC.
        corrects: the version that it replaces or takes back.
    """

    version: int
    topic: str
    occurred_at: int
    occurred_until: int | None
    precision: Precision
    recorded_at: int
    by: str
    approved_by: str | None
    reason: str
    corrects: int | None

    @property
    def when(self) -> When:
        """When it happened, as precisely as it is known."""
        return When(self.occurred_at, self.occurred_until, self.precision)


def known_event(event: Event) -> KnownEvent:
    """Return what an answer says of an event."""
    return KnownEvent(
        event.originator_version,
        event.TOPIC,
        event.occurred_at,
        event.occurred_until,
        event.precision,
        event.recorded_at if event.clock is None else event.clock,
        event.recorded_by,
        event.approved_by,
        event.reason,
        event.corrects,
    )


MARKS = frozenset({"closed", "dismissed", "erased", "recount_due", "security"})
"""Facts that are yes once something has happened: their no is nothing that anybody stated."""


def absent(value: object, fact: str = "") -> bool:
    """Return whether a fact says nothing: none, an empty text, list or map; a stated no says something.

    Args:
        value: what it is. fact: its name, for marks that nobody states.
    """
    if value is False:
        return fact in MARKS
    return value is None or (isinstance(value, Collection) and not value)
