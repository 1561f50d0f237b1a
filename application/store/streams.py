"""Read streams and the log back from the ledger, without validation and many at once.

streams = custody.streams
streams.history("W-…").state              one stream, its events folded
streams.histories(["W-…", "P-…"])         several at once
for known in streams.every("P-"): …       all of a kind, in order of identifiers
streams.log(4_000, 500)                   the next events with their positions
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import orjson

from application.store.interface import Readable, Row
from application.store.mapper import facts_of, replayed
from domain import history
from domain.event import NOT_TRUSTED, Event
from domain.history import History

IDS_AT_ONCE = 500
_COLUMNS = "originator_id, originator_version, topic, state"
_IN_ORDER = "ORDER BY originator_id, originator_version"


class Stream(NamedTuple):
    """One stream as it stands in the log: its events and their positions, as recorded."""

    id: str
    positions: Sequence[int]
    events: Sequence[Event]


class Newest(NamedTuple):
    """The newest event of the log.

    Attributes:
        recorded_at: its recorded time, microseconds UTC.
        clock: what the clock showed at the newest event recorded by a clock that was believed,
            microseconds UTC; None where there is no such event.
    """

    position: int
    recorded_at: int
    clock: int | None = None


class Streams:
    """The log as questions read it: whole histories and positions, never a row of a table."""

    def __init__(self, store: Readable) -> None:
        self.store = store

    # ── histories ────────────────────────────────────────────────────────

    def history(self, stream_id: str) -> History:
        """Return one stream's history, empty where there is no such stream."""
        return self.histories([stream_id])[stream_id]

    def histories(self, stream_ids: Sequence[str]) -> dict[str, History]:
        """Return each stream's history; an unknown stream's is empty."""
        read: dict[str, History] = {}
        for start in range(0, len(stream_ids), IDS_AT_ONCE):
            some = stream_ids[start : start + IDS_AT_ONCE]
            found: dict[str, list[Event]] = {stream_id: [] for stream_id in some}
            for row in self.store.fetch(
                f"SELECT {_COLUMNS} FROM stored_events"
                f" WHERE originator_id IN ({_marks(some)}) {_IN_ORDER}",
                list(some),
            ):
                found[row[0]].append(replayed(*row))
            for stream_id, events in found.items():
                read[stream_id] = history.of(stream_id, events)
        return read

    def every(self, prefix: str = "") -> Iterator[History]:
        """Yield every stream's history, in order of identifiers, those with a prefix only."""
        current: str = ""
        events: list[Event] = []
        for row in self.store.fetch(
            f"SELECT {_COLUMNS} FROM stored_events WHERE originator_id >= ? AND originator_id < ?"
            f" {_IN_ORDER}",
            (prefix, prefix + "\U0010ffff"),
        ):
            if row[0] != current and events:
                yield history.of(current, events)
                events = []
            current = row[0]
            events.append(replayed(*row))
        if events:
            yield history.of(current, events)

    # ── the log ──────────────────────────────────────────────────────────

    def newest(self) -> int:
        """Return the newest position, 0 when the log is empty."""
        return self.store.position()

    def last(self) -> Newest:
        """Return the newest position and when its event was recorded, zeros when it is empty."""
        newest = Newest(0, 0)
        for position, state in self.store.fetch(
            "SELECT position, state FROM stored_events ORDER BY position DESC"
        ):
            said = orjson.loads(state)
            if not newest.position:
                newest = Newest(position, said["recorded_at"])
            if NOT_TRUSTED not in said.get("irregularities", ()):
                return newest._replace(clock=said.get("clock", said["recorded_at"]))
        return newest

    def size(self) -> tuple[int, int]:
        """Return how many events the log has, and how many streams."""
        row = self.store.one("SELECT count(*), count(DISTINCT originator_id) FROM stored_events")
        return (row[0], row[1]) if row else (0, 0)

    def log(self, after: int, limit: int) -> list[tuple[int, Event]]:
        """Return the next events of the log with their positions, oldest first."""
        return [
            (position, replayed(stream_id, version, topic, state))
            for position, stream_id, version, topic, state in self.store.fetch(
                f"SELECT position, {_COLUMNS} FROM stored_events"
                " WHERE position > ? ORDER BY position LIMIT ?",
                (after, limit),
            )
        ]

    def event_at(self, position: int) -> tuple[str, int, int] | None:
        """Return which event stands at a position: stream, version, recorded time; None for none."""
        row = self.store.one(
            f"SELECT {_COLUMNS} FROM stored_events WHERE position = ?", (position,)
        )
        return (row[0], row[1], facts_of(*row[2:])["recorded_at"]) if row else None

    def version_at(self, stream_id: str, position: int) -> int:
        """Return how many events a stream had at a position of the log (inclusive)."""
        row = self.store.one(
            "SELECT count(*) FROM stored_events WHERE originator_id = ? AND position <= ?",
            (stream_id, position),
        )
        return int(row[0]) if row else 0

    # ── a long log, piece by piece ───────────────────────────────────────

    def another(self) -> Callable[[], Streams]:
        """Return what opens another reader of this log; it may be sent to another process."""
        return partial(_reopened, self.store.another())

    def lengths(self, to: int) -> Iterator[tuple[str, int]]:
        """Yield each stream and how many events it has up to a position, in order of identifiers."""
        rows = self.store.fetch(
            "SELECT originator_id, count(*) FROM stored_events WHERE position <= ?"
            " GROUP BY originator_id ORDER BY originator_id",
            (to,),
        )
        return ((stream_id, count) for stream_id, count in rows)

    def ids(self) -> list[str]:
        """Return every stream of the log, in order of identifiers."""
        rows = self.store.fetch(
            "SELECT DISTINCT originator_id FROM stored_events ORDER BY originator_id"
        )
        return [stream_id for (stream_id,) in rows]

    def ids_between(self, after: int, to: int) -> list[str]:
        """Return the streams that the log speaks of after one position and up to another."""
        rows = self.store.fetch(
            "SELECT DISTINCT originator_id FROM stored_events WHERE position > ? AND position <= ?"
            " ORDER BY originator_id",
            (after, to),
        )
        return [stream_id for (stream_id,) in rows]

    def within(self, to: int, first: str, after: str | None) -> Iterator[Stream]:
        """Yield streams in order of identifiers, as they stood at a position.

        Args:
            to: the last position that counts.
            first: the first identifier. after: the one that ends them, not included; None for none.
        """
        where, values = "originator_id >= ?", [first]
        if after is not None:
            where, values = f"{where} AND originator_id < ?", [first, after]
        return self._whole(to, where, values)

    def some(self, to: int, stream_ids: Sequence[str]) -> Iterator[Stream]:
        """Yield some streams in order of identifiers, as they stood at a position.

        Args:
            to: the last position that counts. stream_ids: which, in order.
        """
        for start in range(0, len(stream_ids), IDS_AT_ONCE):
            some = stream_ids[start : start + IDS_AT_ONCE]
            yield from self._whole(to, f"originator_id IN ({_marks(some)})", some)

    def _whole(self, to: int, where: str, values: Sequence[str]) -> Iterator[Stream]:
        rows: Iterator[Row] = self.store.fetch(
            "SELECT originator_id, position, originator_version, topic, state FROM stored_events"
            f" WHERE position <= ? AND {where} {_IN_ORDER}",
            (to, *values),
        )
        current, positions, events = "", list[int](), list[Event]()
        for stream_id, position, version, topic, state in rows:
            if stream_id != current:
                if events:
                    yield Stream(current, positions, events)
                current, positions, events = stream_id, [], []
            positions.append(position)
            events.append(replayed(stream_id, version, topic, state))
        if events:
            yield Stream(current, positions, events)


def _reopened(another: Callable[[], Readable]) -> Streams:
    return Streams(another())


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))
