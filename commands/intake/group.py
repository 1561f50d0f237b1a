"""`amana intake …`: sheets are checked, imported, reviewed, and taken back as a whole if need be."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import importlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from application.imports import labels
from application.store.files import PRIVATE, write_whole
from commands.intake import sheet_file as files
from commands.intake import sheet_words as told
from commands.terminal.option_names import named
from commands.terminal.root_options import anywhere
from commands.terminal.session import Session
from commands.terminal.typed_again import typed_again
from domain import ids
from domain.errors import BadInputError

if TYPE_CHECKING:
    from application.imports.from_report import TakenIn
    from application.imports.taking_in import Result
    from intake.check import Report

ELSEWHERE = {
    "batches": "intake.batches", "show": "intake.batches", "retract": "intake.batches",
    "review": "intake.review", "resolve": "intake.review",
}  # fmt: skip
EXTRA = frozenset({"python_calamine", "openpyxl", "charset_normalizer", "hijridate", "rapidfuzz"})
"""Packages of `amana[intake]`, see pyproject.toml."""
ORDER = ("template", "check", "import", *ELSEWHERE)


class Intake(click.Group):
    """Loads what needs a ledger when it is used: `check` needs none and starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's own signature
        """Return the commands in the order a sheet meets them."""
        return list(ORDER)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command where it stands."""
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"commands.{ELSEWHERE[cmd_name]}")
        found: click.Command = getattr(module, cmd_name)
        if cmd_name not in self.commands:
            self.add_command(anywhere(found))
        return self.commands[cmd_name]

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what is not installed is said the same way by all of them."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in EXTRA:
                raise
            msg = "sheets need packages that are not installed here: install amana[intake]"
            raise BadInputError(msg) from error


@click.group(cls=Intake)
def intake() -> None:
    """Spreadsheets of the first days: checked, imported, look-alikes reviewed."""


@intake.command("template", epilog="Example: amana intake template persons -o persons.xlsx")
@click.argument("kind", type=click.Choice(files.KINDS))
@click.option("-o", "--output", required=True, metavar="FILE", help="The workbook to write.")
@click.option("--lang", type=click.Choice(["ar", "en"]), default="ar", help="Its language.")
@click.pass_obj
def template(session: Session, /, kind: str, output: str, lang: str) -> None:
    """Write an empty sheet to fill in: known titles, lists to choose from, serials as text."""
    from intake.template import workbook

    if Path(output).exists():
        msg = f"{output} exists already and is not overwritten: name another file"
        raise BadInputError(msg)
    write_whole(Path(output), workbook(kind, lang), mode=PRIVATE)
    session.out.say(f"{output}: an empty {kind} sheet; import it with --dates dmy")


@intake.command("check", epilog="Example: amana intake check persons_7dec.xlsx --dates dmy")
@files.reading_options
@click.option(
    "--save-map", metavar="FILE", help="Write how its columns were understood, for --map."
)
@click.pass_obj
def check(session: Session, /, save_map: str | None, **options: Any) -> None:
    """Say what would become of each row. Needs no ledger and records nothing."""
    report, _ = files.judged(files.Asked(**options))
    if save_map:
        from intake.columns import write_map

        write_whole(Path(save_map), write_map(report.columns), mode=PRIVATE)
    if session.out.mode == "json":
        pairs = [pair._asdict() for pair in report.pairs]
        session.out.document({**told.document(report), "pairs": pairs})
    elif session.out.mode == "plain":
        told.plain(session, report)
    else:
        told.heading(session, report)
        beside = f"{len(report.pairs):,} look-alike pairs in it" if report.pairs else ""
        told.screen(session, report, (), ("would record", "ready"), beside)
    told.leave(report)


@intake.command(
    "import",
    epilog="Example: amana intake import persons_7dec.xlsx --dates dmy --commit --by OFF-010",
)
@files.reading_options
@click.option("--commit", is_flag=True, help="Record; without it, nothing is.")
@click.option("--rejects", metavar="FILE", help="Write the rows in quarantine to a workbook.")
@click.option("--source-doc", default="", metavar="TEXT", help="What the sheet was copied from.")
@click.option(
    "--mends",
    metavar="BATCH",
    help="The batch whose rejected rows it puts right; a rejects workbook says so itself.",
)
@click.option("--site", metavar="SITE", help="Where, for rows that name no site.")
@named(
    "--receiving-party",
    "party",
    metavar="PARTY",
    help="Who received the persons; by default the official's.",
)
@click.option(
    "--receiver",
    metavar="OFFICIAL",
    help="Who took the weapons over and is accountable; by default the one who imports.",
)
@click.option(
    "--category",
    type=click.Choice(["MILITARY", "CROSSING_STAFF", "OTHER"], case_sensitive=False),
    help="Of all persons in it; by default what rank or post says.",
)
@click.pass_obj
def import_(
    session: Session,
    /,
    commit: bool,
    rejects: str | None,
    source_doc: str,
    mends: str | None,
    site: str | None,
    party: str | None,
    receiver: str | None,
    category: str | None,
    **options: Any,
) -> None:
    """Take a sheet in: each accepted row becomes events, each other row is named and kept.

    Dry unless --commit. Importing a file again records only what is not in yet.
    """
    began = time.monotonic()
    _can_write(rejects, options["file"])
    from application.imports import from_report
    from application.imports.given import Said

    said = Said(
        session.official,
        session.zone,
        ids.parse_code(site, "site") if site else None,
        ids.parse_code(party, "party") if party else None,
        ids.parse_code(receiver, "official") if receiver else None,
        labels.of_document(source_doc),
    )
    report, data = files.judged(files.Asked(**options))
    sheet = from_report.sheet_of(
        session.custody, report, data, said, category=category, mends=mends
    )
    title = "recording" if commit else "trying"
    with session.out.progress(title, report.total, quiet=session.quiet, unit="rows") as advance:
        done = from_report.take_in(session.custody, sheet, said, commit=commit, advance=advance)
    if rejects and done.report.quarantined:
        from intake.rejects import workbook

        write_whole(Path(rejects), workbook(done.report), mode=PRIVATE)
    _tell(session, done, rejects)
    session.out.say(f"{time.monotonic() - began:.1f} s")
    told.leave(done.report)


def _can_write(rejects: str | None, file: str) -> None:
    """Refuse a rejects workbook that cannot be written before anything is recorded."""
    if rejects is None:
        return
    folder = Path(rejects).absolute().parent
    if not os.access(folder, os.W_OK) or Path(rejects).is_dir():
        msg = f"{rejects} cannot be written: name a file in a folder that can"
        raise BadInputError(msg)
    if file != "-" and Path(rejects).resolve() == Path(file).resolve():
        msg = f"{rejects} is the sheet itself: name another file for the rejected rows"
        raise BadInputError(msg)


def _tell(session: Session, done: TakenIn, rejects: str | None) -> None:
    report, result, pairs = done
    if session.out.mode == "json":
        session.out.document(
            {
                **told.document(report, result.again),
                "committed": bool(result.batch),
                "batch": result.batch or None,
                "recorded": len(result.recorded) if result.batch else 0,
                "pairs": pairs,
                "flags": {str(rule): n for rule, n in sorted(result.flags.items())},
            }
        )
        return
    if session.out.mode == "plain":
        told.plain(session, report, result.again)
        return
    told.heading(session, report)
    words = (
        ("recorded", f"in batch {result.batch}")
        if result.batch
        else ("would record", "ready          NOTHING HAS BEEN RECORDED YET")
    )
    verb = "wait" if result.batch else "would wait"
    beside = f"{pairs:,} look-alike pairs {verb} in `amana intake review`" if pairs else ""
    told.screen(session, report, result.again, words, beside)
    _tell_flags(session, result)
    _tell_next(session, report, result, rejects)


def _tell_flags(session: Session, result: Result) -> None:
    from domain.rules import BOOK

    for rule, count in sorted(result.flags.items()):
        session.out.line(f"  irregular     {count:>8,}   rule {rule}: {BOOK[rule][1]}")


def _tell_next(session: Session, report: Report, result: Result, rejects: str | None) -> None:
    if report.quarantined:
        fate = (
            f"{rejects}: put right, import that file"
            if rejects
            else "write them with --rejects FILE"
        )
        session.out.say(f"Rejected rows: {fate}")
    if not result.batch:
        session.out.say(f"next: {typed_again(session, '--commit')}")
    elif not result.recorded:
        session.out.say("0 new: every row of this file that can be recorded is recorded")
