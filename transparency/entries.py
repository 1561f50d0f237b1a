"""Entries: what the log holds, 65 bytes that look random to whoever reads them.

    type  A (32 bytes)                      B (32 bytes)
    0x01  label(T, version)                 SHA-256(body)                  an event
    0x02  root of the label map             24 zero bytes ‖ u64be index    all before it
    0x03  SHA-256(verifier-key text)        32 zero bytes                  a new key
    0x04  SHA-256(checkpoint note)          SHA-256(token or older note)   an anchor

Everything secret about an event follows from two values the ledger keeps:

    seed    32 random bytes stored with each event
    secret  32 random bytes of the whole log

    nonce      = HMAC-SHA256(seed, "custody/nonce/v1")[:16]
    salt       = HMAC-SHA256(seed, "custody/salt/v1" ‖ field name)[:16]
    T          = HMAC-SHA256(secret, "custody/stream/v1" ‖ stream id)
    label      = HMAC-SHA256(T, "custody/label/v1" ‖ u64be (version - 1))
    commitment = SHA-256("custody/subject/v1" ‖ T)

so an entry is a pure function of the stored event and can be derived again. T stays secret
until a proof about its stream is made; the paper receipt pins its commitment from the first day.

Versions are counted from 1. Only bytes count from 0: a body's line, a label's number and the
field `version` of a retraction are one lower than what people and programs are told (`WRITTEN_LOWER`).

Example:
    >>> T = subject(bytes(32), "W-000417-K")
    >>> label(T, 1) == label(T, 2)
    False
"""

from __future__ import annotations

import hashlib
import hmac
from enum import IntEnum

from transparency.errors import MalformedError
from transparency.tree import HASH_BYTES

KEY_BYTES = 32
SHORT_BYTES = 16
ENTRY_BYTES = 65
MAX_SECONDS = 253_402_300_799  # the last second of the year 9999
WRITTEN_LOWER = 1  # the first version of a stream is written as 0
_ZEROS = bytes(32)


class EntryKind(IntEnum):
    """The four types of entries."""

    EVENT = 0x01
    MAP = 0x02
    KEY = 0x03
    ANCHOR = 0x04


def event_entry(label: bytes, body: str) -> bytes:
    """Return the 65 bytes that stand for an event with this 32-byte label and body text."""
    return _entry(EntryKind.EVENT, label, body_hash(body))


def body_hash(body: str) -> bytes:
    """Return the 32 bytes by which an entry commits to a body."""
    return hashlib.sha256(body.encode()).digest()


def map_entry(root: bytes, index: int) -> bytes:
    """Return the 65 bytes that commit to the label map over all entries before `index`."""
    return _entry(EntryKind.MAP, root, index.to_bytes(32, "big"))


def key_entry(verifier_key: str) -> bytes:
    """Return the 65 bytes that make a verifier key known from here on."""
    return _entry(EntryKind.KEY, hashlib.sha256(verifier_key.encode()).digest(), _ZEROS)


def anchor_entry(note: str, anchored: bytes) -> bytes:
    """Return the 65 bytes that tie a checkpoint note to an RFC 3161 token or an older note."""
    sides = hashlib.sha256(note.encode()).digest(), hashlib.sha256(anchored).digest()
    return _entry(EntryKind.ANCHOR, *sides)


def split(entry: bytes) -> tuple[EntryKind, bytes, bytes]:
    """Return (type, A, B) of an entry.

    Raises:
        MalformedError: not 65 bytes, an unknown type, or a B that its type does not allow.
    """
    if len(entry) != ENTRY_BYTES:
        raise MalformedError(f"an entry has {len(entry)} bytes instead of {ENTRY_BYTES}")
    if entry[0] not in list(EntryKind):
        raise MalformedError("an entry is of a type unknown here")
    kind, a, b = EntryKind(entry[0]), entry[1:33], entry[33:]
    if (kind is EntryKind.MAP and any(b[:24])) or (kind is EntryKind.KEY and any(b)):
        raise MalformedError("an entry has bytes set where its type has zeros")
    return kind, a, b


def handover_message(previous: bytes) -> bytes:
    """Return what the receiving official signs: the 32-byte leaf hash of the version before."""
    return b"custody/handover/v1\n" + previous


def _entry(kind: EntryKind, a: bytes, b: bytes) -> bytes:
    if (len(a), len(b)) != (HASH_BYTES, HASH_BYTES):
        raise MalformedError("an entry's halves are not 32 bytes each")
    return bytes([kind]) + a + b


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
    """Return the 32-byte label of one version (1, 2, 3 …) of the stream that T stands for."""
    number = version - WRITTEN_LOWER
    return _mac(subject, b"custody/label/v1" + number.to_bytes(8, "big"))


def commitment(subject: bytes) -> bytes:
    """Return the 32 bytes a paper receipt pins at intake, so that no second T can be shown."""
    return hashlib.sha256(b"custody/subject/v1" + subject).digest()


def _mac(key: bytes, message: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {len(key)} bytes instead of {KEY_BYTES}")
    return hmac.digest(key, message, "sha256")
