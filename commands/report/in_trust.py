"""`amana report in-trust`: the weapons held in trust, and for how many days."""

from __future__ import annotations

import click

from application.answers.in_trust import Held, InTrust
from application.answers.in_trust import in_trust as held_in_trust
from commands import why as why_of
from commands.terminal.clock_options import above_table, clocks_of, echoed, shown, with_clocks
from commands.terminal.session import Session
from domain import times

COLUMNS = ("weapon", "days", "custody", "party", "site", "place", "crate", "in trust since")


@click.command("in-trust", epilog="Example: amana report in-trust --as-of '27 Dec 2024 18:00'")
@with_clocks
@click.option(
    "--transit", is_flag=True, help="Include weapons on the way or missing, which are still owed."
)
@why_of.with_why
@click.pass_obj
def in_trust(
    session: Session, /, as_of: str | None, known_at: str | None, transit: bool, why: bool
) -> None:
    """List the weapons held in trust, and for how many days, counted to the known instant at most.

    What is on the way or missing is owed and not held: it is counted apart.
    """
    views, streams = session.views, session.custody.streams
    clocks = clocks_of(session, as_of, known_at)
    answer = held_in_trust(views, streams, clocks, owed=transit, why=why)
    if session.out.mode == "json":
        document = {
            **echoed(session, answer.echo),
            "count": len(answer.rows),
            "owed": answer.owed,
            "held": answer.held,
            "on_the_way": answer.on_the_way,
            "missing": answer.missing,
            "in_trust": [
                {**_data(session, one), **why_of.named(session, answer.why, one.weapon)}
                for one in answer.rows
            ],
        }
        session.out.document(document)
        return
    above_table(session, _title(answer), answer.echo)
    session.out.table(
        COLUMNS if answer.why is None else (*COLUMNS, *why_of.COLUMNS),
        [
            [
                *(o.weapon, o.days, o.custody, o.party, o.site, o.place, o.container),
                shown(session, o.since),
                *why_of.beside(session, answer.why, o.weapon),
            ]
            for o in answer.rows
        ],
        empty="",  # the heading says how many
    )


def _data(session: Session, one: Held) -> dict[str, object]:
    named = one._asdict()
    return {"id": named.pop("weapon"), **named, "since": times.iso(one.since, session.zone)}


def _title(answer: InTrust) -> str:
    others = [
        f"{number:,} {word}"
        for number, word in ((answer.on_the_way, "on the way"), (answer.missing, "missing"))
        if number
    ]
    also = f"; owed, not held (--transit): {', '.join(others)}" if others else ""
    return f"{answer.held:,} weapons held in trust{also}"
