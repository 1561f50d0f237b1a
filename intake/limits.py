"""How big a file may be, told before a parser allocates anything.

    file 64 MB · unpacked 512 MB · 200,000 rows · 256 columns · 5 million cells
    text repeated through shared strings 128 MB

A parser lays a sheet out as a full rectangle up to its farthest cell, so one cell at XFD1048576
would cost hundreds of gigabytes, and one shared text of 30,000 letters can be shown by a million
cells. Both are found by reading the XML as a stream of bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from intake.errors import IntakeError

_MB = 1024 * 1024
FILE_BYTES, UNPACKED_BYTES, TEXT_BYTES = 64 * _MB, 512 * _MB, 128 * _MB
ROWS, COLUMNS, CELLS = 200_000, 256, 5_000_000
_CHUNK, _OVERLAP = 1 << 20, 256
_LONG_TEXT = 2000
# a reference outside of what is allowed: column AAA or beyond, or a row of six figures or more
_FAR = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,3})([0-9]{6,})|\br\s*=\s*["']([A-Z]{3,})[0-9]""")
_SHARED = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_SHOWN = re.compile(rb"""t\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>(\d+)<""")


def check_size(last_row: int, last_column: int) -> None:
    """Refuse a sheet whose rectangle is too big.

    Args:
        last_row: of the farthest cell, from 0.
        last_column: of the farthest cell, from 0.

    Raises:
        IntakeError: too many rows, columns or cells.
    """
    if last_row >= ROWS + 1000:  # titles and headers come on top
        raise IntakeError("too_many_rows", limit=f"{ROWS:,}")
    if last_column >= COLUMNS:
        raise IntakeError("too_wide", limit=COLUMNS)
    if (last_row + 1) * (last_column + 1) > CELLS:
        raise IntakeError("too_full", limit=f"{CELLS:,}")


def check_archive(data: bytes, form: str) -> None:
    """Read every part of an xlsx or ods as a stream and refuse what would burst.

    Raises:
        IntakeError: outsized or damaged (each part's checksum is verified on the way).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if form == "ods":
                _check_ods(archive)
            else:
                _check_xlsx(archive)
    except IntakeError:
        raise
    except Exception:
        raise IntakeError("damaged", found=form) from None


def _check_xlsx(archive: zipfile.ZipFile) -> None:
    texts = [name for name in archive.namelist() if "sharedStrings" in name]
    long_texts = {n: size for name in texts for n, size in _long_texts(archive.read(name))}
    for name in archive.namelist():
        parser = _parser() if name.endswith((".xml", ".rels")) else None
        for fresh, chunk in _pieces(archive, name):
            if parser:
                parser.Parse(fresh, False)
            if "worksheets/" in name:
                _check_references(chunk)
        if parser:
            parser.Parse(b"", True)
    if long_texts:
        _check_weight(archive, long_texts)


def _parser() -> expat.XMLParserType:
    """Return a parser that only proves a part to be well-formed: others loop on what is not."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _no_doctype
    return parser


def _no_doctype(*_parts: object) -> None:
    raise IntakeError("damaged", found="a spreadsheet")  # and no entity can be declared


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield a part piece by piece: alone, and with the end of the piece before."""
    tail = b""
    with archive.open(name) as part:
        while fresh := part.read(_CHUNK):
            yield fresh, tail + fresh
            tail = fresh[-_OVERLAP:]


def chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield a part in pieces that overlap, so that nothing is cut in two unseen."""
    return (chunk for _, chunk in _pieces(archive, name))


def _check_references(chunk: bytes) -> None:
    for column, row, far_column in _FAR.findall(chunk):
        if far_column or len(column) >= 3:  # noqa: PLR2004 - AAA is column 703
            raise IntakeError("too_wide", limit=COLUMNS)
        check_size(int(row[:9]) - 1, 0)


def _long_texts(shared: bytes) -> Iterator[tuple[bytes, int]]:
    for index, found in enumerate(_SHARED.finditer(shared)):
        size = len(found.group(1) or b"")
        if size > _LONG_TEXT:
            yield str(index).encode(), size


def _check_weight(archive: zipfile.ZipFile, long_texts: dict[bytes, int]) -> None:
    """Add up how often the long texts are shown (a piece's overlap may count one twice)."""
    for name in archive.namelist():
        if "worksheets/" not in name:
            continue
        shown: Counter[bytes] = Counter()
        for chunk in chunks(archive, name):
            shown.update(n for n in _SHOWN.findall(chunk) if n in long_texts)
        if sum(long_texts[n] * times for n, times in shown.items()) > TEXT_BYTES:
            raise IntakeError("too_long", limit=TEXT_BYTES // _MB)


def _check_ods(archive: zipfile.ZipFile) -> None:
    parser, size = _parser(), _OdsSize()
    parser.StartElementHandler = size.begins
    parser.CharacterDataHandler = size.holds
    for fresh, _ in _pieces(archive, "content.xml"):
        parser.Parse(fresh, False)
    parser.Parse(b"", True)


@dataclass(slots=True)
class _OdsSize:
    """Follows rows and cells with their repetitions up to the farthest filled cell."""

    height: int = 0
    row_times: int = 1
    width: int = 0
    cell_times: int = 1
    cells: int = 0
    counted: bool = True  # whether the present cell was

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self.height = 0
        elif tag == "table:table-row":
            self.row_times = times(attributes, "table:number-rows-repeated")
            self.height += self.row_times
            self.width = 0
        elif tag in {"table:table-cell", "table:covered-table-cell"}:
            self.cell_times = times(attributes, "table:number-columns-repeated")
            self.width += self.cell_times
            self.counted = False
            if "office:value-type" in attributes or "table:formula" in attributes:
                self.holds("value")

    def holds(self, text: str) -> None:
        """Count the present cell, which is filled."""
        if self.counted or text.isspace():
            return
        self.counted = True
        check_size(self.height - 1, self.width - 1)
        self.cells += self.row_times * self.cell_times
        if self.cells > CELLS:
            raise IntakeError("too_full", limit=f"{CELLS:,}")


def times(attributes: dict[str, str], name: str) -> int:
    """Return how often a row or cell of an ods is repeated."""
    text = attributes.get(name, "1")
    return int(text[:9]) if text.isdigit() and text.isascii() else 1
