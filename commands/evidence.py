"""Evidence on the command line: a file is hashed, never copied."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Sequence
from pathlib import Path

from domain.errors import UnknownError
from domain.event import Evidence


def evidence_of(files: Sequence[str]) -> tuple[Evidence, ...]:
    """Return the digest, media type and label of each file; `FILE=LABEL` gives a label.

    Raises:
        UnknownError: a file cannot be read.
    """
    return tuple(_evidence(Path(name), label) for name, _, label in map(_split, files))


def _split(word: str) -> tuple[str, str, str]:
    return word.partition("=") if not Path(word).exists() else (word, "", "")


def _evidence(path: Path, label: str) -> Evidence:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"the evidence {path} cannot be read: {error.strerror}"
        raise UnknownError(msg) from error
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Evidence(sha256=digest, media_type=media_type, label=label or path.name)
