"""Names as they are typed: a subject of any kind."""

from __future__ import annotations

from commands.terminal.session import Session
from domain import ids


def stream_of(session: Session, typed: str) -> str:
    """Read the name of any stream: a control number, or a directory code with its prefix."""
    prefix = typed.strip().partition("-")[0].upper()
    return session.stream(typed, ids.DIRECTORY.get(prefix, "subject"))
