"""`amana report persons`: who has a property, in two clocks."""

from __future__ import annotations

import click

from application.answers.by_property import PersonRow, PersonsAsked
from application.answers.by_property import persons as persons_with
from commands.report.wording import listed
from commands.terminal.clock_options import clocks_of, with_clocks
from commands.terminal.session import Session


@click.command("persons", epilog="Example: amana report persons --custody IN_CARE --custody ABSENT")
@click.option("--custody", multiple=True, metavar="STATUS", help="Only in this custody.")
@click.option("--site", metavar="SITE", help="Only at this site.")
@click.option("--category", metavar="CATEGORY", help="Only of this category.")
@click.option("--without-pledge", is_flag=True, help="Who has signed no pledge, or withdrew it.")
@click.option("--declined", is_flag=True, help="Persons who stated STAY or SEEKS_PROTECTION.")
@click.option("--effects", is_flag=True, help="Who has effects not yet returned.")
@with_clocks
@click.pass_obj
def persons(
    session: Session,
    /,
    as_of: str | None,
    known_at: str | None,
    custody: tuple[str, ...],
    site: str | None,
    category: str | None,
    without_pledge: bool,
    declined: bool,
    effects: bool,
) -> None:
    """List persons by a property, by control number only: never everybody.

    With --declined the exit code says whether all were kept off every return manifest (1: not all).
    """
    answer = persons_with(
        session.views,
        session.custody.streams,
        clocks_of(session, as_of, known_at),
        lambda: session.reader,
        PersonsAsked(custody, site, category, without_pledge, declined, effects),
    )
    listed(session, f"{len(answer.rows):,} persons", answer.echo, PersonRow._fields, answer.rows)
    if not answer.all_kept_off:
        session.out.say("not all who declined were kept off every return manifest")
        raise SystemExit(1)
