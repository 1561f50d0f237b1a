"""The bundle: one JSON file that proves one stream's custody, `W-000417-K.custody-proof`.

    format       "custody-proof/v1"
    origin       the log's name
    subject      base64 of T, the stream's 32 bytes
    claim        {from, to, max_gap}: Unix seconds and seconds
    checkpoints  {size: note}, each note once
    history      for each checkpoint in ascending size the beginning of an add-checkpoint body;
                 put the note of that size behind it and it is one
    events       [{body, disclosures, index, path, size}], versions 1, 2, 3 …
    map          {entry, path, versions}: the head's last entry, and one map proof
                 {path, other} for each version and one for the next, which is absent
    rfc3161      {size: base64 token}, optional, carried and not checked

Its members are verbatim standard texts. Whatever is unknown, misspelt, too long or too many is
refused as a whole, in one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from transparency.checkpoint import Checkpoint
from transparency.disclosure import digest, read
from transparency.encoding import JSON, b64, decimal, parse_json, unb64
from transparency.entries import MAX_SECONDS, Body, EntryKind, event_entry, label, split
from transparency.errors import MalformedError
from transparency.labelmap import MAX_DEPTH, MapProof
from transparency.signed_note import SignedNote
from transparency.tlogproof import TlogProof
from transparency.tree import HASH_BYTES, MAX_PATH, leaf_hash
from transparency.witness import AddCheckpoint

FORMAT = "custody-proof/v1"
MAX_BYTES = 8 * 1024 * 1024
MAX_ITEMS = 1024  # of events and of checkpoints
MAX_DISCLOSURES = 256  # of one event
MAX_SIGNATURES = 4096  # of all notes together
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


@dataclass(frozen=True)
class Bundle:
    """A bundle in parts; `str` writes it, `parse` reads it and refuses what is malformed."""

    origin: str
    subject: bytes
    claim: Claim
    checkpoints: Mapping[int, SignedNote]
    history: tuple[str, ...]
    events: tuple[BundleEvent, ...]
    map_entry: bytes
    map_path: tuple[bytes, ...]
    versions: tuple[MapProof, ...]
    rfc3161: Mapping[int, str] = field(default_factory=dict)

    @property
    def sizes(self) -> list[int]:
        """The sizes of the checkpoints, ascending; the last is the head's."""
        return sorted(self.checkpoints)

    def checkpoint(self, size: int) -> Checkpoint:
        """Return the checkpoint of one size."""
        return Checkpoint.parse(self.checkpoints[size].text)

    def steps(self) -> list[AddCheckpoint]:
        """Return the history as add-checkpoint bodies, oldest first."""
        return [
            _step(start, str(self.checkpoints[size]))
            for start, size in zip(self.history, self.sizes, strict=True)
        ]

    def __str__(self) -> str:
        document = {
            "format": FORMAT,
            "origin": self.origin,
            "subject": b64(self.subject),
            "claim": {
                "from": self.claim.since,
                "to": self.claim.until,
                "max_gap": self.claim.max_gap,
            },
            "checkpoints": {str(size): str(self.checkpoints[size]) for size in self.sizes},
            "history": list(self.history),
            "events": [
                {
                    "body": event.text,
                    "disclosures": list(event.disclosures),
                    "index": event.index,
                    "path": _texts(event.path),
                    "size": event.size,
                }
                for event in self.events
            ],
            "map": {
                "entry": b64(self.map_entry),
                "path": _texts(self.map_path),
                "versions": [
                    {"path": _texts(proof.path), "other": proof.other and _texts(proof.other)}
                    for proof in self.versions
                ],
            },
        }
        if self.rfc3161:
            document["rfc3161"] = {str(size): text for size, text in sorted(self.rfc3161.items())}
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def parse(cls, data: bytes) -> Bundle:
        """Read a bundle. Whether it proves anything is for `verify`.

        Raises:
            MalformedError: anything missing, unknown, misspelt, too long or too many.
        """
        if len(data) > MAX_BYTES:
            raise MalformedError(f"the file is larger than {MAX_BYTES} bytes")
        try:
            document = parse_json(data.decode("utf-8"))
        except UnicodeDecodeError:
            raise MalformedError("the file is not UTF-8 text") from None
        if isinstance(document, dict) and document.get("format", FORMAT) != FORMAT:
            raise MalformedError("the file is of another format than custody-proof/v1")
        required = (
            "format",
            "origin",
            "subject",
            "claim",
            "checkpoints",
            "history",
            "events",
            "map",
        )
        top = _members(document, "the bundle", required, ("rfc3161",))
        maps = _members(top["map"], "the map", ("entry", "path", "versions"))
        bundle = cls(
            _text(top["origin"]),
            unb64(_text(top["subject"]), HASH_BYTES),
            _claim(top["claim"]),
            _by_size(top["checkpoints"], SignedNote.parse),
            tuple(_list(top["history"], _text, MAX_ITEMS)),
            tuple(_list(top["events"], _event, MAX_ITEMS)),
            unb64(_text(maps["entry"])),
            _path(maps["path"], MAX_PATH),
            tuple(_list(maps["versions"], _map_proof, MAX_ITEMS + 1)),
            _by_size(top.get("rfc3161", {}), _token),
        )
        bundle.check()
        return bundle

    def check(self) -> None:
        """Refuse parts that do not fit together.

        Raises:
            MalformedError: no event, no checkpoint, a checkpoint under another size or of
                another log, counts that do not fit, or too many signatures.
        """
        if not self.events or not self.checkpoints:
            raise MalformedError("the bundle has no event or no checkpoint")
        for size in self.sizes:
            checkpoint = self.checkpoint(size)
            if (checkpoint.origin, checkpoint.size) != (self.origin, size):
                raise MalformedError(f"the checkpoint under size {size} is of another size or log")
        if not all(event.size in self.checkpoints for event in self.events):
            raise MalformedError("an event names a checkpoint that is not in the bundle")
        if len(self.history) != len(self.checkpoints) or len(self.versions) != len(self.events) + 1:
            raise MalformedError("the history or the map proofs are too few or too many")
        if sum(len(note.lines) for note in self.checkpoints.values()) > MAX_SIGNATURES:
            raise MalformedError(f"the bundle has more than {MAX_SIGNATURES} signatures")
        if split(self.map_entry)[0] is not EntryKind.MAP:
            raise MalformedError("the map's entry is of another type")
        self.steps()

    def unpack(self) -> dict[str, bytes]:
        """Return files for anybody else's tools, by name: no policy, nothing of our own.

        A `.tlog-proof` for each event and the map entry with the 65-byte entry beside it, and an
        `.add-checkpoint` body for each step of the history.
        """
        files: dict[str, bytes] = {}
        for event in self.events:
            name = f"event-{event.body.version:04d}"
            proof = TlogProof(event.index, event.path, str(self.checkpoints[event.size]))
            files |= {
                f"{name}.body": event.text.encode(),
                f"{name}.entry": event.entry(self.subject),
                f"{name}.tlog-proof": str(proof).encode(),
            }
        head = self.sizes[-1]
        proof = TlogProof(head - 1, self.map_path, str(self.checkpoints[head]))
        files |= {"map.entry": self.map_entry, "map.tlog-proof": str(proof).encode()}
        for size, start in zip(self.sizes, self.history, strict=True):
            files[f"history-{size}.add-checkpoint"] = (start + str(self.checkpoints[size])).encode()
        return files

    @property
    def map_leaf(self) -> bytes:
        """The 32-byte leaf hash of the map entry."""
        return leaf_hash(self.map_entry)


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [b64(hashed) for hashed in hashes]


def _members(
    value: Any, what: str, required: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError(f"{what} is not a JSON object")
    if missing := [name for name in required if name not in value]:
        raise MalformedError(f"{what} has no member {missing[0]}")
    if len(value) > len([name for name in (*required, *optional) if name in value]):
        raise MalformedError(f"{what} has a member unknown to this version")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise MalformedError("a member that should be text is not")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise MalformedError("a member that should be a number is not, or is out of range")
    return value


def _list(value: Any, each: Callable[[Any], T_], most: int) -> list[T_]:
    if not isinstance(value, list):
        raise MalformedError("a member that should be a list is not")
    if len(value) > most:
        raise MalformedError(f"a list has more than {most} items")
    return [each(item) for item in value]


def _by_size(value: Any, each: Callable[[str], T_]) -> dict[int, T_]:
    if not isinstance(value, dict) or len(value) > MAX_ITEMS:
        raise MalformedError("a member that should be keyed by size is not, or is too long")
    return {decimal(size): each(_text(item)) for size, item in value.items()}


def _path(value: Any, most: int) -> tuple[bytes, ...]:
    return tuple(_list(value, lambda item: unb64(_text(item), HASH_BYTES), most))


def _claim(value: Any) -> Claim:
    members = _members(value, "the claim", ("from", "to", "max_gap"))
    return Claim(*(_number(members[name]) for name in ("from", "to", "max_gap")))


def _event(value: Any) -> BundleEvent:
    members = _members(value, "an event", ("body", "disclosures", "index", "path", "size"))
    return BundleEvent(
        _text(members["body"]),
        tuple(_list(members["disclosures"], _text, MAX_DISCLOSURES)),
        _number(members["index"]),
        _path(members["path"], MAX_PATH),
        _number(members["size"]),
    )


def _map_proof(value: Any) -> MapProof:
    members = _members(value, "a map proof", ("path", "other"))
    other = None if members["other"] is None else _path(members["other"], 2)
    path = _path(members["path"], MAX_DEPTH)
    match other:
        case None:
            return MapProof(path)
        case (mark, leaf):
            return MapProof(path, (mark, leaf))
        case _:
            raise MalformedError("a map proof shows another label without its hash")


def _step(start: str, note: str) -> AddCheckpoint:
    if not start.endswith("\n\n") or start.index("\n\n") != len(start) - 2:
        raise MalformedError("a step of the history does not end before its checkpoint")
    return AddCheckpoint.parse(start + note)


def _token(text: str) -> str:
    if len(text) > MAX_TOKEN:
        raise MalformedError("an RFC 3161 token is too long")
    unb64(text)
    return text
