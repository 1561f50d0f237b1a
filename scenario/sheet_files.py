"""Rows to files: a right-to-left workbook, a CSV, and the truth beside each.

The same rows give the same bytes: the workbook's creation time is fixed, xlsxwriter stamps the
zip members with 1980 itself, strings are written as strings (a leading = is no formula).
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped] # it ships no types

from application.store.files import write_whole
from scenario import SYNTHETIC
from scenario.sheet_rows import EMPTY, FIRST_ROW, Cell, SheetRow

SHEET_NAME = "سجل"
CREATED = datetime(2024, 12, 7)  # noqa: DTZ001 - a workbook's property has no zone
TITLE = f"{SYNTHETIC} — بيانات مصطنعة، لا يوجد فيها شخص حقيقي"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet ready to be written."""

    kind: str  # persons | weapons
    ranges: str  # the reserved ranges, said in row 2
    columns: dict[str, str]
    rows: list[SheetRow]
    left_out: tuple[str, ...]
    delimiter: str


def write(sheet: Sheet, directory: Path) -> list[Path]:
    """Write the workbook, the CSV and a truth file for each; return the four paths."""
    paths = []
    for form, data in (("xlsx", _xlsx(sheet)), ("csv", _csv(sheet))):
        path = directory / f"{sheet.kind}.{form}"
        write_whole(path, data)
        truth = directory / f"{path.name}.truth.jsonl"
        write_whole(truth, _truth(sheet, form))
        paths += [path, truth]
    return paths


def _truth(sheet: Sheet, form: str) -> bytes:
    head = {
        "synthetic": SYNTHETIC,
        "file": f"{sheet.kind}.{form}",
        "kind": sheet.kind,
        "sheet": SHEET_NAME,
        "dates": "dmy",
        "header_row": FIRST_ROW - 1,
        "first_row": FIRST_ROW,
        "rows": len(sheet.rows),
        "left_out": list(sheet.left_out),
    }
    lines = [head, *(row.truth(form) for row in sheet.rows)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _csv(sheet: Sheet) -> bytes:
    """UTF-8 with BOM, CRLF, every cell as the spreadsheet displays it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sheet.delimiter)
    blank = [""] * (len(sheet.columns) - 1)
    writer.writerows([[TITLE, *blank], [sheet.ranges, *blank], list(sheet.columns.values())])
    writer.writerows([row.cells.get(n, EMPTY).shown for n in sheet.columns] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(sheet: Sheet) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": SYNTHETIC, "comments": TITLE, "created": CREATED})
    page = book.add_worksheet(SHEET_NAME)
    page.right_to_left()
    page.set_column(0, len(sheet.columns) - 1, 18)
    page.set_header(f"&C{SYNTHETIC}")
    page.write_string(0, 0, TITLE)
    page.write_string(1, 0, sheet.ranges)
    bold, formats = book.add_format({"bold": True}), _Formats(book)
    for column, title in enumerate(sheet.columns.values()):
        page.write_string(FIRST_ROW - 2, column, title, bold)
    for row in sheet.rows:
        for column, name in enumerate(sheet.columns):
            _write_cell(page, row.number - 1, column, row.cells.get(name, EMPTY), formats)
            if name in row.merged:
                last = row.number - 1 + row.merged[name]
                text = row.text(name)
                page.merge_range(row.number - 1, column, last, column, text)
    book.close()
    return out.getvalue()


class _Formats(dict[str | None, Any]):
    """One format a number format, made when first asked for."""

    def __init__(self, book: Any) -> None:
        super().__init__({None: None})
        self.book = book

    def __missing__(self, number_format: str | None) -> Any:
        self[number_format] = self.book.add_format({"num_format": number_format})
        return self[number_format]


def _write_cell(page: Any, row: int, column: int, cell: Cell, formats: _Formats) -> None:
    if isinstance(cell.value, str):
        page.write_string(row, column, cell.value)
    elif isinstance(cell.value, date):
        page.write_datetime(row, column, cell.value, formats[cell.number_format])
    elif cell.value is not None:
        page.write_number(row, column, cell.value, formats[cell.number_format])
