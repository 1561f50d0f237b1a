"""SQLite files: how one is opened, written in one transaction, and what its errors say.

Every file of the house is opened here, the ledger's and those that can be made again, with WAL and
autocommit: a transaction begins where it is written. What cannot be rebuilt is synchronous FULL, and a
write begins IMMEDIATE: a command reads what it decides on inside the transaction that records it, so
two writers never decide on the same past. A writer that waits longer than the timeout is told `busy`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from application.store.files import writable
from domain.errors import BusyError, CustodyError, StorageError

C = TypeVar("C", bound=sqlite3.Connection)
BUSY_TIMEOUT_SECONDS = 5.0
MAPPED_BYTES = 2**40
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT})


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


def reading(path: Path, kind: type[C]) -> C:
    """Open a file for reading alone, its pages mapped: what many processes read is kept once."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, factory=kind)
    connection.execute(f"PRAGMA mmap_size={MAPPED_BYTES}")
    return connection


def path_of(connection: sqlite3.Connection) -> Path:
    """Return the file behind a connection."""
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold a file's write lock; commit at the end, or leave nothing behind."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # a full disk has undone it already
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """Read one state of a file, whatever others write meanwhile; nothing is kept."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


# ── errors ──────────────────────────────────────────────────────────────────


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


def is_damage(error: BaseException) -> bool:
    """True for a translated error that a sound file, written by this program alone, cannot give."""
    cause = error.__cause__
    return (
        isinstance(cause, sqlite3.DatabaseError)
        and getattr(cause, "sqlite_errorcode", 0) & 0xFF in DAMAGE
    )
