"""A file that the intake room has judged becomes decisions; what the ledger says goes back to it.

    sheet = sheet_of(custody, report, data, said)       its identity and rows, compared with the ledger
    taken = take_in(custody, sheet, said, commit=True)  recorded, and its look-alikes kept

Which batch a file is follows from two digests: of its bytes, and of its titles and rows alone, which
stay the same when it is only saved anew (`batches.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from application.decisions.custody import Custody
from application.imports import batches, pairs, taking_in
from application.imports.given import Said, SheetRow, Source
from application.imports.labels import safe
from application.imports.pairs import Likeness
from application.imports.rows import HOLDER
from application.imports.taking_in import Result
from domain.errors import BadInputError
from intake import rejects, tables
from intake.check import Report
from intake.codes import Bilingual, Outcome, Remark
from intake.judge import CheckedRow
from intake.pairs import Known, look_alikes


class Sheet(NamedTuple):
    """One file on its way in.

    Attributes:
        report: its outcomes, and which rows look like which records of the ledger.
        source: what the ledger keeps about the file. rows: as the ledger takes them.
    """

    report: Report
    source: Source
    rows: tuple[SheetRow, ...]


class TakenIn(NamedTuple):
    """What became of a file.

    Attributes:
        report: its outcomes, with what the ledger had to say. waiting: pairs that a person decides.
    """

    report: Report
    result: Result
    waiting: int


def sheet_of(
    custody: Custody,
    report: Report,
    data: bytes,
    said: Said,
    *,
    category: str | None = None,
    mends: str | None = None,
) -> Sheet:
    """Return a file as the ledger takes it, compared with what the ledger knows already.

    Args:
        custody, report, said: the ledger, the file's outcomes, what its official says of it.
        data: the file's bytes, which the report was made from.
        category: of all its persons; else what the rank or post says.
        mends: the batch whose rejected rows it puts right; a rejects workbook says so itself.

    Raises:
        BadInputError: weapons, and nobody says where they are. UnknownError: no such batch.
        NotAllowedError: the official may not compare persons.
    """
    if report.kind == "weapons" and not said.site:
        msg = f"{report.filename} does not say where the weapons are: name the place with --site"
        raise BadInputError(msg)
    source, rows = source_of(report, data), tuple(sheet_rows(report, category))
    if mends:
        source = source._replace(mends=batches.one(custody, mends).sha256)
    return Sheet(_compared(custody, report, source, said), source, rows)


def take_in(
    custody: Custody,
    sheet: Sheet,
    said: Said,
    *,
    commit: bool,
    advance: Callable[[int], None] = lambda _: None,
) -> TakenIn:
    """Record a file's rows, or find out what recording them would do.

    Args:
        custody, sheet, said: the ledger, the file, what its official says of it.
        commit: whether anything is recorded. advance: called with each number of rows done.

    Raises:
        as `taking_in.rehearse` and `taking_in.commit`.
    """
    act = taking_in.commit if commit else taking_in.rehearse
    result = act(custody, sheet.source, sheet.rows, said, advance)
    report = answered(sheet.report, result)
    return TakenIn(report, result, _waiting(custody, report, result, said))


def _compared(custody: Custody, report: Report, source: Source, said: Said) -> Report:
    own = batches.earlier(custody, source)
    purpose = f"compared with {report.filename} sha256 {report.sha256[:16]}"
    known = pairs.known(custody, said.by, report.kind, purpose, own.id if own else "")
    if not known:
        return report
    records = [Known(subject, fields) for subject, fields in known]
    return replace(report, pairs=tuple(look_alikes(report.rows, report.kind, records)))


def _waiting(custody: Custody, report: Report, result: Result, said: Said) -> int:
    """Keep the pairs, when something was recorded; return how many wait for a person."""
    if not result.batch:
        gone = {*result.refused, *result.again}
        return sum(1 for pair in report.pairs if not {pair.row, pair.other} & gone)
    pairs.keep(custody, said.by, result.batch, (Likeness(*pair) for pair in report.pairs))
    return sum(1 for pair in pairs.pairs(custody, result.batch) if pair.open)


# ── the file ────────────────────────────────────────────────────────────────


def source_of(report: Report, data: bytes) -> Source:
    """Return what the ledger keeps about a file."""
    hidden = report.columns.forbidden
    titles = tuple("" if n in hidden else t for n, t in enumerate(report.columns.titles))
    return Source(
        report.kind,
        report.filename,
        report.sha256,
        content_of(report),
        report.form,
        report.sheet,
        titles,
        report.columns.left_out,
        rejects.source_of(data) if rejects.OWN[0] in report.columns.titles else "",
    )


def content_of(report: Report) -> str:
    """Return the SHA-256, hex, of the titles and every row: what saving a file anew leaves alone."""
    digest = hashlib.sha256(repr(report.columns.titles).encode("utf-8", "surrogatepass"))
    for row in report.rows:
        digest.update(repr((row.number, row.cells)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


# ── its rows ────────────────────────────────────────────────────────────────


def sheet_rows(report: Report, category: str | None = None) -> list[SheetRow]:
    """Return a file's rows as the ledger takes them; `category` as in `sheet_of`."""
    titles, fields = report.columns.titles, report.columns.fields
    own = titles.index(rejects.OWN[0]) if rejects.OWN[0] in titles else None
    serial = fields.get("serial")
    made = []
    for row in report.rows:
        clean = row.clean
        if row.accepted and report.kind == "persons":
            clean["category"] = category or _category(clean.get("rank"))
        elif row.accepted and serial is not None:
            clean["serial_raw"] = _as_typed(row.cells[serial], clean.get("serial"))
        mends = row.cells[own] if own is not None and own < len(row.cells) else ""
        number = int(mends) if mends.isascii() and mends.isdigit() else None
        made.append(
            SheetRow(row.number, row.outcome.value, row.codes, clean, row.cells, row.of_row, number)
        )
    return made


def _category(rank: str | None) -> str:
    """Return what a rank or post says about its holder; a word nobody knows says nothing."""
    words = tables.load()
    if rank in words.posts:
        return "CROSSING_STAFF"
    return "MILITARY" if rank in words.ranks.values() else "OTHER"


def _as_typed(cell: str, clean: str | None) -> str | None:
    text = safe(cell).strip()
    return text if text != clean else None


# ── the ledger's answer ─────────────────────────────────────────────────────


def answered(report: Report, result: Result) -> Report:
    """Return a report with what the ledger had to say about its rows."""

    def changed(row: CheckedRow) -> CheckedRow:
        refusal = result.refused.get(row.number)
        if refusal:
            note = Remark(refusal.code, refusal.field, Bilingual(refusal.en, refusal.ar))
            return replace(row, outcome=Outcome.QUARANTINED, notes=(note,), values=())
        codes = result.warned.get(row.number, ())
        more: tuple[Remark, ...] = tuple(
            Remark(code, "depositor", Bilingual(*HOLDER)) for code in codes
        )
        return (
            replace(row, outcome=Outcome.WITH_WARNING, notes=(*row.notes, *more)) if more else row
        )

    if not result.refused and not result.warned:
        return report
    return replace(report, rows=tuple(changed(row) for row in report.rows))
