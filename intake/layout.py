"""Where the table stands in a file, and which of its rows are no record.

The sheet is the only visible one with a header of the asked kind, or the one named. The header is
the row within the first thirty that names most fields. What stands above it is no row of the
count; below it every row counts, and is a record unless it is

    HEADER   a repeated header: at least half of its filled cells are the titles above them
    TOTAL    begins with المجموع, Total …, and whatever else is filled are figures
    FOOTER   one or two cells: توقيع …, الختم …, صفحة 3 من 60
    COMMENT  one cell: ملاحظة: … or # …
    BLANK    nothing, or nothing but a running number
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from intake import columns
from intake.columns import Columns
from intake.errors import IntakeError
from intake.fold import fold, tidy
from intake.readfile import Book, Value
from intake.tables import Tables

HEADER_WITHIN = 30
_FOOTER_CELLS, _HALF = 2, 2
_FIGURES = re.compile(r"[\d.,٬٫\s%+-]*\d[\d.,٬٫\s%]*")


@dataclass(slots=True)
class Table:
    """One table: its header and the rows below it, read once."""

    sheet: str
    header_row: int  # as the spreadsheet shows it
    columns: Columns
    rows: Iterator[list[Value]]
    filled_down: dict[int, dict[int, int]] = field(default_factory=dict)  # row, column → first row


def shown(value: Value) -> str:
    """Return what a cell holds as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def find(
    book: Book, kind: str, tables: Tables, sheet: str | int | None, chosen: Mapping[str, str]
) -> Table:
    """Find the table of a kind in a book.

    Args:
        book: the file.
        kind: persons or weapons.
        tables: known titles.
        sheet: a sheet's name, or its number from 1, or None to look for it.
        chosen: the user's column map.

    Raises:
        IntakeError: no such sheet, no header, several candidates, or unusable columns.
    """
    names = book.names if sheet is None else [_named(book, sheet)]
    found = {name: _header(book, name, kind, tables, chosen) for name in names}
    headed = {name: index for name, index in found.items() if index is not None}
    if not headed:
        raise IntakeError("header", kind=kind, limit=HEADER_WITHIN)
    if len(headed) > 1:
        raise IntakeError("sheets", kind=kind, found=", ".join(headed))
    ((name, index),) = headed.items()
    rows = book.rows(name)
    head = list(islice(rows, index + 1))
    titles = [tidy(shown(value)).text for value in head[-1]]
    matched = columns.match(titles, kind, tables, chosen)
    return Table(name, index + 1, matched, rows, _filled_down(book, name, index))


def _named(book: Book, sheet: str | int) -> str:
    if isinstance(sheet, str) and sheet in book.names:
        return sheet
    number = int(sheet) if isinstance(sheet, int) or (sheet.isascii() and sheet.isdigit()) else 0
    if not 1 <= number <= len(book.names):
        raise IntakeError("sheet", sheet=sheet, found=", ".join(book.names) or "none")
    return book.names[number - 1]


def _header(
    book: Book, name: str, kind: str, tables: Tables, chosen: Mapping[str, str]
) -> int | None:
    first_rows = list(islice(book.rows(name), HEADER_WITHIN))
    scores = [score_of(row, kind, tables, chosen) for row in first_rows]
    best = max(scores, default=0)
    return scores.index(best) if best else None


def score_of(row: Sequence[Value], kind: str, tables: Tables, chosen: Mapping[str, str]) -> int:
    """Count the fields that a row names as titles."""
    titles = [tidy(value).text for value in row if isinstance(value, str)]
    return columns.score(titles, kind, tables, chosen)


def _filled_down(book: Book, name: str, header: int) -> dict[int, dict[int, int]]:
    """Return for each row below a merged cell's first the column and that first row."""
    filled: dict[int, dict[int, int]] = {}
    for (top, left), (bottom, _right) in book.merged(name):
        for row in range(max(top, header) + 1, bottom + 1):
            filled.setdefault(row, {})[left] = top
    return filled


def repeated(texts: Sequence[str], folded_titles: Sequence[str]) -> bool:
    """Whether a row repeats the header."""
    filled = [
        (fold(text), title) for text, title in zip(texts, folded_titles, strict=False) if text
    ]
    same = sum(1 for text, title in filled if text and text == title)
    return same > 1 and same * _HALF >= len(filled)


def no_record(texts: Sequence[str], table: Columns, tables: Tables) -> str | None:
    """Say why a row is no record, or None where it is one.

    Args:
        texts: the row's cells, tidy; those of columns that are left out are empty.
        table: the columns.
        tables: first words of totals, footers and comments.
    """
    filled = [index for index, text in enumerate(texts) if text]
    if not filled:
        return "BLANK"
    first = texts[filled[0]]
    if filled == [table.fields.get("number")] and _FIGURES.fullmatch(first):
        return "BLANK"  # numbered in advance, never filled in
    if len(filled) == 1 and first.startswith("#"):
        return "COMMENT"
    reason = _reason(first, tables)
    others = [texts[index] for index in filled[1:]]
    if reason == "TOTAL" and all(_FIGURES.fullmatch(text) for text in others):
        return reason
    if reason == "FOOTER" and len(filled) <= _FOOTER_CELLS:
        return reason
    return reason if reason == "COMMENT" and not others else None


def _reason(text: str, tables: Tables) -> str | None:
    words = fold(text).split()[:3]
    starts = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((tables.row_words[start] for start in starts if start in tables.row_words), None)


def below(table: Table) -> Iterator[tuple[int, list[Value]]]:
    """Yield each row below the header with its number; trailing blank rows are none."""
    waiting: list[tuple[int, list[Value]]] = []
    for number, row in enumerate(chain(table.rows), table.header_row + 1):
        waiting.append((number, row))
        if any(value != "" for value in row):
            yield from waiting
            waiting = []
