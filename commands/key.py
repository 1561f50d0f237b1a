"""`amana key …`: the keys of personal values, and officials' signing keys."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import click

from commands import key_new
from commands.terminal.recording import acknowledge, with_note
from commands.terminal.session import Session


@click.group()
def key() -> None:
    """Keys of personal values, and officials' signing keys."""


key.add_command(key_new.new)


@key.command("shred", epilog="Example: amana key shred P-000873-X --authority 'request 12' --yes")
@click.argument("subject", metavar="SUBJECT")
@click.option("--yes", is_flag=True, help="Confirm: the values cannot be brought back.")
@with_note
@click.pass_obj
def shred(session: Session, /, subject: str, yes: bool, **options: object) -> None:
    """Destroy a subject's key: its personal values are gone for good.

    Counts, history and every proof stay valid; back-ups are covered because the key dies, not rows.
    """
    from domain.errors import BadInputError

    stream = session.stream(subject, "subject")
    if not yes:
        msg = f"{stream}: its personal values cannot be brought back: confirm with --yes to destroy them"
        raise BadInputError(msg)
    done = session.custody.erase(stream, session.note(**options))
    acknowledge(session, "shred key", [done])
