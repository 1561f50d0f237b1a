r"""Bytes somebody typed, scanned or saved, as text: whatever the program that saved them put around it.

    UTF-8, with a byte order mark or without        what most programs write
    UTF-16 and UTF-32 with their mark               "Unicode" in Notepad and in scanners' programs
    UTF-16 without a mark                           told by the zeros between its letters
    CRLF, CR                                        one line break

>>> decoded(b"\xef\xbb\xbfW-000001-A\r\n")
'W-000001-A\n'
"""

from __future__ import annotations

import codecs

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks to the encoding they stand for; the longer of two that begin alike comes first."""
_UNSEEN = "\ufeff\u200b\u200e\u200f\u061c\x00"
_SAMPLE = 400


def decoded(data: bytes) -> str:
    r"""Return the text of bytes, its line breaks as `\n`.

    Raises:
        UnicodeError: it is text in none of these encodings.
    """
    text = data.decode(_encoding(data))
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def lines(data: bytes) -> list[str]:
    """Return the lines that hold something, without blanks and unseen marks at their ends.

    A mark may stand within, too, where two saved lists were joined to one.

    Raises:
        UnicodeError: as `decoded`.
    """
    found = (line.strip().strip(_UNSEEN).strip() for line in decoded(data).split("\n"))
    return [line for line in found if line]


def _encoding(data: bytes) -> str:
    for mark, name in MARKS.items():
        if data.startswith(mark):
            return name
    sample = data[:_SAMPLE]
    if len(data) % 2 == 0 and b"\0" in sample:
        return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    return "utf-8"
