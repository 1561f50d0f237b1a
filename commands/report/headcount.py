"""`amana report headcount`: persons admitted against those who left and those here, and roll calls."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from application.answers.two_clocks import Clocks
from commands.terminal.clock_options import clocks_of, echoed, heading, shown, with_clocks
from commands.terminal.session import Session
from domain import times

if TYPE_CHECKING:
    from projections.rollcalls import Counted


@click.command("headcount", epilog="Example: amana report headcount --as-of '16 Dec 2024 12:00'")
@with_clocks
@click.pass_obj
def headcount(session: Session, /, as_of: str | None, known_at: str | None) -> None:
    """Show whether persons admitted equal those who left plus those here, and what roll calls found.

    The ledger's own books come first: admissions are counted from the log, the others from where
    everybody stands; a record that is another one's double counts once. Beside each place stands its
    last roll call, a count of the persons themselves. Exit 1 if the books do not add up, or the last
    roll call of a place did not agree with them.
    """
    clocks = clocks_of(session, as_of, known_at)
    books, places = _books(session, clocks), _places(session, clocks)
    calls = [place["roll_call"] for place in places if place["roll_call"]]
    if not books["agrees"] or not all(call["agrees"] for call in calls):
        session.verdict = 1
    if session.out.mode == "json":
        session.out.document({**echoed(session, clocks), **books, "places": places})
    else:
        _print(session, clocks, books, places)
    raise SystemExit(session.verdict)


def _books(session: Session, clocks: Clocks) -> dict[str, Any]:
    from domain.person import END
    from projections import population
    from projections.doubles import admitted_doubles
    from projections.index import admissions

    connection = session.views.connection
    found: Counter[str] = Counter()
    for one in population.counts(connection, clocks.true_at, clocks.known_at):
        if one.kind == "person":
            found[one.status] += one.number
    left = sum(found[status] for status in END)
    here = sum(found.values()) - left - found["EXPECTED"]
    doubles = admitted_doubles(connection, clocks.true_at, clocks.known_at)
    admitted = admissions(connection, clocks.true_at, clocks.known_at) - doubles
    return {
        "admitted": admitted,
        "doubles": doubles,
        "left": left,
        "here": here,
        "agrees": admitted == left + here,
        "by_custody": dict(sorted(found.items())),
    }


def _places(session: Session, clocks: Clocks) -> list[dict[str, Any]]:
    """Return each place where persons are, or were counted, with its last roll call."""
    from projections import population
    from projections.flows import THERE

    here: Counter[str] = Counter()
    sheltered: Counter[str] = Counter()
    for one in population.counts(session.views.connection, clocks.true_at, clocks.known_at):
        if one.kind == "person" and one.status in THERE and one.site:
            here[one.site] += one.number
            sheltered[one.site] += one.number if one.status == "SHELTERED" else 0
    calls = _last_calls(session, clocks)
    return [
        {
            "site": site,
            "here": here[site],
            "sheltered": sheltered[site],
            "roll_call": _call(session, calls[site]) if site in calls else None,
        }
        for site in sorted(here.keys() | calls.keys())
    ]


def _last_calls(session: Session, clocks: Clocks) -> dict[str, Counted]:
    """Return the last roll call of each place."""
    from projections.rollcalls import closed

    takes = session.custody.streams.every("S-")
    found = closed(takes, clocks.true_at, clocks.known_at)
    return {one.site: one for one in found if one.kind == "person" and not one.container}


def _call(session: Session, one: Counted) -> dict[str, Any]:
    return {
        "stocktake": one.stocktake,
        "at": times.iso(one.at, session.zone),
        "agrees": one.agrees,
        "expected": one.expected,
        "found": one.found,
        "missing": one.missing,
        "unexpected": one.unexpected,
        "shown": shown(session, one.at),
    }


COLUMNS = (
    "site", "here", "sheltered", "roll call", "of", "expected", "found", "unexpected", "verdict"
)  # fmt: skip


def _print(
    session: Session, clocks: Clocks, books: dict[str, Any], places: list[dict[str, Any]]
) -> None:
    if session.out.mode == "plain":
        total = [
            "(books)",
            books["here"],
            books["by_custody"].get("SHELTERED", 0),
            "admitted − left",
            "",
            books["admitted"] - books["left"],
            "",
            "",
            _verdict(books),
        ]
        session.out.table(COLUMNS, [total, *map(_row, places)])
        return
    sign = "=" if books["agrees"] else "≠"
    title = f"{books['admitted']:,} admitted {sign} {books['left']:,} left + {books['here']:,} here"
    heading(session, title, clocks)
    session.out.facts(
        {
            status.lower().replace("_", " "): number
            for status, number in books["by_custody"].items()
            if number
        }
    )
    session.out.table(COLUMNS, [_row(place) for place in places], empty="")
    if not any(place["roll_call"] for place in places) and not session.quiet:
        session.out.say(
            "no roll call was closed by then: only the ledger's own books were compared"
        )


def _row(place: dict[str, Any]) -> list[Any]:
    call = place["roll_call"]
    head = [place["site"], place["here"], place["sheltered"]]
    if call is None:
        return [*head, "no roll call", "", "", "", "", ""]
    numbers = [call["expected"], call["found"], call["unexpected"]]
    return [*head, call["stocktake"], call["shown"], *numbers, _verdict(call)]


def _verdict(one: dict[str, Any]) -> str:
    return "agrees" if one["agrees"] else "● differs"
