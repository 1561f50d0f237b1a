"""Corrections that officials made alone, of their own slips: the ones no second official approved."""

from __future__ import annotations

from typing import NamedTuple

from application.answers.feed.follow import Views
from application.store.streams import Streams
from domain.history import RETRACTION
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
