"""Signed notes: text that carries its signatures, and the keys that check them (C2SP signed-note).

    a.example/log
    20
    q3mT…=

    — a.example/log Az3grl…

The text is everything up to and including the LF before the *last* empty line; each line below
is an em dash, the key's name, and base64(key id ‖ signature). Notes are UTF-8 without control
characters but LF. Unknown keys are ignored; a bad signature of a *known* key rejects the note.

    key id       = SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]
    verifier key = name + "+" + hex(key id) + "+" + base64(type ‖ public key)
    signing key  = "PRIVATE+KEY+" + name + "+" + hex(key id) + "+" + base64(type ‖ seed)

Example:
    >>> key = Verifier.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    >>> key.name, key.key_id.hex(), key.kind
    ('example.com/foo', '530d903a', <KeyKind.ED25519: 1>)
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from transparency.encoding import b64, unb64, utf8
from transparency.errors import MalformedError, MismatchError

MAX_BYTES = 131_072  # of one note: sixteen signatures of 3.3 kB and room to spare
MAX_LINES = 32  # signatures of one note
MAX_NAME = 255  # bytes of a key's name, what one length byte of ML-DSA messages holds
DASH = "— "
SEED_BYTES = 32
_KEY_ID_BYTES = 4


class KeyKind(IntEnum):
    """The signature types of C2SP signed-note that occur here."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    ML_DSA_44_COSIGNATURE = 0x06


_PUBLIC_BYTES = {
    KeyKind.ED25519: 32,
    KeyKind.ED25519_COSIGNATURE: 32,
    KeyKind.ML_DSA_44_COSIGNATURE: 1312,
}


@dataclass(frozen=True)
class SignatureLine:
    """One signature line: who signed, with which key, and the bytes."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """The line as it stands in a note, with its LF."""
        return f"{DASH}{self.name} {b64(self.key_id + self.signature)}\n"

    @classmethod
    def parse(cls, text: str) -> SignatureLine:
        """Read one line without its LF.

        Raises:
            MalformedError: no em dash, an impossible name, or base64 of four bytes or fewer.
        """
        name, _, blob = text.removeprefix(DASH).partition(" ")
        if not text.startswith(DASH):
            raise MalformedError("a signature line does not begin with an em dash")
        check_name(name)
        data = unb64(blob)
        if len(data) <= _KEY_ID_BYTES:
            raise MalformedError("a signature line holds no signature")
        return cls(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])


@dataclass(frozen=True)
class SignedNote:
    """A text and its signature lines, in the order they stand."""

    text: str
    lines: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(line.text for line in self.lines)}"

    @classmethod
    def parse(cls, note: str) -> SignedNote:
        """Read a note; nothing about its signatures is checked yet.

        Raises:
            MalformedError: control characters, no empty line, no signature, or too long.
        """
        if len(note) > MAX_BYTES:
            raise MalformedError("a note is too long")
        utf8(note)
        if any(char < " " and char != "\n" for char in note):
            raise MalformedError("a note has a control character")
        text, gap, below = note.rpartition("\n\n")
        if not gap or not below.endswith("\n"):
            raise MalformedError("a note has no text and signatures with an empty line between")
        rows = below[:-1].split("\n")
        if len(rows) > MAX_LINES:
            raise MalformedError(f"a note has more than {MAX_LINES} signatures")
        return cls(text + "\n", tuple(SignatureLine.parse(row) for row in rows))


@dataclass(frozen=True)
class Verifier:
    """A public key with the name and the type it signs under."""

    name: str
    kind: KeyKind
    public: bytes
    key_id: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != _PUBLIC_BYTES[self.kind]:
            raise MalformedError(f"the public key of {self.name} has {len(self.public)} bytes")
        hashed = hashlib.sha256(utf8(self.name) + b"\n" + bytes([self.kind]) + self.public)
        object.__setattr__(self, "key_id", hashed.digest()[:_KEY_ID_BYTES])

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read a verifier key.

        Raises:
            MalformedError: not three parts, an unknown type, a key of another length, or a
                key id that does not belong to the key.
        """
        name, kind, public, key_id = _parts(text)
        key = cls(name, kind, public)
        if key.key_id.hex() != key_id:
            raise MalformedError(f"the key id of {name} does not belong to its key")
        return key

    def made(self, line: SignatureLine) -> bool:
        """Say whether a line claims to be of this key."""
        return (line.name, line.key_id) == (self.name, self.key_id)

    def check(self, message: bytes, signature: bytes) -> None:
        """Check a signature over exactly these bytes.

        Raises:
            MismatchError: it does not verify.

        Source:
            RFC 8032 §5.1.7; FIPS 204 algorithm 3.
        """
        try:
            if self.kind is KeyKind.ML_DSA_44_COSIGNATURE:
                MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise MismatchError(f"a signature of {self.name} does not verify") from None


@dataclass(frozen=True)
class Signer:
    """A private key: 32 bytes of seed, a name and a type."""

    name: str
    kind: KeyKind
    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls, name: str, kind: KeyKind = KeyKind.ED25519) -> Signer:
        """Return a new key of this name."""
        return cls(name, kind, secrets.token_bytes(SEED_BYTES))

    @classmethod
    def parse(cls, secret: str) -> Signer:
        """Read a signing key as `secret` wrote it.

        Raises:
            MalformedError: not a signing key, or a key id of another key.
        """
        start = "PRIVATE+KEY+"
        if not secret.startswith(start):
            raise MalformedError("the text is not a signing key")
        name, kind, seed, key_id = _parts(secret.removeprefix(start))
        if len(seed) != SEED_BYTES:
            raise MalformedError(f"the signing key of {name} has {len(seed)} bytes")
        signer = cls(name, kind, seed)
        if signer.verifier.key_id.hex() != key_id:
            raise MalformedError(f"the key id of {name} does not belong to its key")
        return signer

    @property
    def secret(self) -> str:
        """The signing key as text, for a file of mode 0600."""
        key_id = self.verifier.key_id.hex()
        return f"PRIVATE+KEY+{self.name}+{key_id}+{b64(bytes([self.kind]) + self.seed)}"

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.kind, self._key().public_key().public_bytes_raw())

    def raw(self, message: bytes) -> bytes:
        """Return the bare signature over exactly these bytes: 64 or 2,420 bytes."""
        return self._key().sign(message)

    def _key(self) -> Ed25519PrivateKey | MLDSA44PrivateKey:
        if self.kind is KeyKind.ML_DSA_44_COSIGNATURE:
            return MLDSA44PrivateKey.from_seed_bytes(self.seed)
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def check_name(name: str) -> None:
    """Refuse a key's name that is empty, too long, or has a space, a control or a plus in it.

    Raises:
        MalformedError: it is one of these.
    """
    if not 0 < len(utf8(name)) <= MAX_NAME or "+" in name or any(map(_space, name)):
        raise MalformedError("a key's name is empty, too long, or has a space or a plus in it")


def _space(char: str) -> bool:
    return char.isspace() or char < " "


def _parts(text: str) -> tuple[str, KeyKind, bytes, str]:
    name, _, rest = text.partition("+")
    key_id, _, blob = rest.partition("+")
    check_name(name)
    data = unb64(blob)
    if not data or data[0] not in list(KeyKind):
        raise MalformedError(f"the key of {name} is of a type unknown here")
    return name, KeyKind(data[0]), data[1:], key_id
