"""What became of a sheet's rows, in words: counts that add up to all of them, line by line."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from application.imports import tally

if TYPE_CHECKING:
    from commands.terminal.session import Session
    from intake.check import Report

NOT_A_RECORD = {
    "HEADER": "repeated headers", "TOTAL": "totals", "FOOTER": "footers", "BLANK": "blank",
    "COMMENT": "comments",
}  # fmt: skip


def heading(session: Session, report: Report) -> None:
    """Say which file was read, and how much of it was understood."""
    sheet = f'  sheet "{session.out.isolated(report.sheet)}"' if report.sheet else ""
    encoding = f"  {report.encoding}" if report.encoding else ""
    write = session.out.line if session.out.mode == "text" else session.out.say
    write(
        f"Reading {session.out.isolated(report.filename)}{sheet}{encoding}  {report.total:,} rows of "
        f"{report.kind}  sha256 {report.sha256[:4]}…{report.sha256[-2:]}   "
        f"columns matched {len(report.columns.fields)}/{_titled(report)}"
    )


def _titled(report: Report) -> int:
    """Return how many columns have a title."""
    return sum(1 for title in report.columns.titles if title)


def plain(session: Session, report: Report, again: Collection[int] = ()) -> None:
    """Write the counts for a pipe; beside them what was read, and which rows are in quarantine."""
    session.out.table(["outcome", "rows"], list(tally.counted(report, again).items()))
    if session.quiet:
        return
    heading(session, report)
    for title in report.columns.left_out:
        session.out.say(f"column left out: {title}")
    for title in report.columns.not_recognised:
        session.out.say(f"column not known: {title}")
    for row in report.quarantined:
        note = row.notes[0]
        session.out.say(f"row {row.number}: {note.code} {note.field or ''}: {note.words.en}")


def screen(
    session: Session, report: Report, again: Collection[int], words: Sequence[str], beside: str
) -> None:
    """Write the counts, line by line, adding up to all rows.

    Args:
        session, report: where, and what.
        again: rows that were in before.
        words: what accepted rows are called, and the line beside them.
        beside: what stands beside the total.
    """
    counts = tally.counted(report, again)
    reasons = report.reasons
    lines = [
        (words[0], counts["ACCEPTED"], words[1]),
        ("with warning", counts["WITH_WARNING"], _warnings(report, again)),
        ("already in", counts["ALREADY_IN"], "recorded when this file was imported before"),
        ("quarantined", counts["QUARANTINED"], _quarantines(report)),
        ("duplicate", counts["DUPLICATE_OF"], "identical to an earlier row of this file"),
        (
            "not a record",
            counts["NOT_A_RECORD"],
            ", ".join(f"{NOT_A_RECORD[r]} {n:,}" for r, n in reasons["NOT_A_RECORD"].items()),
        ),
    ]
    for name, number, why in lines:
        if number or name == words[0]:
            first, *more = why.split("\n")
            session.out.line(f"  {name:<14}{number:>8,}   {first}".rstrip())
            for line in more:
                session.out.line(f"{'':<27}{line}")
    for title in report.columns.left_out:
        session.out.line(
            f"  column left out         «{session.out.isolated(title)}»: not collected here, "
            "values were not stored"
        )
    for title in report.columns.not_recognised:
        session.out.line(f"  column not known        «{session.out.isolated(title)}»: see --map")
    session.out.line(f"  {'─' * 13} {report.total:>8,}   = all rows   {beside}".rstrip())


def _warnings(report: Report, again: Collection[int]) -> str:
    return "\n".join(f"{said} ({n:,})" for said, n in tally.warned(report, again))


def _quarantines(report: Report) -> str:
    """Return each code with its most frequent reason, one a line."""
    return "\n".join(
        f"{one.code} {one.reason}{', …' if one.several else ''} ({one.rows:,})"
        for one in tally.quarantined(report)
    )


def document(report: Report, again: Collection[int] = ()) -> dict[str, object]:
    """Return the counts of a file as one document."""
    return {
        "file": report.filename,
        "sha256": report.sha256,
        "sheet": report.sheet,
        "kind": report.kind,
        "encoding": report.encoding,
        "total": report.total,
        "counts": tally.counted(report, again),
        "reasons": report.reasons,
        "titled": _titled(report),
        "columns": report.columns.matched,
        "left_out": report.columns.left_out,
        "not_recognised": report.columns.not_recognised,
        "quarantined": [
            {
                "row": row.number,
                "code": n.code,
                "field": n.field,
                "en": n.words.en,
                "ar": n.words.ar,
            }
            for row in report.quarantined
            for n in row.notes[:1]
        ],
    }


def leave(report: Report) -> None:
    """End with exit code 4 where rows wait in quarantine."""
    if report.quarantined:
        sys.stdout.flush()
        raise SystemExit(4)
