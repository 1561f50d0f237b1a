"""What no text may be, in whichever cell, option or file it stands."""

from __future__ import annotations

import re
from collections.abc import Callable

from intake.codes import Quarantine
from intake.fold import hidden_control, tidy
from intake.mojibake import repaired

LONGEST = 2000
"""Characters of a text (rule 24)."""
_BETWEEN_PEOPLE = re.compile(r"\s*[\n;؛/&+|]\s*|\s+(?:و|and)\s+|\s*،\s*")
LETTERS = re.compile(r"[^\W\d_]{2}")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE)
_BETWEEN_NUMBERS = re.compile(r"\s*[\n,،;؛/]\s*|\s+(?:و|and)\s+")
_WRAPPED = 4  # tokens of one name that a narrow cell may break in two lines
_TWO = 2
_FORMULA = ("=", "+", "@")
ERRORS = frozenset(
    {
        "#N/A", "#NA", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!",
        "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!",
        "#BUSY!", "#PYTHON!", "#EXTERNAL!", "ERR:502", "ERR:504", "ERR:508", "ERR:511", "ERR:522",
        "TRUE", "FALSE",
    }
)  # fmt: skip
"""What a spreadsheet shows instead of a value: its errors, and its truth values."""


def refuse_hidden(text: str, field: str | None) -> None:
    """Refuse characters that nobody sees and that turn what stands beside them.

    Raises:
        Quarantine: E-BIDI, which of them it is.
    """
    if not text or (text.isascii() and text.isalnum()):
        return
    found = hidden_control(text)
    if found is None and not text.isascii():
        fixed = repaired(text)
        found = hidden_control(fixed[0]) if fixed else None
    if found:
        said = (f"hidden control character {found}", f"حرف تحكم مخفي {found}")
        raise Quarantine("E-BIDI", field, *said)


def refuse_unfit(text: str, field: str | None, formula: Callable[[], bool] = lambda: False) -> None:
    """Refuse what begins like a formula or is too long.

    Args:
        text, field: what stands where. formula: whether the cell holds a formula, so that its text is
            a computed value.

    Raises:
        Quarantine: E-FORMULA or E-LONG.
    """
    if text.lstrip().startswith(_FORMULA) and not formula():
        said = ("the cell begins like a formula", "الخلية تبدأ كمعادلة")
        raise Quarantine("E-FORMULA", field, *said)
    if len(text) > LONGEST:
        said = (f"more than {LONGEST:,} characters", f"أكثر من {LONGEST} حرف")
        raise Quarantine("E-LONG", field, *said)


def is_error(text: str) -> bool:
    """Whether a spreadsheet put this where a value should be: `#N/A`, TRUE."""
    return text.strip().upper() in ERRORS


def refuse_several(value: str, field: str) -> None:
    """Refuse a name that is several people's.

    Raises:
        Quarantine: E-MANY.
    """
    if not _BETWEEN_PEOPLE.search(value):
        return
    parts = [p for p in _BETWEEN_PEOPLE.split(value.strip()) if LETTERS.search(p)]
    tokens = [len(tidy(part).text.split()) for part in parts]
    if len(parts) < _TWO or (_only_lines(value) and min(tokens) == 1 < sum(tokens) <= _WRAPPED):
        return
    raise Quarantine("E-MANY", field, "several people in one cell", "عدة أشخاص في خلية واحدة")


def _only_lines(value: str) -> bool:
    """Whether nothing but a line break parts the cell: then it may be one name, wrapped."""
    return len(_BETWEEN_PEOPLE.split(value.strip().replace("\n", " "))) == 1


def refuse_lost_figures(text: str, field: str, most: int | None = None) -> None:
    """Refuse a number whose last figures a spreadsheet dropped.

    Args:
        text, field: what stands where. most: figures that survive; None where none are dropped.

    Raises:
        Quarantine: E-SERIAL.
    """
    long = most is not None and text.isdigit() and len(text) > most
    if long or _SCIENTIFIC.fullmatch(text):
        raise Quarantine("E-SERIAL", field, "figures are lost", "فقدت أرقام")


def refuse_two_numbers(value: str, field: str) -> None:
    """Refuse two numbers where one is asked for.

    Raises:
        Quarantine: E-SERIAL.
    """
    parts = _BETWEEN_NUMBERS.split(value.strip())
    if sum(1 for part in parts if re.search(r"\d{3}", part)) >= _TWO:
        raise Quarantine("E-SERIAL", field, "two numbers in one cell", "رقمان في خلية واحدة")
