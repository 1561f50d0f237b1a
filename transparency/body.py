"""Bodies: the text an event's entry commits to, and the entry derived from a stored event.

Each line is ended by LF:

    custody-body/v1
    weapon                                  kind of stream
    1                                       version, written from 0: the second of its stream
    q3mT…=                                  leaf hash of the version before, or -
    weapon.stored                           event type
    1734000000                              occurred, Unix seconds
    8f0a…==                                 nonce
    0aZk…                                   digests of the fields, sorted (RFC 9901)

Versions are counted from 1; only in bytes they are written from 0 (entries.py). A body and its entry
are a pure function of the stored event (`Fact`), of T and of the link to the version before.

Example:
    >>> fact = Fact("weapon", "W-000417-K", 1, "weapon.declared", 1734000000, {}, {}, bytes(32))
    >>> print(derive(fact, bytes(32), None).body, end="")
    custody-body/v1
    weapon
    0
    -
    weapon.declared
    1734000000
    j8zh1ZxfD6GnzqfIIAIl4g==
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from transparency.disclosure import DIGEST_CHARS, digest, disclose
from transparency.encoding import JSON, b64, decimal, unb64, unb64url
from transparency.entries import (
    MAX_SECONDS,
    SHORT_BYTES,
    WRITTEN_LOWER,
    event_entry,
    label,
    nonce,
    salt,
)
from transparency.errors import MalformedError
from transparency.tree import HASH_BYTES, leaf_hash

MAX_BODY = 65_536  # characters
MAX_DIGESTS = 256
HEADER = "custody-body/v1"
NO_PREVIOUS = "-"
_HEAD_LINES = 7
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z0-9_]{1,64}){0,3}")
_DIGEST = re.compile(rf"[A-Za-z0-9_-]{{{DIGEST_CHARS}}}")  # 32 bytes in base64url


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
