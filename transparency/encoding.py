"""The three encodings every format here is made of: base64, decimals, JSON.

One value has one text: a reader refuses every second spelling (padding bits that are not
zero, leading zeros, a member named twice), so that two verifiers never disagree.

Example:
    >>> b64(bytes(2)), b64url(bytes(2)), decimal("417")
    ('AAA=', 'AAA', 417)
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from transparency.errors import MalformedError

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

DEPTH = 16  # nesting of JSON; nothing here needs more
INT_BITS = 64
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_URL = bytes.maketrans(b"+/", b"-_")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


def b64(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 §4)."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str, length: int | None = None) -> bytes:
    """Read standard base64, only in its one canonical spelling.

    Args:
        text: base64 with padding.
        length: bytes expected; None accepts any.

    Raises:
        MalformedError: another alphabet, spelling or length.

    Source:
        RFC 4648 §4 and §3.5.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise MalformedError("a value is not base64") from None
    if b64(data) != text:
        raise MalformedError("a value is not canonical base64")
    if length is not None and len(data) != length:
        raise MalformedError(f"a base64 value holds {len(data)} bytes instead of {length}")
    return data


def b64url(data: bytes) -> str:
    """Return base64url without padding (RFC 4648 §5, RFC 7515 §2)."""
    text = binascii.b2a_base64(data, newline=False).rstrip(b"=")
    return text.translate(_URL).decode("ascii")


def unb64url(text: str) -> bytes:
    """Read base64url without padding; unused bits may be set, as RFC 9901's examples do.

    Raises:
        MalformedError: another alphabet, padding, or an impossible length.
    """
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise MalformedError("a value is not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def decimal(text: str) -> int:
    """Read a decimal: ASCII digits, no sign, no leading zero, below 2^63.

    Raises:
        MalformedError: anything else.
    """
    if not _DECIMAL.fullmatch(text) or int(text) >= 1 << 63:
        raise MalformedError("a number is not a plain decimal")
    return int(text)


def parse_json(text: str) -> JSON:
    """Read JSON (RFC 8259) strictly: nothing a second reader could take otherwise.

    Raises:
        MalformedError: not JSON, a member named twice, a number that is not finite or
            beyond 64 bits, half a surrogate pair, or nesting deeper than `DEPTH`.
    """
    try:
        value: JSON = json.loads(
            text,
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=_finite,
            parse_constant=_finite,
        )
    except (ValueError, RecursionError):
        raise MalformedError("the text is not JSON") from None
    _shallow(value)
    return value


def _members(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("a JSON member is named twice")
    return members


def _integer(text: str) -> int:
    if len(text) > len(str(-(1 << INT_BITS))) or int(text).bit_length() > INT_BITS:
        raise MalformedError("a JSON number is beyond 64 bits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedError("a JSON number is not finite")
    return number


def _shallow(value: JSON) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEPTH:
            raise MalformedError("the JSON is nested too deeply")
        for item in level:
            if isinstance(item, str) and not item.isascii():
                utf8(item)
        level = [child for item in level for child in _children(item)]


def _children(value: JSON) -> list[JSON]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def utf8(text: str) -> bytes:
    """Encode text as UTF-8.

    Raises:
        MalformedError: half a surrogate pair.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedError("the text is not valid Unicode") from None
