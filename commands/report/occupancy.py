"""`amana report occupancy`: how many were where at the end of each day, and what a count found there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import click

from application.answers.two_clocks import Clocks
from commands.report.days import Span, beyond, known_site, named, span_of, with_days
from commands.terminal.clock_options import echoed, heading
from commands.terminal.session import Session

if TYPE_CHECKING:
    from projections.rollcalls import Counted


@click.command(
    "occupancy",
    epilog="Example: amana report occupancy --from 2024-12-07 --to 2024-12-20   ·   "
    "amana report occupancy --from -14d --to -1d --site CAMP-R1",
)
@with_days()
@click.option(
    "--kind",
    type=click.Choice(["person", "weapon"]),
    default="person",
    show_default=True,
    help="Count persons or weapons.",
)
@click.pass_obj
def occupancy(
    session: Session, /, first: str, last: str, site: str | None, known_at: str | None, kind: str
) -> None:
    """Show how many were where at the end of each day, in the site's zone.

    Beside them stands the day's last roll call or count of that kind at the site, and how many there
    were; a dot marks one that did not agree with the ledger. Days after the known instant are left out.
    """
    code, span = known_site(session, site), span_of(session, first, last, known_at)
    said = _rows(session, span, kind, code)
    clocks, note = Clocks(span.until, span.known_at), beyond(span)
    if session.out.mode == "json":
        days = {"first": named(span.first), "last": named(span.last) if said else None}
        session.out.document(
            {
                "kind": kind,
                **echoed(session, clocks),
                **days,
                "note": note or None,
                "occupancy": said,
            }
        )
        return
    if session.out.mode == "text":
        heading(session, f"{kind}s at the end of each day", clocks)
    session.out.table(
        ["day", "site", "status", "count", "counted"],
        [[s["day"], s["site"], s["status"], s["count"], _words(s["roll_call"])] for s in said],
    )
    if note and not session.quiet:
        session.out.say(note)


def _rows(session: Session, span: Span, kind: str, site: str | None) -> list[dict[str, Any]]:
    """Return a row for each day, site and status; a count stands beside what it counts."""
    from projections.cube import occupancy as stood

    counts = _counts(session, span, kind, site)
    found = [
        (r.day, r.site, r.status, r.number)
        for r in stood(
            session.views.connection,
            span.calendar,
            span.first,
            span.last,
            span.known_at,
            kind=kind,
            site=site,
        )
        if r.number and r.site
    ]
    beside = {(day, at) for day, at, status, _ in found if status in _countable(kind)}
    found += [(day, at, "", 0) for day, at in counts.keys() - beside]  # counted where none stood
    return [
        {
            "day": named(day),
            "site": at,
            "status": status,
            "count": number,
            "roll_call": _count(counts.get((day, at), [])) if status in _countable(kind) else None,
        }
        for day, at, status, number in sorted(found)
    ]


def _countable(kind: str) -> frozenset[str]:
    """Return the statuses that a count expects to find, and "" for a place where there was none."""
    from application.store.register import KEPT

    return frozenset({"SHELTERED", ""}) if kind == "person" else KEPT | {""}


def _counts(
    session: Session, span: Span, kind: str, site: str | None
) -> dict[tuple[int, str], list[Counted]]:
    """Return the counts of a kind by day and site, each day's in the order they ended."""
    from projections.rollcalls import closed

    found: dict[tuple[int, str], list[Counted]] = defaultdict(list)
    takes = session.custody.streams.every("S-")
    for one in closed(takes, span.until, span.known_at):
        day = span.calendar.day(one.at)
        if one.kind == kind and site in {None, one.site} and span.first <= day:
            found[day, one.site].append(one)
    return found


def _count(counts: list[Counted]) -> dict[str, Any] | None:
    if not counts:
        return None
    last = counts[-1]
    return {
        "stocktake": last.stocktake,
        "container": last.container or None,
        "agrees": last.agrees,
        "expected": last.expected,
        "found": last.found,
        "missing": last.missing,
        "unexpected": last.unexpected,
        "counts_that_day": len(counts),
    }


def _words(count: dict[str, Any] | None) -> str:
    if count is None:
        return ""
    said = (
        f"{'agrees' if count['agrees'] else '● differs'}: {count['found']} of {count['expected']}"
    )
    if count["unexpected"]:
        said += f" and {count['unexpected']} unexpected"
    if count["container"]:
        said += f" in {count['container']}"
    return said if count["counts_that_day"] == 1 else f"{said}, last of {count['counts_that_day']}"
