"""Entries: what the log holds, 65 bytes that look random to whoever reads them.

Everything secret about an event follows from two values the ledger keeps:

    seed    32 random bytes stored with each event
    secret  32 random bytes of the whole log

    nonce      = HMAC-SHA256(seed, "custody/nonce/v1")[:16]
    salt       = HMAC-SHA256(seed, "custody/salt/v1" ‖ field name)[:16]
    T          = HMAC-SHA256(secret, "custody/stream/v1" ‖ stream id)
    label      = HMAC-SHA256(T, "custody/label/v1" ‖ u64be version)
    commitment = SHA-256("custody/subject/v1" ‖ T)

so an entry is a pure function of the stored event and can be derived again. T stays secret
until a proof about its stream is made; the paper receipt pins its commitment from the first day.

Example:
    >>> T = subject(bytes(32), "W-000417-K")
    >>> label(T, 0) == label(T, 1)
    False
"""

from __future__ import annotations

import hashlib
import hmac

KEY_BYTES = 32
SHORT_BYTES = 16


def nonce(seed: bytes) -> bytes:
    """Return the 16 bytes that make one body unguessable, from the event's 32-byte seed."""
    return _mac(seed, b"custody/nonce/v1")[:SHORT_BYTES]


def salt(seed: bytes, name: str) -> bytes:
    """Return the 16-byte salt of a field that is not personal, from the event's 32-byte seed.

    A personal value never uses this: its salt lives and dies with the value in the vault.
    """
    return _mac(seed, b"custody/salt/v1" + name.encode())[:SHORT_BYTES]


def subject(secret: bytes, stream_id: str) -> bytes:
    """Return T, the 32 bytes that stand for one stream, from the log's 32-byte secret."""
    return _mac(secret, b"custody/stream/v1" + stream_id.encode())


def label(subject: bytes, version: int) -> bytes:
    """Return the 32-byte label of one version (0, 1, 2 …) of the stream that T stands for."""
    return _mac(subject, b"custody/label/v1" + version.to_bytes(8, "big"))


def commitment(subject: bytes) -> bytes:
    """Return the 32 bytes a paper receipt pins at intake, so that no second T can be shown."""
    return hashlib.sha256(b"custody/subject/v1" + subject).digest()


def _mac(key: bytes, message: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {len(key)} bytes instead of {KEY_BYTES}")
    return hmac.digest(key, message, "sha256")
