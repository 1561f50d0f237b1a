"""The pull loop: give every view the events it has not taken yet, oldest first.

One loop serves every view: a batch is read once, and what it makes of each view and the positions
reached are one transaction in the views file, so an interruption anywhere loses nothing and repeats
nothing. When views belong to another ledger, or to an older layout, they are made anew; an empty file
and a long log meet at once (`replay.py`), with equal rows.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from application import replay, streams
from application.recorder import opened, translated
from application.workers import collector_paused
from domain import history
from domain.history import History
from domain.times import INF
from projections import coding
from projections.coding import ViewsFile
from projections.cube import Calendar
from projections.index import EventIndex
from projections.irregular import Irregularities
from projections.segments import Segments
from projections.view import Positions, View

BATCH = 5_000
LAYOUT = 5
"""Raised when a view's tables or their meaning change: older files are made anew."""


def default_views(calendar: Calendar) -> tuple[View, ...]:
    """Return the views every ledger has."""
    return (Irregularities(), EventIndex(), Segments(calendar))


def calendar_of(log: sqlite3.Connection) -> Calendar:
    """Return the days of a ledger's zone."""
    (zone,) = log.execute("SELECT value FROM ledger WHERE name = 'zone'").fetchone()
    return Calendar(ZoneInfo(zone))


class Views:
    """The views file of a ledger: catches up, then is asked.

    Args:
        log: a connection that reads the ledger.
        path: the views file; it is made when it is not there.
        ledger_id: which ledger it must belong to.
    """

    def __init__(self, log: sqlite3.Connection, path: Path, ledger_id: str) -> None:
        self._log = log
        self.path = path
        self.calendar = calendar_of(log)
        self.views = default_views(self.calendar)
        self.connection = self._open(f"{ledger_id}/{LAYOUT}")
        self._positions = Positions(self.connection)

    def _open(self, owner: str) -> ViewsFile:
        connection = opened(self.path, ViewsFile, synchronous="OFF", create=True)
        self.path.chmod(0o600)
        with translated(self.path):
            connection.execute("CREATE TABLE IF NOT EXISTS owner (id TEXT PRIMARY KEY)")
            found = [row[0] for row in connection.execute("SELECT id FROM owner")]
            if found and found != [owner]:
                connection.close()
                discard(self.path)
                return self._open(owner)
            if not found:
                connection.execute("INSERT INTO owner VALUES (?)", (owner,))
            connection.execute(Positions.TABLE)
            connection.executescript(coding.TABLES)
            for view in self.views:
                connection.executescript(view.TABLES)
        return connection

    def catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        """Bring every view to the end of the log and return the position reached.

        Args:
            progress: called with the number of events each batch has taken.
        """
        newest = streams.newest(self._log)
        if newest > BATCH and not any(self._reached()):
            self.build(newest, progress)
        while min(self._reached()) < newest:
            self._take(newest, progress)
        return newest

    def _reached(self) -> list[int]:
        return [self._positions.of(view.NAME) for view in self.views]

    def _take(self, newest: int, progress: Callable[[int], None] | None) -> None:
        """Give the next batch to the views that have not taken it yet."""
        with self._writing():
            reached = self._reached()  # another process may have gone ahead
            after = min(reached)
            last = min((position for position in reached if position > after), default=newest)
            batch = streams.log(self._log, after, last, BATCH)
            last = batch[-1][0] if batch else last
            with collector_paused():
                for view, position in zip(self.views, reached, strict=True):
                    if position == after:
                        if batch:
                            view.take(self.connection, batch, self._load)
                        self._positions.set(view.NAME, last)
        if progress is not None:
            progress(len(batch))

    def build(self, to: int | None = None, progress: Callable[[int], None] | None = None) -> int:
        """Fill a views file at once, if it is empty, up to a position; return where it stands."""
        position = min(to if to is not None else INF, streams.newest(self._log))
        with self._writing(), collector_paused():
            if not any(self._reached()):  # another process may have gone ahead
                replay.build(self._log, self.connection, self.calendar, position, progress)
                for view in self.views:
                    self._positions.set(view.NAME, position)
        return min(self._reached())

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the views file's write lock; commit at the end, or leave nothing behind."""
        with translated(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                self.connection.forget()
                raise

    def load(self, stream_ids: Sequence[str]) -> dict[str, History]:
        """Return whole histories from the log."""
        return streams.histories(self._log, stream_ids)

    def _load(self, stream_ids: Sequence[str], position: int) -> Mapping[str, History]:
        """Return histories as they stood at a position of the log."""
        found = streams.histories(self._log, stream_ids)
        return {
            stream_id: known
            if count == known.version
            else history.of(stream_id, known.events[:count])
            for stream_id, known in found.items()
            for count in [self._version(stream_id, position)]
        }

    def _version(self, stream_id: str, position: int) -> int:
        (count,) = self._log.execute(
            "SELECT count(*) FROM stored_events WHERE originator_id = ? AND rowid <= ?",
            (stream_id, position),
        ).fetchone()
        return int(count)

    def close(self) -> None:
        """Close the views file."""
        self.connection.close()


def discard(path: Path) -> None:
    """Delete a views file: nothing is lost but the seconds to make it again."""
    for leftover in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        leftover.unlink(missing_ok=True)
