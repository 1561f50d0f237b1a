"""What only openpyxl tells: number formats of number cells, which cells hold a formula, which an error.

It is slow, so it is asked only for columns where a number stands for a serial, and only of
workbooks in whose XML a formula or an error was seen. An error (`#N/A`) reads as nothing otherwise.
"""

from __future__ import annotations

# Imports inside functions: openpyxl is of the extra `intake` and may be missing.
import io
import re
import warnings
import zipfile
from typing import Any, NamedTuple

from intake.limits import chunks
from intake.readfile import guarded

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ERROR = re.compile(rb"""\st=["']e["']""")


class Details(NamedTuple):
    """All by (row, column), from 0. `errors` holds what the cell shows: `#N/A`."""

    formats: dict[tuple[int, int], str]
    formulas: frozenset[tuple[int, int]]
    errors: dict[tuple[int, int], str]


NOTHING = Details({}, frozenset(), {})


def has_formulas(data: bytes) -> bool:
    """Whether any sheet of an xlsx holds a formula or an error."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return any(
            _FORMULA.search(chunk) or _ERROR.search(chunk)
            for name in archive.namelist()
            if "worksheets/" in name
            for chunk in chunks(archive, name)
        )


def details(data: bytes, sheet: str, columns: set[int], formulas: bool) -> Details:
    """Read number formats of number cells, and places of formulas.

    Args:
        data: an xlsx file that calamine could read.
        sheet: its sheet.
        columns: where formats are wanted, from 0.
        formulas: whether formulas or errors were seen at all.
    """
    if not columns and not formulas:
        return NOTHING
    with warnings.catch_warnings():
        found: Details = guarded("xlsx", lambda: _read(data, sheet, columns, formulas))
    return found


def _read(data: bytes, sheet: str, columns: set[int], formulas: bool) -> Details:
    from openpyxl import load_workbook

    warnings.simplefilter("ignore")  # of extensions openpyxl does not know
    formats: dict[tuple[int, int], str] = {}
    places: set[tuple[int, int]] = set()
    errors: dict[tuple[int, int], str] = {}
    book = load_workbook(io.BytesIO(data), read_only=True)
    first, last = (None, None) if formulas else (min(columns) + 1, max(columns) + 1)
    rows: Any = book[sheet].iter_rows(min_col=first, max_col=last)
    for row in rows:
        for cell in row:
            if cell.data_type == "f":
                places.add((cell.row - 1, cell.column - 1))
            elif cell.data_type == "e":
                errors[cell.row - 1, cell.column - 1] = str(cell.value)
            elif cell.data_type == "n" and cell.value is not None and cell.column - 1 in columns:
                formats[cell.row - 1, cell.column - 1] = cell.number_format
    book.close()
    return Details(formats, frozenset(places), errors)
