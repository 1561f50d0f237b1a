"""`amana report …`: counts over days and places, what is in trust for how long, what was checked."""

from __future__ import annotations

import click

from commands.report.declined import declined
from commands.report.discrepancies import discrepancies
from commands.report.ever import ever
from commands.report.flow import flow
from commands.report.handovers import handovers
from commands.report.headcount import headcount
from commands.report.in_trust import in_trust
from commands.report.irregularities import irregularities
from commands.report.occupancy import occupancy
from commands.report.persons import persons
from commands.report.statements import statements
from commands.report.weapons import weapons


@click.group()
def report() -> None:
    """Counts over days and places, and lists with days held."""


for question in (
    occupancy, flow, ever, headcount, discrepancies, declined, irregularities, in_trust, persons,
    weapons, handovers, statements,
):  # fmt: skip
    report.add_command(question)
