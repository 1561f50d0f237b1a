"""Make a ledger, or open one: the only place that knows which files belong to it.

    ledger.amana          events, vault, register, settings     cannot be rebuilt
    ledger.amana.keys     wrapped subject keys                  its own backup
    ledger.amana.views    read models                           may be deleted at any time
    ledger.key            the ledger key, mode 0600             keep it elsewhere

A ledger is made under a temporary name and appears under its own only when it is whole.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from application.decisions.custody import Custody
from application.decisions.ledger import wall_clock
from application.decisions.unit import Note, entropy
from application.store.sqlite import APPLICATION_ID, FORMAT, TABLES, connect, translated
from application.store.vault import fingerprint, new_key_file, read_key_file
from domain import directory
from domain.errors import BadInputError, StorageError, UnknownError

KEYS_SUFFIX = ".keys"
VIEWS_SUFFIX = ".views"
SQLITE_HEADER = b"SQLite format 3\0"


def default_key_file(path: Path) -> Path:
    """Return where the ledger key lies unless another file is named."""
    return path.with_suffix(".key")


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        BadInputError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"'{name}' is not a time zone: write it as Asia/Baghdad"
        raise BadInputError(msg) from error


def create(
    path: Path,
    key_file: Path,
    *,
    zone: str = "Asia/Baghdad",
    chair: str = "OFF-001",
    party: str = "PARTY-COMMITTEE",
    synthetic: bool = False,
    new_key: bool = True,
    clock: Callable[[], int] = wall_clock,
    randomness: Callable[[int], bytes] = entropy,
) -> Custody:
    """Make a ledger with its key and its first official, who holds the role CHAIR.

    Raises:
        BadInputError: one of the files exists, the key file is none, or the zone is unknown.
        StorageError: a file cannot be written.
    """
    zone_of(zone)
    if path.exists():
        msg = f"{path} exists already and is not overwritten: name another ledger"
        raise BadInputError(msg)
    if new_key:
        new_key_file(key_file)
    settings = {
        "id": secrets.token_hex(8),
        "zone": zone,
        "synthetic": "yes" if synthetic else "no",
        "key": fingerprint(read_key_file(key_file)),
        "made_at": str(clock()),
    }
    with contextlib.ExitStack() as on_failure:
        if new_key:
            on_failure.callback(key_file.unlink, missing_ok=True)
        _make(path, settings)
        on_failure.callback(_remove, path)
        custody = Custody(path, key_file, clock=clock, randomness=randomness)
        on_failure.callback(custody.close)
        _found(custody, chair, party)
        on_failure.pop_all()
    return custody


def _remove(path: Path) -> None:
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()


def _make(path: Path, settings: dict[str, str]) -> None:
    """Make both databases under temporary names, private from the first byte, then name them."""
    keys = path.with_name(path.name + KEYS_SUFFIX)
    schema = {
        path: (
            *TABLES.split(";"),
            f"PRAGMA application_id={APPLICATION_ID}",
            f"PRAGMA user_version={FORMAT}",
        ),
        keys: ("CREATE TABLE subject_key (subject TEXT PRIMARY KEY, wrapped BLOB NOT NULL)",),
    }
    made = []
    try:
        for final, statements in schema.items():
            part = final.with_name(f".{final.name}.{os.getpid()}.part")
            made.append((part, final))
            _private(part)
            connection = connect(part)
            with contextlib.closing(connection), translated(path):
                for statement in statements:
                    connection.execute(statement)
                if final == path:
                    connection.executemany("INSERT INTO ledger VALUES (?, ?)", settings.items())
        for part, final in reversed(made):  # the ledger itself last: it is there when all is
            part.rename(final)
    except OSError as error:
        msg = f"{path} cannot be made: {error.strerror}"
        raise StorageError(msg) from error
    finally:
        for part, _ in made:
            for leftover in part.parent.glob(f"{part.name}*"):
                leftover.unlink()


def _private(path: Path) -> None:
    """Make an empty file that only its owner can read: SQLite's side files inherit the mode."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        msg = f"{path.parent} cannot be written: {error.strerror}"
        raise StorageError(msg) from error


def _found(custody: Custody, chair: str, party: str) -> None:
    """Record the first party and the first official: who directs the directory."""
    note = Note(chair)
    with custody.unit() as unit:
        unit.record(
            directory.PartyNamed,
            party,
            note,
            kind="COMMITTEE",
            name=party.removeprefix("PARTY-"),
            follows=True,
        )
        unit.record(
            directory.OfficialAppointed,
            chair,
            note,
            party=party,
            post="chair",
            roles=("CHAIR",),
            follows=True,
        )


def open_ledger(
    path: Path,
    key_file: Path | None = None,
    *,
    clock: Callable[[], int] = wall_clock,
    randomness: Callable[[int], bytes] = entropy,
) -> Custody:
    """Open a ledger that exists.

    Raises:
        UnknownError: there is none. BadInputError: the file is something else, or of a newer
        version. StorageError: it cannot be read or written.
    """
    check(path)
    return Custody(path, key_file or default_key_file(path), clock=clock, randomness=randomness)


def check(path: Path) -> None:
    """Look whether a file is a ledger of this version, without changing it.

    Raises:
        UnknownError, BadInputError, StorageError: as `open_ledger`.
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
    if version > FORMAT:
        msg = f"{path} has format {version}, this program knows {FORMAT}: install a newer version"
        raise BadInputError(msg)


def settings_of(custody: Custody) -> dict[str, str]:
    """Return what the ledger knows of itself: id, zone, synthetic, key, made_at."""
    with translated(custody.path):
        return dict(custody.store.writer.execute("SELECT name, value FROM ledger"))


def check_key(custody: Custody) -> None:
    """Look whether the key file is this ledger's.

    Raises:
        CannotTellError: it is another ledger's key, or it is not there.
    """
    custody.key()
