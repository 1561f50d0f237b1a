"""The batches of a ledger: which sheet was taken in, what became of its rows, what still counts.

    B-3f9c…    import_batch   kind, file name, SHA-256, sheet, titles, official, when
               import_row     number, verdict, codes, the person or weapon it became
               vault          the cells of each row, sealed under a key of its own (`raw_rows.py`)

A sheet that was only saved anew, its rows the same to the letter, is the same sheet. Once a batch is
taken back altogether, its file can be imported anew. A rejects workbook that was put right is a file
of its own; its batch names the one that it mends. Rows come in through `taking_in.py`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from application.decisions import access
from application.decisions.ledger import Ledger
from application.decisions.unit import Unit
from application.imports.given import Said, Source
from application.store import raw_rows
from application.store.interface import Readable
from domain import history, record
from domain.errors import BadInputError, UnknownError

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


def begun(custody: Ledger, unit: Unit, source: Source, total: int, said: Said) -> Batch:
    """Return the batch of a sheet, noted as open where there was none. Inside a unit."""
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


def complete(unit: Unit, batch: str) -> None:
    """Note that every row of a batch is in and was compared. Inside a unit."""
    unit.store.execute("UPDATE import_batch SET status = 'COMPLETE' WHERE id = ?", (batch,))


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


def digests(custody: Ledger, batch: str) -> dict[int, str]:
    """Return the commitment under which each row of a batch is sealed."""
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
