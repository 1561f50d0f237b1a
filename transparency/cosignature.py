r"""Who signed a checkpoint, and when (C2SP tlog-cosignature).

    Ed25519    message = "cosignature/v1\ntime <t>\n" ‖ checkpoint text
    ML-DSA-44  message = "subtree/v1\n\0" ‖ u8 length ‖ cosigner's name ‖ u64be t
                       ‖ u8 length ‖ origin ‖ u64be 0 ‖ u64be size ‖ root
    signature  = u64be t ‖ bare signature

A cosignature says: at time t this was the largest tree I had seen of this log, and it was
consistent with every one before. A plain Ed25519 line of the log itself carries no time.
A time of zero makes no statement about when; `signed` answers it as None.
"""

from __future__ import annotations

from collections.abc import Iterable

from transparency.checkpoint import Checkpoint
from transparency.encoding import utf8
from transparency.errors import MalformedError, MismatchError
from transparency.signed_note import KeyKind, SignatureLine, SignedNote, Signer, Verifier

MAX_TIME = (1 << 63) - 1
_TIME_BYTES = 8


def message(verifier: Verifier, checkpoint: Checkpoint, time: int) -> bytes:
    """Return the bytes that a key signs for a checkpoint at a POSIX time in seconds.

    Source:
        C2SP signed-note "Ed25519 signatures"; tlog-cosignature "signed message".
    """
    match verifier.kind:
        case KeyKind.ED25519:
            return utf8(checkpoint.text)
        case KeyKind.ED25519_COSIGNATURE:
            return utf8(f"cosignature/v1\ntime {time}\n{checkpoint.text}")
        case KeyKind.ML_DSA_44_COSIGNATURE:
            return b"".join(
                (
                    b"subtree/v1\n\0",
                    _short(verifier.name),
                    _u64(time),
                    _short(checkpoint.origin),
                    _u64(0),
                    _u64(checkpoint.size),
                    checkpoint.root,
                )
            )


def sign(signer: Signer, checkpoint: Checkpoint, time: int) -> SignatureLine:
    """Return the signature line of one key over a checkpoint at a POSIX time in seconds."""
    verifier = signer.verifier
    bare = signer.raw(message(verifier, checkpoint, time))
    stamp = b"" if signer.kind is KeyKind.ED25519 else _u64(time)
    return SignatureLine(signer.name, verifier.key_id, stamp + bare)


def check(verifier: Verifier, checkpoint: Checkpoint, line: SignatureLine) -> int | None:
    """Check one line of a known key.

    Returns:
        The POSIX time in seconds the signature states, None where it states none.

    Raises:
        MismatchError: the signature does not verify, or is too short to hold a time.
    """
    if verifier.kind is KeyKind.ED25519:
        verifier.check(message(verifier, checkpoint, 0), line.signature)
        return None
    time = int.from_bytes(line.signature[:_TIME_BYTES], "big")
    if time > MAX_TIME:
        raise MismatchError(f"a signature of {verifier.name} states an impossible time")
    verifier.check(message(verifier, checkpoint, time), line.signature[_TIME_BYTES:])
    return time or None


def signed(note: SignedNote, verifiers: Iterable[Verifier]) -> dict[Verifier, list[int | None]]:
    """Return the known keys that signed a checkpoint, each with the times it states.

    Args:
        note: a checkpoint note.
        verifiers: the keys the reader knows; lines of others are ignored.

    Raises:
        MalformedError: the note is not a checkpoint.
        MismatchError: a known key's signature does not verify: the whole note is refused.
    """
    checkpoint = Checkpoint.parse(note.text)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    found: dict[Verifier, list[int | None]] = {}
    for line in note.lines:
        if verifier := known.get((line.name, line.key_id)):
            found.setdefault(verifier, []).append(check(verifier, checkpoint, line))
    return found


def _short(text: str) -> bytes:
    data = utf8(text)
    if not 0 < len(data) <= 255:  # noqa: PLR2004  # what one length byte holds
        raise MalformedError("a name or origin is empty or longer than 255 bytes")
    return bytes([len(data)]) + data


def _u64(number: int) -> bytes:
    return number.to_bytes(_TIME_BYTES, "big")
