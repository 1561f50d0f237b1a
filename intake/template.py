"""An empty sheet that a committee fills in: titles our columns know, lists to choose from.

Every column is a text column, so that no program eats a zero or turns a date round; rank, model,
category and condition are chosen from lists (another word may be typed: it is warned of). The
Arabic template reads right to left. What is filled in is imported with dates declared dmy.
"""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter  # type: ignore[import-untyped] # it ships no types

from intake.columns import FIELDS
from intake.errors import IntakeError
from intake.rejects import CREATED
from intake.tables import Tables, load

LINES = 2000  # with lists to choose from
_DATES = {"birth_date", "entered_at", "registered_at", "received_at", "inventoried_at"}
_SHEETS = {
    ("persons", "ar"): "سجل الأشخاص",
    ("persons", "en"): "Persons",
    ("weapons", "ar"): "سجل الأسلحة",
    ("weapons", "en"): "Weapons",
}
_HINTS = {
    "ar": ("التاريخ", "يوم/شهر/سنة، ويجوز الوقت: 07/12/2024 18:30"),
    "en": ("Date", "day/month/year, with the time if known: 07/12/2024 18:30"),
}


def workbook(kind: str, lang: str = "ar", tables: Tables | None = None) -> bytes:
    """Return an empty intake sheet as an xlsx file.

    Args:
        kind: persons or weapons.
        lang: ar or en, the language of titles and lists.
        tables: words of the house, ours by default.

    Raises:
        IntakeError: another kind.
    """
    if (kind, lang) not in _SHEETS:
        raise IntakeError("kind", kind=f"{kind} in {lang}")
    words = tables or load()
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": CREATED})
    sheet, lists = book.add_worksheet(_SHEETS[kind, lang]), book.add_worksheet("lists")
    lists.hide()
    if lang == "ar":
        sheet.right_to_left()
    text = book.add_format({"num_format": "@"})
    bold = book.add_format({"num_format": "@", "bold": True, "bottom": 1})
    fields = ("number", *(name for name in FIELDS[kind] if name != "serial_status"))
    sheet.set_column(0, len(fields) - 1, 20, text)
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(fields):
        sheet.write_string(0, column, _title(words.titles[kind][name], lang), bold)
        _validate(sheet, lists, column, name, choices(name, lang, words), lang)
    book.close()
    return out.getvalue()


def choices(name: str, lang: str, tables: Tables) -> list[str]:
    """Return the words a field is chosen from, or none: codes by their first word in `lang`."""
    if name == "rank":
        return list(dict.fromkeys(tables.ranks.values()))
    if name == "model":
        return list(dict.fromkeys(tables.models.values()))
    words = {"category": tables.categories, "condition": tables.conditions}.get(name, {})
    first: dict[str, str] = {}
    for word, code in words.items():
        if word.isascii() == (lang == "en"):
            first.setdefault(code, word)
    return list(first.values())


def _title(titles: list[str], lang: str) -> str:
    return next((title for title in titles if title.isascii() == (lang == "en")), titles[0])


def _validate(sheet: Any, lists: Any, column: int, name: str, words: list[str], lang: str) -> None:
    area = (1, column, LINES, column)
    if name in _DATES:
        title, message = _HINTS[lang]
        sheet.data_validation(
            *area, {"validate": "any", "input_title": title, "input_message": message}
        )
    if not words:
        return
    for row, word in enumerate(words):
        lists.write_string(row, column, word)
    letter = xlsxwriter.utility.xl_col_to_name(column)
    source = f"=lists!${letter}$1:${letter}${len(words)}"
    sheet.data_validation(*area, {"validate": "list", "source": source, "error_type": "warning"})
