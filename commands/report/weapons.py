"""`amana report weapons`: what has a property, in two clocks."""

from __future__ import annotations

from typing import get_args

import click

from application.answers.by_property import Paper, WeaponRow, WeaponsAsked
from application.answers.by_property import weapons as weapons_with
from commands.report.wording import listed
from commands.terminal.clock_options import clocks_of, with_clocks
from commands.terminal.session import Session
from domain.weapon import SerialStatus


@click.command(
    "weapons",
    epilog="Example: amana report weapons --serial-status ILLEGIBLE   ·   "
    "amana report weapons --lacking joint-count",
)
@click.option(
    "--serial-status",
    multiple=True,
    type=click.Choice(get_args(SerialStatus), case_sensitive=False),
    help="With a serial that could not be read well.",
)
@click.option("--same-serial", is_flag=True, help="With a serial that another weapon has, too.")
@click.option("--unit", metavar="PARTY", help="Weapons that came from this unit.")
@click.option("--lacking", type=click.Choice(get_args(Paper)), help="Weapons that lack a document.")
@click.option(
    "--seal-broken", is_flag=True, help="Packed in a crate whose seal was broken at some time."
)
@click.option("--recount-due", is_flag=True, help="Weapons due for a recount.")
@click.option(
    "--held-up", is_flag=True, help="Weapons that an open hold keeps from being returned."
)
@with_clocks
@click.pass_obj
def weapons(
    session: Session,
    /,
    as_of: str | None,
    known_at: str | None,
    serial_status: tuple[str, ...],
    same_serial: bool,
    unit: str | None,
    lacking: Paper | None,
    seal_broken: bool,
    recount_due: bool,
    held_up: bool,
) -> None:
    """List weapons by a property, of all there is a record of."""
    asked = WeaponsAsked(
        serial_status, same_serial, unit, lacking, seal_broken, recount_due, held_up
    )
    clocks = clocks_of(session, as_of, known_at)
    answer = weapons_with(session.views, session.custody.streams, clocks, asked)
    title = f"{len(answer.rows):,} of {answer.looked_at:,} weapons"
    columns = WeaponRow._fields if session.out.mode == "json" else _columns(asked)
    rows = [[getattr(row, column) for column in columns] for row in answer.rows]
    listed(session, title, answer.echo, columns, rows)


def _columns(asked: WeaponsAsked) -> list[str]:
    """Return what a line says of a weapon: where and what it is, and what was asked about it."""
    more = {
        "receiver": asked.unit or asked.lacking,
        "made_safe": asked.unit,
        "counted_with": asked.lacking == "joint-count",
        "receipt": asked.unit or asked.lacking == "receipt",
        "recount_due": asked.seal_broken or asked.recount_due,
        "holds": asked.held_up,
    }
    return [column for column in WeaponRow._fields if more.get(column, True)]
