"""Disclosures: a field is committed now and shown later, or never (RFC 9901).

A disclosure is base64url(JSON [salt, name, value]); what an entry's body holds is only its
digest, base64url(SHA-256(ASCII of the disclosure)). Both are over *the string*: a reader hashes
what was handed over and never writes JSON again, so no canonical JSON is needed anywhere.

The salt (128 bits or more) makes the digest a hiding commitment: without it nobody can try
candidate values. Destroy salt and value, and the digest left behind tells nothing.

Example:
    >>> field = disclose(bytes(16), "place", "armoury 2")
    >>> read(field) == (bytes(16), "place", "armoury 2")
    True
    >>> digest(field)
    'MBEsgwUQDeUBJIFK8loSL_JyrCGRkvKqQOVBpGr4l2A'
"""

from __future__ import annotations

import hashlib
import json

from transparency.encoding import JSON, b64url, parse_json, unb64url, utf8
from transparency.errors import MalformedError

SALT_BYTES = 16
MAX_CHARS = 65_536  # of one disclosure: a value object with several texts of 2,000 characters
DIGEST_CHARS = 43
_PARTS = 3
_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True)


def disclose(salt: bytes, name: str, value: JSON) -> str:
    """Return the disclosure of one field: equal fields give equal strings.

    Args:
        salt: 16 bytes or more, known to nobody else until the field is shown.
        name: the field's name.
        value: any JSON value; members of objects are written in sorted order.

    Returns:
        base64url text of the JSON array [base64url(salt), name, value].

    Raises:
        MalformedError: a short salt, a value that is not JSON, or too long a text.

    Source:
        RFC 9901 §4.2.1.
    """
    if len(salt) < SALT_BYTES:
        raise MalformedError(f"a salt has {len(salt)} bytes instead of at least {SALT_BYTES}")
    try:
        text = _WRITER.encode([b64url(salt), name, value])
    except (TypeError, ValueError):
        raise MalformedError(f"the value of field {name} is not JSON") from None
    if not isinstance(value, str):
        parse_json(text)  # what a reader would refuse is never written
    disclosure = b64url(utf8(text))
    if len(disclosure) > MAX_CHARS:
        raise MalformedError(f"the value of field {name} is too long to disclose")
    return disclosure


def digest(disclosure: str) -> str:
    """Return base64url(SHA-256(ASCII of the disclosure)), 43 characters.

    Raises:
        MalformedError: a character that is not ASCII.

    Source:
        RFC 9901 §4.2.3.
    """
    if not disclosure.isascii():
        raise MalformedError("a disclosure is not base64url")
    return b64url(hashlib.sha256(disclosure.encode("ascii")).digest())


def read(disclosure: str) -> tuple[bytes, str, JSON]:
    """Return (salt, name, value) of a disclosure.

    Raises:
        MalformedError: not base64url of a JSON array [salt, name, value], or a salt
            below 128 bits.

    Source:
        RFC 9901 §4.2.1.
    """
    if len(disclosure) > MAX_CHARS:
        raise MalformedError("a disclosure is too long")
    try:
        parts = parse_json(unb64url(disclosure).decode("utf-8"))
    except UnicodeDecodeError:
        raise MalformedError("a disclosure is not UTF-8") from None
    match parts:
        case [str(salt_text), str(name), value] if len(parts) == _PARTS:
            salt = unb64url(salt_text)
        case _:
            raise MalformedError("a disclosure is not an array of salt, name and value")
    if len(salt) < SALT_BYTES:
        raise MalformedError("a disclosure has a salt below 128 bits")
    return salt, name, value
