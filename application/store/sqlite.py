"""The store in one SQLite file, which the eventsourcing library reads and writes too.

`Recorder` is the library's recorder over our tables, and the store (`interface.py`) that everybody
else asks. One connection writes; the library's calls read through connections of their own. `ReadOnly`
only asks, also in another process.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from eventsourcing.persistence import Notification
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from application.store.interface import EventRow, Readable, Row
from application.store.library import refusal
from application.store.sqlite_file import connect, one_state, reading, transaction, translated


class Asked:
    """What can be asked over one connection to a ledger's file."""

    path: Path

    @property
    def _connection(self) -> sqlite3.Connection:
        raise NotImplementedError

    def fetch(self, sql: str, values: Sequence[object] = (), /) -> Iterator[Row]:
        """Yield the rows of a query as they are found."""
        return self._connection.execute(sql, values)

    def one(self, sql: str, values: Sequence[object] = (), /) -> Row | None:
        """Return the first row of a query, None where it has none."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def position(self) -> int:
        """Return the newest position of the log, 0 when it is empty."""
        (newest,) = self._connection.execute("SELECT max(position) FROM stored_events").fetchone()
        return int(newest or 0)

    def settings(self) -> dict[str, str]:
        """Return what the ledger knows of itself: id, zone, synthetic, key, made_at."""
        return dict(self._connection.execute("SELECT name, value FROM ledger"))

    def another(self) -> Callable[[], Readable]:
        """Return what opens another reader of this ledger; it may be sent to another process."""
        return partial(ReadOnly, self.path.absolute())


class ReadOnly(Asked):
    """A ledger's file that is only read, its pages mapped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened = reading(path, sqlite3.Connection)

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._opened

    def close(self) -> None:
        """Close the file."""
        self._opened.close()


class Recorder(SQLiteApplicationRecorder, Asked):
    """The library's recorder over our tables, with one writer connection and raw reads."""

    def __init__(
        self, datastore: SQLiteDatastore, events_table_name: str = "stored_events"
    ) -> None:
        super().__init__(datastore, events_table_name)
        self.insert_events_statement = (
            f"INSERT INTO {events_table_name} (originator_id, originator_version, topic, state)"
            " VALUES (?,?,?,?)"
        )
        self.select_max_notification_id_statement = f"SELECT max(position) FROM {events_table_name}"
        self.path = Path(datastore.pool.db_name)
        self._lock = threading.RLock()
        self._writer: sqlite3.Connection | None = None

    def construct_create_table_statements(self) -> list[str]:
        """Return nothing: `new_ledger.make` makes the tables, once."""
        return []

    @property
    def _connection(self) -> sqlite3.Connection:
        """The one connection that writes."""
        if self._writer is None:
            self._writer = connect(self.path)
        return self._writer

    # ── writing ──────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the ledger's write lock; commit at the end, or leave nothing behind.

        Raises:
            BusyError: another process holds the lock for longer than the timeout.
            StorageError: the disk or the file failed.
        """
        with self._lock, self.worded(), transaction(self._connection):
            yield

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state of the ledger, without the write lock.

        Raises:
            StorageError: the disk or the file failed.
        """
        with self._lock, self.worded(), one_state(self._connection):
            yield

    def renew(self) -> None:
        """Commit what was written and hold the lock again. Inside `writing`."""
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN IMMEDIATE")

    def insert(self, rows: Sequence[EventRow], /) -> Sequence[int]:
        """Insert events inside the caller's transaction and return their positions."""
        self._connection.executemany(self.insert_events_statement, rows)
        last = self.position()
        return range(last - len(rows) + 1, last + 1)

    def execute(self, sql: str, values: Sequence[object] = (), /) -> None:
        """Carry out one statement, inside the caller's transaction."""
        self._connection.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[object]], /) -> None:
        """Carry out one statement for each row of values, inside the caller's transaction."""
        self._connection.executemany(sql, rows)

    # ── the file ─────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def worded(self) -> Iterator[None]:
        """Turn SQLite's errors into the house's, each worded once.

        Raises:
            BusyError, StorageError: as `writing`.
        """
        with translated(self.path):
            yield

    def damage(self) -> str:
        """Return what SQLite finds wrong with its own file, "" where it is whole."""
        (said,) = self._connection.execute("PRAGMA quick_check").fetchone()
        return "" if said == "ok" else str(said)

    def close(self) -> None:
        """Close the writer's connection."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    # ── as the library calls it ──────────────────────────────────────────

    def insert_events(self, *_: object, **__: object) -> NoReturn:
        """Refused: the library's way to store events, past the rules."""
        raise refusal("recorder.insert_events")

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return some of the log, oldest first: the library's own statement names our column rowid."""
        wanted: list[tuple[str, object]] = []
        if start is not None:
            wanted.append((f"position >{'=' if inclusive_of_start else ''} ?", start))
        if stop is not None:
            wanted.append(("position <= ?", stop))
        where = [condition for condition, _ in wanted]
        values = [value for _, value in wanted]
        if topics:
            where.append(f"topic IN ({','.join('?' * len(topics))})")
            values += topics
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(
                "SELECT position, originator_id, originator_version, topic, state"
                f" FROM {self.events_table_name} WHERE {' AND '.join(where) or 'true'}"
                " ORDER BY position LIMIT ?",
                (*values, limit),
            )
            return [
                Notification(stream_id, version, topic, state, position)
                for position, stream_id, version, topic, state in cursor.fetchall()
            ]
