"""The clean values of a row as facts: times with the precision of their cell, words of closed lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args
from zoneinfo import ZoneInfo

from application.imports.given import RowRefusedError
from domain import times
from domain.times import When
from domain.weapon import Category, Condition

YEARS = range(1800, 2101)
_CUT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d))?)?)?")
_MONTHS = 12


def description(clean: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what a row says a weapon is.

    Raises:
        RowRefusedError: a word or year that the ledger's own list does not hold.
    """
    names = ("make", "model", "calibre", "country", "serial", "serial_raw", "accessories")
    facts: dict[str, Any] = {name: clean.get(name) or "" for name in names}
    return facts | {
        "category": _listed(clean, "category", get_args(Category), "UNIDENTIFIED"),
        "condition": _listed(clean, "condition", get_args(Condition), "UNKNOWN"),
        "serial_status": clean["serial_status"],
        "year": _year(clean.get("year")),
    }


def _listed(
    clean: Mapping[str, str | None], field: str, words: tuple[str, ...], absent: str
) -> str:
    text = clean.get(field) or absent
    if text not in words:
        raise RowRefusedError(
            "E-TERM", field, f"{text}: one of {', '.join(words)}", f"{text}: ليست من القائمة"
        )
    return text


def _year(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) in YEARS):
        raise RowRefusedError("E-TERM", "year", f"{text} is no year", f"{text} ليست سنة")
    return int(text)


def when_of(text: str, zone: ZoneInfo) -> When:
    """Read a clean time: ISO 8601 cut to what is known, or two of them with `/` between.

    Returns:
        the span it lies in, in microseconds UTC, with the precision of the text.

    Raises:
        BadInputError: the zone's clock never showed it, or showed it twice.
    """
    start, slash, end = text.partition("/")
    if slash:
        first, last = when_of(start, zone), when_of(end, zone)
        return When(first.at, max(last.until or last.at, first.at + 1), "RANGE")
    cut = _CUT.fullmatch(text)
    if cut is None or (cut[3] and not cut[4]):
        return times.parse(text, zone, 0)
    if cut[4]:
        at = times.parse(f"{text}:00", zone, 0).at
        return When(at, at + times.HOUR, "HOUR")
    year, month = int(cut[1]), int(cut[2] or 1)
    past = (year, month + 1) if cut[2] and month < _MONTHS else (year + 1, 1)
    at, until = (times.parse(f"{y}-{m:02d}-01", zone, 0).at for y, m in ((year, month), past))
    return When(at, until, "RANGE")
