"""`amana report …`: counts over days and places, what is in trust for how long, what was checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import click

from commands.report import checked, discrepancies, flow, headcount, occupancy
from commands.terminal.clock_options import clocks_of, echoed, heading, shown, with_clocks
from commands.terminal.session import Session
from domain import times

OWED = ("IN_TRUST", "IN_TRANSIT", "MISSING")
"""What the trust answers for until it is returned, destroyed or declared lost."""


@click.group()
def report() -> None:
    """Counts over days and places, and lists with days held."""


report.add_command(occupancy.occupancy)
report.add_command(flow.flow)
report.add_command(headcount.headcount)
report.add_command(discrepancies.discrepancies)
report.add_command(checked.declined)
report.add_command(checked.irregularities)


@report.command("in-trust", epilog="Example: amana report in-trust --as-of '27 Dec 2024 18:00'")
@with_clocks
@click.option("--transit", is_flag=True, help="Also what is on the way or missing: still owed.")
@click.pass_obj
def in_trust(session: Session, /, as_of: str | None, known_at: str | None, transit: bool) -> None:
    """List the weapons held in trust, and for how many days, counted to the known instant at most.

    What is on the way or missing is owed and not held: it is counted apart.
    """
    from projections import population

    clocks = clocks_of(session, as_of, known_at)
    zone = session.zone
    owed = population.in_trust(
        session.views.connection, clocks.true_at, clocks.known_at, statuses=OWED
    )
    held = [h for h in owed if transit or h.standing.status in population.IN_TRUST]
    if session.out.mode == "json":
        rows = [
            {
                "id": h.standing.subject,
                "days": h.days,
                "custody": h.standing.status,
                "party": h.standing.party,
                "site": h.standing.site,
                "place": h.standing.place,
                "container": h.standing.container,
                "since": times.iso(h.standing.since or 0, zone),
            }
            for h in held
        ]
        document = {**echoed(session, clocks), "count": len(held), "owed": len(owed)}
        session.out.document({**document, "in_trust": rows})
        return
    if session.out.mode == "text":
        heading(session, _title(h.standing.status for h in owed), clocks)
    session.out.table(
        ["weapon", "days", "custody", "party", "site", "place", "in trust since"],
        [
            [
                h.standing.subject,
                h.days,
                h.standing.status,
                h.standing.party,
                h.standing.site,
                h.standing.place,
                shown(session, h.standing.since or 0),
            ]
            for h in held
        ],
        empty="",  # the heading says how many
    )


def _title(statuses: Iterable[str]) -> str:
    found = Counter(statuses)
    words = {"IN_TRANSIT": "on the way", "MISSING": "missing"}
    others = [f"{found[status]:,} {word}" for status, word in words.items() if found[status]]
    also = f"; owed, not held (--transit): {', '.join(others)}" if others else ""
    return f"{found['IN_TRUST']:,} weapons held in trust{also}"
