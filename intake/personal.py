"""What a personal value may be, and what it is found by: one list for sheets, options, files, programs.

What was written is kept; what is compared is folded.

    names, rank, unit   NFKC, digits, hamza, ة/ه, ى/ي, case; blanks and punctuation aside
    birth date          the day, month or year it means, whatever its digits and its order
    service number      letters and digits, as serials are compared
"""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from domain.ids import serial_key
from intake.celltext import (
    is_error,
    refuse_hidden,
    refuse_lost_figures,
    refuse_several,
    refuse_two_numbers,
    refuse_unfit,
)
from intake.codes import Quarantine
from intake.fold import fold, tidy
from intake.when import DateError, When

NAMES = ("declared_name", "name_latin", "father_name")
WHO = ("declared_name", "name_latin")
"""A person is registered under one of these at least."""
_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T[\d:]{2,8}(?:Z|[+-]\d\d:\d\d)?)?)?)?")
_SPAN = re.compile(r"(\d{4}[-\d]*)/(\d{4}[-\d]*)")


def check(values: Mapping[str, str], born_by: date) -> None:
    """Refuse what cannot be meant.

    Args:
        values: field to text, as written. born_by: the last day on which the person can have been born.

    Raises:
        Quarantine: the code, the field and the reason; the value itself is never quoted.
    """
    for field, text in values.items():
        _check_text(field, text)
        if field in NAMES:
            refuse_several(text, field)
            if not any(char.isalpha() for char in text):
                raise Quarantine("E-NAME", field, "holds no letter", "لا يحتوي على حرف")
        elif field == "birth_date":
            _check_birth(text, born_by)
        elif field == "service_number":
            if not serial_key(text):
                raise Quarantine(
                    "E-SERIAL", field, "holds no letter or digit", "لا يحتوي على حرف أو رقم"
                )
            refuse_lost_figures(tidy(text).text, field)
            refuse_two_numbers(text, field)


def check_registered(values: Mapping[str, str]) -> None:
    """Refuse a person nobody could tell from another.

    Raises:
        Quarantine: E-NAME.
    """
    if not any(values.get(name) for name in WHO):
        raise Quarantine("E-NAME", "declared_name", "there is no name", "لا يوجد اسم")


def _check_text(field: str, text: str) -> None:
    refuse_hidden(text, field)
    if found := _LINE.search(text):
        said = f"hidden control character U+{ord(found.group()):04X}"
        raise Quarantine("E-BIDI", field, said, "حرف تحكم مخفي")
    refuse_unfit(text, field)
    if not tidy(text).text:
        raise Quarantine("E-NAME", field, "is blank", "فارغ")
    shows_error = text.lstrip().startswith("#") or field == "service_number"
    if shows_error and is_error(text):
        raise Quarantine("E-SERIAL", field, "is a spreadsheet's error", "خطأ من جدول البيانات")


def _check_birth(text: str, born_by: date) -> None:
    try:
        at = born(text)
    except DateError as error:
        raise Quarantine("E-DATE", "birth_date", told(error), error.ar) from None
    if at.first_day() > born_by:
        said = ("lies after the day it is recorded for", "في المستقبل")
        raise Quarantine("E-DATE", "birth_date", *said)


def told(error: DateError) -> str:
    """Return why a date cannot be read, for one who types it and declares no order."""
    said = str(error)
    for of_files in (" in a file not declared hijri", ": declare the order of dates"):
        said = said.removesuffix(of_files)
    return f"{said}: write it as 1985-03-12, or the year alone"


def born(text: str) -> When:
    """Read a date of birth as written, in any digits; only what reads in one way.

    Raises:
        DateError: ambiguous, impossible, Hijri, no date, or a day number of a spreadsheet.
    """
    from intake import dates
    from intake.dates import Months
    from intake.tables import load

    words = load()
    months = Months(words.months, words.hijri_months)
    plain = tidy(_plain(text)).text
    span = _SPAN.fullmatch(plain)
    if span:
        first, last = (dates.read(part, None, months) for part in span.groups())
        return When(first.start, first.precision, last.end or last.start)
    at = dates.read(plain, None, months)
    if "W-DAYNUMBER" in at.notes:
        raise DateError("this is no date beyond doubt", "هذا ليس تاريخا")
    return at


def keys(field: str, text: str) -> tuple[str, ...]:
    """Return what a value is found by: itself, folded, first; a date by its month and year, too."""
    if field == "birth_date":
        return _date_keys(text)
    if field == "service_number":
        return (serial_key(text),)
    return (fold(_plain(text)).replace(" ", ""),)


def _date_keys(text: str) -> tuple[str, ...]:
    plain = tidy(_plain(text)).text
    found = _ISO.fullmatch(plain)
    if not found:
        try:
            whole = born(text).iso()
        except DateError:
            return (
                "".join(plain.split()).casefold(),
            )  # of a ledger from before dates were checked
    else:
        whole = plain
    first, last = whole.partition("/")[::2]
    shorter = [one[:length] for one in (first, last) if one for length in (10, 7, 4)]
    return tuple(dict.fromkeys([whole, *shorter]))


def _plain(text: str) -> str:
    """Return a text in compatibility form, every decimal digit as 0-9."""
    text = unicodedata.normalize("NFKC", text)
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
