"""Entries: what the log holds, 65 bytes that look random to whoever reads them.

    type  A (32 bytes)                      B (32 bytes)
    0x01  label(T, version)                 SHA-256(body)                  an event
    0x02  root of the label map             24 zero bytes ‖ u64be index    all before it
    0x03  SHA-256(verifier-key text)        32 zero bytes                  a new key
    0x04  SHA-256(checkpoint note)          SHA-256(token or older note)   an anchor

A body is text, each line ended by LF:

    custody-body/v1
    weapon                                  kind of stream
    1                                       version, written from 0: the second of its stream
    q3mT…=                                  leaf hash of the version before, or -
    weapon.stored                           event type
    1734000000                              occurred, Unix seconds
    8f0a…==                                 nonce
    0aZk…                                   digests of the fields, sorted (RFC 9901)

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
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from transparency.disclosure import DIGEST_CHARS, digest, disclose
from transparency.encoding import JSON, b64, decimal, unb64, unb64url
from transparency.errors import MalformedError
from transparency.tree import HASH_BYTES, leaf_hash

KEY_BYTES = 32
SHORT_BYTES = 16
ENTRY_BYTES = 65
MAX_BODY = 65_536  # characters
MAX_DIGESTS = 256
MAX_SECONDS = 253_402_300_799  # the last second of the year 9999
HEADER = "custody-body/v1"
NO_PREVIOUS = "-"
WRITTEN_LOWER = 1  # the first version of a stream is written as 0
_HEAD_LINES = 7
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z0-9_]{1,64}){0,3}")
_DIGEST = re.compile(rf"[A-Za-z0-9_-]{{{DIGEST_CHARS}}}")  # 32 bytes in base64url
_ZEROS = bytes(32)


class EntryKind(IntEnum):
    """The four types of entries."""

    EVENT = 0x01
    MAP = 0x02
    KEY = 0x03
    ANCHOR = 0x04


@dataclass(frozen=True)
class Fact:
    """A stored event as the log needs it.

    Args:
        stream_kind: kind of the stream, e.g. `weapon`.
        stream_id: the stream's identifier, e.g. `W-000417-K`.
        version: position in the stream, counted from 1.
        event_type: stored name, e.g. `weapon.stored`.
        occurred_unix_seconds: when it happened in the world, 0 to the year 9999.
        fields: values that are not personal, by name.
        personal: digests of personal values, by name; the vault keeps salts and values.
        seed: the event's own 32 random bytes.
    """

    stream_kind: str
    stream_id: str
    version: int
    event_type: str
    occurred_unix_seconds: int
    fields: Mapping[str, JSON]
    personal: Mapping[str, str]
    seed: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """The event as people name it, e.g. `W-000417-K:3`."""
        return f"{self.stream_id}:{self.version}"

    def disclosures(self) -> dict[str, str]:
        """Return the disclosure of every field that is not personal, by name."""
        return {
            name: disclose(salt(self.seed, name), name, value)
            for name, value in sorted(self.fields.items())
        }


@dataclass(frozen=True)
class Body:
    """What an event's entry commits to.

    Args:
        version: position in the stream, counted from 1.
        previous: 32-byte leaf hash of the version before, None for version 1.
        occurred: Unix seconds.
        digests: sorted digests of the fields, each once.
    """

    stream_kind: str
    version: int
    previous: bytes | None
    event_type: str
    occurred: int
    nonce: bytes
    digests: tuple[str, ...]

    def __str__(self) -> str:
        previous = NO_PREVIOUS if self.previous is None else b64(self.previous)
        number = self.version - WRITTEN_LOWER
        rows = (HEADER, self.stream_kind, number, previous, self.event_type)
        return "".join(f"{row}\n" for row in (*rows, self.occurred, b64(self.nonce), *self.digests))

    @classmethod
    def parse(cls, text: str) -> Body:
        """Read a body.

        Raises:
            MalformedError: another header, a line out of place, digests that are not in
                strictly ascending order, or too long.
        """
        rows = text.split("\n")
        if len(text) > MAX_BODY or rows.pop() or rows[:1] != [HEADER] or len(rows) < _HEAD_LINES:
            raise MalformedError("a body is not a custody-body of version 1")
        _, kind, number, previous, event_type, occurred, nonce_text, *digests = rows
        body = cls(
            kind,
            decimal(number) + WRITTEN_LOWER,
            None if previous == NO_PREVIOUS else unb64(previous, HASH_BYTES),
            event_type,
            decimal(occurred),
            unb64(nonce_text, SHORT_BYTES),
            tuple(digests),
        )
        body.check()
        return body

    def check(self) -> None:
        """Refuse what no honest log writes, when writing as when reading.

        Raises:
            MalformedError: a name with other characters, a missing or needless link, a time
                beyond the year 9999, or digests not strictly ascending.
        """
        if not _NAME.fullmatch(self.stream_kind) or not _NAME.fullmatch(self.event_type):
            raise MalformedError("a body's stream kind or event type is not a plain name")
        if self.version < 1 or (self.version == 1) != (self.previous is None):
            raise MalformedError("a body's link does not fit its version")
        if not 0 <= self.occurred <= MAX_SECONDS:
            raise MalformedError("a body's time is beyond the year 9999")
        if len(self.digests) > MAX_DIGESTS or list(self.digests) != sorted(set(self.digests)):
            raise MalformedError("a body's digests are too many or not in ascending order")
        for text in self.digests:
            if _DIGEST.fullmatch(text):
                continue
            if len(text) != DIGEST_CHARS or len(unb64url(text)) != HASH_BYTES:
                raise MalformedError("a body's digest is not 32 bytes in base64url")


@dataclass(frozen=True)
class Derived:
    """An event's entry with all it stands on: what the log stores."""

    entry: bytes
    body: str
    label: bytes

    @property
    def leaf(self) -> bytes:
        """The entry's 32-byte leaf hash: the link of the next version."""
        return leaf_hash(self.entry)


def derive(fact: Fact, subject: bytes, previous: bytes | None) -> Derived:
    """Return the entry of a stored event: a pure function, so it can be derived again.

    Args:
        fact: the stored event.
        subject: T of its stream, 32 bytes.
        previous: leaf hash of the version before, None for version 1.

    Raises:
        MalformedError: a value that cannot be committed, or a name used twice.
    """
    if twice := fact.fields.keys() & fact.personal.keys():
        raise MalformedError(f"field {min(twice)} is both personal and not")
    digests = {digest(text) for text in fact.disclosures().values()} | {*fact.personal.values()}
    body = Body(
        fact.stream_kind,
        fact.version,
        previous,
        fact.event_type,
        fact.occurred_unix_seconds,
        nonce(fact.seed),
        tuple(sorted(digests)),
    )
    body.check()
    mark = label(subject, fact.version)
    return Derived(event_entry(mark, str(body)), str(body), mark)


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
