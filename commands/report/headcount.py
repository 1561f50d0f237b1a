"""`amana report headcount`: persons admitted against those who left and those here, and roll calls."""

from __future__ import annotations

import click

from application.answers.headcount import HeadCount, SiteCount
from application.answers.headcount import headcount as counted
from application.answers.members import Member
from commands import why as why_of
from commands.report.wording import verdict
from commands.terminal.clock_options import above_table, clocks_of, echoed, shown, with_clocks
from commands.terminal.session import Session
from domain import times

COLUMNS = (
    "site", "here", "sheltered", "roll call", "of", "expected", "found", "missing", "unexpected",
    "verdict",
)  # fmt: skip


@click.command("headcount", epilog="Example: amana report headcount --as-of '16 Dec 2024 12:00'")
@with_clocks
@click.option(
    "--why", is_flag=True, help="Every member of each number, and the event that decided."
)
@click.pass_obj
def headcount(session: Session, /, as_of: str | None, known_at: str | None, why: bool) -> None:
    """Show whether persons admitted equal those who left plus those here, and what roll calls found.

    The ledger's own books come first: admissions are counted from the log, the others from where
    everybody stands; a record that is another one's double counts once. Beside each site stands its
    last roll call, a count of the persons themselves. Exit 1 if the books do not add up, or the last
    roll call of a site did not agree with them.
    """
    asked = clocks_of(session, as_of, known_at)
    books = counted(session.views, session.custody.streams, asked, why=why)
    session.verdict = 0 if books.all_agree else 1
    if session.out.mode == "json":
        session.out.document(_document(session, books))
    else:
        _print(session, books)
    raise SystemExit(session.verdict)


def _document(session: Session, books: HeadCount) -> dict[str, object]:
    return {
        **echoed(session, books.echo),
        "admitted": books.admitted,
        "doubles": books.doubles,
        "left": books.left,
        "here": books.here,
        "agrees": books.agrees,
        "by_custody": books.by_custody,
        "places": [
            {
                "site": one.site,
                "here": one.here,
                "sheltered": one.sheltered,
                "roll_call": _call(session, one),
            }
            for one in books.sites
        ],
        **({} if books.members is None else {"members": _members(session, books.members)}),
    }


def _members(session: Session, members: tuple[Member, ...]) -> list[dict[str, object]]:
    return [
        {
            "counted": one.counted,
            "id": one.id,
            "custody": one.custody,
            "site": one.site,
            **why_of.named(session, {one.id: one.event}, one.id),
        }
        for one in members
    ]


def _print_members(session: Session, members: tuple[Member, ...]) -> None:
    session.out.table(
        ("counted as", "id", "custody", "site", *why_of.COLUMNS),
        [(*one[:4], *why_of.cells(session, one.id, one.event)) for one in members],
        empty="",
    )


def _call(session: Session, one: SiteCount) -> dict[str, object] | None:
    call = one.roll_call
    if call is None:
        return None
    return {
        "stocktake": call.stocktake,
        "at": times.iso(call.at, session.zone),
        "agrees": call.agrees,
        "expected": call.expected,
        "found": call.found,
        "missing": call.missing,
        "unexpected": call.unexpected,
        "shown": shown(session, call.at),
    }


def _print(session: Session, books: HeadCount) -> None:
    sign = "=" if books.agrees else "≠"
    title = f"{books.admitted:,} admitted {sign} {books.left:,} left + {books.here:,} here"
    above_table(session, title, books.echo)
    stood = {
        custody.lower().replace("_", " "): number
        for custody, number in books.by_custody.items()
        if number
    }
    if books.doubles:
        stood["records that are a double, counted once"] = books.doubles
    rows = [_row(session, one) for one in books.sites]
    if session.out.mode == "text":
        session.out.facts(stood)
    else:
        rows = [_total(books), *rows]
        if not session.quiet:
            session.out.say(", ".join(f"{name} {number:,}" for name, number in stood.items()))
    session.out.table(COLUMNS, rows, empty="")
    if books.members is not None:
        session.out.line("")  # members are rows of another shape
        _print_members(session, books.members)
    if not books.called and not session.quiet:
        session.out.say(
            "no roll call was closed by then: only the ledger's own books were compared"
        )


def _total(books: HeadCount) -> list[object]:
    """Return the books as the first row of a table for a pipe."""
    sheltered = books.by_custody.get("SHELTERED", 0)
    said = verdict(books.agrees)
    return [
        "(books)",
        books.here,
        sheltered,
        "admitted − left",
        "",
        books.expected,
        "",
        "",
        "",
        said,
    ]


def _row(session: Session, one: SiteCount) -> list[object]:
    call = one.roll_call
    head = [one.site, one.here, one.sheltered]
    if call is None:
        return [*head, "no roll call", "", "", "", "", "", ""]
    numbers = [call.expected, call.found, call.missing, call.unexpected]
    return [*head, call.stocktake, shown(session, call.at), *numbers, verdict(call.agrees)]
