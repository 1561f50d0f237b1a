"""Names as they are typed: a subject of any kind, a code of the directory."""

from __future__ import annotations

from application.answers.subjects import in_directory
from commands.terminal.session import Session
from domain import ids


def stream_of(session: Session, typed: str) -> str:
    """Read the name of any stream: a control number, or a directory code with its prefix."""
    prefix = typed.strip().partition("-")[0].upper()
    return session.stream(typed, ids.DIRECTORY.get(prefix, "subject"))


def known_code(session: Session, typed: str, kind: str) -> str:
    """Read the code of a site or party that the directory has.

    Raises:
        UnknownError: the directory does not have it.
    """
    code = ids.parse_code(typed, kind)
    in_directory(session.custody.streams, code, kind)
    return code
