"""What commands about proofs read and write: bundles, certificates, policies, spans of time."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from commands.log import small
from commands.terminal.typed import STDIN
from domain.errors import BadInputError

if TYPE_CHECKING:
    from transparency.policy import Policy

SPAN = {"m": 60, "h": 3_600, "d": 86_400}


def span(typed: str) -> int:
    """Return a length of time as typed, in seconds.

    Raises:
        BadInputError: it is none.
    """
    match = re.fullmatch(r"(\d{1,5})([mhd])", typed.strip())
    if match is None or not int(match[1]):
        msg = f"'{typed}' is not a span of time: write it as 12h or 31d"
        raise BadInputError(msg)
    return int(match[1]) * SPAN[match[2]]


def read_bundle(name: str) -> bytes:
    """Return a proof's bytes: a bundle, or the one attached to a certificate; `-` is stdin.

    Raises:
        BadInputError: there is no such file, or it is longer than any certificate.
    """
    from application.proofs.received import MAX_PDF, bundle_of

    try:
        if name == "-":
            data = sys.stdin.buffer.read(MAX_PDF + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(MAX_PDF + 1)
    except OSError as error:
        msg = f"{name} cannot be read: {error.strerror}"
        raise BadInputError(msg) from error
    if name == "-" and not data:
        msg = f"{STDIN} is empty: a proof was expected"
        raise BadInputError(msg)
    if len(data) > MAX_PDF:
        msg = f"{name} is longer than {MAX_PDF:,} bytes: it is not a proof"
        raise BadInputError(msg)
    return bundle_of(data)


def read_policy(name: str) -> Policy:
    """Return a reader's policy.

    Raises:
        BadInputError: there is no such file, or a line of it cannot be meant.
    """
    from transparency.errors import ProofError
    from transparency.policy import Policy

    try:
        return Policy.parse(small(Path(name)))
    except ProofError as error:
        msg = f"{name}: {error}"
        raise BadInputError(msg) from error
