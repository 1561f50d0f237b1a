"""The parts of a bundle, each with its JSON: claim, events, map proofs, steps of the history.

    claim    {from, to, max_gap}                        Unix seconds and seconds
    event    {body, disclosures, index, path, size}     texts verbatim, hashes in base64
    map      {path, other}                              other: null, or another label and its leaf
    step     "old 20" and hashes, up to where the checkpoint note follows

A reader takes JSON member by member: whatever is missing, unknown, misspelt, too long or too many
is refused in one sentence, before any hash or signature is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from transparency.body import Body
from transparency.disclosure import digest, read
from transparency.encoding import JSON, b64, decimal, unb64
from transparency.entries import MAX_SECONDS, event_entry, label
from transparency.errors import MalformedError
from transparency.labelmap import MAX_DEPTH, MapProof
from transparency.tree import HASH_BYTES, MAX_PATH
from transparency.witness import AddCheckpoint

MAX_ITEMS = 1024  # of events and of checkpoints
MAX_DISCLOSURES = 256  # of one event
MAX_TOKEN = 65_536  # characters
T_ = TypeVar("T_")


@dataclass(frozen=True)
class Claim:
    """What a bundle is asked to show: custody from one second to another.

    Args:
        since: Unix seconds, A.
        until: Unix seconds, B.
        max_gap: seconds that may pass between two events with eyes on the weapon.
    """

    since: int
    until: int
    max_gap: int

    def __post_init__(self) -> None:
        if not 0 <= self.since <= self.until <= MAX_SECONDS:
            raise MalformedError("the claim's times are not in order or beyond the year 9999")
        if not 1 <= self.max_gap <= MAX_SECONDS:
            raise MalformedError("the claim's gap is not a number of seconds of one or more")

    def as_json(self) -> dict[str, JSON]:
        """Return the claim as it stands in a bundle and in a report."""
        return {"from": self.since, "to": self.until, "max_gap": self.max_gap}


@dataclass(frozen=True)
class BundleEvent:
    """One version: its body, what of it is shown, and where its entry stands.

    Args:
        text: the body, verbatim.
        disclosures: RFC 9901 disclosures, verbatim.
        index: position of the entry in the log.
        path: inclusion path to the checkpoint of `size`.
        size: the checkpoint that first had it.
    """

    text: str
    disclosures: tuple[str, ...]
    index: int
    path: tuple[bytes, ...]
    size: int
    body: Body = field(init=False, repr=False, compare=False)
    fields: tuple[tuple[str, JSON], ...] = field(init=False, repr=False, compare=False)

    @property
    def digests(self) -> set[str]:
        """The digests of what is shown."""
        return {digest(item) for item in self.disclosures}

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", Body.parse(self.text))
        object.__setattr__(self, "fields", tuple(read(item)[1:] for item in self.disclosures))

    def entry(self, subject: bytes) -> bytes:
        """Return the 65 bytes that must stand in the log, for T and the body's own version."""
        return event_entry(label(subject, self.body.version), self.text)

    def as_json(self) -> dict[str, JSON]:
        """Return the event as it stands in a bundle."""
        return {
            "body": self.text,
            "disclosures": list(self.disclosures),
            "index": self.index,
            "path": hash_texts(self.path),
            "size": self.size,
        }


def hash_texts(hashes: Sequence[bytes]) -> list[str]:
    """Return hashes in base64, as they stand in a bundle."""
    return [b64(hashed) for hashed in hashes]


def read_members(
    value: JSON, what: str, required: Sequence[str], optional: Sequence[str] = ()
) -> Mapping[str, JSON]:
    """Return an object that has every required member and no unknown one.

    Raises:
        MalformedError: it is no object, a member is missing, or one is unknown.
    """
    if not isinstance(value, dict):
        raise MalformedError(f"{what} is not a JSON object")
    if missing := [name for name in required if name not in value]:
        raise MalformedError(f"{what} has no member {missing[0]}")
    if len(value) > len([name for name in (*required, *optional) if name in value]):
        raise MalformedError(f"{what} has a member unknown to this version")
    return value


def read_text(value: JSON) -> str:
    """Return a member that must be text."""
    if not isinstance(value, str):
        raise MalformedError("a member that should be text is not")
    return value


def read_number(value: JSON) -> int:
    """Return a member that must be a whole number from 0 up to 2^63 - 1."""
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise MalformedError("a member that should be a number is not, or is out of range")
    return value


def read_list(value: JSON, each: Callable[[JSON], T_], most: int) -> list[T_]:
    """Return a member that must be a list of at most so many items, each of them read."""
    if not isinstance(value, list):
        raise MalformedError("a member that should be a list is not")
    if len(value) > most:
        raise MalformedError(f"a list has more than {most} items")
    return [each(item) for item in value]


def read_by_size(value: JSON, each: Callable[[str], T_]) -> dict[int, T_]:
    """Return a member that must be an object of texts keyed by checkpoint size, each of them read."""
    if not isinstance(value, dict) or len(value) > MAX_ITEMS:
        raise MalformedError("a member that should be keyed by size is not, or is too long")
    return {decimal(size): each(read_text(item)) for size, item in value.items()}


def read_path(value: JSON, most: int) -> tuple[bytes, ...]:
    """Return a member that must be a list of at most so many 32-byte hashes."""
    return tuple(read_list(value, lambda item: unb64(read_text(item), HASH_BYTES), most))


def read_claim(value: JSON) -> Claim:
    """Read the claim."""
    members = read_members(value, "the claim", ("from", "to", "max_gap"))
    return Claim(*(read_number(members[name]) for name in ("from", "to", "max_gap")))


def read_event(value: JSON) -> BundleEvent:
    """Read one event; whether its entry is in the log is for `verify`."""
    members = read_members(value, "an event", ("body", "disclosures", "index", "path", "size"))
    return BundleEvent(
        read_text(members["body"]),
        tuple(read_list(members["disclosures"], read_text, MAX_DISCLOSURES)),
        read_number(members["index"]),
        read_path(members["path"], MAX_PATH),
        read_number(members["size"]),
    )


def read_map_proof(value: JSON) -> MapProof:
    """Read the map's proof for one version."""
    members = read_members(value, "a map proof", ("path", "other"))
    other = None if members["other"] is None else read_path(members["other"], 2)
    path = read_path(members["path"], MAX_DEPTH)
    match other:
        case None:
            return MapProof(path)
        case (mark, leaf):
            return MapProof(path, (mark, leaf))
        case _:
            raise MalformedError("a map proof shows another label without its hash")


def read_step(start: str, note: str) -> AddCheckpoint:
    """Read one step of the history: its beginning with the checkpoint note put behind it."""
    if not start.endswith("\n\n") or start.index("\n\n") != len(start) - 2:
        raise MalformedError("a step of the history does not end before its checkpoint")
    return AddCheckpoint.parse(start + note)


def read_token(text: str) -> str:
    """Read an RFC 3161 token, which is carried and not checked."""
    if len(text) > MAX_TOKEN:
        raise MalformedError("an RFC 3161 token is too long")
    unb64(text)
    return text
