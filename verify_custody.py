#!/usr/bin/env python3
"""Verify a proof of custody offline, with this one file and a Python of version 3.9 or later.

    python3 verify_custody.py W-000417-K.custody-proof --policy policy.txt

Nothing is installed, nothing is sent, nothing is written. The policy is *yours*: it names the log
and the witnesses you believe, and you had it before the proof came. Every question has an answer
of its own: proven, not proven (evidence is missing), or failed (evidence contradicts).
The exit code is 0 where everything is proven, 1 where not, 2 where nothing could be read.

Ed25519 is checked with the package `cryptography` where it is installed and in plain Python where
not. ML-DSA-44 is checked only with that package; without it such signatures count for nothing
and the answer says "not checked".

How to read this file: the formats stand first (encodings, trees, notes, the policy, bodies, the
label map), then the bundle, then the questions in the order they are answered, then the command.
The format is written down in docs/proof-format.md; this file shares no code with the ledger.
"""

# ruff: noqa: PLR2004  # the numbers of the formats stand where the formats use them
from __future__ import annotations

import argparse
import base64
import binascii
import calendar
import hashlib
import hmac
import json
import math
import re
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypedDict

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ed25519 as fast_ed25519
except ImportError:
    fast_ed25519 = None  # type: ignore[assignment]  # the plain Python below does it
try:
    from cryptography.hazmat.primitives.asymmetric import mldsa
except ImportError:
    mldsa = None  # type: ignore[assignment]  # "not checked" is said

PROVEN, NOT_PROVEN, FAILED = "proven", "not proven", "failed"
ALONE = "time and completeness rest on the operator alone"
SKEW_SECONDS = 300
MAX_SECONDS = 253_402_300_799  # the last second of the year 9999
MAX_FILE, MAX_ITEMS, MAX_SIGNATURES = 8 * 1024 * 1024, 1024, 4096
MAX_NOTE, MAX_NOTE_LINES, MAX_PATH, MAX_DEPTH = 131_072, 32, 63, 256
MAX_TEXT, MAX_DIGESTS, MAX_POLICY, MAX_NAMES = 65_536, 256, 262_144, 64
HASH, SHORT, JSON_DEPTH = 32, 16, 16
ED25519, COSIGNATURE, ML_DSA_44 = 0x01, 0x04, 0x06
KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}


class Fault(Exception):  # noqa: N818  # a fault of the file, not of the program
    """What does not hold, in one sentence."""


# ── encodings: RFC 4648, RFC 8259 ───────────────────────────────────────────
def sha256(*parts: bytes) -> bytes:
    """Return the 32 bytes of SHA-256 over the parts put together."""
    return hashlib.sha256(b"".join(parts)).digest()


def b64(data: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str, length: int | None = None) -> bytes:
    """Read standard base64 in its one canonical spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Fault("a value is not base64") from None
    if b64(data) != text:
        raise Fault("a value is not canonical base64")
    if length is not None and len(data) != length:
        raise Fault(f"a base64 value holds {len(data)} bytes instead of {length}")
    return data


def unb64url(text: str) -> bytes:
    """Read base64url without padding."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text) or len(text) % 4 == 1:
        raise Fault("a value is not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def decimal(text: str) -> int:
    """Read a plain decimal below 2^63."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text) or int(text) >= 1 << 63:
        raise Fault("a number is not a plain decimal")
    return int(text)


def utf8(text: str) -> bytes:
    """Encode text, refusing half a surrogate pair."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise Fault("the text is not valid Unicode") from None


def parse_json(text: str) -> Any:
    """Read JSON strictly: no member twice, no number without end, no deep nesting."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise Fault("a JSON member is named twice")
        return dict(pairs)

    def integer(digits: str) -> int:
        if len(digits) > len(str(-(1 << 64))) or int(digits).bit_length() > 64:
            raise Fault("a JSON number is beyond 64 bits")
        return int(digits)

    def finite(digits: str) -> float:
        if not math.isfinite(float(digits)):
            raise Fault("a JSON number is not finite")
        return float(digits)

    try:
        value = json.loads(
            text,
            object_pairs_hook=members,
            parse_int=integer,
            parse_float=finite,
            parse_constant=finite,
        )
    except (ValueError, RecursionError):
        raise Fault("the text is not JSON") from None
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > JSON_DEPTH:
            raise Fault("the JSON is nested too deeply")
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                utf8(item)
            elif isinstance(item, dict):
                below += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                below += item
        level = below
    return value


# ── the tree: RFC 6962, verified as in RFC 9162 §2.1 ────────────────────────
EMPTY_ROOT = sha256()


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ data)."""
    return sha256(b"\x00", data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01", left, right)


def path_length(index: int, size: int) -> int:
    """Return how many hashes an inclusion path has."""
    inner = (index ^ (size - 1)).bit_length()
    return inner + bin(index >> inner).count("1")


def check_inclusion(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> None:
    """Check that a leaf stands at an index in the tree of this size and root."""
    if not 0 <= index < size:
        raise Fault(f"index {index} is outside a tree of {size} entries")
    if len(path) != path_length(index, size):
        raise Fault(f"an inclusion path has {len(path)} hashes, which does not fit")
    last, hashed, rest = size - 1, leaf, iter(path)
    while last:
        if index & 1:
            hashed = node_hash(next(rest), hashed)
        elif index < last:
            hashed = node_hash(hashed, next(rest))
        index, last = index >> 1, last >> 1
    if hashed != root:
        raise Fault("an inclusion path leads to another root")


def check_consistency(
    old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the tree of `new` entries begins with the tree of `old` entries."""
    if not 0 < old <= new:
        raise Fault(f"no consistency is defined from size {old} to size {new}")
    if old == new:
        if proof:
            raise Fault("a consistency proof between equal sizes is not empty")
        if old_root != new_root:
            raise Fault(f"two roots are shown for one size {old}")
        return
    steps = [old_root, *proof] if old & (old - 1) == 0 else proof
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    if len(steps) != 1 + path_length(first, last + 1):
        raise Fault(f"a consistency proof has {len(proof)} hashes, which does not fit")
    before = after = steps[0]
    rest = iter(steps[1:])
    while last:
        if first & 1:
            step = next(rest)
            before, after = node_hash(step, before), node_hash(step, after)
        elif first < last:
            after = node_hash(after, next(rest))
        first, last = first >> 1, last >> 1
    if (before, after) != (old_root, new_root):
        raise Fault(f"size {old} and size {new} are not of one history")


def whole_root(leaves: list[bytes]) -> bytes:
    """Return the root over these leaf hashes."""
    peaks: list[tuple[int, bytes]] = []
    for leaf in leaves:
        level, hashed = 0, leaf
        while peaks and peaks[-1][0] == level:
            hashed = node_hash(peaks.pop()[1], hashed)
            level += 1
        peaks.append((level, hashed))
    if not peaks:
        return EMPTY_ROOT
    hashed = peaks.pop()[1]
    while peaks:
        hashed = node_hash(peaks.pop()[1], hashed)
    return hashed


# ── Ed25519 in plain Python: RFC 8032 §5.1 ──────────────────────────────────
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]  # (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z
NEUTRAL = (0, 1, 1, 0)


def point_add(a: Point, b: Point) -> Point:
    """Add two points of the curve."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    e, g, h, f = f - e, h - g, h + g, f + e
    return (e * g % P, h * f % P, g * h % P, e * f % P)


def point_double(a: Point) -> Point:
    """Double a point of the curve."""
    x, y = a[0] * a[0] % P, a[1] * a[1] % P
    c, h = 2 * a[2] * a[2] % P, x + y
    e = h - (a[0] + a[1]) * (a[0] + a[1]) % P
    g = x - y
    f = c + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_read(data: bytes) -> Point | None:
    """Read a compressed point; None where there is none on the curve."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, (y & ((1 << 255) - 1)) % P
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def point_write(a: Point) -> bytes:
    """Compress a point to 32 bytes."""
    inverse = pow(a[2], P - 2, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point_read((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_plain(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 signature verifies, in plain Python."""
    key = point_read(public)
    if len(signature) != 64 or key is None or BASE is None:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % L
    minus = (P - key[0], key[1], 1, P - key[3])
    table = (None, BASE, minus, point_add(BASE, minus))
    found: Point = NEUTRAL
    for at in range(max(s.bit_length(), k.bit_length()) - 1, -1, -1):
        found = point_double(found)
        step = table[(s >> at & 1) | (k >> at & 1) << 1]
        if step is not None:
            found = point_add(found, step)
    return point_write(found) == signature[:32]


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 signature verifies."""
    if fast_ed25519 is None:
        return ed25519_plain(public, message, signature)
    try:
        fast_ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def ml_dsa_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an ML-DSA-44 signature verifies; only with the package `cryptography`."""
    try:
        mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# ── notes, checkpoints, cosignatures: C2SP signed-note, tlog-cosignature ────
class Key(NamedTuple):
    """A verifier key."""

    name: str
    kind: int
    public: bytes
    key_id: bytes


class SignedNote(NamedTuple):
    """A checkpoint note: its text in parts, and its signature lines."""

    verbatim: str
    text: str
    origin: str
    size: int
    root: bytes
    lines: list[tuple[str, bytes, bytes]]


def check_name(name: str) -> None:
    """Refuse a key's name that is empty, too long, or has a space, a control or a plus."""
    bad = "+" in name or any(char.isspace() or char < " " for char in name)
    if bad or not 0 < len(utf8(name)) <= 255:
        raise Fault("a key's name is empty, too long, or has a space or a plus in it")


def read_key(text: str) -> Key:
    """Read a verifier key: name+hex(key id)+base64(type ‖ public key)."""
    name, _, rest = text.partition("+")
    key_id, _, blob = rest.partition("+")
    check_name(name)
    data = unb64(blob)
    if not data or data[0] not in KEY_BYTES:
        raise Fault(f"the key of {name} is of a type unknown here")
    if len(data) - 1 != KEY_BYTES[data[0]]:
        raise Fault(f"the public key of {name} has {len(data) - 1} bytes")
    own = sha256(utf8(name), b"\n", data)[:4]
    if own.hex() != key_id:
        raise Fault(f"the key id of {name} does not belong to its key")
    return Key(name, data[0], data[1:], own)


def read_line(row: str) -> tuple[str, bytes, bytes]:
    """Read one signature line into name, key id and signature."""
    if not row.startswith("— "):
        raise Fault("a signature line does not begin with an em dash")
    name, _, blob = row[2:].partition(" ")
    check_name(name)
    data = unb64(blob)
    if len(data) <= 4:
        raise Fault("a signature line holds no signature")
    return name, data[:4], data[4:]


def split_note(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Return the text and the signature lines of a note."""
    if len(note) > MAX_NOTE:
        raise Fault("a note is too long")
    utf8(note)
    if any(char < " " and char != "\n" for char in note):
        raise Fault("a note has a control character")
    text, gap, below = note.rpartition("\n\n")
    if not gap or not below.endswith("\n"):
        raise Fault("a note has no text and signatures with an empty line between")
    rows = below[:-1].split("\n")
    if len(rows) > MAX_NOTE_LINES:
        raise Fault(f"a note has more than {MAX_NOTE_LINES} signatures")
    return text + "\n", [read_line(row) for row in rows]


def read_note(note: str) -> SignedNote:
    """Read a checkpoint note; its signatures are not checked yet."""
    text, lines = split_note(note)
    rows = text.split("\n")
    if len(rows) != 4 or rows[3]:
        raise Fault("a checkpoint does not have three lines")
    if not 0 < len(utf8(rows[0])) <= 255:
        raise Fault("a checkpoint's origin is empty or too long")
    return SignedNote(note, text, rows[0], decimal(rows[1]), unb64(rows[2], HASH), lines)


def signed_at(key: Key, note: SignedNote, signature: bytes) -> int:
    """Check a signature of a known key; return the time it states, 0 where it states none."""
    bad = Fault(f"a signature of {key.name} does not verify")
    if key.kind == ED25519:
        if not ed25519_holds(key.public, utf8(note.text), signature):
            raise bad
        return 0
    stated = int.from_bytes(signature[:8], "big")
    if stated >= 1 << 63:
        raise Fault(f"a signature of {key.name} states an impossible time")
    if key.kind == COSIGNATURE:
        message = utf8(f"cosignature/v1\ntime {stated}\n{note.text}")
        holds = ed25519_holds(key.public, message, signature[8:])
    else:
        name, origin = utf8(key.name), utf8(note.origin)
        message = b"subtree/v1\n\0" + bytes([len(name)]) + name + stated.to_bytes(8, "big")
        message += bytes([len(origin)]) + origin + bytes(8) + note.size.to_bytes(8, "big")
        holds = ml_dsa_holds(key.public, message + note.root, signature[8:])
    if not holds:
        raise bad
    return stated


# ── the policy: C2SP tlog-policy ────────────────────────────────────────────
class Policy:
    """The logs, witnesses, groups and the quorum that the reader believes."""

    def __init__(self, text: str) -> None:
        self.logs: list[Key] = []
        self.witnesses: dict[str, Key] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.quorum = ""
        if len(text) > MAX_POLICY:
            raise Fault("the policy is too long")
        for number, row in enumerate(text.split("\n"), 1):
            words = [word for word in re.split("[ \t]+", row.rstrip("\r")) if word]
            if words and not words[0].startswith("#"):
                try:
                    self.add(words)
                except Fault as fault:
                    raise Fault(f"policy line {number}: {fault}") from None
        if not self.quorum:
            raise Fault("the policy has no quorum line")

    def add(self, words: list[str]) -> None:
        """Take one line."""
        count = len(words)
        if words[0] == "log" and count in (2, 3):
            self.add_log(self.key(words[1], (ED25519, ML_DSA_44)))
        elif words[0] == "witness" and count in (3, 4):
            self.add_witness(words[1], self.key(words[2], (COSIGNATURE, ML_DSA_44)))
        elif words[0] == "group" and count >= 4:
            self.add_group(words[1], words[2], words[3:])
        elif words[0] == "quorum" and count == 2:
            if self.quorum:
                raise Fault("a second quorum")
            if words[1] != "none" and not self.known(words[1]):
                raise Fault("the quorum is not defined above")
            self.quorum = words[1]
        else:
            raise Fault("not a log, witness, group or quorum")

    def key(self, text: str, kinds: tuple[int, ...]) -> Key:
        """Read a key of one of these types."""
        key = read_key(text)
        if key.kind not in kinds:
            raise Fault("a key of a type that does not fit here")
        return key

    def add_log(self, key: Key) -> None:
        """Take a log."""
        if any(key.public == other.public for other in self.logs) or len(self.logs) == MAX_NAMES:
            raise Fault("a log's key stands there twice, or there are too many")
        self.logs.append(key)

    def add_witness(self, name: str, key: Key) -> None:
        """Take a witness."""
        self.check_new(name)
        if any(key.public == other.public for other in self.witnesses.values()):
            raise Fault("a witness's key stands there twice")
        self.witnesses[name] = key

    def add_group(self, name: str, needed: str, members: list[str]) -> None:
        """Take a group."""
        self.check_new(name)
        if len(set(members)) != len(members) or not all(map(self.known, members)):
            raise Fault("a group names a member twice or one not defined above")
        count = {"all": len(members), "any": 1}.get(needed, 0)
        if re.fullmatch("[1-9][0-9]?", needed):
            count = int(needed)
        if not 0 < count <= len(members):
            raise Fault("a group needs all, any, or a number up to its members")
        self.groups[name] = (count, members)

    def check_new(self, name: str) -> None:
        """Refuse a name that stands there already."""
        if name == "none" or self.known(name):
            raise Fault("a name stands there twice")
        if len(self.witnesses) + len(self.groups) == MAX_NAMES:
            raise Fault("too many witnesses and groups")

    def known(self, name: str) -> bool:
        """Say whether a witness or group has this name."""
        return name in self.witnesses or name in self.groups

    def met(self, names: set[str]) -> bool:
        """Say whether these witnesses are a quorum."""
        for name, (needed, members) in self.groups.items():
            if sum(member in names for member in members) >= needed:
                names.add(name)
        return self.quorum in names

    def judge(self, note: SignedNote) -> tuple[bool, tuple[int, int] | None]:
        """Return whether a log signed, and since when and by when a quorum had.

        The first number is the earliest second at which a quorum had signed, the second the
        latest second such that a quorum signed at or after it.
        """
        times: dict[Key, list[int]] = {}
        keys = {(key.name, key.key_id): key for key in [*self.logs, *self.witnesses.values()]}
        for name, key_id, signature in note.lines:
            key = keys.get((name, key_id))
            if key is not None and (key.kind != ML_DSA_44 or mldsa is not None):
                times.setdefault(key, []).append(signed_at(key, note, signature))
        logged = any(key in times and key.name == note.origin for key in self.logs)
        stated = {
            name: [t for t in times.get(key, []) if t] for name, key in self.witnesses.items()
        }
        stated = {name: each for name, each in stated.items() if each}
        seconds = sorted({t for each in stated.values() for t in each})
        by = [t for t in seconds if self.met({n for n, x in stated.items() if min(x) <= t})]
        since = [t for t in seconds if self.met({n for n, x in stated.items() if max(x) >= t})]
        return logged, (by[0], since[-1]) if by and since and self.quorum != "none" else None

    def not_checked(self) -> list[str]:
        """Return a sentence for each key whose signatures cannot be checked here."""
        keys = [*self.logs, *self.witnesses.values()]
        if mldsa is not None:
            return []
        return [
            f"signatures of {key.name} are ML-DSA-44 and were not checked: the package"
            " cryptography is not installed"
            for key in keys
            if key.kind == ML_DSA_44
        ]


# ── entries, bodies, disclosures: docs/proof-format.md, RFC 9901 ────────────
class Body(NamedTuple):
    """What an event's entry commits to."""

    kind: str
    version: int
    previous: bytes | None
    event_type: str
    occurred: int
    digests: list[str]


def read_body(text: str) -> Body:
    """Read a custody-body of version 1."""
    rows = text.split("\n")
    if len(text) > MAX_TEXT or rows.pop() or rows[:1] != ["custody-body/v1"] or len(rows) < 7:
        raise Fault("a body is not a custody-body of version 1")
    version = decimal(rows[2]) + 1  # written from 0, told from 1
    previous = None if rows[3] == "-" else unb64(rows[3], HASH)
    occurred = decimal(rows[5])
    unb64(rows[6], SHORT)
    digests = rows[7:]
    name = r"[a-z][a-z0-9_]{0,63}(\.[a-z0-9_]{1,64}){0,3}"
    if not re.fullmatch(name, rows[1]) or not re.fullmatch(name, rows[4]):
        raise Fault("a body's stream kind or event type is not a plain name")
    if (version == 1) != (previous is None):
        raise Fault("a body's link does not fit its version")
    if occurred > MAX_SECONDS:
        raise Fault("a body's time is beyond the year 9999")
    if len(digests) > MAX_DIGESTS or digests != sorted(set(digests)):
        raise Fault("a body's digests are too many or not in ascending order")
    for digest in digests:
        if len(digest) != 43 or len(unb64url(digest)) != HASH:
            raise Fault("a body's digest is not 32 bytes in base64url")
    return Body(rows[1], version, previous, rows[4], occurred, digests)


def read_disclosure(text: str) -> tuple[str, Any]:
    """Return the name and value of a disclosure."""
    if len(text) > MAX_TEXT:
        raise Fault("a disclosure is too long")
    try:
        parts = parse_json(unb64url(text).decode("utf-8"))
    except UnicodeDecodeError:
        raise Fault("a disclosure is not UTF-8") from None
    fits = isinstance(parts, list) and len(parts) == 3
    if not fits or not isinstance(parts[0], str) or not isinstance(parts[1], str):
        raise Fault("a disclosure is not an array of salt, name and value")
    if len(unb64url(parts[0])) < SHORT:
        raise Fault("a disclosure has a salt below 128 bits")
    return parts[1], parts[2]


def disclosure_digest(text: str) -> str:
    """Return base64url(SHA-256(ASCII of the disclosure))."""
    return base64.urlsafe_b64encode(sha256(text.encode("ascii"))).rstrip(b"=").decode("ascii")


def label(subject: bytes, version: int) -> bytes:
    """Return HMAC-SHA256(T, "custody/label/v1" ‖ u64be (version - 1)); versions count from 1."""
    message = b"custody/label/v1" + (version - 1).to_bytes(8, "big")
    return hmac.new(subject, message, hashlib.sha256).digest()


def commitment(subject: bytes) -> bytes:
    """Return what the paper receipt pins."""
    return sha256(b"custody/subject/v1", subject)


def split_entry(entry: bytes) -> tuple[int, bytes, bytes]:
    """Return type, A and B of an entry of 65 bytes."""
    if len(entry) != 65:
        raise Fault(f"an entry has {len(entry)} bytes instead of 65")
    kind, a, b = entry[0], entry[1:33], entry[33:]
    if kind not in (1, 2, 3, 4):
        raise Fault("an entry is of a type unknown here")
    if (kind == 2 and any(b[:24])) or (kind == 3 and any(b)):
        raise Fault("an entry has bytes set where its type has zeros")
    return kind, a, b


# ── the label map: docs/proof-format.md ─────────────────────────────────────
class MapProof(NamedTuple):
    """The way from the map's root to where a label must be."""

    path: list[bytes]
    other: list[bytes] | None


def bit(data: bytes, depth: int) -> int:
    """Return a bit, the most significant first."""
    return data[depth >> 3] >> (7 - (depth & 7)) & 1


def map_leaf(mark: bytes, leaf: bytes) -> bytes:
    """Return SHA-256(0x02 ‖ label ‖ leaf hash)."""
    return sha256(b"\x02", mark, leaf)


def check_map(root: bytes, mark: bytes, leaf: bytes | None, proof: MapProof) -> None:
    """Check that a label has this leaf hash under a root, or with None that it is absent."""
    if leaf is not None:
        if proof.other is not None:
            raise Fault("a membership proof shows another label")
        hashed = map_leaf(mark, leaf)
    elif proof.other is None:
        hashed = bytes(HASH)
    else:
        other = proof.other[0]
        start = all(bit(other, d) == bit(mark, d) for d in range(len(proof.path)))
        if other == mark or not start:
            raise Fault("an absence proof shows a label that proves nothing")
        hashed = map_leaf(*proof.other)
    for depth in range(len(proof.path) - 1, -1, -1):
        side = proof.path[depth]
        left, right = (side, hashed) if bit(mark, depth) else (hashed, side)
        hashed = sha256(b"\x03", left, right)
    if hashed != root:
        raise Fault("a map proof leads to another root")


class LabelMap:
    """The map made again from the entries: a dictionary of nodes by their first bits."""

    def __init__(self) -> None:
        self.top: Any = None

    def insert(self, mark: bytes, leaf: bytes) -> None:
        """Add a label. A node is [left, right, hash], a leaf (label, hash)."""
        new = (mark, map_leaf(mark, leaf))
        here, parent, depth = self.top, None, 0
        while isinstance(here, list):
            here[2] = None
            parent, here, depth = here, here[bit(mark, depth)], depth + 1
        if here is None:
            made: Any = new
        else:
            if here[0] == mark:
                raise Fault("a label stands in the log twice")
            node: list[Any] = [None, None, None]
            made, at = node, depth
            while bit(here[0], at) == bit(mark, at):
                below: list[Any] = [None, None, None]
                node[bit(mark, at)] = below
                node, at = below, at + 1
            node[bit(here[0], at)], node[bit(mark, at)] = here, new
        if parent is None:
            self.top = made
        else:
            parent[bit(mark, depth - 1)] = made

    def root(self) -> bytes:
        """Return the root; only what changed is hashed again."""
        return self.hash(self.top)

    def hash(self, node: Any) -> bytes:
        """Return the hash of a subtree."""
        if node is None:
            return bytes(HASH)
        if isinstance(node, tuple):
            return bytes(node[1])
        if node[2] is None:
            node[2] = sha256(b"\x03", self.hash(node[0]), self.hash(node[1]))
        return bytes(node[2])


def replay(entries: list[bytes], head: SignedNote) -> None:
    """Read every entry again: the root, and each map entry over all events before it."""
    leaves: list[bytes] = []
    labels, kind = LabelMap(), 0
    for index, entry in enumerate(entries[: head.size]):
        kind, a, b = split_entry(entry)
        leaf = leaf_hash(entry)
        if kind == 1:
            labels.insert(a, leaf)
        elif kind == 2 and (a, b) != (labels.root(), index.to_bytes(32, "big")):
            raise Fault(f"the map entry at {index} is not over all events before it")
        leaves.append(leaf)
    if len(leaves) < head.size:
        raise Fault(f"{len(leaves)} entries were given for a log of {head.size}")
    if kind != 2:
        raise Fault(f"the checkpoint of size {head.size} does not end in a map entry")
    if whole_root(leaves) != head.root:
        raise Fault("the entries do not have the root of the checkpoint")


# ── the bundle ──────────────────────────────────────────────────────────────
class Claim(NamedTuple):
    """Custody from A to B, seen at least every so many seconds."""

    since: int
    until: int
    max_gap: int


class Event(NamedTuple):
    """One version as the bundle shows it."""

    text: str
    body: Body
    disclosures: list[str]
    fields: list[tuple[str, Any]]
    leaf_index: int
    path: list[bytes]
    size: int


def members(value: object, what: str, required: str, optional: str = "") -> dict[str, Any]:
    """Return a JSON object that has all required members and none unknown."""
    if not isinstance(value, dict):
        raise Fault(f"{what} is not a JSON object")
    for name in required.split():
        if name not in value:
            raise Fault(f"{what} has no member {name}")
    if not set(value) <= {*required.split(), *optional.split()}:
        raise Fault(f"{what} has a member unknown to this version")
    return value


def text_of(value: object) -> str:
    """Return a member that must be text."""
    if not isinstance(value, str):
        raise Fault("a member that should be text is not")
    return value


def number_of(value: object) -> int:
    """Return a member that must be a number from 0 on."""
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise Fault("a member that should be a number is not, or is out of range")
    return value


def list_of(value: object, each: Callable[[object], Any], most: int) -> list[Any]:
    """Return a member that must be a list of at most so many items."""
    if not isinstance(value, list):
        raise Fault("a member that should be a list is not")
    if len(value) > most:
        raise Fault(f"a list has more than {most} items")
    return [each(item) for item in value]


def by_size(value: object, each: Callable[[str], Any]) -> dict[int, Any]:
    """Return a member that must be an object keyed by checkpoint size."""
    if not isinstance(value, dict) or len(value) > MAX_ITEMS:
        raise Fault("a member that should be keyed by size is not, or is too long")
    return {decimal(size): each(item) for size, item in value.items()}


def hashes_of(value: object, most: int = MAX_PATH) -> list[bytes]:
    """Return a member that must be a list of hashes."""
    return list_of(value, lambda item: unb64(text_of(item), HASH), most)


def checked_claim(claim: Claim) -> Claim:
    """Return a claim whose times and gap can be meant."""
    if not 0 <= claim.since <= claim.until <= MAX_SECONDS:
        raise Fault("the claim's times are not in order or beyond the year 9999")
    if not 1 <= claim.max_gap <= MAX_SECONDS:
        raise Fault("the claim's gap is not a number of seconds of one or more")
    return claim


def claim_of(value: object) -> Claim:
    """Read the claim."""
    parts = members(value, "the claim", "from to max_gap")
    numbers = [number_of(parts[name]) for name in ("from", "to", "max_gap")]
    return checked_claim(Claim(*numbers))


def event_of(value: object) -> Event:
    """Read an event."""
    parts = members(value, "an event", "body disclosures index path size")
    text = text_of(parts["body"])
    shown = list_of(parts["disclosures"], text_of, MAX_DIGESTS)
    index, path = number_of(parts["index"]), hashes_of(parts["path"])
    size = number_of(parts["size"])
    fields = [read_disclosure(item) for item in shown]
    return Event(text, read_body(text), shown, fields, index, path, size)


def map_proof_of(value: object) -> MapProof:
    """Read a map proof."""
    parts = members(value, "a map proof", "path other")
    other = None if parts["other"] is None else hashes_of(parts["other"], 2)
    path = hashes_of(parts["path"], MAX_DEPTH)
    if other is not None and len(other) != 2:
        raise Fault("a map proof shows another label without its hash")
    return MapProof(path, other)


def token_of(text: object) -> str:
    """Read an RFC 3161 token, which is carried and not checked."""
    token = text_of(text)
    if len(token) > MAX_TEXT:
        raise Fault("an RFC 3161 token is too long")
    unb64(token)
    return token


class Bundle:
    """A bundle in parts. Whatever is malformed raises a Fault, whatever may hold does not."""

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_FILE:
            raise Fault(f"the file is larger than {MAX_FILE} bytes")
        try:
            document = parse_json(data.decode("utf-8"))
        except UnicodeDecodeError:
            raise Fault("the file is not UTF-8 text") from None
        form = "custody-proof/v1"
        if isinstance(document, dict) and document.get("format", form) != form:
            raise Fault("the file is of another format than custody-proof/v1")
        wanted = "format origin subject claim checkpoints history events map"
        top = members(document, "the bundle", wanted, "rfc3161")
        maps = members(top["map"], "the map", "entry path versions")
        self.origin = text_of(top["origin"])
        self.subject = unb64(text_of(top["subject"]), HASH)
        self.claim = claim_of(top["claim"])
        self.notes = self.read_notes(top["checkpoints"])
        self.sizes = sorted(self.notes)
        self.history = list_of(top["history"], text_of, MAX_ITEMS)
        self.events: list[Event] = list_of(top["events"], event_of, MAX_ITEMS)
        self.map_entry = unb64(text_of(maps["entry"]))
        self.map_path = hashes_of(maps["path"])
        self.versions: list[MapProof] = list_of(maps["versions"], map_proof_of, MAX_ITEMS + 1)
        by_size(top.get("rfc3161", {}), token_of)
        self.check()
        self.steps = [self.read_step(at) for at in range(len(self.sizes))]

    def read_notes(self, value: object) -> dict[int, SignedNote]:
        """Read the checkpoints: all as notes first, then each as a checkpoint."""
        by_size(value, lambda item: split_note(text_of(item)))
        notes: dict[int, SignedNote] = by_size(value, read_note)
        return notes

    def check(self) -> None:
        """Refuse parts that do not fit together."""
        if not self.events or not self.notes:
            raise Fault("the bundle has no event or no checkpoint")
        for size in self.sizes:
            if (self.notes[size].origin, self.notes[size].size) != (self.origin, size):
                raise Fault(f"the checkpoint under size {size} is of another size or log")
        if not all(event.size in self.notes for event in self.events):
            raise Fault("an event names a checkpoint that is not in the bundle")
        if len(self.history) != len(self.notes) or len(self.versions) != len(self.events) + 1:
            raise Fault("the history or the map proofs are too few or too many")
        if sum(len(note.lines) for note in self.notes.values()) > MAX_SIGNATURES:
            raise Fault(f"the bundle has more than {MAX_SIGNATURES} signatures")
        if split_entry(self.map_entry)[0] != 2:
            raise Fault("the map's entry is of another type")

    def read_step(self, at: int) -> tuple[int, list[bytes]]:
        """Return the old size and the proof of one step of the history."""
        head, gap, rest = self.history[at].partition("\n\n")
        if not gap or rest:
            raise Fault("a step of the history does not end before its checkpoint")
        rows = head.split("\n")
        if not rows[0].startswith("old "):
            raise Fault("an add-checkpoint body does not begin with its old size")
        if len(rows) - 1 > MAX_PATH:
            raise Fault(f"a proof has more than {MAX_PATH} hashes")
        return decimal(rows[0][4:]), [unb64(row, HASH) for row in rows[1:]]

    def entry(self, event: Event) -> bytes:
        """Return the 65 bytes that must stand in the log for an event."""
        mark = label(self.subject, event.body.version)
        return b"\x01" + mark + sha256(event.text.encode("utf-8"))


# ── the questions ───────────────────────────────────────────────────────────
class Shown(NamedTuple):
    """An event with the window in which it was witnessed, in Unix seconds."""

    version: int
    event_type: str
    occurred: int
    after: int | None
    by: int | None
    fields: dict[str, Any]

    @property
    def verb(self) -> str:
        """The event type without the version of its shape, or the word that it corrects."""
        return re.sub(r"(\.v[0-9]+)?(\.correction)?$", "", self.event_type)

    @property
    def replaces(self) -> bool:
        """True of a retraction or a correction: it takes an earlier event back."""
        return self.verb == "weapon.retracted" or self.event_type.endswith(".correction")


Faults = list[tuple[str, str]]  # (state, sentence)
RESTS_ON = {
    "log": ("format",),
    "witnesses": ("log",),
    "history": ("log",),
    "events": ("history",),
    "completeness": ("events", "witnesses"),
    "fields": ("events",),
    "times": ("events", "witnesses", "fields"),
    "handovers": ("fields",),
    "custody": ("completeness", "fields", "times"),
    "receipt": ("format",),
    "replay": ("log",),
}
QUESTIONS = [
    "log",
    "witnesses",
    "history",
    "events",
    "completeness",
    "fields",
    "times",
    "handovers",
    "custody",
]
ENDS = {f"weapon.{verb}" for verb in ["returned", "destroyed", "missing", "loss_declared"]}
EYES_ON = {
    f"weapon.{verb}"
    for verb in [
        "inventoried",
        "deposited_in_trust",
        "stored",
        "seal_checked",
        "condition_assessed",
        "damage_recorded",
        "released",
        "accepted",
        "located",
        "returned",
    ]
}
OTHERS = {
    f"weapon.{verb}"
    for verb in [
        "declared",
        "received_from_holder",
        "description_corrected",
        "duplicate_serial_flagged",
        "duplicate_serial_resolved",
        "ownership_asserted",
        "seal_broken",
        "hold_placed",
        "hold_lifted",
        "restitution_authorised",
        "retracted",
        "erased",
        "made_safe",
        "proposed",
        "approved",
        "declined",
        "irregularity_closed",
    ]
}


def instant(seconds: int) -> str:
    """Return Unix seconds as UTC text."""
    if not 0 <= seconds <= MAX_SECONDS:
        return f"second {seconds}"
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def span(seconds: int) -> str:
    """Return a length of time for people."""
    if seconds >= 2 * 86_400:
        return f"{seconds / 86_400:.1f} days"
    return f"{seconds / 3600:.1f} hours" if seconds >= 3600 else f"{seconds} seconds"


class Verdict(TypedDict):
    """One question and its answer, as it stands in the report."""

    name: str
    state: str
    text: str
    details: list[str]


def verdict(name: str, faults: Faults, proven: str) -> Verdict:
    """Return the worst of some faults with the others as details; proven where none."""
    if not faults:
        return {"name": name, "state": PROVEN, "text": proven, "details": []}
    state = FAILED if any(s == FAILED for s, _ in faults) else NOT_PROVEN
    texts = [text for s, text in faults if s == state] + [t for s, t in faults if s != state]
    return {"name": name, "state": state, "text": texts[0], "details": texts[1:]}


def fault(check: Callable[..., object], *args: object) -> Faults:
    """Return what a check refuses as a list of one fault, or an empty list."""
    try:
        check(*args)
    except Fault as found:
        return [(FAILED, str(found))]
    return []


class OneProof:
    """One bundle under one policy; each question is a method."""

    def __init__(self, bundle: Bundle, policy: Policy, claim: Claim, delay: int) -> None:
        self.bundle, self.policy, self.claim, self.delay = bundle, policy, claim, delay
        self.witnessed: dict[int, Any] = {}
        self.leaves = [leaf_hash(bundle.entry(event)) for event in bundle.events]
        self.shown: list[Shown] = []

    def log(self) -> Verdict:
        """Is every checkpoint signed by a log of the policy."""
        faults: Faults = []
        for size in self.bundle.sizes:
            try:
                logged, self.witnessed[size] = self.policy.judge(self.bundle.notes[size])
            except Fault as bad:
                faults.append((FAILED, f"checkpoint {size}: {bad}"))
                continue
            if not logged:
                text = f"checkpoint {size} is not signed by a log of the policy"
                faults.append((NOT_PROVEN, text))
        count = len(self.bundle.sizes)
        found = verdict("log", faults, f"{count} checkpoints are signed by {self.bundle.origin}")
        found["details"] += self.policy.not_checked()
        return found

    def witnesses(self) -> Verdict:
        """Is every checkpoint signed by a quorum."""
        if self.policy.quorum == "none":
            return verdict(
                "witnesses", [(NOT_PROVEN, f"the policy asks for no witness: {ALONE}")], ""
            )
        faults = [
            (NOT_PROVEN, f"checkpoint {size} has no quorum of witnesses: {ALONE}")
            for size in self.bundle.sizes
            if not self.witnessed.get(size)
        ]
        count = len(self.bundle.sizes)
        proven = f"{count} checkpoints are signed by the quorum {self.policy.quorum}"
        return verdict("witnesses", faults, proven)

    def history(self) -> Verdict:
        """Does each checkpoint continue the one before."""
        faults: Faults = []
        before, root = 0, EMPTY_ROOT
        for at, size in enumerate(self.bundle.sizes):
            old, proof = self.bundle.steps[at]
            note = self.bundle.notes[size]
            if old != before:
                faults.append((FAILED, f"the step to size {size} begins at {old}"))
            elif size == 0 and note.root != EMPTY_ROOT:
                text = "a checkpoint of size 0 has another root than the empty tree"
                faults.append((FAILED, text))
            elif old:
                faults += fault(check_consistency, old, size, proof, root, note.root)
            elif proof:
                faults.append((FAILED, "a consistency proof from size 0 is not empty"))
            before, root = size, note.root
        sizes = self.bundle.sizes
        proven = f"one history from size {sizes[0]} to size {sizes[-1]}"
        return verdict("history", faults, proven)

    def events(self) -> Verdict:
        """Is each version in the log, linked to the one before."""
        faults: Faults = []
        previous, index = None, -1
        kind = self.bundle.events[0].body.kind
        for version, event in enumerate(self.bundle.events, 1):
            if event.body.version != version or event.body.kind != kind:
                faults.append((FAILED, f"event {version} is of another version or stream"))
            if event.body.previous != previous or event.leaf_index <= index:
                text = f"version {version} is not linked to the version before"
                faults.append((FAILED, text))
            leaf, root = self.leaves[version - 1], self.bundle.notes[event.size].root
            faults += fault(check_inclusion, leaf, event.leaf_index, event.size, event.path, root)
            previous, index = leaf, event.leaf_index
        return verdict("events", faults, f"{len(self.leaves)} versions are in the log, each linked")

    def completeness(self) -> Verdict:
        """Does the map hold every version shown and no further one."""
        faults: Faults = []
        head = self.bundle.notes[self.bundle.sizes[-1]]
        _, root, own_index = split_entry(self.bundle.map_entry)
        if int.from_bytes(own_index, "big") != head.size - 1:
            faults.append((FAILED, "the map entry is not the head's last entry"))
        leaf, path = leaf_hash(self.bundle.map_entry), self.bundle.map_path
        faults += fault(check_inclusion, leaf, head.size - 1, head.size, path, head.root)
        expected = [*self.leaves, None]
        for version, proof in enumerate(self.bundle.versions, 1):
            mark = label(self.bundle.subject, version)
            for state, text in fault(check_map, root, mark, expected[version - 1], proof):
                faults.append((state, f"version {version}: {text}"))
        count = len(self.leaves)
        proven = f"the map holds versions 1 to {count} and no version {count + 1}"
        return verdict("completeness", faults, proven)

    def fields(self) -> Verdict:
        """Was each field shown committed, no name twice."""
        faults: Faults = []
        committed = shown = 0
        for version, event in enumerate(self.bundle.events, 1):
            names = [name for name, _ in event.fields]
            committed, shown = committed + len(event.body.digests), shown + len(names)
            if len(set(names)) != len(names):
                faults.append((FAILED, f"version {version} shows a field twice"))
            if not set(map(disclosure_digest, event.disclosures)) <= set(event.body.digests):
                text = f"version {version} shows a field that was not committed"
                faults.append((FAILED, text))
        return verdict("fields", faults, f"{shown} of {committed} committed fields are shown")

    def show(self) -> None:
        """Put beside each event the window in which it was witnessed."""
        for event in self.bundle.events:
            own = self.witnessed.get(event.size)
            earlier = [size for size in self.bundle.sizes if size <= event.leaf_index]
            before = self.witnessed.get(earlier[-1]) if earlier else None
            body = event.body
            after, by = before[1] if before else None, own[0] if own else None
            fields = dict(event.fields)
            shown = Shown(body.version, body.event_type, body.occurred, after, by, fields)
            self.shown.append(shown)

    def times(self) -> Verdict:
        """Does what an event says of time fit when it was witnessed."""
        faults: Faults = []
        recorded: list[int] = []
        for event in self.shown:
            name = f"version {event.version}"
            if event.by is None:
                faults.append((NOT_PROVEN, f"{name} is not witnessed: {ALONE}"))
            elif event.occurred > event.by + SKEW_SECONDS:
                text = f"{name} says it occurred at {instant(event.occurred)}, after it was"
                faults.append((FAILED, f"{text} witnessed at {instant(event.by)}"))
            if "recorded_at" in event.fields:
                at = seconds_of(event.fields["recorded_at"])
                if at is None:
                    text = f"{name} has a recorded time that is no RFC 3339 time"
                    faults.append((NOT_PROVEN, text))
                    continue
                recorded.append(at)
                faults += self.window(event, at)
        if recorded != sorted(recorded):
            faults.append((FAILED, "the recorded times run backwards"))
        return verdict("times", faults, "every time fits the window in which it was witnessed")

    def window(self, event: Shown, at: int) -> Faults:
        """Return the fault of a recorded time outside its window."""
        name = f"version {event.version} says it was recorded at {instant(at)}"
        if event.by is not None and at > event.by + SKEW_SECONDS:
            return [(FAILED, f"{name}, after it was witnessed at {instant(event.by)}")]
        if event.after is not None and at < event.after - self.delay:
            text = f"{name}, but the log witnessed at {instant(event.after)} did not have it"
            return [(FAILED, text)]
        return []

    def handovers(self) -> Verdict:
        """Is each handover signed by the receiving official."""
        faults: Faults = []
        names: list[str] = []
        for at, event in enumerate(self.shown):
            if event.verb not in ("weapon.accepted", "weapon.returned"):
                continue
            what = f"version {event.version} ({event.event_type})"
            signed = event.fields.get("acceptance")
            parts = signed if isinstance(signed, dict) else {}
            key, signature = parts.get("key"), parts.get("signature")
            if not isinstance(key, str) or not isinstance(signature, str):
                text = f"{what} shows no signature of the receiving official"
                faults.append((NOT_PROVEN, text))
                continue
            try:
                names.append(accepted(key, signature, self.bundle.events[at].body.previous))
            except Fault as found:
                faults.append((FAILED, f"{what}: {found}"))
        proven = "no handover is in the history"
        if names:
            proven = f"signed by {', '.join(names)}: compare the keys with the officials' own"
        return verdict("handovers", faults, proven)

    def custody(self) -> Verdict:
        """Does the claim hold."""
        if not all(event.event_type.startswith("weapon.") for event in self.shown):
            text = "custody is defined for weapons only"
            return verdict("custody", [(NOT_PROVEN, text)], "")
        claim = self.claim
        dropped, faults = self.retracted()
        known = ENDS | EYES_ON | OTHERS
        for event in self.shown:
            if event.verb not in known:
                text = f"version {event.version} is of a type unknown here: {event.event_type}"
                faults.append((NOT_PROVEN, text))
        for event in self.shown:
            if event.verb in ENDS and event.occurred < claim.until:
                what = f"version {event.version} ({event.event_type}) of {instant(event.occurred)}"
                if event.version in dropped:
                    text = f"{what} would end custody and was retracted"
                    faults.append((NOT_PROVEN, text))
                else:
                    faults.append((FAILED, f"{what} ends custody before the end of the claim"))
        seen = [e for e in self.shown if e.version not in dropped and self.counts(e)]
        deposits = [e for e in seen if e.verb == "weapon.deposited_in_trust"]
        if not any(event.occurred <= claim.since for event in deposits):
            text = f"no deposit in trust by {instant(claim.since)} was witnessed in time"
            faults.append((NOT_PROVEN, text))
        faults += self.gaps(sorted(event.occurred for event in seen))
        head = self.witnessed.get(self.bundle.sizes[-1])
        if head and head[1] < claim.until:
            text = f"the newest checkpoint was last witnessed at {instant(head[1])}, before the end"
            faults.append((NOT_PROVEN, f"{text} of the claim at {instant(claim.until)}"))
        if not head and not faults:
            faults.append((NOT_PROVEN, f"the events fit the claim, but {ALONE}"))
        proven = f"in custody from {instant(claim.since)} to {instant(claim.until)}, seen at least"
        return verdict("custody", faults, f"{proven} every {span(claim.max_gap)}")

    def retracted(self) -> tuple[set[int], Faults]:
        """Return the versions that do not stand, from the latest retraction to the earliest."""
        dropped: set[int] = set()
        faults: Faults = []
        by_version = {event.version: event for event in self.shown}
        for event in reversed(self.shown):
            one = None if event.version in dropped else event
            while one and one.replaces:
                target = one.fields.get("version")  # written from 0
                if type(target) is not int or not 0 < target + 1 < one.version:
                    text = f"version {one.version} retracts an event and does not show which"
                    faults.append((NOT_PROVEN, text))
                    break
                dropped.add(target + 1)
                # What is corrected may be a correction itself: what that one replaced is gone, too.
                corrected = one.event_type.endswith(".correction") and by_version.get(target + 1)
                one = corrected if corrected and corrected.verb != "weapon.retracted" else None
        return dropped, faults

    def counts(self, event: Shown) -> bool:
        """Say whether an event is one with eyes on the weapon, witnessed soon enough."""
        broken = event.verb == "weapon.seal_checked" and event.fields.get("intact") is not True
        if event.verb not in EYES_ON or broken:
            return False
        return event.by is None or event.by <= event.occurred + self.delay

    def gaps(self, times: list[int]) -> Faults:
        """Return a fault for each stretch in which nobody is shown to have seen it."""
        since, until, most = self.claim
        before = [t for t in times if t <= since]
        points = [before[-1] if before else since, *(t for t in times if since < t < until), until]
        return [
            (
                NOT_PROVEN,
                f"nobody is shown to have seen it from {instant(points[at])} to"
                f" {instant(points[at + 1])}, {span(points[at + 1] - points[at])};"
                f" {span(most)} are allowed",
            )
            for at in range(len(points) - 1)
            if points[at + 1] - points[at] > most
        ]


def accepted(key_text: str, signature: str, previous: bytes | None) -> str:
    """Return the name and key id of an official whose signature over the link verifies."""
    key = read_key(key_text)
    if key.kind != ED25519 or previous is None:
        raise Fault("a handover is signed with another type of key, or begins a stream")
    if not ed25519_holds(key.public, b"custody/handover/v1\n" + previous, unb64(signature)):
        raise Fault(f"a signature of {key.name} does not verify")
    return f"{key.name}+{key.key_id.hex()}"


def seconds_of(value: object) -> int | None:
    """Return the Unix seconds of an RFC 3339 text; None where it is none."""
    form = r"(\d{4}-\d\d-\d\dT\d\d:[0-5]\d:[0-5]\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))"
    found = re.fullmatch(form, value, re.ASCII) if isinstance(value, str) else None
    if found is None:
        return None
    text, sign, hours, minutes = found.groups()
    try:
        local = calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        return None
    offset = (int(hours) * 60 + int(minutes)) * 60 if sign else 0
    return local - (offset if sign == "+" else -offset)


def worst(verdicts: Iterable[Verdict]) -> str:
    """Return the worst state."""
    states = {found["state"] for found in verdicts}
    return next(state for state in (FAILED, NOT_PROVEN, PROVEN) if state in states)


def cap(verdicts: list[Verdict]) -> None:
    """Let nothing be proven that rests on what is not."""
    states: dict[str, str] = {}
    for found in verdicts:
        weak = [n for n in RESTS_ON.get(found["name"], ()) if states[n] != PROVEN]
        if weak and found["state"] == PROVEN:
            found["details"] = [found["text"]]
            found["text"] = f"rests on what is not proven: {', '.join(weak)}"
            found["state"] = NOT_PROVEN
        states[found["name"]] = found["state"]


def verify(
    data: bytes,
    policy_text: str,
    claim: Claim | None = None,
    delay: int | None = None,
    receipt: bytes | None = None,
    entries: list[bytes] | None = None,
) -> dict[str, Any]:
    """Return the report on a bundle; raises a Fault because of the policy only."""
    policy = Policy(policy_text)
    asked = (["receipt"] if receipt is not None else []) + (
        ["replay"] if entries is not None else []
    )
    report: dict[str, Any] = {"format": "custody-verdict/v1"}
    try:
        bundle = Bundle(data)
    except Fault as found:
        unread = [(NOT_PROVEN, "the file could not be read")]
        verdicts = [verdict("format", [(FAILED, str(found))], "")]
        verdicts += [verdict(name, unread, "") for name in [*QUESTIONS, *asked]]
        nothing = {"claim": None, "commitment": None, "verdicts": verdicts, "events": []}
        return {**report, "state": FAILED, **nothing}
    claim = claim or bundle.claim
    proof = OneProof(bundle, policy, claim, claim.max_gap if delay is None else delay)
    verdicts = [verdict("format", [], "the file is a custody-proof of version 1")]
    for name in QUESTIONS:
        if name == "times":
            proof.show()
        verdicts.append(getattr(proof, name)())
    pinned = commitment(bundle.subject)
    if receipt is not None:
        other = (
            []
            if pinned == receipt
            else [(FAILED, "the subject is not the one on the paper receipt")]
        )
        verdicts.append(verdict("receipt", other, "the subject is the one on the paper receipt"))
    if entries is not None:
        head = bundle.notes[bundle.sizes[-1]]
        text = f"all {head.size} entries were read again, no event is left out of the map"
        verdicts.append(verdict("replay", fault(replay, entries, head), text))
    cap(verdicts)
    return {
        **report,
        "state": worst(verdicts),
        "claim": {"from": claim.since, "to": claim.until, "max_gap": claim.max_gap},
        "commitment": b64(pinned),
        "verdicts": verdicts,
        "events": [
            {
                "version": event.version,
                "type": event.event_type,
                "occurred": event.occurred,
                "after": event.after,
                "by": event.by,
                "fields": event.fields,
            }
            for event in proof.shown
        ],
    }


# ── the command ─────────────────────────────────────────────────────────────
def printable(text: str) -> str:
    """Return text without control and direction characters, which could repaint the screen."""
    hidden = {*range(32), *range(0x7F, 0xA0), *range(0x200B, 0x2010), *range(0x2028, 0x202F)}
    hidden |= {*range(0x2060, 0x2070), 0x61C, 0xFEFF}
    return "".join("�" if ord(char) in hidden else char for char in text)


def lines_of(report: dict[str, Any]) -> Iterable[str]:
    """Return the report for people."""
    for found in report["verdicts"]:
        yield f"{found['state']:<11} {found['name']:<13} {found['text']}"
        for text in found["details"][:20]:
            yield f"{'':<25} {text}"
    if report["commitment"]:
        yield ""
        yield f"compare with the paper receipt: {report['commitment']}"
    for event in report["events"]:
        by = "not witnessed" if event["by"] is None else f"witnessed by {instant(event['by'])}"
        yield f"  {event['version']:>3}  {instant(event['occurred'])}  {event['type']}  ({by})"


def read_file(name: str, most: int) -> bytes:
    """Return a file's bytes, `-` for standard input; one byte more than allowed at most."""
    if name == "-":
        return sys.stdin.buffer.read(most + 1)
    with open(name, "rb") as file:
        return file.read(most + 1)


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    about = "Verify a proof of custody offline."
    parser = argparse.ArgumentParser(prog="verify_custody.py", description=about)
    parser.add_argument("bundle", help="the file, or - for standard input")
    parser.add_argument("--policy", required=True, help="your policy file")
    parser.add_argument(
        "--from", dest="since", help="ask from this time, e.g. 2024-12-14T09:00:00Z"
    )
    parser.add_argument("--until", "--to", help="ask up to this time")
    parser.add_argument("--max-gap", type=int, help="seconds between two events with eyes on it")
    parser.add_argument("--delay", type=int, help="seconds until an event must be witnessed")
    parser.add_argument("--receipt", help="base64 commitment on the paper receipt")
    parser.add_argument("--entries", help="file with all entries of the log, 65 bytes each")
    parser.add_argument("--json", action="store_true", help="print the report for programs")
    options = parser.parse_args(arguments)
    try:
        report = run(options)
    except OSError as error:
        sys.stderr.write(f"Error: {error.filename or options.bundle}: {error.strerror}\n")
        return 2
    except (Fault, UnicodeDecodeError) as error:
        text = error if isinstance(error, Fault) else "the policy is not UTF-8 text"
        sys.stderr.write(f"Error: {text}\n")
        return 2
    if options.json:
        rows: Iterable[str] = [json.dumps(report, ensure_ascii=False, indent=1)]
    else:
        rows = map(printable, lines_of(report))
    output = "".join(f"{row}\n" for row in rows)
    sys.stdout.buffer.write(output.encode("utf-8", "replace"))
    sys.stdout.flush()
    if report["verdicts"][0]["state"] != PROVEN:
        return 2
    return 0 if report["state"] == PROVEN else 1


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Read the files and return the report."""
    data = read_file(options.bundle, MAX_FILE)
    policy = read_file(options.policy, MAX_POLICY * 4).decode("utf-8")
    claim = None
    given = (options.since, options.until, options.max_gap)
    if any(value is not None for value in given):
        since, until = seconds_of(options.since), seconds_of(options.until)
        if since is None or until is None or options.max_gap is None:
            raise Fault("give --from and --until as RFC 3339 times, and --max-gap in seconds")
        claim = checked_claim(Claim(since, until, options.max_gap))
    receipt = None if options.receipt is None else unb64(options.receipt, HASH)
    entries = None
    if options.entries is not None:
        log = read_file(options.entries, 1 << 30)
        if len(log) % 65:
            raise Fault("the file of entries ends in the middle of an entry")
        entries = [log[at : at + 65] for at in range(0, len(log), 65)]
    return verify(data, policy, claim, options.delay, receipt, entries)


if __name__ == "__main__":
    try:
        code = main()
    except BrokenPipeError:
        code = 1
        sys.stderr.close()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
