"""Sheets taken in: which file, which row, what became of it. Raw rows stay as they were.

    rehearse   carries every row out in memory and takes it back: nothing is written, nobody waits
    commit     records the rows, 250 a transaction, and stages all of them beside their events

    B-3f9c…    import_batch   kind, file name, SHA-256, sheet, titles, official, when
               import_row     number, verdict, codes, the person or weapon it became
               vault          the cells of each row, sealed under a key of its own (`raw_rows.py`)

The idempotency key of a row is the file's SHA-256, the sheet and the row's number: importing a file
again records what is not in yet, after an interruption, a power cut or a change of options, and
nothing twice. A sheet that was only saved anew, its rows the same to the letter, is the same sheet.
Once a batch is taken back altogether, its file can be imported anew.

A rejects workbook that was put right is a file of its own; its batch names the one that it mends.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from application.decisions import access
from application.decisions.ledger import Ledger
from application.decisions.unit import Recorded, Unit
from application.imports.rows import Desk, Refusal, RowRefusedError, Said, SheetRow, Source, Taken
from application.store import raw_rows
from application.store.interface import Readable
from domain import history, record
from domain.errors import BadInputError, BusyError, StorageError, UnknownError

ROWS_AT_ONCE = 250
REHEARSED_AT_ONCE = 2_000
_COLUMNS = (
    "id, kind, file, sha256, content, sheet, attempt, total, titles, left_out, document, mends, "
    "official, recorded_at, status"
)


class Batch(NamedTuple):
    """One file that was taken in. `status`: OPEN, COMPLETE; `mends`: the batch whose rows it mends."""

    id: str
    kind: str
    file: str
    sha256: str
    content: str
    sheet: str
    attempt: int
    total: int
    titles: tuple[str, ...]
    left_out: tuple[str, ...]
    document: str
    mends: str
    official: str
    recorded_at: int
    status: str


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


# ── taking a file in ────────────────────────────────────────────────────────


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
    found = earlier(custody, source)
    done = _none(again=recorded(custody, found.id) if found else {})
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
        batch = _batch_of(custody, unit, source, len(rows), said)
    done = _none(batch.id, recorded(custody, batch.id))
    staged = _digests(custody, batch.id)
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


def complete(unit: Unit, batch: str) -> None:
    """Note that every row of a batch is in and was compared. Inside a unit."""
    unit.store.execute("UPDATE import_batch SET status = 'COMPLETE' WHERE id = ?", (batch,))


def _pieces(rows: Sequence[SheetRow], size: int) -> Iterator[Sequence[SheetRow]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


# ── batches ─────────────────────────────────────────────────────────────────


def earlier(custody: Ledger, source: Source) -> Batch | None:
    """Return the batch this very sheet was taken in as, unless it was taken back altogether."""
    found = [b for b in _same_sheet(custody, source) if not taken_back(custody, b.id)]
    return found[-1] if found else None


def _same_sheet(custody: Ledger, source: Source) -> list[Batch]:
    return _batches(
        custody.store,
        "WHERE (sha256 = ? AND sheet = ? OR content = ?) AND kind = ? ORDER BY attempt",
        source.sha256,
        source.sheet,
        source.content,
        source.kind,
    )


def _batch_of(custody: Ledger, unit: Unit, source: Source, total: int, said: Said) -> Batch:
    if (standing := earlier(custody, source)) is not None:
        return standing
    before = _same_sheet(custody, source)
    mended = _batches(unit.store, "WHERE sha256 = ? ORDER BY attempt", source.mends)
    batch = Batch(
        unit.batch(),
        source.kind,
        source.file,
        source.sha256,
        source.content,
        source.sheet,
        len(before) + 1,
        total,
        source.titles,
        source.left_out,
        said.document,
        mended[-1].id if mended else "",
        said.by,
        unit.now,
        "OPEN",
    )
    stored = batch._replace(
        titles=json.dumps(batch.titles),  # type: ignore[arg-type]  # as stored
        left_out=json.dumps(batch.left_out),  # type: ignore[arg-type]  # the same
    )
    unit.store.execute(
        f"INSERT INTO import_batch ({_COLUMNS}) VALUES ({','.join('?' * len(stored))})", stored
    )
    return batch


def _batches(store: Readable, where: str, *values: object) -> list[Batch]:
    rows = store.fetch(f"SELECT {_COLUMNS} FROM import_batch {where}", values)
    made = (Batch(*row) for row in rows)
    return [
        b._replace(
            titles=tuple(json.loads(str(b.titles))), left_out=tuple(json.loads(str(b.left_out)))
        )
        for b in made
    ]


def every(custody: Ledger) -> list[Batch]:
    """Return every batch, the newest last."""
    return _batches(custody.store, "ORDER BY recorded_at, id")


def one(custody: Ledger, batch: str) -> Batch:
    """Return one batch.

    Raises:
        UnknownError: there is none of that number.
    """
    found = _batches(custody.store, "WHERE id = ?", batch)
    if not found:
        msg = f"{batch} is not a batch of this ledger: `amana intake batches` lists them"
        raise UnknownError(msg)
    return found[0]


def counts(custody: Ledger, batch: str) -> dict[str, int]:
    """Return outcome to number of rows, and RECORDED: how many became a person or weapon."""
    rows = list(
        custody.store.fetch(
            "SELECT verdict, count(*), count(subject) FROM import_row WHERE batch = ?"
            " GROUP BY verdict ORDER BY verdict",
            (batch,),
        )
    )
    return {verdict: n for verdict, n, _ in rows} | {"RECORDED": sum(n for *_, n in rows)}


def quarantined(custody: Ledger, batch: str) -> list[tuple[int, str, str]]:
    """Return the rows in quarantine: number, codes, and the batch that put it right or ""."""
    rows = custody.store.fetch(
        "SELECT r.row, r.codes, coalesce((SELECT b.id FROM import_batch b JOIN import_row m"
        " ON m.batch = b.id WHERE b.mends = r.batch AND m.mends = r.row AND m.subject IS NOT NULL"
        " LIMIT 1), '') FROM import_row r WHERE r.batch = ? AND r.verdict = 'QUARANTINED'"
        " ORDER BY r.row",
        (batch,),
    )
    return [(row, codes, mended_by) for row, codes, mended_by in rows]


def raw(custody: Ledger, official: str, batch: str, row: int, purpose: str) -> dict[str, str]:
    """Return the cells of a staged row by title; who looked and why is recorded.

    Raises:
        NotAllowedError: the official may not read it. UnknownError: no such row.
    """
    known = one(custody, batch)
    if not purpose.strip():
        msg = f"{batch} row {row}: say why it is opened (--reason)"
        raise BadInputError(msg)
    with custody.unit() as unit:
        access.need(
            unit, official, "personal values" if known.kind == "persons" else "weapons sheet"
        )
        found = unit.store.one(
            "SELECT digest FROM import_row WHERE batch = ? AND row = ?", (batch, row)
        )
        if found is None:
            msg = f"{batch} has no row {row}"
            raise UnknownError(msg)
        owner = raw_rows.owner(batch, row)
        cells = json.loads(unit.vault.opened(owner, {"row": found[0]})["row"])
        unit.note_access(official, owner, "row", purpose)
    return {title: cell for title, cell in zip(known.titles, cells, strict=False) if title and cell}


def recorded(custody: Ledger, batch: str) -> dict[int, str]:
    """Return which rows of a batch became which person or weapon."""
    rows = custody.store.fetch(
        "SELECT row, subject FROM import_row WHERE batch = ? AND subject IS NOT NULL ORDER BY row",
        (batch,),
    )
    return dict(rows)


def _digests(custody: Ledger, batch: str) -> dict[int, str]:
    rows = custody.store.fetch("SELECT row, digest FROM import_row WHERE batch = ?", (batch,))
    return dict(rows)


def subjects(custody: Ledger, batch: str) -> list[str]:
    """Return the persons or weapons that a batch recorded."""
    return sorted(recorded(custody, batch).values())


# ── taking a batch back ─────────────────────────────────────────────────────


def taken_back(custody: Ledger, batch: str) -> bool:
    """Whether nothing that a batch recorded counts any more."""
    made = subjects(custody, batch)
    gone = custody.store.one(
        "SELECT count(DISTINCT s.originator_id) FROM import_row r JOIN stored_events s"
        " ON s.originator_id = r.subject WHERE r.batch = ? AND s.topic = ?",
        (batch, record.Retracted.TOPIC),
    )
    return bool(made) and gone == (len(made),) and not counting(custody, batch, made)


def counting(custody: Ledger, batch: str, streams_of: Sequence[str]) -> list[tuple[str, int]]:
    """Return the events of a batch that still count, by stream and version."""
    known = custody.streams.histories(streams_of)
    return [
        (stream, event.originator_version)
        for stream, past in known.items()
        for event in history.in_order(past.events)
        if event.batch == batch and not event.TOPIC.startswith("record.")
    ]
