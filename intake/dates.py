"""A strict reader of dates: one declared order, the precision kept, nothing made up.

    text or number → When(start, precision)      cut to what was written: "1985" stays a year
    order          dmy | mdy | ymd | hijri | None (then only what reads in one way)

    reads     07/12/2024 · 2024-12-07T07:30 · ٧ كانون الأول 2024 · 7 Dec 2024 18:05 · 12/2024 · 1985
              2024-12-07T04:30Z · 7-9/12/2024 (a range) · 45633 (a spreadsheet's day number)
              07/12/2024 24:00 (00:00 of the next day) · 05/06/1446 in a file declared hijri
    refuses   31/11/2024 · ٧ كانون الأول (no year) · 05/06/1446 elsewhere · 07/12/24 (unless a
              century is given) · anything with a word or figure left over

>>> read("07/12/2024 7:30", "dmy", MONTHS).iso()
'2024-12-07T07:30'
>>> read("12/25/2024", "dmy", MONTHS)
Traceback (most recent call last):
    ...
intake.when.DateError: there is no month 25
"""

from __future__ import annotations

# Imports inside functions: hijridate is of the extra `intake` and may be missing.
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

from intake.fold import fold
from intake.when import EARLIEST, LATEST, DateError, When, day_number

ORDERS: Final = ("dmy", "mdy", "ymd", "hijri")
HIJRI_YEARS = range(1343, 1501)  # what the Umm al-Qura tables cover
_SECONDS, _MINUTES, _HALF_DAY, _YEAR_FIGURES = 60, 60, 12, 4


class Months(NamedTuple):
    """Folded names to numbers."""

    gregorian: dict[str, int]
    hijri: dict[str, int]


# ── the grammar ─────────────────────────────────────────────────────────────
_TIME = re.compile(
    r"(?:^|[\sT,،-]|الساعة)\s*(?:الساعة\s*)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?"
    r"\s*(ص|م|صباحا|مساء|am|pm|a\.m\.|p\.m\.)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<=\d)T(\d{2})(z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,4})\s*([/.\-\\]|\s)\s*(\d{1,4})\s*\2\s*(\d{1,4})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.\-](\d{4})|(\d{4})[/.\-](\d{1,2})")
_NAMED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[\s\-/]+)?(?:من\s+)?([^\W\d_][^\d/،,]*?)[\s\-/،,]+(\d{4}|\d{2})"
)
_US_NAMED = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_RANGE = re.compile(
    r"(?:من\s+)?(\d{1,2})\s*(?:-|–|الى|إلى|to)\s*(\d{1,2})((?:\s*[/.]\s*|\s+)\D*\S.*)"
)
_ERA = re.compile(r"(?<=\d)\s*(هـ|ه|AH|م|AD|CE)\.?$", re.IGNORECASE)
_UNTIL = re.compile(
    r"\s+(?:(?:الى|إلى|حتى|to|until|–)\s+|-\s+(?=\d{1,4}[/.-]))|(?<=\d)/(?=\d{4}-\d\d-\d\d)"
)


@dataclass(frozen=True, slots=True)
class _Reader:
    order: str | None
    months: Months
    century: int | None  # the century of a two-digit year, e.g. 2000

    def day(self, text: str) -> When:
        """Read a date without a time."""
        bare = _ERA.sub("", text).strip()
        era = _ERA.search(text)
        hijri_era = era is not None and era.group(1).casefold() in {"هـ", "ه", "ah"}
        if hijri_era and self.order != "hijri":
            raise _hijri()
        for pattern, method in (
            (_NUMBERS, self.numbers),
            (_MONTH_YEAR, self.month_year),
            (_NAMED, self.named),
            (_US_NAMED, self.named_us),
        ):
            found = pattern.fullmatch(bare)
            if found:
                return method(found)
        if re.fullmatch(r"\d{4}", bare):
            return self.whole(int(bare), None, None)
        if self.order == "ymd" and re.fullmatch(r"\d{8}", bare):
            return self.whole(int(bare[:4]), int(bare[4:6]), int(bare[6:]))
        if re.fullmatch(r"\d{1,2}\s+[^\W\d_][^\d]*|\d{1,2}[/.\-]\d{1,2}", bare):
            raise DateError("the year is missing", "السنة مفقودة")
        raise DateError("this is no date beyond doubt", "لا يمكن قراءة التاريخ قراءة مؤكدة")

    def numbers(self, found: re.Match[str]) -> When:
        first, _, second, third = found.groups()
        if len(first) == _YEAR_FIGURES:
            return self.whole(int(first), int(second), int(third))
        order = self.order
        if order == "hijri":  # figures of a Gregorian year stand there in an order nobody declared
            order = "dmy" if third.isdigit() and int(third) in HIJRI_YEARS else None
        parts = dict(
            zip(
                order or self._only_order(first, second, third), (first, second, third), strict=True
            )
        )
        if len(parts["d"]) > 2 or len(parts["m"]) > 2:  # noqa: PLR2004 - two figures
            raise DateError("the order is not the one declared", "الترتيب ليس الترتيب المعلن")
        return self.whole(self._year(parts["y"]), int(parts["m"]), int(parts["d"]), parts["y"])

    @staticmethod
    def _only_order(first: str, second: str, third: str) -> str:
        """Return the one order that fits when none was declared."""
        day, month = int(first), int(second)
        if len(third) == _YEAR_FIGURES and (month > 12 >= day or day == month):  # noqa: PLR2004
            return "mdy"
        if len(third) == _YEAR_FIGURES and day > 12 >= month:  # noqa: PLR2004
            return "dmy"
        raise DateError(
            "day and month can be read in two ways: declare the order of dates",
            "يمكن قراءة اليوم والشهر بطريقتين: حدد ترتيب التاريخ",
        )

    def _year(self, text: str) -> int:
        if len(text) == _YEAR_FIGURES:
            return int(text)
        if len(text) == 2 and self.century is not None:  # noqa: PLR2004 - two figures
            return self.century + int(text)
        raise DateError("the year is cut short", "السنة غير كاملة")

    def month_year(self, found: re.Match[str]) -> When:
        month, year, year_first, month_last = found.groups()
        return self.whole(int(year or year_first), int(month or month_last), None)

    def named(self, found: re.Match[str]) -> When:
        day, name, year = found.groups()
        return self._of_month(name, int(day) if day else None, year)

    def named_us(self, found: re.Match[str]) -> When:
        name, day, year = found.groups()
        return self._of_month(name, int(day), year)

    def _of_month(self, name: str, day: int | None, year: str) -> When:
        folded = fold(name)
        if folded in self.months.hijri:
            if self.order != "hijri":
                raise _hijri()
            return self._hijri(self._year(year), self.months.hijri[folded], day)
        if folded not in self.months.gregorian:
            raise DateError("this is no month's name", "هذا ليس اسم شهر")
        return self.gregorian(self._year(year), self.months.gregorian[folded], day, year)

    def whole(self, year: int, month: int | None, day: int | None, written: str = "0000") -> When:
        """Return a day, month or year; the year says which calendar."""
        if year in HIJRI_YEARS:
            if self.order != "hijri":
                raise _hijri()
            return self._hijri(year, month, day)
        if self.order == "hijri" and day is not None and len(written) < _YEAR_FIGURES:
            raise DateError("the year is cut short", "السنة غير كاملة")
        return self.gregorian(year, month, day, written)

    @staticmethod
    def gregorian(year: int, month: int | None, day: int | None, written: str = "0000") -> When:
        if not EARLIEST <= year <= LATEST:
            raise DateError(f"the year {year} is out of range", f"السنة {year} خارج المدى")
        notes = ("W-YEAR2",) if len(written) < _YEAR_FIGURES else ()
        precision = "day" if day is not None else "month" if month is not None else "year"
        if month is not None and not 1 <= month <= 12:  # noqa: PLR2004 - months
            raise DateError(f"there is no month {month}", f"لا يوجد شهر {month}")
        try:
            at = datetime(year, month or 1, 1 if day is None else day)  # noqa: DTZ001 - as written
        except ValueError:
            raise DateError(
                f"month {month} of {year} has no day {day}",
                f"لا يوجد يوم {day} في شهر {month}/{year}",
            ) from None
        return When(at, precision, notes=notes)

    @staticmethod
    def _hijri(year: int, month: int | None, day: int | None) -> When:
        """Return the calculated Gregorian day; a month or year becomes a range of days."""
        from hijridate import Hijri  # of the extra `intake`, wanted for sheets declared hijri only

        try:
            first = Hijri(year, month or 1, day or 1)
            last_month = month or 12
            last = Hijri(year, last_month, day or Hijri(year, last_month, 1).month_length())
            start, end = (
                datetime.combine(h.to_gregorian(), datetime.min.time()) for h in (first, last)
            )
        except (ValueError, OverflowError):
            raise DateError("there is no such Hijri date", "لا يوجد هذا التاريخ الهجري") from None
        return When(start, "day", None if start == end else end, ("W-HIJRI",))


def _hijri() -> DateError:
    return DateError(
        "a Hijri date in a file not declared hijri", "تاريخ هجري في ملف لم يعلن أنه هجري"
    )


# ── the door ────────────────────────────────────────────────────────────────
def read(text: str, order: str | None, months: Months, century: int | None = None) -> When:
    """Read one cell's text.

    Args:
        text: tidy text, figures 0-9 (see `fold.tidy`).
        order: the file's declared order, or None.
        months: names of months, folded.
        century: added to a two-digit year; None refuses one.

    Raises:
        DateError: ambiguous, impossible, out of range, or not a date at all.
    """
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return day_number(float(text))
    reader = _Reader(order, months, century)
    parts = _UNTIL.split(text)
    if len(parts) == 2 and all(re.search(r"\d{4}", part) for part in parts):  # noqa: PLR2004
        return _range(_instant(reader, parts[0]), _instant(reader, parts[1]))
    found = _RANGE.fullmatch(text)
    if found and re.search(r"\d{4}", found.group(3)) and "-" not in found.group(3):
        first, last, rest = found.groups()
        return _range(_instant(reader, first + rest), _instant(reader, last + rest))
    return _instant(reader, text)


def _range(first: When, last: When) -> When:
    if first.precision != last.precision or bool(first.start.tzinfo) != bool(last.start.tzinfo):
        raise DateError("the two ends of the range differ in kind", "طرفا المدة مختلفان في النوع")
    if last.start < first.start:
        raise DateError("the range ends before it begins", "المدة تنتهي قبل أن تبدأ")
    end = last.end or last.start
    return When(first.start, first.precision, end, tuple({*first.notes, *last.notes}))


def _instant(reader: _Reader, text: str) -> When:
    found = _TIME.search(text)
    if found:
        return _at_time(reader.day(text[: found.start()].strip(" ,،-")), *found.groups())
    hour = _HOUR.search(text)
    if hour:
        return _at_time(
            reader.day(text[: hour.start()]), hour.group(1), None, None, None, hour.group(2)
        )
    return reader.day(text)


def _at_time(
    day: When, hour: str, minute: str | None, second: str | None, half: str | None, zone: str | None
) -> When:
    if day.precision != "day" or day.end:
        raise DateError("a time without a day", "وقت بلا يوم")
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    if half:
        hours = _in_half(hours, half)
    notes = day.notes
    if hours == 24 and not minutes and not seconds:  # noqa: PLR2004 - the end of a day
        notes = (*notes, "W-MIDNIGHT")
    elif hours >= 24 or minutes >= _MINUTES or seconds >= _SECONDS:  # noqa: PLR2004
        raise DateError("there is no such time of day", "لا يوجد هذا الوقت")
    precision = "exact" if second else "minute" if minute else "hour"
    start = day.start + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return When(start.replace(tzinfo=_zone(zone)), precision, notes=notes)


def _in_half(hours: int, half: str) -> int:
    if not 1 <= hours <= _HALF_DAY:
        raise DateError("there is no such time of day", "لا يوجد هذا الوقت")
    afternoon = half[0].casefold() in {"م", "p"}
    return hours % _HALF_DAY + (_HALF_DAY if afternoon else 0)


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text[0] not in "+-":
        return timezone.utc  # noqa: UP017 - the variable may also be another zone
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes >= _MINUTES:  # noqa: PLR2004 - offsets reach +14:00
        raise DateError("there is no such offset", "لا يوجد هذا الفرق الزمني")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
