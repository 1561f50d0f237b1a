"""A serial as read: the same marks for the same number, and nothing read that is not there.

    cell                      serial       status            note
    xz120455                  XZ120455     READ
    ٩٩٠٣٤٧١٨                  99034718     READ
    ЩA 3471 (Latin A)         ЩА 3471      READ              W-HOMOGLYPH
    99O34718                  99034718     READ              W-LETTER
    XZ1204??                  XZ1204??     PARTIAL
    مطموس                     –            ILLEGIBLE
    بدون رقم                  –            ABSENT
    "", -, N/A                –            ABSENT            W-NOSERIAL
    9.90E+07 · two serials · a rack number · more than 15 figures   → SerialError (E-SERIAL)

A serial is no identity: it may repeat, and two spellings of one are compared by `key`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from intake.fold import fold

MOST_FIGURES = 15  # what a spreadsheet's number holds exactly
_CYRILLIC = "АВЕКМНОРСТХІЈЅ"
_LATIN = "ABEKMHOPCTXIJS"
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_TO_CYRILLIC = str.maketrans(_LATIN[:11], _CYRILLIC[:11])
_CYRILLIC_LETTER, _LATIN_LETTER = re.compile("[Ѐ-ӿ]"), re.compile("[A-Z]")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,3}")
_SPLIT = re.compile(r"\s*[/\\،,;؛&+\n|]\s*|\s+[-–—]\s+|\s+(?:و|and)\s+")
_FIGURE_GROUP = re.compile(r"\d{4,}")
_RACK = re.compile(
    r"[A-Z]{1,3}\d{0,2}([/\-.])\d{1,3}(?:\1\d{1,3})+|(?:رف|الرف|RACK|SLOT|SHELF)\b.*"
)
_AMONG = re.compile(r"(?<=\d)[OIОІ]+(?=\d)")
_TAIL = re.compile(r"(?<=\d{4})[OIОІ]+$")
_FIGURES = str.maketrans("OIОІ", "0101")
_UNSEEN = re.compile(r"[?؟*_…]+")
_DASHES = re.compile(r"[-–—−_.\s?؟]*")
_TWO = 2


class Serial(NamedTuple):
    """What was read, how well, and what was done to read it."""

    text: str | None
    status: str  # READ | PARTIAL | ILLEGIBLE | ABSENT | UNTRANSLATABLE
    codes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


class SerialError(ValueError):
    """A cell from which no single serial can be read. In English; `ar` in Arabic."""

    def __init__(self, text: str, ar: str) -> None:
        super().__init__(text)
        self.ar = ar


def read(text: str, words: dict[str, str], place: str = "", raw: str = "") -> Serial:
    """Read a serial cell.

    Args:
        text: tidy text; for a number cell what the cell shows.
        words: folded words to a status or UNSAID (`Tables.serial_words`).
        place: the same row's place cell, tidy.
        raw: the cell before white space was collapsed, to see lines apart.

    Raises:
        SerialError: two serials, a rack number, or figures lost.
    """
    said = words.get(fold(text)) if text else "UNSAID"
    if said == "UNSAID" or _DASHES.fullmatch(text):
        return Serial(None, "ABSENT", ("W-NOSERIAL",))
    if said:
        return Serial(None, said, (), ("status",))
    upper = text.upper().replace("؟", "?")
    changes = ("case",) if upper != text.replace("؟", "?") else ()
    _refuse(upper, place, raw)
    upper, codes, how = _one_script(upper)
    figured = _TAIL.sub(_as_figures, _AMONG.sub(_as_figures, upper))
    if figured != upper:
        codes, how = (*codes, "W-LETTER"), (*how, "letter")
    return Serial(figured, "PARTIAL" if _UNSEEN.search(figured) else "READ", codes, changes + how)


def _as_figures(found: re.Match[str]) -> str:
    return found.group().translate(_FIGURES)


def _refuse(text: str, place: str, raw: str) -> None:
    if _SCIENTIFIC.fullmatch(text):
        raise SerialError("figures are lost in scientific notation", "فقدت أرقام في الصيغة العلمية")
    if text.isdigit() and len(text) > MOST_FIGURES:
        raise SerialError(
            f"more than {MOST_FIGURES} figures: a spreadsheet drops the last ones",
            f"أكثر من {MOST_FIGURES} رقما: البرنامج يفقد الأرقام الأخيرة",
        )
    if (place and key(text) == key(place)) or _RACK.fullmatch(text):
        raise SerialError("this is a rack number", "هذا رقم رف وليس رقم سلاح")
    parts = [
        part for part in _SPLIT.split(raw.strip().upper() or text) if re.search(r"\d{3}", part)
    ]
    if len(parts) >= _TWO or len(_FIGURE_GROUP.findall(text.replace("-", ""))) >= _TWO:
        raise SerialError("two serials in one cell", "رقمان في خلية واحدة")


def _one_script(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Turn mixed Latin and Cyrillic letters to the script that one of them belongs to alone."""
    if text.isascii() or not (_CYRILLIC_LETTER.search(text) and _LATIN_LETTER.search(text)):
        return text, (), ()
    only_cyrillic = _CYRILLIC_LETTER.search(text.translate(_TO_LATIN))
    only_latin = _LATIN_LETTER.search(text.translate(_TO_CYRILLIC))
    if bool(only_cyrillic) == bool(only_latin):
        raise SerialError(
            "Latin and Cyrillic letters are mixed beyond telling", "حروف لاتينية وروسية مختلطة"
        )
    table = _TO_CYRILLIC if only_cyrillic else _TO_LATIN
    return text.translate(table), ("W-HOMOGLYPH",), ("homoglyph",)


def key(serial: str) -> str:
    """Return a serial for comparison only: no spaces or dashes, look-alikes as one."""
    return re.sub(r"[\s\-–—_.]+", "", serial.upper()).translate(_TO_LATIN)
