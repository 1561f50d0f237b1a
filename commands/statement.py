"""`amana statement …`: public claims of one's own that are held against the ledger."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from pathlib import Path

import click

from commands.terminal.session import Session


@click.group()
def statement() -> None:
    """Public claims: `amana report statements` holds them against the ledger."""


@statement.command("add", epilog="Example: amana statement add claims.json")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def add(session: Session, /, file: Path) -> None:
    """Keep the statements of a file beside the ledger, in the form of those that are shipped.

    A claim never writes to the ledger.
    """
    from application.answers import statements

    _ = session.about  # the ledger must be there
    names = statements.add(statements.kept_beside(session.ledger_path), file)
    if session.out.mode == "json":
        session.out.document({"added": names})
        return
    for name in names:
        session.out.line(f"{name}  added")
    session.out.say(f"next: {session.command('report', 'statements')}")
