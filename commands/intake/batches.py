"""`amana intake batches|show|retract`: the sheets taken in, one by one, and a whole one undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from commands.terminal.clock_options import machine, shown
from commands.terminal.recording import with_note
from commands.terminal.session import Session
from domain.event import CorrectionReason

if TYPE_CHECKING:
    from application.imports.listing import Listed

STANDING = {
    "INTERRUPTED": "INTERRUPTED: import the file again", "TAKEN_BACK": "TAKEN BACK", "IN": "IN",
}  # fmt: skip


def _document(session: Session, listed: Listed) -> dict[str, object]:
    standing, known = STANDING[listed.standing], machine(session, listed.batch._asdict())
    return {**known, "counts": listed.counts, "standing": standing}


@click.command("batches", epilog="Example: amana intake batches")
@click.pass_obj
def batches(session: Session) -> None:
    """List the sheets taken in: file, kind, rows, by whom, when."""
    from application.imports import listing

    found = listing.every(session.custody)
    if session.out.mode == "json":
        session.out.document({"batches": [_document(session, one) for one in found]})
        return
    session.out.table(
        ["batch", "kind", "rows", "recorded", "quarantined", "by", "when", "standing", "file"],
        [
            [
                batch.id,
                batch.kind,
                batch.total,
                counts["RECORDED"],
                counts.get("QUARANTINED", 0),
                batch.official,
                shown(session, batch.recorded_at),
                STANDING[standing],
                batch.file,
            ]
            for batch, counts, standing in found
        ],
    )


@click.command(
    "show", epilog="Example: amana intake show B-3f9c0a1b2c3d --row 412 --reason 'as typed?'"
)
@click.argument("batch")
@click.option("--row", type=int, metavar="NUMBER", help="Open one row as it stands in the file.")
@click.option(
    "--reason", default="", help="Why a row is opened; it is recorded who looked and why."
)
@click.pass_obj
def show(session: Session, /, batch: str, row: int | None, reason: str) -> None:
    """Show a batch: its counts and rejected rows; or one row as it was."""
    from application.imports import batches, listing
    from application.imports.tally import VERDICTS

    if row is not None:
        cells = batches.raw(session.custody, session.official, batch, row, reason)
        if session.out.mode == "json":
            session.out.document({"batch": batch, "row": row, "cells": cells})
            return
        session.out.line(f"{batch} row {row}", bold=True)
        session.out.facts(cells)
        return
    listed, rejected = listing.one(session.custody, batch)
    known, counts, standing = listed
    if session.out.mode == "json":
        quarantined = [one._asdict() for one in rejected]
        session.out.document({**_document(session, listed), "quarantined": quarantined})
        return
    session.out.line(f"{batch}  {known.kind}  {STANDING[standing]}", bold=True)
    session.out.facts(
        {
            "file": known.file,
            "sheet": known.sheet,
            "sha256": known.sha256,
            "imported by": f"{known.official}, {shown(session, known.recorded_at)}",
            "copied from": known.document,
            "puts right": known.mends,
            "left out": known.left_out,
            "recorded": f"{counts['RECORDED']:,}",
            **{name.lower().replace("_", " "): f"{counts.get(name, 0):,}" for name in VERDICTS},
            "all rows": f"{known.total:,}",
        }
    )
    if rejected:
        session.out.table(["row", "code", "put right in"], rejected)


@click.command(
    "retract",
    epilog="Example: amana intake retract B-3f9c0a1b2c3d --reason 'the sheet of another day'",
)
@click.argument("number", metavar="BATCH")
@click.option(
    "--why",
    type=click.Choice(get_args(CorrectionReason)),
    default="incorrect_data",
    help="Why its events do not count.",
)
@with_note
@click.pass_obj
def retract(session: Session, /, number: str, why: CorrectionReason, **options: Any) -> None:
    """Propose that nothing a batch recorded ever counted.

    Nothing changes until another official approves with `amana approve --all-of BATCH`.
    """
    from application.imports import retract
    from domain.errors import BadInputError

    if not options["reason"]:
        msg = f"{number}: say why it is taken back (--reason)"
        raise BadInputError(msg)
    count = retract.retract(session.custody, session.note(**options), number, why)
    if session.out.mode == "json":
        session.out.document({"batch": number, "proposed": count})
        return
    session.out.line(f"{number}  retract: proposed for {count:,} events")
    session.out.say(f"Next: another official: amana approve --all-of {number}")
