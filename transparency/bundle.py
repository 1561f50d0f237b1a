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
from collections.abc import Mapping
from dataclasses import dataclass, field

from transparency.bundle_parts import (
    MAX_ITEMS,
    BundleEvent,
    Claim,
    hash_texts,
    read_by_size,
    read_claim,
    read_event,
    read_list,
    read_map_proof,
    read_members,
    read_path,
    read_step,
    read_text,
    read_token,
)
from transparency.checkpoint import Checkpoint
from transparency.encoding import JSON, b64, parse_json, unb64
from transparency.entries import EntryKind, split
from transparency.errors import MalformedError
from transparency.labelmap import MapProof
from transparency.signed_note import SignedNote
from transparency.tlogproof import TlogProof
from transparency.tree import HASH_BYTES, MAX_PATH, leaf_hash
from transparency.witness import AddCheckpoint

FORMAT = "custody-proof/v1"
MAX_BYTES = 8 * 1024 * 1024
MAX_SIGNATURES = 4096  # of all notes together

__all__ = ["FORMAT", "MAX_BYTES", "Bundle", "BundleEvent", "Claim"]


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
            read_step(start, str(self.checkpoints[size]))
            for start, size in zip(self.history, self.sizes, strict=True)
        ]

    def __str__(self) -> str:
        document: dict[str, JSON] = {
            "format": FORMAT,
            "origin": self.origin,
            "subject": b64(self.subject),
            "claim": self.claim.as_json(),
            "checkpoints": {str(size): str(self.checkpoints[size]) for size in self.sizes},
            "history": list(self.history),
            "events": [event.as_json() for event in self.events],
            "map": {
                "entry": b64(self.map_entry),
                "path": hash_texts(self.map_path),
                "versions": [
                    {
                        "path": hash_texts(proof.path),
                        "other": proof.other and hash_texts(proof.other),
                    }
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
        top = read_members(document, "the bundle", required, ("rfc3161",))
        maps = read_members(top["map"], "the map", ("entry", "path", "versions"))
        bundle = cls(
            read_text(top["origin"]),
            unb64(read_text(top["subject"]), HASH_BYTES),
            read_claim(top["claim"]),
            read_by_size(top["checkpoints"], SignedNote.parse),
            tuple(read_list(top["history"], read_text, MAX_ITEMS)),
            tuple(read_list(top["events"], read_event, MAX_ITEMS)),
            unb64(read_text(maps["entry"])),
            read_path(maps["path"], MAX_PATH),
            tuple(read_list(maps["versions"], read_map_proof, MAX_ITEMS + 1)),
            read_by_size(top.get("rfc3161", {}), read_token),
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
