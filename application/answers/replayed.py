"""The log replayed: compared with the live read models, or built anew in their place or beside them.

A replayed file appears under its name only when it is whole; what a replay that was killed has left
behind is removed by the next one.
"""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import Literal, NamedTuple

from application.answers.feed import compare, compare_rows
from application.answers.feed.compare_rows import Finding, Scope
from application.answers.feed.follow import Progress, Views, discard
from application.decisions.ledger import Ledger
from domain.errors import UnknownError
from projections.index import position_by

Since = int | Literal["last"]
"""A position, or where the last comparison stood."""


class Compared(NamedTuple):
    """What a comparison found.

    Attributes:
        position: up to which the log was replayed. findings: where a read model says otherwise.
        subjects: how many were looked at row by row; None when everything was looked at.
        events, rows: how many were replayed and compared, of everything.
    """

    position: int
    findings: tuple[Finding, ...]
    subjects: int | None = None
    events: int = 0
    rows: int = 0


def compared(
    custody: Ledger,
    views: Views,
    *,
    known_at: int | None = None,
    sample: float | None = None,
    since: Since | None = None,
    progress: Progress = lambda _: None,
) -> Compared:
    """Compare the live read models with a replay of the log; nothing is repaired.

    Args:
        custody, views: the ledger, and its read models, caught up.
        known_at: only what was known then, microseconds UTC; None for now.
        sample: a share of the subjects, 0 to 1. since: those the log names after a position.
        progress: called with the number of events each batch has taken.

    Raises:
        UnknownError: the log has no such position.
    """
    log, to = custody.streams, _position(views, known_at)
    with compare_rows.scope(log, views.connection, views.calendar, to) as asked:
        if sample is None and since is None:
            result = compare.compare(asked, progress)
            findings = tuple(result.findings)
            done = Compared(asked.to, findings, None, result.events, result.rows)
        else:
            subjects = _subjects(views, asked, sample, since)
            findings = tuple(compare_rows.differences(asked, subjects))
            done = Compared(asked.to, findings, len(subjects))
    if not findings and to is None and sample is None and since in {None, "last"}:
        views.note_compared(done.position)  # all there is has been looked at, now or before
    return done


def _subjects(views: Views, asked: Scope, sample: float | None, since: Since | None) -> list[str]:
    if sample is not None:
        return compare_rows.sampled(asked, sample, asked.to)
    position = since if isinstance(since, int) else views.compared()
    if position > asked.to:
        msg = f"the log has no position {position}"
        raise UnknownError(msg)
    return compare_rows.since(asked, position)


def beside(
    custody: Ledger,
    views: Views,
    ledger_id: str,
    *,
    known_at: int | None = None,
    output: Path | None = None,
    progress: Progress = lambda _: None,
) -> int:
    """Replay the log into a file of its own and return the position reached.

    Args:
        custody, views, ledger_id: the ledger, its live read models, and its number.
        known_at: only what was known then, microseconds UTC; None for now.
        output: where the file is kept, under a name that is free; None to let it go again.
        progress: called with the number of events each batch has taken.
    """
    final = output or views.path.with_name(f"{views.path.name}.replay")
    _sweep(final)
    part = final.with_name(f".{final.name}.{os.getpid()}.part")
    log, to = custody.streams, _position(views, known_at)
    try:
        reached = compare.rebuild(log, part, ledger_id, to=to, progress=progress)
        if output:
            os.link(part, output)  # and never over a file that came meanwhile
        return reached
    finally:
        discard(part)


def _position(views: Views, known_at: int | None) -> int | None:
    return None if known_at is None else position_by(views.connection, known_at)


def _sweep(final: Path) -> None:
    """Remove what a replay that was killed has left behind."""
    for left in final.parent.glob(f".{glob.escape(final.name)}.*.part"):
        process = left.name.removesuffix(".part").rpartition(".")[2]
        if process.isdecimal() and not _lives(int(process)):
            discard(left)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
