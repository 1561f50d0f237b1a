"""One row while it is read: cells in, clean values out, each change under its name.

A clean value equals its cell's text unless `changes` names why: hidden, tatweel, marks, forms,
persian, digits, space (`fold.py`), encoding, formula, merged, number, date, case, homoglyph,
letter, status, term, calibre, swapped, unknown, no_name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from intake import dates, when
from intake.celltext import is_error
from intake.codes import Quarantine, Remark, warning
from intake.dates import Months
from intake.fold import figures, fold, tidy
from intake.layout import shown
from intake.mojibake import repaired
from intake.numberformat import shown as shown_number
from intake.readfile import Value
from intake.tables import Tables
from intake.when import DateError, When

MOST_FIGURES = 15
DAYS_APART = 31  # between an entry and its registration, a receipt and its inventory
EVENTS_SINCE = 2000
TWO_DIGIT_EVENTS = range(2000, 2070)
AGES = range(14, 100)  # in which one reading of a two-digit year of birth can be the only one
NUMBERS = frozenset({"serial", "service_number"})
"""Fields whose figures tell who or what it is: `True` in them is no word."""
_ERROR_CODES = {
    "serial": "E-SERIAL", "service_number": "E-SERIAL",
    "declared_name": "E-NAME", "name_latin": "E-NAME", "father_name": "E-NAME",
    "birth_date": "E-DATE", "entered_at": "E-DATE", "registered_at": "E-DATE",
    "received_at": "E-DATE", "inventoried_at": "E-DATE",
}  # fmt: skip
_YEARS = range(when.EARLIEST, when.LATEST + 1)


@dataclass(frozen=True, slots=True)
class Conventions:
    """How this file is to be read."""

    tables: Tables
    order: str | None
    epoch: datetime

    @property
    def months(self) -> Months:
        """Names of months."""
        return Months(self.tables.months, self.tables.hijri_months)


@dataclass(slots=True)
class Draft:
    """One row while it is read."""

    values: Mapping[str, Value]  # field to cell; "" where empty
    formats: Mapping[str, str]  # field to number format, where a number cell's is known
    conventions: Conventions
    clean: dict[str, str | None] = field(default_factory=dict)
    notes: list[Remark] = field(default_factory=list)
    changes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def warn(self, code: str, name: str | None) -> None:
        """Add a warning, once."""
        note = warning(code, name)
        if note not in self.notes:
            self.notes.append(note)

    def change(self, name: str, *how: str) -> None:
        """Name what was done to a value."""
        if how:
            self.changes[name] = tuple(dict.fromkeys((*self.changes.get(name, ()), *how)))

    def text(self, name: str) -> str:
        """Return a cell's text, repaired and tidy."""
        value = self.values.get(name, "")
        if not isinstance(value, str):
            return shown(value)
        found = repaired(value)
        if found:
            value = found[0]
            self.warn("W-ENCODING", name)
            self.change(name, "encoding")
        done = tidy(value)
        if done.changes:
            self.change(name, *done.changes)
        return done.text

    def refuse_errors(self) -> None:
        """Quarantine a row in which a spreadsheet shows an error, or a truth value, for a value."""
        for name, value in self.values.items():
            text = value.strip() if isinstance(value, str) else ""
            wrong = isinstance(value, bool) or (text.startswith("#") and is_error(text))
            if wrong or (name in NUMBERS and text and is_error(text)):
                said = shown(value).strip()
                raise Quarantine(
                    _ERROR_CODES.get(name, "E-FORMULA"),
                    name,
                    f"the cell shows {said}: what it should hold is lost",
                    f"تعرض الخلية {said}: فقدت قيمتها",
                )

    def lines(self, name: str) -> str:
        """Return a cell's text, repaired but with its line breaks; nothing is noted."""
        value = self.values.get(name, "")
        if not isinstance(value, str):
            return ""
        found = repaired(value)
        return figures(found[0] if found else value)

    def keep(self, name: str) -> None:
        """Take a cell's text over."""
        self.clean[name] = self.text(name) or None

    def term(self, name: str, table: Mapping[str, str]) -> None:
        """Take a term over as the tables have it, or as typed with a warning."""
        text = self.text(name)
        known = table.get(fold(text)) if text else None
        if text and known is None:
            self.warn("W-TERM", name)
        elif text and known != text:
            self.change(name, "term")
        self.clean[name] = known or text or None

    def number_text(self, name: str) -> str:
        """Return the text of a cell that holds a serial, with the zeros its format shows."""
        value = self.values.get(name, "")
        if isinstance(value, str | bool):
            return self.text(name)
        if not isinstance(value, int | float) or value < 0 or value != int(value):
            raise Quarantine("E-SERIAL", name, "this is no serial", "هذا ليس رقما تسلسليا")
        if len(str(int(value))) > MOST_FIGURES:
            raise Quarantine(
                "E-SERIAL",
                name,
                f"a number of more than {MOST_FIGURES} figures: the last ones are lost",
                f"عدد من أكثر من {MOST_FIGURES} رقما: فقدت الأرقام الأخيرة",
            )
        self.warn("W-NUMBER", name)
        self.change(name, "number")
        return shown_number(int(value), self.formats.get(name, "General"))

    # ── dates ───────────────────────────────────────────────────────────────
    def event(self, name: str, needed: bool = False) -> When | None:
        """Read the date of something that happened."""
        at = self._date(name, 2000)
        if at is None:
            if needed:
                raise Quarantine("E-DATE", name, "the date is empty", "التاريخ فارغ")
            return None
        short = "W-YEAR2" in at.notes and at.start.year not in TWO_DIGIT_EVENTS
        if at.start.year < EVENTS_SINCE or short:
            year = at.start.year
            raise Quarantine(
                "E-DATE", name, f"the year {year} is out of range", f"السنة {year} خارج المدى"
            )
        return self._keep_date(name, at)

    def birth(self, name: str, entered: When) -> When | None:
        """Read a date of birth: a two-digit year where only one century makes sense."""
        at = self._date(name, 1900)
        if at is not None and "W-YEAR2" in at.notes:
            later = self._date(name, 2000)
            fitting = [c for c in (at, later) if c and entered.start.year - c.start.year in AGES]
            if len(fitting) != 1:
                raise Quarantine("E-DATE", name, "the century is not clear", "القرن غير واضح")
            at = fitting[0]
        if at is None:
            self.clean[name] = None
            return None
        if at.first_day() >= entered.last_day():
            raise Quarantine("E-DATE", name, "born after entry", "الولادة بعد الدخول")
        return self._keep_date(name, at)

    def _keep_date(self, name: str, at: When) -> When:
        for code in at.notes:
            self.warn(code, name)
        self.clean[name] = at.iso()
        self.change(name, "date")
        return at

    def _date(self, name: str, century: int) -> When | None:
        value = self.values.get(name, "")
        try:
            if isinstance(value, date):
                return when.from_cell(value)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return self._numeric_date(value)
            text = self.text(name)
            self.clean[name] = None
            if not text:
                return None
            return dates.read(text, self.conventions.order, self.conventions.months, century)
        except DateError as error:
            raise Quarantine("E-DATE", name, str(error), error.ar) from None

    def _numeric_date(self, value: float) -> When:
        if value in _YEARS:
            return dates.read(str(int(value)), self.conventions.order, self.conventions.months)
        return when.day_number(value, self.conventions.epoch)

    def in_order(self, first: When, second: When | None, name: str) -> None:
        """Quarantine a row whose two dates cannot belong together."""
        if second is None:
            return
        if second.last_day() < first.first_day():
            far = (f"before {first.iso()}", f"قبل {first.iso()}")
        elif (second.first_day() - first.last_day()).days > DAYS_APART:
            far = (
                f"more than {DAYS_APART} days after {first.iso()}",
                f"بعد {first.iso()} بأكثر من {DAYS_APART} يوما",
            )
        else:
            return
        raise Quarantine(
            "E-DATE",
            name,
            f"{second.iso()} is {far[0]}: one of the two is read wrongly",
            f"{second.iso()} {far[1]}: أحد التاريخين مقروء خطأ",
        )
