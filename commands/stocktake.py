"""`amana stocktake …`: what the ledger expects against what is found."""

from __future__ import annotations

from typing import Any

import click

from commands.facts import Row, acknowledge, group, with_note
from commands.session import Session, typed_lines

stocktake = group("stocktake", "Stock-takes of weapons and roll calls of persons.", "stocktake", [
    Row("open", "open_stocktake", "--kind ITEMS --site DEPOT-M1"),
    Row("countersign", "countersign", "S-000001-O --by OFF-031"),
    Row("close", "close_stocktake", "S-000001-O"),
    Row("reopen", "reopen_stocktake", "S-000001-O --reason 'rack 7 was skipped'"),
])  # fmt: skip


@stocktake.command("scan", epilog="Example: amana stocktake scan S-000001-O W-000418-Y W-000420-U")
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


@stocktake.command("show", epilog="Example: amana --json stocktake show S-000001-O")
@click.argument("number", metavar="STOCKTAKE")
@click.pass_obj
def show(session: Session, /, number: str) -> None:
    """Show what a count expected, found, missed and found besides."""
    stream = session.stream(number, "stocktake")
    with session.custody.reading() as unit:
        known = unit.state(stream)
    if session.out.mode == "json":
        session.out.document({**known._asdict(), "missing": known.missing})
        return
    session.out.line(f"{stream}  {known.status}  {known.kind} at {known.site}", bold=True)
    session.out.facts({
        "expected": len(known.expected), "found": len(known.found), "missing": known.missing,
        "unexpected": known.unexpected, "opened by": known.opened_by,
        "counter-signed by": known.countersigned_by,
    })  # fmt: skip
