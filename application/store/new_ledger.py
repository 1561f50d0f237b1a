"""Make a ledger's two files, or look whether a file is a ledger.

A ledger is made under temporary names, private from the first byte, and appears under its own only
when it is whole: its keys first, itself last.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from application.store.schema import FORMAT, KEY_TABLES, TABLES
from application.store.sqlite_file import connect, transaction, translated
from domain.errors import BadInputError, StorageError, UnknownError

APPLICATION_ID = 0x414D4E41  # "AMNA"
SQLITE_HEADER = b"SQLite format 3\0"


def make(path: Path, keys: Path, settings: Mapping[str, str]) -> None:
    """Make a ledger with its settings, and the file of its subjects' wrapped keys.

    Raises:
        StorageError: a file cannot be written.
    """
    schema = {path: TABLES, keys: KEY_TABLES}
    made: list[tuple[Path, Path]] = []
    try:
        for final, tables in schema.items():
            part = final.with_name(f".{final.name}.{os.getpid()}.part")
            made.append((part, final))
            _private(part)
            with (
                translated(path),
                contextlib.closing(connect(part)) as connection,
                transaction(connection),
            ):
                for table in tables:
                    connection.execute(table)
                if final == path:
                    _identify(connection, settings)
        for part, final in reversed(made):  # the ledger itself last: it is there when all is
            part.rename(final)
    except OSError as error:
        msg = f"{path} cannot be created: {error.strerror}"
        raise StorageError(msg) from error
    finally:
        for part, _ in made:
            for leftover in part.parent.glob(f"{part.name}*"):
                leftover.unlink()


def _identify(connection: sqlite3.Connection, settings: Mapping[str, str]) -> None:
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={FORMAT}")
    connection.executemany("INSERT INTO ledger (name, value) VALUES (?, ?)", settings.items())


def _private(path: Path) -> None:
    """Make an empty file that only its owner can read: SQLite's side files inherit the mode."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        msg = f"{path.parent} cannot be written: {error.strerror}"
        raise StorageError(msg) from error


def check(path: Path) -> None:
    """Look whether a file is a ledger of this format, without changing it.

    Raises:
        UnknownError: there is none. BadInputError: it is something else, or of another format.
        StorageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            header = file.read(len(SQLITE_HEADER) + 84)
    except FileNotFoundError as error:
        msg = f"there is no ledger at {path}: make one with `amana init`, or name it with --ledger"
        raise UnknownError(msg) from error
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise StorageError(msg) from error
    # SQLite file format §1.3: application id at byte 68, user version at byte 60, big-endian.
    identity = int.from_bytes(header[68:72], "big")
    version = int.from_bytes(header[60:64], "big")
    if not header.startswith(SQLITE_HEADER) or identity != APPLICATION_ID:
        msg = f"{path} is not a ledger of this program"
        raise BadInputError(msg)
    if version != FORMAT:
        do = "install a newer version" if version > FORMAT else "use the version that made it"
        msg = f"{path} has format {version}, this program knows {FORMAT}: {do}"
        raise BadInputError(msg)
