"""A row of the persons sheet, cell by cell: who, and since when.

Names stay as spelled. Each row needs a name in one script and the date of entry; whoever has two
readings is quarantined (several people in a cell, dates that contradict).
"""

from __future__ import annotations

from intake.celltext import LETTERS, refuse_lost_figures, refuse_several, refuse_two_numbers
from intake.codes import Quarantine
from intake.draft import MOST_FIGURES, Draft
from intake.fold import has_arabic, has_latin


def read(row: Draft) -> None:
    """Fill the draft's clean values.

    Raises:
        Quarantine: the first reason not to take the row.
    """
    for name in ("declared_name", "name_latin", "father_name"):
        _one_person(row, name)
    _names(row)
    entered = row.event("entered_at", needed=True)
    assert entered is not None  # noqa: S101 - needed
    row.birth("birth_date", entered)
    row.in_order(entered, row.event("registered_at"), "registered_at")
    _service_number(row)
    row.term("rank", row.conventions.tables.ranks)
    for name in ("father_name", "unit", "site"):
        row.keep(name)


def _one_person(row: Draft, name: str) -> None:
    refuse_several(row.lines(name), name)


def _names(row: Draft) -> None:
    declared, latin = row.text("declared_name"), row.text("name_latin")
    if _stands_in_latin(declared) and _stands_in_arabic(latin):
        declared, latin = latin, declared
        how = {name: row.changes.pop(name, ()) for name in ("declared_name", "name_latin")}
        row.change("declared_name", *how["name_latin"], "swapped")
        row.change("name_latin", *how["declared_name"], "swapped")
        row.warn("W-SWAPPED", "declared_name")
    row.clean["declared_name"] = _name(row, "declared_name", declared)
    row.clean["name_latin"] = _name(row, "name_latin", latin)
    if not row.clean["declared_name"] and not row.clean["name_latin"]:
        raise Quarantine("E-NAME", "declared_name", "there is no name", "لا يوجد اسم")


def _name(row: Draft, name: str, text: str) -> str | None:
    if LETTERS.search(text):
        return text
    if text:
        row.change(name, "no_name")
    return None


def _stands_in_latin(text: str) -> bool:
    return has_latin(text) and not has_arabic(text)


def _stands_in_arabic(text: str) -> bool:
    return has_arabic(text) and not has_latin(text)


def _service_number(row: Draft) -> None:
    text = row.number_text("service_number")
    refuse_lost_figures(text, "service_number", most=MOST_FIGURES)
    refuse_two_numbers(row.lines("service_number"), "service_number")
    upper = text.upper()
    if upper != text:
        row.change("service_number", "case")
    row.clean["service_number"] = upper or None
