"""The rejects workbook: the rows a person must put right, in the file's own columns.

Right to left, every cell a text cell (nothing is a formula, no zero is eaten), four columns behind:
the row in the file, the code, the reason in Arabic and in English. Put right and imported again,
the four are read past. Columns that are never collected are not in it; the same report gives the
same bytes. A property of the workbook says which file its rows come from.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped] # it ships no types

from intake.check import Report
from intake.codes import Remark
from intake.judge import CheckedRow

OWN = ("الصف في الملف / Row in the file", "الرمز / Code", "السبب", "Reason")
CREATED = datetime(1980, 1, 1)  # noqa: DTZ001 - a workbook's property has no zone
_LONGEST = 32_767  # what a cell holds
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_SHEET = "مرفوض"
_SOURCE = re.compile(rb"<cp:keywords>sha256:([0-9a-f]{64})</cp:keywords>")


def workbook(report: Report) -> bytes:
    """Return the quarantined rows of a report as an xlsx file."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": CREATED, "keywords": f"sha256:{report.sha256}"})
    sheet = book.add_worksheet(_SHEET)
    sheet.right_to_left()
    sheet.freeze_panes(1, 0)
    text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
    own = {report.columns.titles.index(title) for title in report.columns.titles if title in OWN}
    kept = [
        index
        for index, title in enumerate(report.columns.titles)
        if title and index not in report.columns.forbidden and index not in own
    ]
    titles = [*(report.columns.titles[index] for index in kept), *OWN]
    sheet.set_column(0, len(titles) - 1, 18, text)
    _line(sheet, 0, titles, bold)
    for number, row in enumerate(report.quarantined, 1):
        cells = [row.cells[index] if index < len(row.cells) else "" for index in kept]
        _line(sheet, number, [*cells, *_own(row, report)], text)
    book.close()
    return out.getvalue()


def source_of(data: bytes) -> str:
    """Return the SHA-256, hex, of the file whose rejected rows a workbook holds, or ""."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = _SOURCE.search(archive.read("docProps/core.xml"))
    except (zipfile.BadZipFile, KeyError):
        return ""
    return found[1].decode() if found else ""


def _own(row: CheckedRow, report: Report) -> list[str]:
    note = row.notes[0]
    where = _column(note, report)
    return [str(row.number), note.code, f"{where}{note.words.ar}", f"{where}{note.words.en}"]


def _column(note: Remark, report: Report) -> str:
    index = report.columns.fields.get(note.field or "")
    return "" if index is None else f"«{report.columns.titles[index]}»: "


def _line(sheet: Any, row: int, texts: list[str], form: Any) -> None:
    for column, text in enumerate(texts):
        safe = text.translate(_SURROGATES)[:_LONGEST]
        if safe:
            sheet.write_string(row, column, safe, form)
        else:
            sheet.write_blank(row, column, None, form)
