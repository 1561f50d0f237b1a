"""The pull loop: give every view the events it has not taken yet, oldest first.

One loop serves every view: a batch is read once, and what it makes of each view and the position
reached are one transaction in the views file, so an interruption anywhere loses nothing and repeats
nothing. An empty file and a long log meet at once (`replay.py`), with equal rows.

A views file is made anew when it is not what its ledger would make: another ledger's, of an older
layout, damaged, or ahead of the log because the ledger was restored from a backup. Nothing is lost but
the seconds; `remade` says why, and whoever asks is told.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from application.answers.feed import replay
from application.answers.feed.workers import collector_paused
from application.store import streams
from application.store.sqlite import opened, translated
from domain import history
from domain.errors import BusyError, StorageError
from domain.history import History
from domain.times import INF
from projections import coding, index
from projections.coding import ViewsFile
from projections.cube import Calendar
from projections.index import EventIndex
from projections.irregular import Irregularities
from projections.segments import Segments
from projections.view import COMPARED, MADE, READ, Positions, View

BATCH = 5_000
LAYOUT = 7
"""Raised when a view's tables or their meaning change: older files are made anew."""
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT})
Progress = Callable[[int], None]


def default_views(calendar: Calendar) -> tuple[View, ...]:
    """Return the views every ledger has."""
    return (Irregularities(), EventIndex(), Segments(calendar))


def make_tables(connection: ViewsFile) -> None:
    """Make the tables, indexes and published views of a views file, where they are not there."""
    for tables in (
        coding.TABLES,
        Positions.TABLE,
        Irregularities.TABLES,
        EventIndex.TABLES,
        Segments.TABLES,
    ):
        for statement in tables.split(";"):  # a script would commit the caller's transaction
            connection.execute(statement)


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

    Attributes:
        remade: why an existing file was made anew; "" when it was not.
    """

    def __init__(self, log: sqlite3.Connection, path: Path, ledger_id: str) -> None:
        self._log = log
        self.path = path
        self.calendar = calendar_of(log)
        self.views = default_views(self.calendar)
        self.remade = ""
        self._owner = f"{ledger_id}/{LAYOUT}"
        self._making = 0
        self._looked = False
        try:
            self._open()
        except StorageError as error:
            if not _is_damage(error):
                raise
            self._anew("it was damaged")

    def _open(self) -> None:
        self.connection = opened(self.path, ViewsFile, synchronous="OFF", create=True)
        self._positions = Positions(self.connection)
        self.path.chmod(0o600)
        with translated(self.path):
            self.connection.execute("CREATE TABLE IF NOT EXISTS owner (id TEXT PRIMARY KEY)")
            made, found = self._made(), self._owners()
            if found not in ([], [self._owner]):
                self._anew("it was another ledger's, or of an older version of this program", made)
                return
            if not found:
                with self._writing():
                    if not self._owners():  # another process may have gone ahead
                        self._make()
            make_tables(self.connection)  # what was dropped

    def _owners(self) -> list[str]:
        return [owner for (owner,) in self.connection.execute("SELECT id FROM owner")]

    def _made(self) -> int:
        """Return which making of the views this is, -1 where the file cannot say."""
        try:
            return self._positions.of(MADE)
        except sqlite3.Error:
            return -1

    def _make(self) -> None:
        """Make everything anew, inside the caller's transaction."""
        self.views = default_views(self.calendar)
        empty(self.connection)
        self.connection.execute("CREATE TABLE owner (id TEXT PRIMARY KEY)")
        self.connection.execute("INSERT INTO owner VALUES (?)", (self._owner,))
        make_tables(self.connection)
        self._positions.set(MADE, secrets.randbits(62))

    def _anew(self, why: str, made: int | None = None) -> None:
        """Begin again, in place where the file can still be read: others may have it open.

        Args:
            why: what was found. made: which making it was found in: another process may have made
                the views anew meanwhile, and somebody reads them; None to begin again in any case.
        """
        if self.remade:  # once is enough: what is wrong is not the file
            msg = f"{self.path} is damaged again and again: look at its disk"
            raise StorageError(msg)
        self.remade = why
        with contextlib.suppress(AttributeError, StorageError, BusyError), self._writing():
            if made is None or made == self._made():
                self._make()
            return
        self._discard()

    def _discard(self) -> None:
        with contextlib.suppress(AttributeError):  # it may never have been opened
            self.connection.close()
        discard(self.path)
        self._open()

    # ── catching up ──────────────────────────────────────────────────────

    def catch_up(self, progress: Progress | None = None) -> int:
        """Bring every view to the end of the log and return the position reached.

        Args:
            progress: called with the number of events each batch has taken.
        """
        if not self._looked:
            self._looked = True
            made = self._made()
            if why := self._stranger():
                self._anew(why, made)
        try:
            return self._catch_up(progress)
        except (StorageError, BusyError) as error:
            if not _is_damage(error):
                raise
            self._anew("it was damaged")
            return self._catch_up(progress)

    def _stranger(self) -> str:
        """Say why the file is not what this log would make, "" where it may be."""
        with translated(self.path), self.reading():
            position, reached = index.newest(self.connection), self._positions.of(READ)
        if reached != (position[0] if position else 0):
            return "its rows and its position did not fit each other"
        if position and streams.event_at(self._log, position[0]) != position[1:]:
            return "it had read another state of the ledger, as after a backup was restored"
        return ""

    def _catch_up(self, progress: Progress | None) -> int:
        newest = streams.newest(self._log)
        if newest > BATCH and not self._positions.of(READ):
            self.build(newest, progress)
        while self._positions.of(READ) < newest:
            self._take(newest, progress)
        return newest

    def _take(self, newest: int, progress: Progress | None) -> None:
        """Give the next batch to the views."""
        with self._writing():
            self._recognise()
            after = self._positions.of(READ)  # another process may have gone ahead
            batch = streams.log(self._log, after, BATCH)
            if batch:
                with collector_paused():
                    for view in self.views:
                        view.take(self.connection, batch, self._load)
            self._positions.set(READ, batch[-1][0] if batch else max(after, newest))
        if progress is not None:
            progress(len(batch))

    def _recognise(self) -> None:
        """Let go of what was kept in memory if another process has made the views anew meanwhile."""
        making = self._positions.of(MADE)
        if making != self._making:
            self.connection.forget()
            self.views = default_views(self.calendar)
            self._making = making

    def remake(self, progress: Progress | None = None) -> int:
        """Make every view anew from the log in one transaction, and return where they stand.

        Who reads meanwhile reads what was there; who has something to write waits.
        """
        newest = streams.newest(self._log)
        try:
            with self._writing(), collector_paused():
                self._make()
                replay.build(self._log, self.connection, self.calendar, newest, progress)
                self._positions.set(READ, newest)
        except (StorageError, BusyError) as error:
            if not _is_damage(error):
                raise
            self._discard()
            return self._catch_up(progress)
        return newest

    def build(self, to: int | None = None, progress: Progress | None = None) -> int:
        """Fill a views file at once, if it is empty, up to a position; return where it stands."""
        position = min(to if to is not None else INF, streams.newest(self._log))
        with self._writing(), collector_paused():
            self._recognise()
            if not self._positions.of(READ):  # another process may have gone ahead
                replay.build(self._log, self.connection, self.calendar, position, progress)
                self._positions.set(READ, position)
        return self._positions.of(READ)

    def compared(self) -> int:
        """Return the position up to which the views were last found to be what the log says."""
        return self._positions.of(COMPARED)

    def note_compared(self, position: int) -> None:
        """Remember that the views were what the log says, up to a position."""
        with self._writing():
            self._positions.set(COMPARED, position)

    # ── reading and writing ──────────────────────────────────────────────

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Read one state of the views file."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the views file's write lock; commit at the end, or leave nothing behind."""
        with translated(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # a full disk has undone it already
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
            for count in [streams.version_at(self._log, stream_id, position)]
        }

    def close(self) -> None:
        """Close the views file."""
        self.connection.close()


def empty(connection: ViewsFile) -> None:
    """Drop everything a views file holds, inside the caller's transaction."""
    for kind in ("trigger", "view", "index", "table"):
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite_%'"
            " AND sql IS NOT NULL",
            (kind,),
        ).fetchall():
            keeps_numbers = (kind, name) == ("table", "word")
            verb = "DELETE FROM" if keeps_numbers else f"DROP {kind}"
            connection.execute(f'{verb} "{name}"')
    connection.forget()


def _is_damage(error: BaseException) -> bool:
    """True for what a sound views file, fed by this program alone, cannot say."""
    cause = error.__cause__
    return (
        isinstance(cause, sqlite3.DatabaseError)
        and getattr(cause, "sqlite_errorcode", 0) & 0xFF in DAMAGE
    )


def discard(path: Path) -> None:
    """Delete a views file: nothing is lost but the seconds to make it again."""
    for leftover in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        leftover.unlink(missing_ok=True)
