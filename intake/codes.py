"""Outcomes, codes and reasons: one sentence each, in Arabic and English.

Of several reasons to quarantine a row the first of this list is given:

    E-BIDI      a hidden control or direction-override character in any cell
    E-FORMULA   a cell that begins like a formula, or a formula without a computed value or with an error
    E-MANY      several people in one cell, or a quantity instead of an item
    E-NAME      neither an Arabic nor a Latin name
    E-DATE      ambiguous, impossible, contradicting, Hijri elsewhere; entry or receipt empty
    E-SERIAL    two serials in a cell, a rack number, figures lost, an error (#N/A) or TRUE
    E-LONG      a cell of more than 2,000 characters (rule 24)

Warnings go with the value that was taken all the same; see WARNINGS.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What becomes of a row; each row has exactly one."""

    ACCEPTED = "ACCEPTED"
    WITH_WARNING = "WITH_WARNING"
    QUARANTINED = "QUARANTINED"
    DUPLICATE_OF = "DUPLICATE_OF"
    NOT_A_RECORD = "NOT_A_RECORD"


class Bilingual(NamedTuple):
    """A sentence in both languages."""

    en: str
    ar: str


class Remark(NamedTuple):
    """One code, the field it is about, and why."""

    code: str
    field: str | None
    words: Bilingual


class Quarantine(Exception):  # noqa: N818 - a outcome, not an error
    """Ends the reading of one row."""

    def __init__(self, code: str, field: str | None, en: str, ar: str) -> None:
        super().__init__(f"{code}: {en}")
        self.note = Remark(code, field, Bilingual(en, ar))


QUARANTINES = ("E-BIDI", "E-FORMULA", "E-MANY", "E-NAME", "E-DATE", "E-SERIAL", "E-LONG")

WARNINGS = {
    "W-CALIBRE": Bilingual("the calibre is not the model's", "العيار لا يطابق الطراز"),
    "W-DAYNUMBER": Bilingual(
        "a date typed as a spreadsheet's day number", "تاريخ مكتوب كرقم يوم من جدول البيانات"
    ),
    "W-DEPOSITOR": Bilingual("the depositor is said to be unknown", "المودع مذكور أنه مجهول"),
    "W-ENCODING": Bilingual("garbled letters were repaired", "أصلحت حروف مشوهة الترميز"),
    "W-FORMULA": Bilingual(
        "the cell holds a formula: its last computed value was taken",
        "الخلية تحتوي على معادلة: أخذت آخر قيمة محسوبة",
    ),
    "W-HIJRI": Bilingual(
        "a Hijri date by calculation: the sighting may differ by a day",
        "تاريخ هجري محسوب: قد تختلف الرؤية بيوم",
    ),
    "W-HOMOGLYPH": Bilingual(
        "Latin and Cyrillic letters in one serial were made one script",
        "حروف لاتينية وروسية في رقم واحد جعلت من أبجدية واحدة",
    ),
    "W-LETTER": Bilingual(
        "O or I among figures was read as 0 or 1", "قرئ O أو I بين الأرقام 0 أو 1"
    ),
    "W-MIDNIGHT": Bilingual(
        "24:00 was read as 00:00 of the next day", "قرئت 24:00 منتصف ليل اليوم التالي"
    ),
    "W-NOSERIAL": Bilingual("no serial, and no reason given", "لا رقم للسلاح ولا سبب مذكور"),
    "W-NUMBER": Bilingual(
        "a serial typed as a number: leading zeros may be lost",
        "رقم تسلسلي مكتوب كعدد: قد تكون الأصفار الأولى مفقودة",
    ),
    "W-REPEAT": Bilingual(
        "the same serial stands in an earlier row", "الرقم نفسه موجود في صف سابق"
    ),
    "W-SWAPPED": Bilingual(
        "Arabic and Latin name stood in each other's column",
        "الاسم العربي واللاتيني كل منهما في عمود الآخر",
    ),
    "W-TERM": Bilingual(
        "a term that the tables do not know: kept as typed", "مصطلح غير معروف: أبقي كما كتب"
    ),
    "W-YEAR2": Bilingual("a two-digit year", "سنة من رقمين"),
}

NO_RECORD = {
    "HEADER": Bilingual("a repeated header", "ترويسة مكررة"),
    "TOTAL": Bilingual("a total", "مجموع"),
    "FOOTER": Bilingual("a footer or signature line", "تذييل أو توقيع"),
    "BLANK": Bilingual("a blank row", "صف فارغ"),
    "COMMENT": Bilingual("a comment", "ملاحظة"),
}


def warning(code: str, field: str | None) -> Remark:
    """Return the note of a warning."""
    return Remark(code, field, WARNINGS[code])
