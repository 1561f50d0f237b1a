"""Taking a sheet in: which file, which row, what became of it. Raw rows stay as they were.

    rehearse   carries every row out in memory and takes it back: nothing is written, nobody waits
    commit     records the rows, 250 a transaction, and stages all of them beside their events

The idempotency key of a row is the file's SHA-256, the sheet and the row's number: importing a file
again records what is not in yet, after an interruption, a power cut or a change of options, and
nothing twice. What is kept of them is read again through `batches.py`.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from application.decisions.ledger import Ledger
from application.decisions.unit import Recorded, Unit
from application.imports import batches
from application.imports.batches import Batch
from application.imports.given import Refusal, RowRefusedError, Said, SheetRow, Source, Taken
from application.imports.rows import Desk
from application.store import raw_rows
from domain.errors import BusyError, StorageError

ROWS_AT_ONCE = 250
REHEARSED_AT_ONCE = 2_000


class Result(NamedTuple):
    """What became of the rows that were to be recorded.

    Attributes:
        batch: its number, "" when only rehearsed.
        recorded: row to subject, now. again: row to subject, before.
        refused: row to reason. warned: row to warnings found while recording.
        flags: how often which rule was broken.
    """

    batch: str
    recorded: dict[int, str]
    again: dict[int, str]
    refused: dict[int, Refusal]
    warned: dict[int, tuple[str, ...]]
    flags: Counter[int]

    def add(self, row: int, taken: Taken) -> None:
        """Note that a row was recorded."""
        self.recorded[row] = taken.subject
        if taken.codes:
            self.warned[row] = taken.codes
        self.flags.update(taken.irregularities)

    def join(self, other: Result) -> None:
        """Take over what became of some more rows."""
        self.recorded.update(other.recorded)
        self.refused.update(other.refused)
        self.warned.update(other.warned)
        self.flags.update(other.flags)


def _none(batch: str = "", again: dict[int, str] | None = None) -> Result:
    return Result(batch, {}, again or {}, {}, {}, Counter())


class _RehearsedError(Exception):
    """Not a fault: the way out of an attempt whose outcome is not wanted."""


def rehearse(
    custody: Ledger,
    source: Source,
    rows: Sequence[SheetRow],
    said: Said,
    advance: Callable[[int], None] = lambda _: None,
) -> Result:
    """Find out what recording the rows would do, without writing or holding anybody up.

    Raises:
        NotAllowedError: the official may not record such rows. UnknownError: a site, party or
        official that was named is not in the directory.
    """
    found = batches.earlier(custody, source)
    done = _none(again=batches.recorded(custody, found.id) if found else {})
    with custody.reading() as unit:
        desk = Desk(unit, source, said, "")
        for some in _pieces(rows, REHEARSED_AT_ONCE):
            with contextlib.suppress(_RehearsedError), unit.attempt():
                _try(unit, desk, some, done)
                raise _RehearsedError
            advance(len(some))
    return done


def _try(unit: Unit, desk: Desk, rows: Sequence[SheetRow], done: Result) -> None:
    for row in rows:
        if not row.accepted or row.number in done.again:
            continue
        try:
            with unit.attempt():
                done.add(row.number, desk.take(unit, row))
        except RowRefusedError as error:
            done.refused[row.number] = error.refusal


def commit(
    custody: Ledger,
    source: Source,
    rows: Sequence[SheetRow],
    said: Said,
    advance: Callable[[int], None] = lambda _: None,
) -> Result:
    """Record the accepted rows and stage all of them; what is in already is left alone.

    Raises:
        NotAllowedError, UnknownError: as `rehearse`. StorageError, BusyError: the file failed or
        another writer was in the way; the sentence says how many rows went in before.
    """
    with custody.unit() as unit:
        Desk(unit, source, said, "")  # who may not, or named nobody, leaves no batch behind
        batch = batches.begun(custody, unit, source, len(rows), said)
    done = _none(batch.id, batches.recorded(custody, batch.id))
    staged = batches.digests(custody, batch.id)
    for some in _pieces(rows, ROWS_AT_ONCE):
        try:
            with custody.batch(whole=True):
                piece = _record(custody, source, said, batch, some, done.again)
                _stage(custody, batch.id, some, piece, done.again, staged)
        except (StorageError, BusyError) as error:
            msg = (
                f"{error}; {len(done.recorded):,} rows of {source.file} went in before: "
                "import it again and the rest goes in"
            )
            raise type(error)(msg) from error
        done.join(piece)
        advance(len(some))
    return done


def _record(
    custody: Ledger,
    source: Source,
    said: Said,
    batch: Batch,
    rows: Sequence[SheetRow],
    again: dict[int, str],
) -> Result:
    done = _none(batch.id)
    with custody.reading() as unit:
        desk = Desk(unit, source, said, batch.id)
    for row in rows:
        if not row.accepted or row.number in again:
            continue
        key, digest = _key(batch, row.number)
        try:
            with custody.unit() as unit:
                unit.tick()
                if (before := unit.seen(key, digest)) is not None:
                    again[row.number] = before.subject
                    continue
                taken = desk.take(unit, row)
                done.add(row.number, taken)
                unit.remember(key, digest, Recorded(taken.subject, 1))
        except RowRefusedError as error:
            done.refused[row.number] = error.refusal
    return done


def _key(batch: Batch, row: int) -> tuple[str, bytes]:
    parts = (batch.sha256, batch.sheet, str(row), str(batch.attempt) if batch.attempt > 1 else "")
    key = ":".join(part for part in parts if part)
    return key, hashlib.sha256(f"intake {batch.kind} {key}".encode()).digest()


def _stage(
    custody: Ledger,
    batch: str,
    rows: Sequence[SheetRow],
    done: Result,
    again: dict[int, str],
    staged: dict[int, str],
) -> None:
    """Keep each row as it stood when it first came; what was erased since stays erased."""
    new = [row for row in rows if row.number not in again or row.number not in staged]
    with custody.unit() as unit:
        unit.store.executemany(
            "INSERT INTO import_row"
            " (batch, row, verdict, codes, subject, digest, of_row, mends)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (batch, row) DO UPDATE SET"
            " verdict = excluded.verdict, codes = excluded.codes, subject = excluded.subject,"
            " digest = excluded.digest, of_row = excluded.of_row, mends = excluded.mends",
            [
                (
                    batch,
                    row.number,
                    *_outcome(row, done),
                    done.recorded.get(row.number) or again.get(row.number),
                    staged.get(row.number) or _sealed(unit, batch, row),
                    row.of_row,
                    row.mends,
                )
                for row in new
            ],
        )


def _sealed(unit: Unit, batch: str, row: SheetRow) -> str:
    owner = raw_rows.owner(batch, row.number)
    return unit.vault.seal(owner, {"row": raw_rows.text_of(row.cells)})["row"]


def _outcome(row: SheetRow, done: Result) -> tuple[str, str]:
    if refusal := done.refused.get(row.number):
        return "QUARANTINED", refusal.code
    codes = sorted({*row.codes, *done.warned.get(row.number, ())})
    return "WITH_WARNING" if row.accepted and codes else row.outcome, " ".join(codes)


def _pieces(rows: Sequence[SheetRow], size: int) -> Iterator[Sequence[SheetRow]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
