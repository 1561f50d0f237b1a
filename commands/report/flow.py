"""`amana report flow`: who came, who was there at the day's end, who left and how, per day and place."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from application.answers.two_clocks import Clocks
from commands.report.days import Span, beyond, known_site, named, span_of, with_days
from commands.terminal.clock_options import echoed, heading
from commands.terminal.session import Session


@click.command(
    "flow",
    epilog="Example: amana report flow --from 2024-12-07 --to 2024-12-20   ·   "
    "amana report flow --from -7d --site CAMP-R1",
)
@with_days(required=False)
@click.pass_obj
def flow(
    session: Session, /, first: str | None, last: str | None, site: str | None, known_at: str | None
) -> None:
    """Show, per day and place, how many persons came, were there at its end, and left, and how.

    Who came and who left is folded from the log, who was there is read from the cube of days: each day
    must add up, there = before + came − left (exit 1 if one does not). Of those who came, some entered
    from outside; of those there, some were sheltered. Days on which nobody came to a
    place or left it are not listed. Who is on the way stands where they left from; an hour's stay is one
    coming and one leaving.
    """
    code, span = known_site(session, site), span_of(session, first, last, known_at)
    rows, note = _rows(session, span, code), beyond(span)
    if not all(row["adds_up"] for row in rows):
        session.verdict = 1
    clocks = Clocks(span.until, span.known_at)
    if session.out.mode == "json":
        session.out.document({**echoed(session, clocks), "note": note or None, "flow": rows})
    else:
        _print(session, rows, clocks)
        if note and not session.quiet:
            session.out.say(note)
    raise SystemExit(session.verdict)


def _print(session: Session, rows: list[dict[str, Any]], clocks: Clocks) -> None:
    from projections.flows import MERGED, WAYS

    merged = any(row["left"][MERGED] for row in rows)  # rare: its column only where there are some
    ways = [way for way in WAYS if way != MERGED or merged or session.out.mode == "plain"]
    if session.out.mode == "text":
        heading(session, "persons who came, were there at the day's end, and left", clocks)
    columns = ["day", "site", "before", "came", "entered", *ways, "there", "sheltered", "adds up"]
    session.out.table(
        columns,
        [
            [
                r["day"],
                r["site"],
                r["before"],
                r["came"],
                r["entered"],
                *(r["left"][way] for way in ways),
                r["there"],
                r["sheltered"],
                "yes" if r["adds_up"] else "● NO",
            ]
            for r in rows
        ],
    )


def _rows(session: Session, span: Span, site: str | None) -> list[dict[str, Any]]:
    """Return a row for each day and place where somebody came or left, or what does not add up."""
    from projections.flows import ARRIVED, ENTERED, WAYS

    moved, (there, sheltered) = _moved(session, span, site), _there(session, span, site)
    sites = sorted({at for _, at, _ in moved} | {at for _, at in there})
    rows = []
    for day in range(span.first, span.last + 1):
        for at in sites:
            before, now, entered = there[day - 1, at], there[day, at], moved[day, at, ENTERED]
            came = entered + moved[day, at, ARRIVED]
            left = {way: moved[day, at, way] for way in WAYS}
            adds_up = now == before + came - sum(left.values())
            if came or any(left.values()) or not adds_up:
                rows.append(
                    {
                        "day": named(day),
                        "site": at,
                        "before": before,
                        "came": came,
                        "entered": entered,
                        "left": left,
                        "there": now,
                        "sheltered": sheltered[day, at],
                        "adds_up": adds_up,
                    }
                )
    return rows


def _moved(session: Session, span: Span, site: str | None) -> Counter[tuple[int, str, str]]:
    """Return how many came or left some way: by day, place and way, folded from the log."""
    from projections.flows import steps

    persons = session.custody.streams.every("P-")
    begin = span.calendar.start(span.first)
    return Counter(
        (span.calendar.day(step.at), step.site, step.way)
        for step in steps(persons, span.known_at)
        if begin <= step.at <= span.until and site in {None, step.site}
    )


def _there(
    session: Session, span: Span, site: str | None
) -> tuple[Counter[tuple[int, str]], Counter[tuple[int, str]]]:
    """Return how many were there, and sheltered, at the end of each day and of the one before."""
    from projections.cube import occupancy
    from projections.flows import THERE

    there: Counter[tuple[int, str]] = Counter()
    sheltered: Counter[tuple[int, str]] = Counter()
    for one in occupancy(
        session.views.connection, span.calendar, span.first - 1, span.last, span.known_at, site=site
    ):
        if one.status in THERE and one.site:
            there[one.day, one.site] += one.number
            sheltered[one.day, one.site] += one.number if one.status == "SHELTERED" else 0
    return there, sheltered
