"""`amana report handovers`: how many persons were handed over, by day, crossing, category and party."""

from __future__ import annotations

import click

from application.answers.handovers import HandedOver
from application.answers.handovers import handovers as handed_over
from commands.report.wording import listed
from commands.terminal.clock_options import clocks_of, with_clocks
from commands.terminal.session import Session
from domain.times import day_name


@click.command("handovers", epilog="Example: amana report handovers --category CROSSING_STAFF")
@click.option("--category", metavar="CATEGORY", help="Only of this category.")
@with_clocks
@click.pass_obj
def handovers(
    session: Session, /, as_of: str | None, known_at: str | None, category: str | None
) -> None:
    """Count the persons handed over, by day, crossing, category and receiving party."""
    asked = clocks_of(session, as_of, known_at)
    answer = handed_over(session.views, session.custody.streams, asked, category)
    rows = [(day_name(row.day), *row[1:]) for row in answer.rows]
    title = f"{len(rows):,} rows, {answer.persons:,} persons handed over"
    listed(session, title, answer.echo, HandedOver._fields, rows)
