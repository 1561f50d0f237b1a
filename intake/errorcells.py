"""Which cells of an ods or xls workbook show an error (`#N/A`): a reader takes them for empty.

    ods   <table:table-cell calcext:value-type="error"><text:p>#N/A</text:p>
    xls   a BOOLERR record, or a FORMULA record whose result is an error

Both were checked before (`limits.py`, `records.py`): sizes are sound, no part is damaged.

Source:
    MS-XLS §2.4.24 (BoolErr), §2.4.127 (Formula), §2.4.28 (BoundSheet8), §2.5.10 (BErr);
    OpenDocument 1.3 part 3 §19.385, and calcext:value-type as LibreOffice writes it.
"""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass, field
from xml.parsers import expat

from intake.compound import streams
from intake.limits import check_size, times

Errors = dict[tuple[int, int], str]
"""By (row, column), from 0: what the cell shows."""
_SHOWN = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
_SHEET, _END, _FORMULA, _BOOLERR = 0x0085, 0x000A, 0x0006, 0x0205
_NO_NUMBER, _ERROR_RESULT = 0xFFFF, 2


def in_xls(data: bytes, index: int) -> Errors:
    """Return the errors of one sheet.

    Args:
        data: the file. index: which of its sheets, hidden ones counted, from 0.
    """
    found: Errors = {}
    for stream in streams(data, {"Workbook", "Book"}):
        starts = [
            struct.unpack_from("<I", record)[0]
            for kind, record in _records(stream, 0)
            if kind == _SHEET
        ]
        for kind, record in _records(stream, starts[index]) if index < len(starts) else ():
            code = _code(kind, record)
            if code is not None:
                row, column = struct.unpack_from("<HH", record)
                found[row, column] = _SHOWN.get(code, "#UNKNOWN!")
    return found


def _records(stream: bytes, at: int) -> list[tuple[int, bytes]]:
    """Return the records from a place to the end of the part that begins there."""
    found = []
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        found.append((kind, stream[at + 4 : at + 4 + length]))
        if kind == _END:
            break
        at += 4 + length
    return found


def _code(kind: int, record: bytes) -> int | None:
    """Return a record's error; None when it holds none."""
    if kind == _BOOLERR and len(record) >= 8 and record[7]:  # noqa: PLR2004 -- its own length
        return record[6]
    if kind == _FORMULA and len(record) >= 14:  # noqa: PLR2004 -- up to its result's end
        (number,) = struct.unpack_from("<H", record, 12)
        if number == _NO_NUMBER and record[6] == _ERROR_RESULT:
            return record[8]
    return None


def in_ods(data: bytes, sheet: str) -> Errors:
    """Return the errors of one sheet."""
    reader = _Reader(sheet)
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.begins, reader.ends
    parser.CharacterDataHandler = reader.holds
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parser.Parse(archive.read("content.xml"), True)
    return reader.found


@dataclass(slots=True)
class _Reader:
    """Follows the rows and cells of one table with their repetitions."""

    sheet: str
    found: Errors = field(default_factory=dict)
    inside: bool = False
    row: int = 0
    row_times: int = 0
    column: int = 0
    cell_times: int = 0
    text: str | None = None  # of the present cell, when it shows an error

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self.inside = attributes.get("table:name") == self.sheet
            self.row = self.row_times = 0
        elif not self.inside:
            return
        elif tag == "table:table-row":
            self.row += self.row_times
            self.row_times = times(attributes, "table:number-rows-repeated")
            self.column = self.cell_times = 0
        elif tag in {"table:table-cell", "table:covered-table-cell"}:
            self.column += self.cell_times
            self.cell_times = times(attributes, "table:number-columns-repeated")
            self.text = "" if attributes.get("calcext:value-type") == "error" else None

    def holds(self, text: str) -> None:
        if self.text is not None:
            self.text += text

    def ends(self, tag: str) -> None:
        if tag == "table:table-cell" and self.text is not None:
            check_size(self.row + self.row_times - 1, self.column + self.cell_times - 1)
            for row in range(self.row, self.row + self.row_times):
                for column in range(self.column, self.column + self.cell_times):
                    self.found[row, column] = self.text.strip() or "#UNKNOWN!"
            self.text = None
