"""`amana rules`: the rule book."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import click

from commands.terminal.session import Session


@click.command(epilog="Example: amana rules")
@click.pass_obj
def rules(session: Session) -> None:
    """Print the rule book: R refuses, F flags, C flags as critical."""
    from domain.rules import BOOK

    if session.out.mode == "json":
        session.out.document(
            {"rules": [{"number": n, "severity": s, "text": t} for n, (s, t) in BOOK.items()]}
        )
        return
    session.out.table(["no.", "does", "rule"], [(n, s, t) for n, (s, t) in BOOK.items()])
