"""`amana crate …`: the crates weapons lie in: what is in each, under which seal, and where."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from typing import Any

import click

from commands.terminal.clock_options import (
    above_table,
    clocks_of,
    echoed,
    heading,
    shown,
    with_clocks,
)
from commands.terminal.recording import HELP, acknowledge, with_note
from commands.terminal.session import Session
from domain import ids, times
from words.events import event_name


@click.group()
def crate() -> None:
    """Crates: what is in each, under which seal; moved as a whole."""


@crate.command("list", epilog="Example: amana crate list   ·   amana crate list --site DEPOT-M1")
@click.option("--site", metavar="SITE", help="Only crates at this site.")
@with_clocks
@click.pass_obj
def list_(session: Session, /, site: str | None, as_of: str | None, known_at: str | None) -> None:
    """List every crate that holds something: where it is, its seal, how many weapons."""
    from application.answers import crates
    from application.answers.subjects import one_site

    clocks = clocks_of(session, as_of, known_at)
    wanted = one_site(session.custody.streams, site)
    echo, found = crates.every(session.views, session.custody.streams, clocks)
    held = [one for one in found if wanted is None or wanted in one.sites]
    if session.out.mode == "json":
        told = [_told(one) for one in held]
        session.out.document({**echoed(session, echo), "crates": told})
        return
    above_table(session, f"{len(held):,} crate{'s' * (len(held) != 1)}", echo)
    session.out.table(
        ["crate", "site", "weapons", "seal", "intact", "to be counted"],
        [
            [one.label, one.sites, len(one.items), one.seal, _holds(one.intact), one.owed]
            for one in held
        ],
    )


@crate.command("show", epilog="Example: amana crate show C-022 --as-of '12 Dec 2024 12:00'")
@click.argument("label", metavar="CRATE")
@with_clocks
@click.pass_obj
def show(session: Session, /, label: str, as_of: str | None, known_at: str | None) -> None:
    """Show a crate: where it is, its seal, what lies in it, and what was done with it."""
    from application.answers import crates

    clocks = clocks_of(session, as_of, known_at)
    echo, one, acts = crates.one(session.views, session.custody.streams, clocks, label)
    if session.out.mode == "json":
        did = [
            {**act._asdict(), "topic": event_name(act.topic), "at": times.iso(act.at, session.zone)}
            for act in acts
        ]
        session.out.document({**_told(one), **echoed(session, echo), "done": did})
        return
    heading(session, f"{one.label}  {len(one.items):,} weapon{'s' * (len(one.items) != 1)}", echo)
    session.out.facts(
        {
            "site": one.sites,
            "seal": one.seal,
            "intact": _holds(one.intact),
            "another seal was read": one.seal_read,
            "to be counted": one.owed,
        }
    )
    session.out.table(
        ["weapon", "custody", "site", "place", "to be counted"],
        [[i.id, i.custody, i.site, i.place, "yes" if i.recount_due else "no"] for i in one.items],
    )
    if session.out.mode == "plain":
        session.out.line("")
    session.out.table(
        ["when", "what", "seal", "weapons", "by"],
        [[shown(session, a.at), event_name(a.topic), a.number, a.weapons, a.by] for a in acts],
    )


def _told(one: Any) -> dict[str, Any]:
    return {
        "crate": one.label,
        "sites": one.sites,
        "seal": one.seal,
        "intact": one.intact,
        "seal_read": one.seal_read,
        "recount_due": one.owed,
        "weapons": [inside._asdict() for inside in one.items],
    }


def _holds(intact: bool | None) -> str:
    return "" if intact is None else "yes" if intact else "no"


@crate.command("move", epilog="Example: amana crate move C-022 --site DEPOT-M1 --place 07/13")
@click.argument("label", metavar="CRATE")
@click.option("--site", required=True, metavar="SITE", help=HELP["site"])
@click.option("--place", default="", metavar="PLACE", help=HELP["place"])
@with_note
@click.pass_obj
def move(session: Session, /, label: str, site: str, place: str, **options: object) -> None:
    """Put a crate elsewhere as a whole, unopened: every weapon in it moves, none is seen."""
    done = session.custody.move_crate(
        label, session.note(**options), site=ids.parse_code(site, "site"), place=place
    )
    acknowledge(session, "move crate", [done])
