"""What became of a file's rows, counted. Needs no ledger: `intake check` asks it, too.

counted(report, again)      outcome → rows, ALREADY_IN among them; they add up to all rows
warned(report, again)       what each warning says, and how many rows were taken with it
quarantined(report)         code → rows, and the reason most of them were given
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from intake.check import Report

OUTCOMES = ("ACCEPTED", "WITH_WARNING", "QUARANTINED", "DUPLICATE_OF", "NOT_A_RECORD")


class Quarantined(NamedTuple):
    """The rows in quarantine under one code.

    Attributes:
        reason: the one that most of them were given, English. several: whether there are others.
    """

    code: str
    rows: int
    reason: str
    several: bool


def counted(report: Report, again: Collection[int] = ()) -> dict[str, int]:
    """Return how many rows came to what; they add up to the file's rows.

    Args:
        report: the file. again: numbers of the rows that were recorded before.
    """
    new = [row for row in report.rows if not (row.accepted and row.number in again)]
    found = Counter(row.outcome.value for row in new)
    return {name: found[name] for name in OUTCOMES} | {"ALREADY_IN": len(report.rows) - len(new)}


def warned(report: Report, again: Collection[int] = ()) -> list[tuple[str, int]]:
    """Return each warning's English and how many rows taken now have it, the most frequent first."""
    rows = [row for row in report.rows if row.accepted and row.number not in again]
    english = {note.code: note.words.en for row in rows for note in row.notes}
    found = Counter(code for row in rows for code in row.codes)
    return [(english[code], number) for code, number in found.most_common()]


def quarantined(report: Report) -> list[Quarantined]:
    """Return each code of the rows in quarantine, the most frequent first."""
    found = Counter(row.notes[0].code for row in report.quarantined)
    reasons: dict[str, Counter[str]] = {code: Counter() for code in found}
    for row in report.quarantined:
        reasons[row.notes[0].code][row.notes[0].words.en] += 1
    return [
        Quarantined(code, rows, reasons[code].most_common(1)[0][0], len(reasons[code]) > 1)
        for code, rows in found.most_common()
    ]
