"""Bytes to sheets: what the file is by its content, how big it may be, what locks it.

    PK…  with xl/workbook.xml             xlsx      D0CF11E0…                  xls
    PK…  with an OpenDocument mimetype    ods       text, UTF-8 or as said     csv

The name is never believed. Anything else, a password, a damaged or an outsized file ends with one
sentence (`errors.py`). Limits are checked before a parser sees the file, because a spreadsheet of
a few kilobytes can claim 17 thousand million cells.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from intake import limits, records
from intake.errors import IntakeError
from intake.when import EPOCH, EPOCH_1904

Value = str | int | float | bool | datetime | date | time | timedelta
Merged = tuple[tuple[int, int], tuple[int, int]]  # first and last (row, column), from 0
_MB = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a text document",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "an archive",
    b"Rar!": "an archive",
    b"SQLite format 3": "a database",
    b"\x7fELF": "a program",
    b"MZ\x90\x00": "a program",
}
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table)", re.IGNORECASE)


class Book(Protocol):
    """A file of sheets."""

    form: str  # xlsx | xls | ods | csv
    epoch: datetime
    encoding: str | None

    @property
    def names(self) -> list[str]:
        """Names of the visible sheets."""

    def rows(self, name: str) -> Iterator[list[Value]]:
        """Every row from the first, each from column A."""

    def merged(self, name: str) -> Sequence[Merged]:
        """Ranges of merged cells."""


@dataclass(slots=True)
class Workbook:
    """A spreadsheet read by calamine."""

    data: bytes
    form: str
    workbook: CalamineWorkbook
    visible: list[str]
    epoch: datetime = EPOCH
    encoding: str | None = None
    _sheets: dict[str, CalamineSheet] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Names of the visible sheets."""
        return self.visible

    def _sheet(self, name: str) -> CalamineSheet:
        if name not in self._sheets:
            found = guarded(self.form, lambda: self.workbook.get_sheet_by_name(name))
            limits.check_size(*(found.end or (0, 0)))
            self._sheets = {name: found}
        return self._sheets[name]

    def rows(self, name: str) -> Iterator[list[Value]]:
        """Every row from the first, each from column A."""
        sheet = self._sheet(name)
        if sheet.start is None:
            return
        before: list[Value] = [""] * sheet.start[1]
        for row in sheet.iter_rows():
            yield [*before, *row]

    def merged(self, name: str) -> Sequence[Merged]:
        """Ranges of merged cells."""
        return self._sheet(name).merged_cell_ranges or ()


def guarded(form: str, read: Callable[[], Any]) -> Any:
    """Let a parser read; whatever it dies of becomes one sentence.

    Raises:
        IntakeError: password or damage.
    """
    try:
        return read()
    except PasswordError:
        raise IntakeError("password") from None
    except (IntakeError, KeyboardInterrupt, SystemExit, MemoryError, ModuleNotFoundError):
        raise
    except BaseException as error:  # a panic of the Rust parser is no Exception
        raise IntakeError("damaged", found=form) from error


def sniff(data: bytes) -> str:
    """Say what a file is by its content: xlsx, xls, ods or csv.

    Raises:
        IntakeError: empty, too big, locked, or of another type.
    """
    if not data.strip():
        raise IntakeError("empty")
    if len(data) > limits.FILE_BYTES:
        found, limit = (round(n / _MB) for n in (len(data), limits.FILE_BYTES))
        raise IntakeError("too_big", found=found, limit=limit)
    if data.startswith(_OLE):
        if _LOCKED in data:
            raise IntakeError("password")
        return "xls"
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data)
    for magic, name in _OTHERS.items():
        if data.startswith(magic):
            raise IntakeError("type", found=name)
    if _MARKUP.match(data.removeprefix(b"\xef\xbb\xbf")):
        raise IntakeError("type", found="a web page or XML")
    return "csv"


def _zipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _office(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, KeyError):
        raise IntakeError("damaged", found="a zip archive") from None


def _office(archive: zipfile.ZipFile) -> str:
    infos = archive.infolist()
    names = {info.filename for info in infos}
    if any(info.flag_bits & 1 for info in infos):
        raise IntakeError("password")
    if sum(info.file_size for info in infos) > limits.UNPACKED_BYTES:
        raise IntakeError("too_big_inside", limit=limits.UNPACKED_BYTES // _MB)
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise IntakeError("type", found="an xlsb workbook")
    if "mimetype" in names and b"opendocument.spreadsheet" in archive.read("mimetype"):
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise IntakeError("password")
        return "ods"
    raise IntakeError("type", found="a zip archive")


def open_workbook(data: bytes, form: str) -> Workbook:
    """Open xlsx, xls or ods, its limits checked first.

    Raises:
        IntakeError: damaged, locked or outsized.
    """
    if form == "xls":
        records.check(data)
    else:
        limits.check_archive(data, form)
    workbook = guarded(form, lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)))
    names = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible
    ]
    return Workbook(data, form, workbook, names, _epoch(data, form))


def _epoch(data: bytes, form: str) -> datetime:
    """Return the day that day numbers count from: old Macs began in 1904."""
    if form != "xlsx":
        return EPOCH
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = re.search(
            rb"""\bdate1904\s*=\s*["'](?:1|true)["']""", archive.read("xl/workbook.xml")
        )
    return EPOCH_1904 if found else EPOCH
