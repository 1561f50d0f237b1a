"""`amana intake batches|show|retract`: the sheets taken in, one by one, and a whole one undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from commands.terminal.clock_options import shown
from commands.terminal.recording import with_note
from commands.terminal.session import Session
from domain.event import CorrectionReason

if TYPE_CHECKING:
    from application.imports.batches import Batch

VERDICTS = ("ACCEPTED", "WITH_WARNING", "QUARANTINED", "DUPLICATE_OF", "NOT_A_RECORD")


def _status(session: Session, batch: Batch) -> str:
    from application.imports import batches

    if batch.status == "OPEN":
        return "INTERRUPTED: import the file again"
    return "TAKEN BACK" if batches.taken_back(session.custody, batch.id) else "IN"


@click.command("batches", epilog="Example: amana intake batches")
@click.pass_obj
def batches(session: Session) -> None:
    """List the sheets taken in: file, kind, rows, by whom, when."""
    from application.imports import batches

    found = [
        {
            **batch._asdict(),
            "counts": batches.counts(session.custody, batch.id),
            "standing": _status(session, batch),
        }
        for batch in batches.every(session.custody)
    ]
    if session.out.mode == "json":
        session.out.document({"batches": found})
        return
    session.out.table(
        ["batch", "kind", "rows", "recorded", "quarantined", "by", "when", "standing", "file"],
        [
            [
                b["id"],
                b["kind"],
                b["total"],
                b["counts"]["RECORDED"],
                b["counts"].get("QUARANTINED", 0),
                b["official"],
                shown(session, b["recorded_at"]),
                b["standing"],
                b["file"],
            ]
            for b in found
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
    from application.imports import batches

    if row is not None:
        cells = batches.raw(session.custody, session.official, batch, row, reason)
        if session.out.mode == "json":
            session.out.document({"batch": batch, "row": row, "cells": cells})
            return
        session.out.line(f"{batch} row {row}", bold=True)
        session.out.facts(cells)
        return
    known, counts = batches.one(session.custody, batch), batches.counts(session.custody, batch)
    rejected = batches.quarantined(session.custody, batch)
    if session.out.mode == "json":
        names = ("row", "codes", "put_right_in")
        session.out.document(
            {
                **known._asdict(),
                "counts": counts,
                "standing": _status(session, known),
                "quarantined": [dict(zip(names, one, strict=True)) for one in rejected],
            }
        )
        return
    session.out.line(f"{batch}  {known.kind}  {_status(session, known)}", bold=True)
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
def retract(session: Session, /, number: str, why: Any, **options: Any) -> None:
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
