"""An instant as far as a cell says it: a day stays a day, a year stays a year.

>>> from_cell(date(2024, 12, 7)).iso()
'2024-12-07'
>>> day_number(45633.3125).iso()
'2024-12-07T07:30'
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

EARLIEST, LATEST = 1900, 2100
DAY_NUMBERS = range(20000, 60001)
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet has no zone
_CUT = {"year": 4, "month": 7, "day": 10, "hour": 13, "minute": 16, "exact": 19}


class DateError(ValueError):
    """A cell that is no date beyond doubt. The sentence says why, in English; `ar` in Arabic."""

    def __init__(self, text: str, ar: str) -> None:
        super().__init__(text)
        self.ar = ar


@dataclass(frozen=True, slots=True)
class When:
    """A date as written. `end` is the last day or instant of a range, at the same precision."""

    start: datetime  # naive unless the cell gave an offset
    precision: str  # exact | minute | hour | day | month | year
    end: datetime | None = None
    notes: tuple[str, ...] = ()  # W-MIDNIGHT, W-DAYNUMBER, W-YEAR2, W-HIJRI

    def iso(self) -> str:
        """ISO 8601 cut to the precision; a range as start/end."""
        text = _iso(self.start, self.precision)
        return f"{text}/{_iso(self.end, self.precision)}" if self.end else text

    def first_day(self) -> date:
        """Return the earliest calendar day this can mean."""
        return self.start.date()

    def last_day(self) -> date:
        """Return the latest calendar day this can mean."""
        last = (self.end or self.start).date()
        if self.precision == "year":
            return date(last.year, 12, 31)
        if self.precision == "month":
            return _month_end(last)
        return last


def _iso(at: datetime, precision: str) -> str:
    offset = ""
    if at.tzinfo and precision in {"hour", "minute", "exact"}:
        offset = at.strftime("%z")
        offset = f"{offset[:3]}:{offset[3:5]}"
    return at.replace(tzinfo=None).isoformat()[: _CUT[precision]] + offset


def _month_end(day: date) -> date:
    if day.month == 12:  # noqa: PLR2004 - December
        return date(day.year, 12, 31)
    return date(day.year, day.month + 1, 1) - timedelta(days=1)


def day_number(value: float, since: datetime = EPOCH) -> When:
    """Read a spreadsheet's day number.

    Args:
        value: days since the epoch, the fraction being the time of day.
        since: the epoch of the workbook, 1899-12-30 or 1904-01-01.

    Raises:
        DateError: outside 20000-60000 (1954 to 2064).

    Source:
        ECMA-376 part 1 §18.17.4.1.
    """
    if int(value) not in DAY_NUMBERS:
        raise DateError("this number is no day", "هذا الرقم ليس يوما")
    at = since + timedelta(minutes=round(value * 1440))
    precision = "day" if value == int(value) else "minute"
    return When(at, precision, notes=("W-DAYNUMBER",))


def from_cell(value: date) -> When:
    """Read a date cell: a day, or a minute where the cell holds a time."""
    if not EARLIEST <= value.year <= LATEST:
        raise DateError(f"the year {value.year} is out of range", f"السنة {value.year} خارج المدى")
    if not isinstance(value, datetime):
        return When(datetime(value.year, value.month, value.day), "day")  # noqa: DTZ001 - as written
    rounded = replace(When(value, "minute"), start=value.replace(microsecond=0))
    return replace(rounded, precision="exact") if rounded.start.second else rounded
