"""`amana report …`: occupancy per day and place, what is in trust for how long, how times add up."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import click

from commands.clocks import Clocks, clocks_of, echoed, heading, known_instant, shown, with_clocks
from commands.session import Session
from domain import ids, times
from domain.errors import BadInputError


@click.group()
def report() -> None:
    """Counts over days and places, and lists with days held."""


@report.command(
    "occupancy", epilog="Example: amana report occupancy --from 2024-12-07 --to 2024-12-20"
)
@click.option("--from", "first", required=True, metavar="DAY", help="The first day.")
@click.option("--to", "last", required=True, metavar="DAY", help="The last day, included.")
@click.option("--site", metavar="SITE", help="One site only.")
@click.option(
    "--kind", type=click.Choice(["person", "weapon"]), default="person", show_default=True,
    help="Count persons or weapons.",
)  # fmt: skip
@click.option("--known-at", metavar="TIME|@POSITION", help="As the ledger knew it then.")
@click.pass_obj
def occupancy(
    session: Session, /, first: str, last: str, site: str | None, kind: str, known_at: str | None
) -> None:
    """Show how many were where at the end of each day, in the site's zone.

    A dot marks a day on which a roll call or count at the site did not agree with the ledger.
    """
    from projections.cube import Calendar
    from projections.cube import occupancy as counted

    calendar = Calendar(session.zone)
    days = calendar.day(_day(session, first)), calendar.day(_day(session, last))
    if days[0] > days[1]:
        msg = f"--from {first} lies after --to {last}"
        raise BadInputError(msg)
    now = session.custody.clock()
    known = known_instant(session, known_at) if known_at else now
    code = ids.parse_code(site, "site") if site else None
    connection = session.views.connection
    rows = counted(connection, calendar, *days, known, kind=kind, site=code)
    calls = _calls(session, calendar, known)
    said: list[dict[str, Any]] = [
        {
            "day": _named(r.day), "site": r.site, "status": r.status, "count": r.number,
            "roll_call": calls.get((r.day, r.site)),
        }
        for r in rows
        if r.number and r.site
    ]  # fmt: skip
    clocks = Clocks(calendar.start(days[1] + 1) - 1, known)
    if session.out.mode == "json":
        session.out.document({"kind": kind, **echoed(session, clocks), "occupancy": said})
        return
    if session.out.mode == "text":
        heading(session, f"{kind}s at the end of each day", clocks)
    session.out.table(
        ["day", "site", "status", "count", "counted"],
        [[s["day"], s["site"], s["status"], s["count"], _dot(s["roll_call"])] for s in said],
    )


def _day(session: Session, typed: str) -> int:
    when = session.when(typed)
    if when is None or when.precision != "DAY":
        msg = f"'{typed}' is not a day: write it as 2024-12-12"
        raise BadInputError(msg)
    return when.at


def _named(day: int) -> str:
    return f"{times.moment(day * times.DAY):%Y-%m-%d}"


def _calls(session: Session, calendar: Any, known_at: int) -> dict[tuple[int, str], Any]:
    """Return the counts closed by then: (day, site) to expected and found."""
    from application import streams
    from projections.belief import belief

    found: dict[tuple[int, str], Any] = {}
    for known in streams.every(session.custody.store.writer, "S-"):
        state = belief(known, known_at, known_at)
        if state is not None and state.totals:
            expected, there, missing, unexpected = state.totals
            found[calendar.day(state.since), state.site] = {
                "stocktake": known.id, "expected": expected, "found": there,
                "missing": missing, "unexpected": unexpected,
            }  # fmt: skip
    return found


def _dot(call: dict[str, Any] | None) -> str:
    if call is None:
        return ""
    agrees = call["expected"] == call["found"] and not call["unexpected"]
    return f"{'agrees' if agrees else '● differs'}: {call['found']} of {call['expected']}"


@report.command("in-trust", epilog="Example: amana report in-trust --as-of '27 Dec 2024 18:00'")
@with_clocks
@click.option("--transit", is_flag=True, help="Also what is on the way or missing: still owed.")
@click.pass_obj
def in_trust(
    session: Session,
    /,
    as_of: str | None,
    known_at: str | None,
    transit: bool,
) -> None:
    """List the weapons held in trust, and for how many days."""
    from projections import population

    clocks = clocks_of(session, as_of, known_at)
    statuses = ("IN_TRUST", "IN_TRANSIT", "MISSING") if transit else population.IN_TRUST
    held = population.in_trust(
        session.views.connection, clocks.true_at, clocks.known_at, statuses=statuses
    )
    if session.out.mode == "json":
        rows = [
            {
                "id": h.standing.subject, "days": h.days, "custody": h.standing.status,
                "party": h.standing.party, "site": h.standing.site,
            }
            for h in held
        ]  # fmt: skip
        session.out.document({**echoed(session, clocks), "count": len(held), "in_trust": rows})
        return
    if session.out.mode == "text":
        heading(session, f"{len(held):,} weapons held in trust", clocks)
    session.out.table(
        ["weapon", "days", "custody", "party", "site", "place", "in trust since"],
        [
            [
                h.standing.subject,
                h.days,
                h.standing.status,
                h.standing.party,
                h.standing.site,
                h.standing.place,
                shown(session, h.standing.since or 0),
            ]
            for h in held
        ],
    )


@report.command("flow", epilog="Example: amana report flow")
@with_clocks
@click.pass_obj
def flow(session: Session, /, as_of: str | None, known_at: str | None) -> None:
    """Show whether persons admitted equal those who left plus those still here (exit 1 if not).

    Admissions are counted from the log, the others from where everybody stands.
    """
    from domain.person import END
    from projections import population
    from projections.index import admissions

    clocks = clocks_of(session, as_of, known_at)
    connection = session.views.connection
    found: dict[str, int] = defaultdict(int)
    for one in population.counts(connection, clocks.true_at, clocks.known_at):
        if one.kind == "person":
            found[one.status] += one.number
    left = sum(found[status] for status in END)
    here = sum(found.values()) - left - found["EXPECTED"]
    admitted = admissions(connection, clocks.true_at, clocks.known_at)
    agrees = admitted == left + here
    document = {"admitted": admitted, "left": left, "here": here, "agrees": agrees}
    if session.out.mode == "json":
        session.out.document({**echoed(session, clocks), **document, "by_custody": dict(found)})
    else:
        sign = "=" if agrees else "≠"
        title = f"{admitted:,} admitted {sign} {left:,} left + {here:,} here"
        if session.out.mode == "text":
            heading(session, title, clocks)
        session.out.table(["custody", "persons"], sorted(found.items()))
    if not agrees:
        raise SystemExit(1)
