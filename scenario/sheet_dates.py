"""How hands write a date in a file declared day-month-year, well and badly.

07/12/2024 07:30   ٠٧/١٢/٢٠٢٤ ٠٧:٣٠   2024-12-07 07:30   ٧ كانون الأول 2024   07-12-2024
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from scenario import defects as d
from scenario.sheet_rows import Apply, Cell, SheetRow

DAY_NUMBER = 45633  # 7 December 2024
EVENT_FORMATS = (
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%Y-%m-%d %H:%M",
    "%d-%m-%Y",
    "arabic",
    "month",
    "cell",
)


def event_date(row: SheetRow, name: str, at: datetime, rng: Random) -> None:
    """Write an event's date in one of the forms that read well in a dmy file."""
    style = rng.choice(EVENT_FORMATS)
    minute, day = at.strftime("%Y-%m-%dT%H:%M"), at.strftime("%Y-%m-%d")
    if style == "cell":
        shown = at.strftime("%d/%m/%Y %H:%M")
        row.put_cell(name, Cell(at.replace(tzinfo=None), shown, "dd/mm/yyyy hh:mm"), minute)
    elif style == "arabic":
        row.put(name, d.arabic_digits(at.strftime("%d/%m/%Y %H:%M")), minute)
    elif style == "month":
        row.put(name, d.arabic_digits(str(at.day)) + " كانون الأول 2024", day)
    else:
        row.put(name, at.strftime(style), minute if "%H" in style else day)


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


def bad_first(first: str, second: str, text: str) -> Apply:
    """Return a defect of the first event date; the second, in ISO, is beyond doubt."""

    def apply(row: SheetRow, thing: object, _rng: Random) -> None:
        row.put(first, text)
        row.put(second, _day(getattr(thing, second)))
        row.refuse("E-DATE")

    return apply


def future_second(second: str) -> Apply:
    """Return a defect of the second event date: eighteen years ahead."""

    def apply(row: SheetRow, thing: object, _rng: Random) -> None:
        row.put(second, getattr(thing, second).strftime("%d/%m/2042"))
        row.refuse("E-DATE")

    return apply


def midnight(first: str) -> Apply:
    """Return a defect: the end of 7 December written 24:00."""

    def apply(row: SheetRow, _thing: object, _rng: Random) -> None:
        row.put(first, "07/12/2024 24:00", "2024-12-08T00:00")
        row.warnings.add("W-MIDNIGHT")

    return apply


def short_year(first: str) -> Apply:
    """Return a defect: a two-digit year in an event."""

    def apply(row: SheetRow, thing: object, _rng: Random) -> None:
        at = getattr(thing, first)
        row.put(first, at.strftime("%d/%m/%y"), _day(at))
        row.warnings.add("W-YEAR2")

    return apply


def day_number(first: str) -> Apply:
    """Return a defect: the spreadsheet's own day number, its date format lost."""

    def apply(row: SheetRow, _thing: object, _rng: Random) -> None:
        row.put_cell(first, Cell(DAY_NUMBER, str(DAY_NUMBER)), "2024-12-07")
        row.warnings.add("W-DAYNUMBER")

    return apply


def in_utc(first: str) -> Apply:
    """Return a defect: one clerk's clock is on UTC and says so."""

    def apply(row: SheetRow, thing: object, _rng: Random) -> None:
        at = getattr(thing, first).astimezone(UTC)
        row.put(first, at.strftime("%Y-%m-%dT%H:%MZ"), at.strftime("%Y-%m-%dT%H:%M+00:00"))

    return apply


def in_persian_digits(first: str) -> Apply:
    """Return a defect: the figures of a Persian keyboard."""

    def apply(row: SheetRow, thing: object, _rng: Random) -> None:
        at = getattr(thing, first)
        row.put(first, d.persian_digits(at.strftime("%d/%m/%Y")), _day(at))

    return apply
