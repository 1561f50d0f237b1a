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
_ODS_TAG = re.compile(rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)\b([^>]*?)(/?)>")
_ODS_REPEAT = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["'](\d+)""")


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
        for chunk in chunks(archive, name):
            if "worksheets/" in name:
                _check_references(chunk)
    if long_texts:
        _check_weight(archive, long_texts)


def chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield a part in pieces that overlap, so that nothing is cut in two unseen."""
    tail = b""
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_OVERLAP:]


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
    """Follow rows and cells with their repetitions up to the farthest filled cell."""
    total = height = filled_height = width = filled_width = filled_cells = 0
    row_times = 1
    for closing, tag, attributes, alone in _ODS_TAG.findall(archive.read("content.xml")):
        repeat = _ODS_REPEAT.search(attributes)
        times = int(repeat.group(1)[:9]) if repeat else 1
        if tag == b"table" and not closing:
            height = filled_height = filled_width = 0
        elif tag == b"table-row" and not closing:
            row_times, width, filled_cells = times, 0, 0
            height += 0 if alone else times
        elif not closing and tag.endswith(b"cell"):
            width += times
            if not alone:
                filled_cells += times
                filled_height, filled_width = height, max(filled_width, width)
                check_size(filled_height - 1, filled_width - 1)
                total += times * row_times
                if total > CELLS:
                    raise IntakeError("too_full", limit=f"{CELLS:,}")
