"""`amana report occupancy`: how many were where at the end of each day, and what a count found there."""

from __future__ import annotations

import click

from application.answers.occupancy import DayEnd, Occupancy, SubjectKind
from application.answers.occupancy import occupancy as stood
from application.answers.subjects import one_site
from commands.report.day_options import span_of, with_days
from commands.report.wording import verdict
from commands.terminal.clock_options import above_table, echoed
from commands.terminal.session import Session
from domain.times import day_name
from words.days import beyond


@click.command(
    "occupancy",
    epilog="Example: amana report occupancy --from 2024-12-07 --until 2024-12-20   ·   "
    "amana report occupancy --from -14d --until -1d --site CAMP-R1",
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
    session: Session,
    /,
    first: str,
    last: str,
    site: str | None,
    known_at: str | None,
    kind: SubjectKind,
) -> None:
    """Show how many were where at the end of each day, in the site's zone.

    Beside them stands the day's last roll call or count of that kind at the site, and how many there
    were; a dot marks one that did not agree with the ledger. Days after the known instant are left out.
    """
    streams = session.custody.streams
    code, span = one_site(streams, site), span_of(session, first, last, known_at)
    answer, note = stood(session.views, streams, span, kind, code), beyond(span, session.zone)
    if session.out.mode == "json":
        session.out.document(_document(session, kind, answer, note))
        return
    first, last_day = day_name(answer.span.first), day_name(answer.span.last)
    title = f"{kind}s at the end of each day, {first} to {last_day}"
    above_table(session, title, answer.echo)
    session.out.table(
        ["day", "site", "status", "count", "counted"],
        [[day_name(o.day), o.site, o.custody, o.number, _words(o)] for o in answer.rows],
    )
    if note and not session.quiet:
        session.out.say(note)


def _document(
    session: Session, kind: SubjectKind, answer: Occupancy, note: str
) -> dict[str, object]:
    return {
        "kind": kind,
        **echoed(session, answer.echo),
        "first": day_name(answer.span.first),
        "last": day_name(answer.span.last) if answer.rows else None,
        "note": note or None,
        "occupancy": [
            {
                "day": day_name(one.day),
                "site": one.site,
                "status": one.custody,
                "count": one.number,
                "roll_call": _count(one),
            }
            for one in answer.rows
        ],
    }


def _count(one: DayEnd) -> dict[str, object] | None:
    last = one.counted
    if last is None:
        return None
    return {
        "stocktake": last.stocktake,
        "container": last.container or None,
        "agrees": last.agrees,
        "expected": last.expected,
        "found": last.found,
        "missing": last.missing,
        "unexpected": last.unexpected,
        "counts_that_day": one.counts,
    }


def _words(one: DayEnd) -> str:
    last = one.counted
    if last is None:
        return ""
    said = f"{verdict(last.agrees)}: {last.found} of {last.expected}"
    if last.unexpected:
        said += f" and {last.unexpected} unexpected"
    if last.container:
        said += f" in {last.container}"
    said += f" ({last.stocktake})"
    return said if one.counts == 1 else f"{said}, last of {one.counts}"
