"""`amana demo`: a synthetic ledger in a folder of its own, and the first answers from it."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import os
import shlex
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from application.store.files import write_whole
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError

if TYPE_CHECKING:
    from application.answers.first_look import FirstLook

FOLDER = "amana-demo"
OFFICIAL = "OFF-062"
"""Who asks in the demo: the auditor, who reads all and writes nothing."""


@click.command(
    short_help="Make a synthetic ledger of December 2024.",
    epilog="Example: amana demo   ·   amana demo --scenario stress --size full --dir /tmp/stress"
    "   ·   amana demo tamper --event 20114",
)
@click.argument("what", required=False, type=click.Choice(["tamper"]), metavar="[tamper]")
@click.option(
    "--scenario",
    type=click.Choice(["k24", "joc", "stress", "wide"]),
    default="k24",
    show_default=True,
    help="Which reading of the reports.",
)
@click.option(
    "--size",
    type=click.Choice(["small", "full", "x25"]),
    default="full",
    show_default=True,
    help="A tenth of the story, the whole, or twenty-five times as much.",
)
@click.option("--dir", "folder", default=FOLDER, show_default=True, help="Where it is made.")
@click.option("--epilogue", is_flag=True, help="Include the fictional return of 600 weapons.")
@click.option("--force", is_flag=True, help="Replace a demo that is there.")
@click.option("--event", type=int, metavar="N", help="With tamper: which event of the log.")
@click.pass_obj
def demo(
    session: Session,
    /,
    what: str | None,
    scenario: str,
    size: str,
    folder: str,
    epilogue: bool,
    force: bool,
    event: int | None,
) -> None:
    """Make a synthetic ledger of December 2024 and answer the first questions from it.

    Nobody in it is real; every name, number and document is SYNTHETIC. `amana demo tamper` alters one
    stored event of it outside the program, for `amana audit verify` to catch.
    """
    from commands import demo_proof
    from scenario.replay import replay

    if what == "tamper":
        demo_proof.tamper(session, Path(folder), event)
        return
    path = _folder(Path(folder), force=force) / "ledger.amana"
    began = time.perf_counter()

    def told(title: str) -> None:
        if not session.quiet and session.out.mode == "text":
            session.out.say(f"  {time.perf_counter() - began:5.1f} s  {title}")

    custody = replay(
        path,
        path.with_name("ledger.key"),
        scenario,  # type: ignore[arg-type]  # click has checked the choices
        size,  # type: ignore[arg-type]  # the same
        epilogue=epilogue,
        progress=told,
    )
    seconds = time.perf_counter() - began
    custody.close()
    settings = f'# SYNTHETIC\nledger = "ledger.amana"\nby = "{OFFICIAL}"\n'
    write_whole(path.with_name("amana.toml"), settings)
    session.settings = {
        **session.settings,
        "ledger": session.settings["ledger"]._replace(value=str(path), source="demo"),
        "by": session.settings["by"]._replace(value=OFFICIAL, source="demo"),
    }
    _answers(session, scenario, size, seconds)


def _folder(folder: Path, *, force: bool) -> Path:
    """Return an empty folder for the demo; only a folder that a demo made is ever replaced.

    Raises:
        BadInputError: something else is there, or a demo is and `force` is not given.
    """
    settings = folder / "amana.toml"
    if folder.exists() and any(folder.iterdir()):
        ours = settings.exists() and settings.read_text("utf-8").startswith("# SYNTHETIC")
        if not ours:
            msg = f"{folder} holds other files: name an empty folder with --dir"
            raise BadInputError(msg)
        if not force:
            msg = f"{folder} holds a demo already: use it, or replace it with --force"
            raise BadInputError(msg)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(settings, "# SYNTHETIC\n")  # so that an interrupted demo can be replaced
    return folder


def _answers(session: Session, scenario: str, size: str, seconds: float) -> None:
    from application.answers.first_look import first_look
    from commands import demo_proof
    from domain.rules import BOOK

    found = first_look(session.views, session.custody.clock())
    days = {_day(day): count for day, count in found.handed_over.items()}
    if session.out.mode == "json":
        told = {"scenario": scenario, "size": size, "synthetic": True}
        session.out.document({**told, **_document(found, days)})
        return
    out = session.out
    out.line(
        f"SYNTHETIC ledger ({scenario}, {size}): {found.events:,} events, "
        f"{found.persons:,} persons, {found.weapons:,} weapons, made in {seconds:.1f} s",
        bold=True,
    )
    out.line("Handed over at Al-Qa'im / Abu Kamal, by day:")
    for day, count in days.items():
        out.line(f"  {count:>6,}  {day}")
    out.line(f"  {found.returned:>6,}  in all")
    out.line("Weapons:")
    for custody, count in found.weapon_custody.items():
        out.line(f"  {count:>6,}  {custody}")
    out.line("Irregularities still open, by rule:")
    for rule, count in found.irregularities.items():
        out.line(f"  {count:>6,}  rule {rule}: {BOOK[rule][1]}")
    _two_clocks(session)
    demo_proof.show(session)
    _next(session, found)


def _day(day: int) -> str:
    return f"{times.moment(day * times.DAY):%d %B %Y}"


def _document(found: FirstLook, days: dict[str, int]) -> dict[str, object]:
    from domain.rules import BOOK

    return {
        "events": found.events,
        "persons": found.persons,
        "weapons": found.weapons,
        "handed_over": days,
        "weapon_custody": found.weapon_custody,
        "irregularities": [
            {"rule": rule, "open": count, "text": BOOK[rule][1]}
            for rule, count in found.irregularities.items()
        ],
        "try": {"weapon": found.weapon, "person": found.person},
    }


SITE, NOON, KNOWN = "CAMP-R1", "12 Dec 2024 12:00", "15 Dec 2024 18:00"


def _two_clocks(session: Session) -> None:
    """Tell the worked example: one question, known then and known now, and what changed between."""
    from application.answers.first_look import two_answers
    from commands.terminal.clock_options import instant

    at, then = instant(session, NOON), instant(session, KNOWN)
    found = two_answers(session.views, SITE, at, then, session.custody.clock())
    session.out.line(f"Who was at {SITE} on {NOON}? Two answers, both kept:")
    session.out.line(f"  {found.before:>6,}  as known on {KNOWN}")
    session.out.line(f"  {found.after:>6,}  as known now")
    session.out.line(
        f"  {found.learned:>6,}  places of that noon were corrected since, "
        f"{len(found.here):,} of them to or from {SITE}; the first:"
    )
    for change in found.here[0].fields if found.here else ():
        event = change.steps[-1].event
        session.out.line(
            f"          {found.here[0].subject}  {change.field} {change.before} → {change.after}, "
            f"recorded by {event.recorded_by}, approved by {event.approved_by}"
        )


def _next(session: Session, found: FirstLook) -> None:
    from commands.demo_proof import program

    command = program()
    weapon, person = found.weapon, found.person
    named = [f"AMANA_{name.upper()}" for name in session.settings]
    other = [variable for variable in named if os.environ.get(variable)]  # it wins over amana.toml
    unset = f" && unset {' '.join(other)}" if other else ""
    session.out.line(f"Try:  cd {shlex.quote(str(session.ledger_path.parent))}{unset}")
    for words, what in (
        (f"status {weapon}", "where a weapon is, and who answers for it"),
        (f"status --site {SITE} --as-of '{NOON}' --known-at '{KNOWN}'", "the first answer above"),
        (f"diff --site {SITE} --as-of '{NOON}' --known-at '{KNOWN}' now", "what changed, and why"),
        (f"history {weapon} --gaps", "every event of it, both clocks, and who held it when"),
        (f"history {person}", "a person's whole episode"),
        ("status --site DEPOT-M1", "everything in a depot"),
        ("status", "counts over all sites"),
        ("irregularity list", "what broke a rule and was recorded all the same"),
        ("doctor", "is everything in its place"),
    ):
        session.out.line(f"      {command} {words:<28}  # {what}")
