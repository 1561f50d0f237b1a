"""The records of an xls workbook, looked over before a parser believes their numbers.

A damaged record may claim a sheet that ends before it begins, a cell in column 65,535 or 600
million shared texts; a parser reserves room for them and the process is gone.

Source:
    MS-XLS §2.4.90 (Dimensions), §2.4.265 (SST), §2.5.14 (Cell).
"""

from __future__ import annotations

import struct

from intake import limits
from intake.compound import streams
from intake.errors import IntakeError

_DIMENSIONS, _SST, _MULTIPLE = 0x0200, 0x00FC, {0x00BD, 0x00BE}
_CELLS = {0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E}
_XLS_ROWS, _XLS_COLUMNS = 65_536, 256
_BEGIN = 0x0809  # of a sheet or of the workbook itself


def check(data: bytes) -> None:
    """Refuse an xls file whose records claim what cannot be.

    Args:
        data: the file.

    Raises:
        IntakeError: damaged or outsized.
    """
    found = streams(data, {"Workbook", "Book"})
    if not found:
        raise IntakeError("type", found="no spreadsheet")
    for stream in found:
        try:
            _check(stream)
        except struct.error:
            raise IntakeError("damaged", found="xls") from None


def _check(stream: bytes) -> None:
    at = last_row = last_column = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        record = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _BEGIN:
            last_row = last_column = 0
        elif kind == _DIMENSIONS:
            _check_dimensions(record)
        elif kind == _SST and struct.unpack_from("<I", record, 4)[0] > len(stream):
            raise IntakeError("damaged", found="xls")
        elif kind in _CELLS:
            row, column = struct.unpack_from("<HH", record)
            if kind in _MULTIPLE:
                (column,) = struct.unpack_from("<H", record, len(record) - 2)
            last_row, last_column = max(last_row, row), max(last_column, column)
            limits.check_size(last_row, last_column)


def _check_dimensions(record: bytes) -> None:
    form = "<IIHH" if len(record) >= struct.calcsize("<IIHH") else "<HHHH"
    top, bottom, left, right = struct.unpack_from(form, record)
    if not (top <= bottom <= _XLS_ROWS and left <= right <= _XLS_COLUMNS):
        raise IntakeError("damaged", found="xls")
