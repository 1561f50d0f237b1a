"""Commands that read files of others, and tables that may be damaged: what is wrong is one sentence."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import contextlib
from collections.abc import Iterator

import click

from commands.terminal.session import Session
from domain.errors import StorageError


@contextlib.contextmanager
def guarded(session: Session | None) -> Iterator[None]:
    """Turn what SQLite and the room of proofs refuse into the house's errors."""
    from application.proofs.proof_log import LOG_SUFFIX, beside, worded
    from application.store.sqlite_file import translated

    where = beside(session.ledger_path, LOG_SUFFIX) if session else "the log"
    try:
        with translated(where), worded():
            yield
    except UnicodeDecodeError as error:
        msg = f"{where} holds text that is not UTF-8: it is damaged, restore it from a backup"
        raise StorageError(msg) from error


class Guarded(click.Group):
    """A group whose commands are guarded."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, guarded."""
        with guarded(ctx.find_object(Session)):
            return super().invoke(ctx)
