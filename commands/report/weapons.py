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
    """List weapons by a property."""
    answer = weapons_with(
        session.views,
        session.custody.streams,
        clocks_of(session, as_of, known_at),
        WeaponsAsked(serial_status, same_serial, unit, lacking, seal_broken, recount_due, held_up),
    )
    listed(session, f"{len(answer.rows):,} weapons", answer.echo, WeaponRow._fields, answer.rows)
