"""`amana stocktake …`: what the ledger expects against what is found."""

from __future__ import annotations

from typing import Any

import click

from application.answers.two_clocks import latest
from commands.terminal.clock_options import above_table, echoed, heading, machine, shown
from commands.terminal.recording import Row, acknowledge, group, with_note
from commands.terminal.session import Session, typed_lines

stocktake = group("stocktake", "Stock-takes of weapons and roll calls of persons.", "stocktake", [
    Row("open", "open_stocktake", "--kind ITEMS --site DEPOT-M1"),
    Row("countersign", "countersign", "S-000001-4 --by OFF-031"),
    Row("close", "close_stocktake", "S-000001-4"),
    Row("reopen", "reopen_stocktake", "S-000001-4 --reason 'rack 7 was skipped'"),
])  # fmt: skip


@stocktake.command("scan", epilog="Example: amana stocktake scan S-000001-4 W-000418-Y W-000420-9")
@click.argument("number", metavar="STOCKTAKE")
@click.argument("codes", nargs=-1, required=True, metavar="CODE...|-")
@click.option("--place", default="", metavar="PLACE", help="Where they were found.")
@with_note
@click.pass_obj
def scan(
    session: Session, /, number: str, codes: tuple[str, ...], place: str, **options: Any
) -> None:
    """Record what was found; `-` reads one code a line, as a scanner types them.

    What is not expected here, or unknown, is kept as typed.
    """
    stream = session.stream(number, "stocktake")
    typed = list(codes)
    if typed == ["-"]:
        typed = typed_lines()
    note, custody = session.note(**options), session.custody
    with custody.batch():
        done = [custody.scan(stream, note, code=code, place=place) for code in typed]
        with custody.reading() as unit:
            known = unit.state(stream)
    if session.out.mode == "text":
        for code in typed:
            session.out.line(f"{code}  {_verdict(code, known)}")
        left = len(known.missing)
        session.out.say(f"{len(known.found)} of {len(known.expected)} found, {left} not yet")
        return
    acknowledge(session, "scan", done)


def _verdict(code: str, known: Any) -> str:
    from domain import ids
    from domain.errors import CustodyError

    try:
        found = ids.parse(code)
    except CustodyError:
        return "? unknown code, kept as typed"
    return "found" if found in known.found else "! not expected here"


@stocktake.command("list", epilog="Example: amana stocktake list")
@click.pass_obj
def list_(session: Session, /) -> None:
    """List every count, the latest last: expected, found, missing, unexpected."""
    clocks = latest(session.views)
    states = [known.state for known in session.custody.streams.every("S-")]
    states.sort(key=lambda state: state.since)
    if session.out.mode == "json":
        told = [machine(session, state._asdict()) for state in states]
        session.out.document({**echoed(session, clocks), "stocktakes": told})
        return
    above_table(session, f"{len(states):,} count{'s' * (len(states) != 1)}", clocks)
    session.out.table(
        ["count", "status", "site", "of", "expected", "found", "missing", "unexpected", "since"],
        [
            [
                s.id,
                s.status,
                s.site,
                s.kind,
                *(s.totals or ("", "", "", "")),
                shown(session, s.since),
            ]
            for s in states
        ],
    )


@stocktake.command(
    "show", epilog="Example: amana stocktake show S-000001-4   ·   amana stocktake show last"
)
@click.argument("number", metavar="STOCKTAKE|last")
@click.pass_obj
def show(session: Session, /, number: str) -> None:
    """Show what a count expected, found, missed and found besides; `last` is the latest closed."""
    clocks = latest(session.views)
    known = _last(session) if number == "last" else _of(session, number)
    if session.out.mode == "json":
        told = machine(session, known._asdict())
        session.out.document({**echoed(session, clocks), **told, "missing": known.missing})
        return
    title = f"{known.id}  {known.status}  {known.kind} at {known.site} {known.container}"
    heading(session, title.rstrip(), clocks)
    session.out.facts(
        {
            "expected": len(known.expected),
            "found": len(known.found),
            "missing": known.missing,
            "unexpected": known.unexpected,
            "opened by": known.opened_by,
            "counter-signed by": known.countersigned_by,
        }
    )


def _of(session: Session, number: str) -> Any:
    with session.custody.reading() as unit:
        return unit.state(session.stream(number, "stocktake"))


def _last(session: Session) -> Any:
    from domain.errors import UnknownError

    closed = [
        known.state
        for known in session.custody.streams.every("S-")
        if known.state.status == "CLOSED"
    ]
    if not closed:
        msg = "no count has been closed yet"
        raise UnknownError(msg)
    return max(closed, key=lambda state: state.since)
