"""Everything recorded between two instants: by whom, in which batch, of which kind, back-dated."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from application.answers.two_clocks import Clocks, Echo, echo
from domain import ids, times
from projections import index

if TYPE_CHECKING:
    from application.answers.feed.follow import Views
    from application.store.streams import Streams

AT_ONCE = 1_000
BACK_DATED = times.HOUR
"""An event that occurred longer than this before it was recorded is back-dated, microseconds."""


class Asked(NamedTuple):
    """What is asked for; None, or "" where everything is.

    Attributes:
        since, until: recorded after the one and by the other, microseconds UTC.
        kind: of the stream. topic: how an event's stored name ends, as words. back_dated: only such.
    """

    since: int
    until: int
    official: str | None = None
    batch: str = ""
    kind: str | None = None
    topic: str = ""
    back_dated: bool | None = None


class Row(NamedTuple):
    """One event: where it stands, what it is, both its times (microseconds UTC), and who recorded it."""

    position: int
    subject: str
    version: int
    topic: str
    occurred_at: int
    recorded_at: int
    by: str
    batch: str
    back_dated: bool


class WasRecorded(NamedTuple):
    """The events, in the order of the log."""

    echo: Echo
    rows: tuple[Row, ...]


def recorded(views: Views, streams: Streams, asked: Asked) -> WasRecorded:
    """Answer what was recorded after one instant and by another.

    Args:
        views, streams: the read models and the log. asked: what for.
    """
    connection = views.connection
    after, last = (index.position_by(connection, at) for at in (asked.since, asked.until))
    found: list[Row] = []
    while after < last:
        some = streams.log(after, min(AT_ONCE, last - after))
        if not some:
            break
        for position, event in some:
            if position > last:
                break
            learned = event.recorded_at if event.clock is None else event.clock
            row = Row(
                position,
                event.originator_id,
                event.originator_version,
                event.TOPIC,
                event.occurred_at,
                learned,
                event.recorded_by,
                event.batch,
                learned - max(event.occurred_at, event.occurred_until or 0) > BACK_DATED,
            )
            if _meant(row, asked):
                found.append(row)
        after = some[-1][0]
    return WasRecorded(echo(views, Clocks(asked.until, asked.until)), tuple(found))


def _meant(row: Row, asked: Asked) -> bool:
    words = row.topic.partition(".")[2].replace("_", " ")
    return (
        asked.official in {None, row.by}
        and asked.batch in {"", row.batch}
        and asked.kind in {None, ids.kind_of(row.subject)}
        and asked.back_dated in {None, row.back_dated}
        and words.startswith(asked.topic.replace("-", " "))
    )
