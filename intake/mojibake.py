"""Garbled Arabic: bytes of one encoding that were read as another, made whole by a round trip.

    ظ…ط­ظ…ط¯    UTF-8 read as cp1256          Ù…Ø­Ù…Ø¯    UTF-8 read as cp1252
    ãÍãÏ        cp1256 read as cp1252

A repair counts only when the way back leaves nothing over and what comes out is Arabic. Genuine
Arabic never passes: its cp1256 bytes are no UTF-8.

>>> repaired("ظ…ط­ظ…ط¯")
('محمد', 'UTF-8 read as cp1256')
"""

from __future__ import annotations

import re

from intake.fold import ARABIC

_SUSPECT_1256 = re.compile(
    "[طظعغ][\u0080-\u00bf\u060c\u061b\u061f\u2000-\u203a\u20ac\u2122"
    "پچژڈڑکگںھہ\u0152\u0153\u0192\u02c6]"
)
_SUSPECT_1252 = re.compile("[\u00d8-\u00db].")
_ACCENTED = re.compile("[\u00c0-\u00ff]{2}")
_MOSTLY = 0.6


def repaired(text: str) -> tuple[str, str] | None:
    """Return the repaired text and what had happened to it, or None where nothing is wrong.

    Args:
        text: a cell's text as it was read.
    """
    if text.isascii():
        return None
    if _SUSPECT_1256.search(text):
        return _again(text, "cp1256", "utf-8")
    if _SUSPECT_1252.search(text):
        found = _again(text, "cp1252", "utf-8")
        if found:
            return found
    if _ACCENTED.search(text) and not ARABIC.search(text):
        return _again(text, "cp1252", "cp1256")
    return None


def _again(text: str, read_as: str, written_as: str) -> tuple[str, str] | None:
    try:
        meant = _bytes(text, read_as).decode(written_as)
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    letters = [char for char in meant if char.isalpha()]
    arabic = sum(1 for char in letters if ARABIC.match(char))
    if not letters or arabic < _MOSTLY * len(letters):
        return None
    return meant, f"{written_as.replace('utf', 'UTF')} read as {read_as}"


def _bytes(text: str, encoding: str) -> bytes:
    """Encode, taking the five bytes that cp1252 leaves undefined as they are."""
    if encoding != "cp1252":
        return text.encode(encoding)
    return b"".join(
        bytes([ord(char)]) if "\u0080" <= char <= "\u009f" else char.encode(encoding)
        for char in text
    )
