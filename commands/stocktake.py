"""`amana stocktake …`: what the ledger expects against what is found."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from collections.abc import Collection

import click

from commands.terminal.clock_options import above_table, echoed, heading, machine, shown
from commands.terminal.option_names import word_of
from commands.terminal.recording import Action, acknowledge, group, with_note
from commands.terminal.session import Session
from commands.terminal.typed import typed_lines
from words.facts import TOTALS

stocktake = group("stocktake", "Stock-takes of weapons and roll calls of persons.", "stocktake", [
    Action("open", "open_stocktake", "--kind WEAPONS --site DEPOT-M1"),
    Action("countersign", "countersign", "S-000001-4 --by OFF-031"),
    Action("close", "close_stocktake", "S-000001-4"),
    Action("reopen", "reopen_stocktake", "S-000001-4 --reason 'rack 7 was skipped'"),
])  # fmt: skip


FITS_A_LINE = 8
SEEN = {
    "FOUND": "found", "UNEXPECTED": "! not expected here", "UNKNOWN": "? unknown code, kept as typed",
}  # fmt: skip


@stocktake.command("scan", epilog="Example: amana stocktake scan S-000001-4 W-000418-Y W-000420-9")
@click.argument("number", metavar="STOCKTAKE")
@click.argument("codes", nargs=-1, required=True, metavar="CODE...|-")
@click.option("--place", default="", metavar="PLACE", help="Where they were found.")
@with_note
@click.pass_obj
def scan(
    session: Session, /, number: str, codes: tuple[str, ...], place: str, **options: object
) -> None:
    """Record what was found; `-` reads one code a line, as a scanner types them.

    What is not expected here, or unknown, is kept as typed.
    """
    from application.answers import stocktakes

    stream = session.stream(number, "stocktake")
    typed = list(codes)
    if typed == ["-"]:
        typed = typed_lines()
    from domain.book import BOOK

    note, custody = session.note(**options), session.custody
    with custody.batch():
        done = [custody.scan(stream, note, code=code, place=place) for code in typed]
        seen = stocktakes.scans(custody, stream, typed)
    if session.out.mode == "text":
        for code, what in seen.codes:
            session.out.line(f"{code}  {SEEN[what]}")
        for rule in sorted({n for one in done for n in one.irregularities}):
            session.out.say(f"  irregular, rule {rule}: {BOOK[rule][1]}")
        session.out.say(f"{seen.found} of {seen.expected} found, {seen.left} not yet")
        return
    acknowledge(session, "scan", done)


@stocktake.command("list", epilog="Example: amana stocktake list")
@click.pass_obj
def list_(session: Session, /) -> None:
    """List every count, the latest last: expected, found, missing, unexpected."""
    from application.answers import stocktakes

    echo, states = stocktakes.counts(session.views, session.custody)
    if session.out.mode == "json":
        told = [machine(session, state._asdict()) for state in states]
        session.out.document({**echoed(session, echo), "stocktakes": told})
        return
    above_table(session, f"{len(states):,} count{'s' * (len(states) != 1)}", echo)
    session.out.table(
        ["count", "status", "site", "of", "expected", "found", "missing", "unexpected", "since"],
        [
            [
                s.id,
                s.status,
                s.site,
                word_of(s.kind),
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
    from application.answers import stocktakes

    views, custody = session.views, session.custody
    echo, known = (
        stocktakes.last_closed(views, custody)
        if number == "last"
        else stocktakes.one(views, custody, session.stream(number, "stocktake"))
    )
    if session.out.mode == "json":
        told = machine(session, known._asdict())
        session.out.document({**echoed(session, echo), **told, "missing": known.missing})
        return
    title = f"{known.id}  {known.status}  {word_of(known.kind)} at {known.site} {known.container}"
    heading(session, title.rstrip(), echo)
    session.out.facts(
        {
            "expected as of": shown(session, known.expected_as_of),
            "totals": [f"{n:,} {what}" for n, what in zip(known.totals, TOTALS, strict=False)],
            "expected": _named(session, known.expected),
            "found": _named(session, known.found),
            "missing": known.missing,
            "elsewhere": [f"{one} {where}" for one, where in known.elsewhere.items()],
            "unexpected": known.unexpected,
            "opened by": known.opened_by,
            "counted by": known.counted_by,
            "counter-signed by": known.countersigned_by,
            "since": shown(session, known.since),
            "irregular": [f"event {version}: rule {rule}" for version, rule in known.irregular],
            "waits for approval": [f"{known.id}:{version}" for version in known.pending],
        }
    )


def _named(session: Session, found: Collection[str]) -> list[str] | int:
    """Return who or what; how many where that is no line for a person."""
    if session.out.mode == "plain" or len(found) <= FITS_A_LINE:
        return sorted(found)
    return len(found)
