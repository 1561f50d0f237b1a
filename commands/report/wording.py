"""What the reports share in wording: a list of rows, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from application.answers.two_clocks import Echo
from commands.terminal.clock_options import above_table, echoed, machine, shown
from commands.terminal.session import Session
from words.instants import is_instant


def listed(
    session: Session, title: str, echo: Echo, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write a list: one JSON document, or a table under its title (on stderr beside `--plain`)."""
    if session.out.mode == "json":
        named = [machine(session, dict(zip(columns, row, strict=True))) for row in rows]
        session.out.document({**echoed(session, echo), "count": len(rows), "rows": named})
        return
    above_table(session, title, echo)
    for_people = [
        [
            shown(session, value) if is_instant(column) else value
            for column, value in zip(columns, row, strict=True)
        ]
        for row in rows
    ]
    session.out.table([column.replace("_", " ") for column in columns], for_people)


def verdict(agrees: bool) -> str:
    """Say whether a count agrees with the ledger."""
    return "agrees" if agrees else "● differs"
