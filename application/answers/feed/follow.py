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
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from application.answers.feed import replay
from application.store.memory import few_collections
from application.store.register import entries
from application.store.sqlite_file import is_damage, one_state, opened, transaction, translated
from application.store.streams import Streams
from domain import history
from domain.errors import BusyError, StorageError
from domain.history import History
from domain.times import INF
from projections import index, views_file
from projections.cube import Calendar
from projections.row_codes import ViewsFile
from projections.view import COMPARED, MADE, READ, Positions
from projections.views_file import LAYOUT, default_views

BATCH = 5_000
Progress = Callable[[int], None]


class Views:
    """The views file of a ledger: catches up, then is asked.

    Args:
        log: the ledger's log.
        path: the views file; it is made when it is not there.
        ledger_id: which ledger it must belong to.

    Attributes:
        remade: why an existing file was made anew; "" when it was not.
    """

    def __init__(self, log: Streams, path: Path, ledger_id: str) -> None:
        self._log = log
        self.path = path
        self.calendar = Calendar(ZoneInfo(log.store.settings()["zone"]))
        self.views = default_views(self.calendar, entries)
        self.remade = ""
        self._owner = f"{ledger_id}/{LAYOUT}"
        self._making = 0
        self._looked = False
        try:
            self._open()
        except StorageError as error:
            if not is_damage(error):
                raise
            self._anew("it was damaged")

    def _open(self) -> None:
        self.connection = opened(self.path, ViewsFile, synchronous="OFF", create=True)
        self._positions = Positions(self.connection)
        self.path.chmod(0o600)
        with translated(self.path):
            made, found = views_file.making(self.connection), views_file.owners(self.connection)
            if found not in ([], [self._owner]):
                self._anew("it was another ledger's, or of an older version of this program", made)
                return
            if not found:
                with self._writing():
                    if not views_file.owners(self.connection):  # another may have gone ahead
                        self._make()
            views_file.make_tables(self.connection)  # what was dropped

    def _make(self) -> None:
        """Make everything anew, inside the caller's transaction."""
        self.views = default_views(self.calendar, entries)
        views_file.make(self.connection, self._owner)

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
            if made is None or made == views_file.making(self.connection):
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
            made = views_file.making(self.connection)
            if why := self._stranger():
                self._anew(why, made)
        try:
            return self._catch_up(progress)
        except (StorageError, BusyError) as error:
            if not is_damage(error):
                raise
            self._anew("it was damaged")
            return self._catch_up(progress)

    def _stranger(self) -> str:
        """Say why the file is not what this log would make, "" where it may be."""
        with translated(self.path), self.reading():
            position, reached = index.newest(self.connection), self._positions.of(READ)
        if reached != (position[0] if position else 0):
            return "its rows and its position did not fit each other"
        if position and self._log.event_at(position[0]) != position[1:]:
            return "it had read another state of the ledger, as after a backup was restored"
        return ""

    def _catch_up(self, progress: Progress | None) -> int:
        newest = self._log.newest()
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
            batch = self._log.log(after, BATCH)
            if batch:
                with few_collections():
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
            self.views = default_views(self.calendar, entries)
            self._making = making

    def remake(self, progress: Progress | None = None) -> int:
        """Make every view anew from the log in one transaction, and return where they stand.

        Who reads meanwhile reads what was there; who has something to write waits.
        """
        newest = self._log.newest()
        try:
            with self._writing(), few_collections():
                self._make()
                replay.build(self._log, self.connection, self.calendar, newest, progress)
                self._positions.set(READ, newest)
        except (StorageError, BusyError) as error:
            if not is_damage(error):
                raise
            self._discard()
            return self._catch_up(progress)
        return newest

    def build(self, to: int | None = None, progress: Progress | None = None) -> int:
        """Fill a views file at once, if it is empty, up to a position; return where it stands."""
        position = min(to if to is not None else INF, self._log.newest())
        with self._writing(), few_collections():
            self._recognise()
            if not self._positions.of(READ):  # another process may have gone ahead
                replay.build(self._log, self.connection, self.calendar, position, progress)
                self._positions.set(READ, position)
        return self._positions.of(READ)

    def damage(self) -> str:
        """Return what the views file's own check finds wrong first, "" where it is whole."""
        return next(iter(views_file.damage(self.connection)), "")

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
        with one_state(self.connection):
            yield

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the views file's write lock; commit at the end, or leave nothing behind."""
        try:
            with translated(self.path), transaction(self.connection):
                yield
        except BaseException:
            self.connection.forget()
            raise

    def load(self, stream_ids: Sequence[str]) -> dict[str, History]:
        """Return whole histories from the log."""
        return self._log.histories(stream_ids)

    def _load(self, stream_ids: Sequence[str], position: int) -> Mapping[str, History]:
        """Return histories as they stood at a position of the log."""
        found = self._log.histories(stream_ids)
        return {
            stream_id: known
            if count == known.version
            else history.of(stream_id, known.events[:count])
            for stream_id, known in found.items()
            for count in [self._log.version_at(stream_id, position)]
        }

    def close(self) -> None:
        """Close the views file."""
        self.connection.close()


def discard(path: Path) -> None:
    """Delete a views file: nothing is lost but the seconds to make it again."""
    for leftover in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        leftover.unlink(missing_ok=True)
