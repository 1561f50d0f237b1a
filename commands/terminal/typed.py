"""What is typed, scanned or saved: names of subjects, lines of standard input, values of a file.

One reader for all of it: whatever mark, encoding or line breaks a program put around a text are taken
off before anything else looks at it (`intake/readtext.py`).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from domain import ids
from domain.errors import BadInputError, UnknownError
from intake import readtext

if TYPE_CHECKING:
    from commands.terminal.session import Session

STDIN = "standard input"


def stream_of(session: Session, typed: str) -> str:
    """Read the name of any stream: a control number, or a directory code with its prefix."""
    prefix = typed.strip().partition("-")[0].upper()
    return session.stream(typed, ids.DIRECTORY.get(prefix, "subject"))


def typed_lines() -> list[str]:
    """Return the lines of standard input that hold something.

    Raises:
        BadInputError: it is no text, or holds nothing.
    """
    try:
        found = readtext.lines(sys.stdin.buffer.read())
    except UnicodeError as error:
        raise BadInputError(f"{STDIN} is not UTF-8 text") from error
    if not found:
        msg = f"{STDIN} is empty: one line for each was expected"
        raise BadInputError(msg)
    return found


def text_of_file(name: str) -> str:
    """Return the text of a file, or of standard input for `-`.

    Raises:
        UnknownError: it cannot be read. BadInputError: it is no text.
    """
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "no file has such a name"
        raise UnknownError(f"{name} cannot be read: {said}") from error
    try:
        return readtext.decoded(data)
    except UnicodeError as error:
        raise BadInputError(f"{_said(name)} is not UTF-8 text") from error


def texts_of_file(name: str) -> dict[str, str]:
    """Return the JSON object of texts in a file, or in standard input for `-`.

    Raises:
        UnknownError: it cannot be read.
        BadInputError: it is no such object, or names one field twice.
    """
    text, said = text_of_file(name), _said(name)
    if not text.strip():
        msg = f"{said} is empty: one JSON object of texts was expected"
        raise BadInputError(msg)

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [key for key, _ in pairs]
        if twice := next((key for key in names if names.count(key) > 1), None):
            msg = f"{said} names {twice} twice: say it once"
            raise BadInputError(msg)
        return dict(pairs)

    try:
        values = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        msg = f"{said} is not JSON: {str(error).splitlines()[0]}"
        raise BadInputError(msg) from error
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        msg = f'{said} must hold one object of texts, like {{"declared_name": "…"}}'
        raise BadInputError(msg)
    return values


def _said(name: str) -> str:
    return STDIN if name == "-" else name
