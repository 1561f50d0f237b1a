"""The knowledge just before the last change of something: what `--known-at -1c` means.

A change is whatever the ledger learned of a subject, or of who and what stood at a site. Recorded times
are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from application.answers.subjects import history_of
from domain.errors import UnknownError
from projections import index, segments

if TYPE_CHECKING:
    from application.answers.feed.follow import Views
    from application.store.streams import Streams

Changes: TypeAlias = Callable[[int], int]
"""A number of changes back to the recorded time just before them."""


def every_change(views: Views) -> Changes:
    """Count every event of the log."""

    def before(back: int) -> int:
        newest = index.newest(views.connection)
        at = index.recorded_at(views.connection, (newest[0] if newest else 0) - back + 1)
        return _just_before([] if at is None else [at], 1, "the ledger")

    return before


def of_subject(streams: Streams, stream: str) -> Changes:
    """Count a subject's events.

    Raises:
        UnknownError: the subject is not in this ledger.
    """

    def before(back: int) -> int:
        found = [event.recorded_at for event in reversed(history_of(streams, stream).events)]
        return _just_before(found, back, stream)

    return before


def of_place(views: Views, column: str, key: str) -> Changes:
    """Count what changed who and what stood at a site, in a crate or with a party."""

    def before(back: int) -> int:
        return _just_before(segments.learned(views.connection, column, key, back), back, key)

    return before


def _just_before(found: list[int], back: int, what: str) -> int:
    if not 0 < back <= len(found):
        msg = f"{what} has not changed so often"
        raise UnknownError(msg)
    return found[back - 1] - 1
