"""Make a ledger, or open one: the only place that knows which files belong to it.

ledger.amana          events, vault, register, settings     cannot be rebuilt
ledger.amana.keys     wrapped subject keys                  its own backup
ledger.amana.views    read models                           may be deleted at any time
ledger.key            the ledger key, mode 0600             keep it elsewhere

How the first two are made whole stands in `store/new_ledger.py`.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from application.decisions.custody import Custody
from application.decisions.ledger import wall_clock
from application.decisions.unit import Note, entropy
from application.store.new_ledger import check, make
from application.store.vault import fingerprint, new_key_file, read_key_file
from domain import directory
from domain.errors import BadInputError

KEYS_SUFFIX = ".keys"
VIEWS_SUFFIX = ".views"


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
        make(path, path.with_name(path.name + KEYS_SUFFIX), settings)
        on_failure.callback(_remove, path)
        custody = Custody(path, key_file, clock=clock, randomness=randomness)
        on_failure.callback(custody.close)
        _found(custody, chair, party)
        on_failure.pop_all()
    return custody


def _remove(path: Path) -> None:
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()


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
        UnknownError: there is none. BadInputError: the file is something else, or of another
        format. StorageError: it cannot be read or written.
    """
    check(path)
    return Custody(path, key_file or default_key_file(path), clock=clock, randomness=randomness)


def settings_of(custody: Custody) -> dict[str, str]:
    """Return what the ledger knows of itself: id, zone, synthetic, key, made_at."""
    with custody.store.worded():
        return custody.store.settings()


def check_key(custody: Custody) -> None:
    """Look whether the key file is this ledger's.

    Raises:
        CannotTellError: it is another ledger's key, or it is not there.
    """
    custody.key()
