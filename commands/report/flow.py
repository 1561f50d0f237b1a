"""`amana report flow`: who came, who was there at the day's end, who left and how, per day and site."""

from __future__ import annotations

import click

from application.answers.flow import DayAtPlace, Flow
from application.answers.flow import flow as flowed
from application.answers.subjects import one_site
from commands.report.day_options import span_of, with_days
from commands.terminal.clock_options import above_table, echoed
from commands.terminal.session import Session
from domain.times import day_name
from words.days import beyond


@click.command(
    "flow",
    epilog="Example: amana report flow --from 2024-12-07 --until 2024-12-20   ·   "
    "amana report flow --from -7d --site CAMP-R1",
)
@with_days(required=False)
@click.pass_obj
def flow(
    session: Session, /, first: str | None, last: str | None, site: str | None, known_at: str | None
) -> None:
    """Show, per day and site, how many persons came, were there at its end, and left, and how.

    Who came and who left is folded from the log, who was there is read from the cube of days: each day
    must add up, there = before + came − left (exit 1 if one does not). Of those who came, some entered
    from outside; of those there, some were sheltered. Days on which nobody came to a
    site or left it are not listed. Who is on the way stands where they left from; an hour's stay is one
    coming and one leaving.
    """
    streams = session.custody.streams
    code, span = one_site(streams, site), span_of(session, first, last, known_at)
    answer, note = flowed(session.views, streams, span, code), beyond(span, session.zone)
    session.verdict = 0 if answer.adds_up else 1
    if session.out.mode == "json":
        rows = [_data(day) for day in answer.days]
        session.out.document({**echoed(session, answer.echo), "note": note or None, "flow": rows})
    else:
        _print(session, answer)
        if note and not session.quiet:
            session.out.say(note)
    raise SystemExit(session.verdict)


def _data(day: DayAtPlace) -> dict[str, object]:
    return {**day._asdict(), "day": day_name(day.day), "adds_up": day.adds_up}


def _print(session: Session, answer: Flow) -> None:
    ways = answer.ways if session.out.mode == "plain" else answer.usual_ways
    title = "persons who came, were there at the day's end, and left"
    above_table(session, title, answer.echo)
    session.out.table(
        ["day", "site", "before", "came", "entered", *ways, "there", "sheltered", "adds up"],
        [
            [
                day_name(day.day),
                day.site,
                day.before,
                day.came,
                day.entered,
                *(day.left[way] for way in ways),
                day.there,
                day.sheltered,
                "yes" if day.adds_up else "● NO",
            ]
            for day in answer.days
        ],
    )
