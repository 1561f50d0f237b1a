"""Is everything in its place: the ledger, its key, its clock, its register and its read models."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from application.answers.feed.follow import Views
from application.decisions import doubt
from application.decisions.custody import Custody
from application.decisions.open import check_key
from application.proofs.proof_log import LOG_SUFFIX, ProofLog, beside
from application.store import register
from application.store.sqlite_file import translated
from domain import times
from domain.errors import CustodyError
from projections import index

NOTHING_RECORDED = "; nothing was recorded"
"""What an error of a file ends with, which nobody asks of who only looks."""
What = Literal["ledger", "key", "values", "clock", "log", "register", "views", "proofs"]


class Checked(NamedTuple):
    """One thing looked at.

    Attributes:
        number: ledger: how many events. clock: by how many seconds it lies after the newest event
            recorded by a clock that was believed; below 0, before it. log: the first position
            recorded by a clock that ran ahead, 0 for none. register: entries that are wrong, or
            were mended. views: the position reached. values: subjects whose sealed values have no
            key. proofs: entries of the log of proofs.
        streams: ledger: of how many streams. log: the last such position. values: subjects whose key
            the ledger key does not open.
        first: values: one of the subjects.
        damage: what the database says of its file. error: the sentence that ended the check.
    """

    what: What
    well: bool
    number: int = 0
    streams: int = 0
    damage: str = ""
    error: str = ""
    first: str = ""


def checks(
    custody: Callable[[], Custody], views: Callable[[], Views], *, fix: bool
) -> Iterator[Checked]:
    """Look at one thing after the other; a ledger that cannot be opened ends it.

    Args:
        custody, views: open the ledger and its read models.
        fix: whether what can be made again is: the register and the read models.
    """
    try:
        ledger = custody()
        yield _ledger(ledger)
    except CustodyError as error:
        yield Checked("ledger", well=False, error=str(error))
        return
    key = _looked("key", ledger.path, lambda: _key(ledger))
    yield key
    if key.well:
        yield _looked("values", ledger.path, lambda: _values(ledger))
    yield _looked("clock", ledger.path, lambda: _clock(ledger))
    yield _looked("register", ledger.path, lambda: _register(ledger, fix=fix))
    seen = _looked("views", ledger.path, lambda: _views(views(), fix=fix))
    yield seen
    if not seen.error:
        yield _looked("log", ledger.path, lambda: _log(ledger, views()))
    log = beside(ledger.path, LOG_SUFFIX)
    if key.well and log.exists():
        yield _looked("proofs", log, lambda: _proofs(ledger))


def _looked(what: What, path: Path, look: Callable[[], Checked]) -> Checked:
    """Look at one thing; whatever stops it is what was found, and the next thing is looked at."""
    try:
        with translated(path):
            return look()
    except CustodyError as error:
        return Checked(what, well=False, error=str(error).removesuffix(NOTHING_RECORDED))
    except OSError as error:
        where = os.fsdecode(error.filename) if error.filename else str(path)
        return Checked(what, well=False, error=f"{where}: {error.strerror}")


def _ledger(custody: Custody) -> Checked:
    damage = custody.store.damage()
    return Checked("ledger", not damage, *custody.streams.size(), damage=damage)


def _key(custody: Custody) -> Checked:
    check_key(custody)
    return Checked("key", well=True)


def _values(custody: Custody) -> Checked:
    """Look whether every sealed value has its key, and the ledger key opens each.

    The file of keys may be of another day, or of another ledger.
    """
    lost, shut = custody.vault.lost(), custody.vault.shut()
    first = next(iter((*lost, *shut)), "")
    return Checked("values", not first, len(lost), len(shut), first=first)


def _proofs(custody: Custody) -> Checked:
    """Look whether the log of proofs goes on from where it stopped, and its last note is its own."""
    proofs = ProofLog(custody)
    try:
        size = proofs.catch_up()
        with proofs.worded():
            if proofs.log.signed.size:
                proofs.publisher().check()
    finally:
        proofs.close()
    return Checked("proofs", well=True, number=size)


def _clock(custody: Custody) -> Checked:
    shows, trusted = custody.clock(), custody.streams.last().clock
    after = 0 if trusted is None else shows - trusted
    error = doubt.of(shows, trusted, custody.streams)
    return Checked("clock", not error, after // times.SECOND, error=error)


def _log(custody: Custody, views: Views) -> Checked:
    wrong = index.clock_wrong(views.connection, custody.clock())
    return Checked("log", wrong is None, *(wrong or (0, 0)))


def _register(custody: Custody, *, fix: bool) -> Checked:
    hold = custody.store.writing if fix else custody.store.snapshot
    act = register.rebuild if fix else register.difference
    with hold():
        wrong = act(custody.store, (known.state for known in custody.streams.every()))
    return Checked("register", fix or not wrong, wrong)


def _views(views: Views, *, fix: bool) -> Checked:
    reached = views.remake() if fix else views.catch_up()
    damage = views.damage()
    return Checked("views", not damage, reached, damage=damage)
