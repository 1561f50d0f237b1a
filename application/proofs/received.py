"""Read proofs as a reader does: out of a file or a certificate, remembering what was seen before.

A certificate is a PDF with the bundle attached; it is found there without reading the pages. What a
reader has seen is a small file of their own, `{origin: {size: note}}`: a log that ever showed them two
roots of one size is caught, and so is an older head than the newest they know.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path

from application.store.files import PRIVATE, write_whole
from domain.errors import BadInputError
from transparency.bundle import FORMAT, MAX_BYTES, Bundle
from transparency.bundle_parts import read_text
from transparency.checkpoint import Checkpoint
from transparency.encoding import JSON, decimal, parse_json
from transparency.errors import MalformedError, ProofError
from transparency.policy import Policy
from transparency.report import Reason, State, Verdict
from transparency.signed_note import SignedNote

MAX_PDF = 32 * 1024 * 1024
MAX_STATE = 16 * 1024 * 1024
MAX_STREAMS = 512
_STREAM = re.compile(rb"stream\r?\n")


def bundle_of(data: bytes) -> bytes:
    """Return the bundle attached to a PDF; anything else as it is."""
    if not data.startswith(b"%PDF-"):
        return data
    for count, match in enumerate(_STREAM.finditer(data)):
        if count == MAX_STREAMS:
            break
        found = _inflated(data[match.end() :])
        if found.lstrip().startswith(b"{") and FORMAT.encode() in found[:200]:
            return found
    return b""


def _inflated(raw: bytes) -> bytes:
    """Return a stream's bytes, at most one more than a bundle may have."""
    plain = raw[: raw.find(b"endstream")] if raw.lstrip().startswith(b"{") else b""
    try:
        return plain or zlib.decompressobj().decompress(raw, MAX_BYTES + 1)
    except zlib.error:
        return b""


def seen(path: Path, data: bytes, policy: Policy, *, remember: bool) -> Verdict:
    """Compare a bundle's checkpoints with those a reader saw before, and remember them.

    Args:
        path: the reader's own file; made when missing.
        data: the bundle.
        policy: the reader's own; only checkpoints that a log of it signed count.
        remember: whether the file may be written.

    Raises:
        BadInputError: the file is something else. StorageError: it cannot be written.
    """
    known = _state(path)
    reasons: list[Reason] = []
    try:
        bundle = Bundle.parse(data)
        for size in bundle.sizes:
            policy.check_log(bundle.checkpoints[size])
    except ProofError as error:
        return Verdict("seen", State.NOT_PROVEN, f"nothing to compare: {error}")
    before = known.get(bundle.origin, {})
    for size in bundle.sizes:
        if size in before and _root(before[size]) != bundle.checkpoint(size).root:
            text = (
                f"{bundle.origin} signed two roots at size {size}: keep both files, they prove it"
            )
            reasons.append(Reason(State.FAILED, text))
    newest, head = max(before, default=0), bundle.sizes[-1]
    if head < newest:
        text = f"the newest checkpoint is of size {head}, one of size {newest} was seen before"
        reasons.append(Reason(State.NOT_PROVEN, text))
    if remember and not reasons:
        notes = {size: str(bundle.checkpoints[size]) for size in bundle.sizes}
        known[bundle.origin] = {**before, **notes}
        text = json.dumps(known, ensure_ascii=False, indent=1) + "\n"
        write_whole(path, text, mode=PRIVATE)
    text = f"{len(before)} checkpoints were seen before, none contradicts"
    return Verdict.of("seen", reasons, text if before else "none was seen before")


def _root(note: str) -> bytes:
    return Checkpoint.parse(SignedNote.parse(note).text).root


def _state(path: Path) -> dict[str, dict[int, str]]:
    if not path.exists():
        return {}
    try:
        if path.stat().st_size > MAX_STATE:
            raise BadInputError(f"{path} is too long: it is not a file of checkpoints")
        state = parse_json(path.read_text("utf-8"))
        return {origin: _notes(notes) for origin, notes in _members(state).items()}
    except (ProofError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is not a file of checkpoints seen before") from error
    except OSError as error:
        raise BadInputError(f"{path} cannot be read: {error.strerror}") from error


def _notes(value: JSON) -> dict[int, str]:
    """Return checkpoint notes by size, each of them one that can be read."""
    notes = {decimal(size): read_text(note) for size, note in _members(value).items()}
    for note in notes.values():
        _root(note)
    return notes


def _members(value: JSON) -> Mapping[str, JSON]:
    if not isinstance(value, dict):
        raise MalformedError("a member that should be an object is not")
    return value
