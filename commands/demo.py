"""`amana demo`: a synthetic ledger in a folder of its own, and the first answers from it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click

from application.store.files import write_whole
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError

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
    help="A tenth, the story as told, or twenty-five times as much.",
)
@click.option("--dir", "folder", default=FOLDER, show_default=True, help="Where it is made.")
@click.option("--epilogue", is_flag=True, help="Tell the fictional return of 600 weapons, too.")
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
    from commands import demo_proof

    answers = _answered(session)
    if session.out.mode == "json":
        session.out.document({"scenario": scenario, "size": size, "synthetic": True, **answers})
        return
    out = session.out
    out.line(
        f"SYNTHETIC ledger ({scenario}, {size}): {answers['events']:,} events, "
        f"{answers['persons']:,} persons, {answers['weapons']:,} weapons, made in {seconds:.1f} s",
        bold=True,
    )
    out.line("Handed over at Al-Qa'im / Abu Kamal, by day:")
    for day, count in answers["handed_over"].items():
        out.line(f"  {count:>6,}  {day}")
    out.line(f"  {sum(answers['handed_over'].values()):>6,}  in all")
    out.line("Weapons:")
    for custody, count in answers["weapon_custody"].items():
        out.line(f"  {count:>6,}  {custody}")
    out.line("Irregularities still open, by rule:")
    for rule in answers["irregularities"]:
        out.line(f"  {rule['open']:>6,}  rule {rule['rule']}: {rule['text']}")
    _two_clocks(session)
    demo_proof.show(session)
    _next(session, answers)


SITE, NOON, KNOWN = "CAMP-R1", "12 Dec 2024 12:00", "15 Dec 2024 18:00"


def _two_clocks(session: Session) -> None:
    """Tell the worked example: one question, known then and known now, and what changed between."""
    from commands.terminal.clock_options import instant
    from projections import changes, population

    connection = session.views.connection
    at, then = instant(session, NOON), instant(session, KNOWN)
    now = session.custody.clock()
    before = len(population.at(connection, "site", SITE, at, then))
    after = len(population.at(connection, "site", SITE, at, now))
    learned = changes.learned_of_all(connection, at, then, now, session.views.load)
    here = changes.learned_of_all(connection, at, then, now, session.views.load, site=SITE)
    session.out.line(f"Who was at {SITE} on {NOON}? Two answers, both kept:")
    session.out.line(f"  {before:>6,}  as known on {KNOWN}")
    session.out.line(f"  {after:>6,}  as known now")
    session.out.line(
        f"  {len(learned):>6,}  places of that noon were corrected since, {len(here):,} of them to or "
        f"from {SITE}; the first:"
    )
    for change in here[0].fields if here else ():
        event = change.steps[-1].event
        session.out.line(
            f"          {here[0].subject}  {change.field} {change.before} → {change.after}, "
            f"recorded by {event.recorded_by}, approved by {event.approved_by}"
        )


def _answered(session: Session) -> dict[str, Any]:
    from domain.rules import BOOK
    from projections import index, irregular, population

    views = session.views
    connection, now = views.connection, session.custody.clock()
    found = population.counts(connection, now, now)
    returned = population.everywhere(connection, now, now, statuses=("HANDED_OVER",))
    days = Counter(views.calendar.day(one.valid_from) for one in returned)
    custody: Counter[str] = Counter()
    for one in found:
        if one.kind == "weapon":
            custody[one.status] += one.number
    return {
        "events": views.catch_up(),
        "persons": sum(one.number for one in found if one.kind == "person"),
        "weapons": custody.total(),
        "handed_over": {
            f"{times.moment(day * times.DAY):%d %B %Y}": count
            for day, count in sorted(days.items())
        },
        "weapon_custody": dict(custody),
        "irregularities": [
            {"rule": n, "open": count, "text": BOOK[n][1]}
            for n, count in irregular.irregularities(connection)
        ],
        "try": index.an_example(connection),
    }


def _next(session: Session, answers: dict[str, Any]) -> None:
    command = "amana"
    if shutil.which("amana") is None:
        command = os.path.relpath(sys.argv[0], session.ledger_path.parent)
    weapon, person = answers["try"]["weapon"], answers["try"]["person"]
    session.out.line(f"Try:  cd {session.ledger_path.parent}")
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
