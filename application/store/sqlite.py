"""The ledger's file: one SQLite database that the eventsourcing library reads and writes too.

It holds what cannot be rebuilt: the events, the vault, idempotency keys, the access log. The register
beside them can be rebuilt from the events; it is written in the events' own transaction, so that a
decision may trust it.

    stored_events   the library's table; `rowid` is the position in the log, never used twice
    idempotency     what a command that was sent twice has recorded the first time
    control_number  the last number given out, per prefix
    register        (name, key) → subjects: serials, containers, who is housed where, open lines
    vault, vault_index, access_log                                     see `vault.py`
    import_batch, import_row, import_pair    sheets taken in, and who looks alike, see `imports.py`
    ledger          settings of this ledger, among them its format

WAL, synchronous FULL, and every write begins IMMEDIATE: a command reads what it decides on inside the
transaction that records it, so two writers never decide on the same past. A writer that waits longer
than the timeout is told `busy`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias, TypeVar

from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from application.store.library import refusal
from domain.errors import BusyError, CustodyError, StorageError

C = TypeVar("C", bound=sqlite3.Connection)
Row: TypeAlias = tuple[str, int, str, bytes]
"""An event as stored: stream, version, stored name, canonical bytes."""
APPLICATION_ID = 0x414D4E41  # "AMNA"
FORMAT = 1
BUSY_TIMEOUT_SECONDS = 5.0
TABLES = """
CREATE TABLE stored_events (
    rowid INTEGER PRIMARY KEY AUTOINCREMENT,
    originator_id TEXT NOT NULL, originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL, state BLOB NOT NULL,
    UNIQUE (originator_id, originator_version));
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY, command BLOB NOT NULL, subject TEXT NOT NULL, version INTEGER NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE control_number (prefix TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE register (
    name TEXT, key TEXT, subject TEXT, PRIMARY KEY (name, key, subject)) WITHOUT ROWID;
CREATE TABLE vault (
    subject TEXT, digest TEXT, field TEXT NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (subject, digest)) WITHOUT ROWID;
CREATE TABLE vault_index (
    key BLOB, subject TEXT, PRIMARY KEY (key, subject)) WITHOUT ROWID;
CREATE TABLE access_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, official TEXT NOT NULL,
    subject TEXT NOT NULL, fields TEXT NOT NULL, purpose TEXT NOT NULL);
CREATE TABLE import_batch (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL,
    content TEXT NOT NULL, sheet TEXT NOT NULL, attempt INTEGER NOT NULL,
    total INTEGER NOT NULL, titles TEXT NOT NULL,
    left_out TEXT NOT NULL, document TEXT NOT NULL, mends TEXT NOT NULL, official TEXT NOT NULL,
    recorded_at INTEGER NOT NULL, status TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE import_row (
    batch TEXT, row INTEGER, verdict TEXT NOT NULL, codes TEXT NOT NULL, subject TEXT,
    digest TEXT NOT NULL, of_row INTEGER, mends INTEGER, PRIMARY KEY (batch, row)) WITHOUT ROWID;
CREATE INDEX import_subject ON import_row (subject) WHERE subject IS NOT NULL;
CREATE TABLE import_pair (
    one TEXT, other TEXT, batch TEXT NOT NULL, score INTEGER NOT NULL, why TEXT NOT NULL,
    decision TEXT NOT NULL, official TEXT NOT NULL, decided_at INTEGER NOT NULL,
    PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE ledger (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


def connect(path: Path, *, synchronous: str = "FULL", create: bool = False) -> sqlite3.Connection:
    """Open an SQLite file that exists, or may be created, see `opened`."""
    return opened(path, sqlite3.Connection, synchronous=synchronous, create=create)


def opened(path: Path, kind: type[C], *, synchronous: str = "FULL", create: bool = False) -> C:
    """Open an SQLite file that exists, or may be created, with a connection of some class.

    Args:
        path: the file. kind: the class.
        synchronous: FULL for what cannot be rebuilt, OFF for what can.
        create: whether a missing file is made.

    Raises:
        StorageError: the file cannot be opened.
    """
    if path.exists() and not writable(path):
        return _read_only(path, kind)
    mode = "rwc" if create else "rw"
    with translated(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_SECONDS,
            factory=kind,
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA cache_size=-65536")  # KiB
    return connection


def writable(path: Path) -> bool:
    """Return whether a file and the folder it lies in may be written."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _read_only(path: Path, kind: type[C]) -> C:
    """Open a file on a medium that takes no writes, as auditors get it.

    Raises:
        StorageError: it cannot be read, or writes wait beside it in its journal.
    """
    journal = path.with_name(path.name + "-wal")
    waits = journal.exists() and journal.stat().st_size > 0
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{'mode=ro' if waits else 'immutable=1'}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            factory=kind,
        )
        connection.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError as error:
        if not waits:
            raise _translation(path, error) from error
        msg = (
            f"{path} cannot be read here: writes wait in {journal.name} and its folder is read-only; "
            "open it once where it was written, then copy it again"
        )
        raise StorageError(msg) from error
    return connection


@contextlib.contextmanager
def translated(path: Path | str) -> Iterator[None]:
    """Turn SQLite's errors into the house's, each worded once.

    Raises:
        BusyError: another process holds the write lock, or recorded the same version first.
        StorageError: no space, no permission, not a database, damaged.
    """
    try:
        yield
    except sqlite3.IntegrityError as error:
        msg = f"another command changed the same record first ({error}): nothing was recorded, try again"
        raise BusyError(msg) from error
    except sqlite3.DatabaseError as error:
        raise _translation(path, error) from error


def _translation(path: Path | str, error: sqlite3.DatabaseError) -> CustodyError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return BusyError(f"{path} is busy with another command: nothing was recorded, try again")
    sentence = {
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_IOERR: "the disk is full or failing",
        sqlite3.SQLITE_READONLY: "the file or its folder may not be written",
        sqlite3.SQLITE_CANTOPEN: "the file cannot be opened",
        sqlite3.SQLITE_PERM: "access is not permitted",
        sqlite3.SQLITE_NOTADB: "the file is not a database",
        sqlite3.SQLITE_CORRUPT: "the file is damaged: restore it from a backup",
    }.get(code, str(error))
    return StorageError(f"{path}: {sentence}; nothing was recorded")


class Recorder(SQLiteApplicationRecorder):
    """The library's recorder over our tables, with one writer connection and raw reads."""

    def __init__(
        self, datastore: SQLiteDatastore, events_table_name: str = "stored_events"
    ) -> None:
        super().__init__(datastore, events_table_name)
        self.insert_events_statement = (
            f"INSERT INTO {events_table_name} (originator_id, originator_version, topic, state)"
            " VALUES (?,?,?,?)"
        )
        self.path = Path(datastore.pool.db_name)
        self._lock = threading.RLock()
        self._writer: sqlite3.Connection | None = None

    def construct_create_table_statements(self) -> list[str]:
        """Return nothing: `open.create` makes the tables, once."""
        return []

    @property
    def writer(self) -> sqlite3.Connection:
        """The one connection that writes."""
        if self._writer is None:
            self._writer = connect(self.path)
        return self._writer

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the ledger's write lock; commit at the end, or leave nothing behind.

        Raises:
            BusyError: another process holds the lock for longer than the timeout.
            StorageError: the disk or the file failed.
        """
        with self._lock, translated(self.path):
            self.writer.execute("BEGIN IMMEDIATE")
            try:
                yield self.writer
                self.writer.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self.writer.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Read one state of the ledger, without the write lock.

        Raises:
            StorageError: the disk or the file failed.
        """
        with self._lock, translated(self.path):
            self.writer.execute("BEGIN")
            try:
                yield self.writer
            finally:
                self.writer.execute("ROLLBACK")

    def renew(self) -> None:
        """Commit what was written and hold the lock again. Inside `writing`."""
        self.writer.execute("COMMIT")
        self.writer.execute("BEGIN IMMEDIATE")

    def insert_events(self, *_: object, **__: object) -> NoReturn:
        """Refused: the library's way to store events, past the rules."""
        raise refusal("recorder.insert_events")

    def insert(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> Sequence[int]:
        """Insert events inside the caller's transaction and return their positions."""
        connection.executemany(self.insert_events_statement, rows)
        last: int = connection.execute("SELECT max(rowid) FROM stored_events").fetchone()[0]
        return range(last - len(rows) + 1, last + 1)

    def close(self) -> None:
        """Close the writer's connection."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
