"""The one door: `check(data, filename, kind)` reads a file to rows with outcomes.

    report = check(data, "weapons.xlsx", "weapons", dates="dmy")
    sum(report.counts.values()) == report.total == len(report.rows)

Nothing is recorded here, nothing is asked, and a file that cannot be read ends with one sentence.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from intake import columns, details, errorcells, layout, readfile
from intake.codes import Outcome
from intake.columns import FIELDS, Columns
from intake.dates import ORDERS
from intake.draft import Conventions
from intake.errors import IntakeError
from intake.judge import CheckedRow, Judge
from intake.layout import Table
from intake.pairs import Known, Pair, look_alikes
from intake.readcsv import open_csv
from intake.readfile import Book, Value, Workbook
from intake.tables import Tables, load

NUMBERS = {"persons": ("service_number",), "weapons": ("serial",)}  # where zeros get lost


@dataclass(frozen=True, slots=True)
class Report:
    """What a file holds, row by row."""

    filename: str
    kind: str
    sha256: str  # of the file's bytes, hex; with a row's number the key of that row
    form: str  # xlsx | xls | ods | csv
    encoding: str | None  # of a csv
    sheet: str
    header_row: int
    columns: Columns
    rows: tuple[CheckedRow, ...]
    pairs: tuple[Pair, ...] = ()

    @property
    def total(self) -> int:
        """Rows of the table, all of them."""
        return len(self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """Outcome to number of rows: they add up to the total."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome.value: found[outcome] for outcome in Outcome}

    @property
    def reasons(self) -> dict[str, dict[str, int]]:
        """Outcome to code or reason to number of rows."""
        found: dict[str, Counter[str]] = {outcome.value: Counter() for outcome in Outcome}
        for row in self.rows:
            found[row.outcome].update((row.reason,) if row.reason else row.codes)
        return {outcome: dict(counter.most_common()) for outcome, counter in found.items()}

    @property
    def accepted(self) -> tuple[CheckedRow, ...]:
        """Rows that would be recorded."""
        return tuple(row for row in self.rows if row.accepted)

    @property
    def quarantined(self) -> tuple[CheckedRow, ...]:
        """Rows that a person must put right."""
        return tuple(row for row in self.rows if row.outcome is Outcome.QUARANTINED)


def check(
    data: bytes,
    filename: str,
    kind: str | None,
    dates: str | None = None,
    encoding: str | None = None,
    sheet: str | int | None = None,
    column_map: Mapping[str, str] | None = None,
    known: Sequence[Known] = (),
    tables: Tables | None = None,
) -> Report:
    """Read a file to outcomes.

    Args:
        data: the file's bytes.
        filename: its name, for the report only; what it is its content says.
        kind: persons or weapons; None for whichever its titles say.
        dates: the order of dates in this file, dmy, mdy, ymd or hijri; without it only dates
            that read in one way are taken.
        encoding: of a csv; decides where given.
        sheet: a sheet's name or its number from 1.
        column_map: title to field, or to "-" for a column to leave out.
        known: records that rows are to be compared with.
        tables: words of the house (`tables.load`), ours by default.

    Raises:
        IntakeError: the file as a whole cannot be taken in.
    """
    if kind is None:
        return _either(
            lambda one: check(
                data, filename, one, dates, encoding, sheet, column_map, known, tables
            )
        )
    if kind not in FIELDS:
        raise IntakeError("kind", kind=kind)
    if dates is not None and dates not in ORDERS:
        raise IntakeError("dates", dates=dates)
    words, chosen = tables or load(), column_map or {}
    columns.check_map(chosen, kind, words)
    report = _read(data, filename, kind, dates, encoding, sheet, chosen, words)
    return replace(report, pairs=tuple(look_alikes(report.rows, kind, known)))


def _either(read: Callable[[str], Report]) -> Report:
    """Read a file as persons, or as weapons where its titles are not those of persons."""
    try:
        return read("persons")
    except IntakeError as error:
        if error.code not in {"header", "missing", "map"}:
            raise
        try:
            return read("weapons")
        except IntakeError as second:
            raise (second if second.code != "header" else error) from None


def _read(
    data: bytes,
    filename: str,
    kind: str,
    dates: str | None,
    encoding: str | None,
    sheet: str | int | None,
    chosen: Mapping[str, str],
    words: Tables,
) -> Report:
    """Read everything but pairs; the parsed workbook is let go before names are compared."""
    book = _open(data, encoding, kind, words, chosen)
    table = layout.find(book, kind, words, sheet, chosen)
    judge = Judge(table, kind, Conventions(words, dates, book.epoch), _details(book, table, kind))
    return Report(
        filename=filename,
        kind=kind,
        sha256=hashlib.sha256(data).hexdigest(),
        form=book.form,
        encoding=book.encoding,
        sheet=table.sheet,
        header_row=table.header_row,
        columns=table.columns,
        rows=tuple(judge.rows()),
    )


def _open(
    data: bytes, encoding: str | None, kind: str, words: Tables, chosen: Mapping[str, str]
) -> Book:
    form = readfile.sniff(data)
    if form != "csv":
        return readfile.open_workbook(data, form)

    def score(rows: Sequence[Sequence[Value]]) -> int:
        return max((layout.score_of(row, kind, words, chosen) for row in rows), default=0)

    return open_csv(data, encoding, score)


def _details(book: Book, table: Table, kind: str) -> details.Details:
    """Ask for errors, and for number formats only where a number stands in for a serial."""
    if not isinstance(book, Workbook):
        return details.NOTHING
    if book.form == "ods":
        return details.NOTHING._replace(errors=errorcells.in_ods(book.data, table.sheet))
    if book.form == "xls":
        index = book.workbook.sheet_names.index(table.sheet)
        return details.NOTHING._replace(errors=errorcells.in_xls(book.data, index))
    columns = {table.columns.fields[n] for n in NUMBERS[kind] if n in table.columns.fields}
    rows = islice(book.rows(table.sheet), table.header_row, None)
    typed = {n for row in rows for n in columns if n < len(row) and isinstance(row[n], int | float)}
    return details.details(book.data, table.sheet, typed, details.has_formulas(book.data))
