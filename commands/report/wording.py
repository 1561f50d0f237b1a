"""What the reports share in wording: both clocks of an answer, and a list of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from application.answers.reader import Reader, reader
from application.answers.two_clocks import Echo
from commands.terminal.session import Session
from domain import ids
from words import instants


def reader_of(session: Session) -> Reader:
    """Return who asks, by --by; nobody may ask, too."""
    named = session.settings["by"].value
    return reader(session.custody, ids.parse_code(named, "official") if named else None)


def clocks(session: Session, echo: Echo) -> dict[str, Any]:
    """Return both clocks of an answer for programs, and the position it was made from."""
    return instants.echoed(echo, session.zone)


def heading(session: Session, title: str, echo: Echo) -> None:
    """Write an answer's first lines: what it is about, and both clocks."""
    session.out.line(title, bold=True)
    session.out.line(f"  {instants.spoken(echo, session.zone)}")


def listed(
    session: Session, title: str, echo: Echo, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write a list: one JSON document, or a table under its title (on stderr beside `--plain`)."""
    if session.out.mode == "json":
        named = [
            instants.machine(dict(zip(columns, row, strict=True)), session.zone) for row in rows
        ]
        session.out.document({**clocks(session, echo), "count": len(rows), "rows": named})
        return
    above(session, title, echo)
    for_people = [
        [
            instants.shown(value, session.zone) if instants.is_instant(column) else value
            for column, value in zip(columns, row, strict=True)
        ]
        for row in rows
    ]
    session.out.table([column.replace("_", " ") for column in columns], for_people)


def above(session: Session, title: str, echo: Echo) -> None:
    """Write what a table is about, and both clocks: before it, or on stderr beside `--plain` lines."""
    if session.out.mode == "text":
        heading(session, title, echo)
    elif not session.quiet:
        session.out.say(f"{title}: {instants.spoken(echo, session.zone)}")


def verdict(agrees: bool) -> str:
    """Say whether a count agrees with the ledger."""
    return "agrees" if agrees else "● differs"
