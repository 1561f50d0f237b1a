"""`amana report discrepancies`: what the last count of each place missed or found besides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from application.answers.two_clocks import Clocks
from commands.report.days import known_site
from commands.terminal.clock_options import clocks_of, echoed, heading, shown, with_clocks
from commands.terminal.session import Session
from domain import times

if TYPE_CHECKING:
    from projections.rollcalls import Counted

NAMED = 5
"""How many a cell of a table names."""


@click.command("discrepancies", epilog="Example: amana report discrepancies --site DEPOT-M1 --all")
@click.option("--site", metavar="SITE", help="One site only.")
@click.option("--all", "every", is_flag=True, help="Every count, not only the last of each place.")
@with_clocks
@click.pass_obj
def discrepancies(
    session: Session, /, as_of: str | None, known_at: str | None, site: str | None, every: bool
) -> None:
    """Show what the last stock-take or roll call of each place missed or found besides.

    What was missed stands with its custody at the instant asked about: it may have been found since.
    """
    from projections.rollcalls import closed, last_of_each

    code, clocks = known_site(session, site), clocks_of(session, as_of, known_at)
    takes = session.custody.streams.every("S-")
    held = closed(takes, clocks.true_at, clocks.known_at)
    held = [one for one in held if code in {None, one.site}]
    counts = held if every else last_of_each(held)
    now = _custody(session, (one for count in counts for one in count.not_found), clocks)
    if session.out.mode == "json":
        rows = [_data(session, one, now) for one in counts]
        session.out.document({**echoed(session, clocks), "closed": len(held), "counts": rows})
        return
    if session.out.mode == "text":
        heading(session, _title(counts, len(held)), clocks)
    columns = ("count", "of", "site", "crate", "closed", "expected", "found", "missing", "besides")
    session.out.table(columns, [_row(session, one, now) for one in counts], empty="")


def _title(counts: list[Counted], held: int) -> str:
    missing, besides = sum(c.missing for c in counts), sum(c.unexpected for c in counts)
    which = (
        f"all {held} counts" if len(counts) == held else f"the last of each place, of {held} counts"
    )
    return f"{missing:,} missing and {besides:,} besides in {which}"


def _data(session: Session, one: Counted, now: dict[str, str]) -> dict[str, Any]:
    return {
        "stocktake": one.stocktake,
        "kind": one.kind,
        "site": one.site,
        "container": one.container or None,
        "at": times.iso(one.at, session.zone),
        "agrees": one.agrees,
        "expected": one.expected,
        "found": one.found,
        "missing": {subject: now[subject] for subject in one.not_found},
        "besides": one.besides,
    }


def _row(session: Session, one: Counted, now: dict[str, str]) -> list[Any]:
    missed = [f"{subject} (now {now[subject]})" for subject in one.not_found]
    return [
        one.stocktake,
        f"{one.kind}s",
        one.site,
        one.container,
        shown(session, one.at),
        one.expected,
        one.found,
        _cut(missed),
        _cut(one.besides),
    ]


def _cut(words: Iterable[str]) -> str:
    """Return the first few words, and how many more there are; none as a word."""
    words = list(words)
    more = f" and {len(words) - NAMED:,} more" if len(words) > NAMED else ""
    return ", ".join(words[:NAMED]) + more if words else "none"


def _custody(session: Session, subjects: Iterable[str], clocks: Clocks) -> dict[str, str]:
    """Return each one's custody at the instant asked about."""
    from projections.belief import belief

    wanted = sorted(set(subjects))
    known = session.views.load(wanted)
    states = {one: belief(known[one], clocks.true_at, clocks.known_at) for one in wanted}
    return {one: state.custody if state else "no record" for one, state in states.items()}
