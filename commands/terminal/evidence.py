"""Evidence on the command line: a file is hashed, never copied."""

from __future__ import annotations

import hashlib
import mimetypes
import os
from collections.abc import Sequence
from pathlib import Path

from domain.errors import BadInputError, UnknownError
from domain.event import Evidence


def evidence_of(files: Sequence[str]) -> tuple[Evidence, ...]:
    """Return the digest, media type and label of each file; `FILE=LABEL` gives a label.

    Raises:
        UnknownError: a file cannot be read. BadInputError: a name is empty.
    """
    return tuple(_evidence(name, label) for name, _, label in map(_split, files))


def _split(word: str) -> tuple[str, str, str]:
    there = os.path.exists(word)  # Path.exists raises for names that are too long
    return (word, "", "") if there else word.partition("=")


def _evidence(name: str, label: str) -> Evidence:
    path = Path(name)
    if not name:
        msg = "--evidence is empty: name a file, or leave it out"
        raise BadInputError(msg)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "no file has such a name"
        msg = f"the evidence '{path}' cannot be read: {said}"
        raise UnknownError(msg) from error
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Evidence(sha256=digest, media_type=media_type, label=label or path.name)
