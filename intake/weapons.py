"""A row of the weapons sheet, cell by cell: one item, its serial, its way into the depot."""

from __future__ import annotations

import re

from intake import serials
from intake.codes import Quarantine
from intake.draft import Draft
from intake.fold import fold
from intake.serials import SerialError

_QUANTITY = re.compile(
    r"(?:^|[\s\u0621-\u064a])[×xX*хХ]\s*(\d{1,4})$|^(\d{1,4})\s*[×xX*хХ]\s*[^\d\s]|\bعدد\s*:?\s*(\d{1,4})\b"
    r"|(?:^|\s)(\d{1,4})\s*(?:pcs|قطعة|قطع)\b"
)
_CALIBRE = re.compile(r"(\d+(?:[.,]\d+)?)\s*[×xX*хХ]\s*(\d+)\s*([Rr]?)(\s*(?:mm|مم|ملم))?")
_NOBODY = re.compile(r"[?؟\s]+")


def read(row: Draft) -> None:
    """Fill the draft's clean values.

    Raises:
        Quarantine: the first reason not to take the row.
    """
    _one_item(row)
    received = row.event("received_at", needed=True)
    assert received is not None  # noqa: S101 - needed
    row.in_order(received, row.event("inventoried_at"), "inventoried_at")
    _serial(row)
    tables = row.conventions.tables
    row.term("category", tables.categories)
    row.term("model", tables.models)
    row.term("condition", tables.conditions)
    _calibre(row)
    _depositor(row)
    for name in ("make", "country", "year", "accessories", "place", "team"):
        row.keep(name)


def _one_item(row: Draft) -> None:
    for name in ("model", "category", "serial"):
        found = _QUANTITY.search(row.text(name))
        if found and int(next(n for n in found.groups() if n)) > 1:
            raise _many(name)
    count = row.text("quantity")
    if count and count not in {"1", "0", "-"} and not count.startswith("1 "):
        raise _many("quantity")


def _many(name: str) -> Quarantine:
    return Quarantine("E-MANY", name, "a quantity instead of one item", "كمية بدلا من قطعة واحدة")


def _serial(row: Draft) -> None:
    text, raw = row.number_text("serial"), row.lines("serial")
    try:
        found = serials.read(
            text, row.conventions.tables.serial_words, row.text("place"), raw if "\n" in raw else ""
        )
    except SerialError as error:
        raise Quarantine("E-SERIAL", "serial", str(error), error.ar) from None
    for code in found.codes:
        row.warn(code, "serial")
    row.change("serial", *found.changes)
    if text and found.text is None and "status" not in found.changes:
        row.change("serial", "status")
    row.clean["serial"], row.clean["serial_status"] = found.text, found.status
    row.change("serial_status", "status")


def _calibre(row: Draft) -> None:
    row.keep("calibre")
    text = row.clean["calibre"]
    found = _CALIBRE.fullmatch(text or "")
    if text and found:
        case, length, rim, unit = found.groups()
        row.clean["calibre"] = f"{case.replace(',', '.')}×{length}{rim.upper()}{unit or ''}"
        if row.clean["calibre"] != text:
            row.change("calibre", "calibre")
    meant = row.conventions.tables.calibres.get(row.clean.get("model") or "")
    if text and meant and fold(meant) != _bare(row.clean["calibre"] or ""):
        row.warn("W-CALIBRE", "calibre")


def _bare(calibre: str) -> str:
    return fold(re.sub(r"\s*(?:mm|مم|ملم)$", "", calibre))


def _depositor(row: Draft) -> None:
    row.keep("depositor")
    text = row.clean["depositor"]
    if text and (fold(text) in row.conventions.tables.unknown or _NOBODY.fullmatch(text)):
        row.clean["depositor"] = None
        row.change("depositor", "unknown")
        row.warn("W-DEPOSITOR", "depositor")
