"""A witness: somebody else's small memory that a log cannot argue with (C2SP tlog-witness).

    old 20                  the size the witness is thought to know
    <base64 hash>           consistency proof from there, at most 63 hashes
    …

    <checkpoint note>

The answer is the witness's own signature line. It travels over HTTP or on a USB stick: bytes in,
bytes out. A witness knows one thing a log, the newest checkpoint it cosigned, and it writes that
down before it answers; a stale `old` is answered with the size it knows. It never cosigns
two trees of which one is not the beginning of the other, whoever asks and in whatever order.

A *replaying* witness is handed all entries as well and checks the label map before it cosigns.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from transparency.checkpoint import Checkpoint
from transparency.cosignature import sign, signed
from transparency.encoding import decimal, parse_json
from transparency.errors import MalformedError, MismatchError, StaleError
from transparency.files import write_durably
from transparency.replay import replay
from transparency.signed_note import MAX_BYTES, SignedNote, Signer, Verifier
from transparency.tlogproof import read_hashes
from transparency.tree import EMPTY_ROOT, check_consistency

_MAX_BODY = MAX_BYTES + 64 * 45
_MAX_STATE = 16 * 1024 * 1024


@dataclass(frozen=True)
class AddCheckpoint:
    """What a log asks a witness: the size it is thought to know, a proof, and a note."""

    old: int
    proof: tuple[bytes, ...]
    note: SignedNote

    @classmethod
    def parse(cls, body: str) -> AddCheckpoint:
        """Read an add-checkpoint body.

        Raises:
            MalformedError: no `old` line, more than 63 hashes, or no checkpoint note.
        """
        if len(body) > _MAX_BODY:
            raise MalformedError("an add-checkpoint body is too long")
        head, _, note = body.partition("\n\n")
        first, *rows = head.split("\n")
        if not first.startswith("old "):
            raise MalformedError("an add-checkpoint body does not begin with its old size")
        return cls(decimal(first.removeprefix("old ")), read_hashes(rows), SignedNote.parse(note))

    def check(self, old_root: bytes) -> Checkpoint:
        """Return the checkpoint, once it is a continuation of the tree of `old` entries.

        Raises:
            MalformedError: sizes or a proof that cannot be.
            MismatchError: it is of another history.
        """
        checkpoint = Checkpoint.parse(self.note.text)
        if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
            raise MismatchError("a checkpoint of size 0 has another root than the empty tree")
        if self.old:
            check_consistency(self.old, checkpoint.size, self.proof, old_root, checkpoint.root)
        elif self.proof:
            raise MalformedError("a consistency proof from size 0 is not empty")
        return checkpoint


@dataclass(frozen=True)
class Witness:
    """A witness with its own keys and its own state file.

    Args:
        signers: the witness's keys, each answering with one line.
        logs: the logs it knows; a log's name is its origin.
        state: file of the newest note cosigned for each origin; made when missing.
    """

    signers: Sequence[Signer]
    logs: Sequence[Verifier]
    state: Path

    def add_checkpoint(self, body: str, now: int, entries: Iterable[bytes] | None = None) -> str:
        """Cosign a checkpoint that continues the newest one known.

        Args:
            body: an add-checkpoint body.
            now: POSIX seconds.
            entries: all entries of the log, for a replaying witness.

        Returns:
            One signature line for each key.

        Raises:
            MalformedError: not an add-checkpoint body, or a state file that is none.
            StaleError: the witness knows another size than `old`; it is carried along.
            MismatchError: an unknown log, a bad signature, or another history.
        """
        asked = AddCheckpoint.parse(body)
        checkpoint = Checkpoint.parse(asked.note.text)
        self._check_log(asked.note, checkpoint.origin)
        with _locked(self.state):
            notes = self._notes()
            known = _known(notes, checkpoint.origin)
            if asked.old > checkpoint.size:
                raise MalformedError("the old size is larger than the checkpoint")
            if asked.old != known.size:
                raise StaleError(known.size)
            asked.check(known.root)
            if entries is not None:
                replay(entries, checkpoint)
            notes[checkpoint.origin] = str(asked.note)
            write_durably(self.state, json.dumps(notes, ensure_ascii=False, indent=1) + "\n")
        return "".join(sign(signer, checkpoint, now).text for signer in self.signers)

    def known(self, origin: str) -> Checkpoint:
        """Return the newest checkpoint cosigned for a log; size 0 where there is none."""
        return _known(self._notes(), origin)

    def _check_log(self, note: SignedNote, origin: str) -> None:
        keys = [log for log in self.logs if log.name == origin]
        if not keys:
            raise MismatchError(f"the log {origin} is not one this witness knows")
        if not signed(note, keys):
            raise MismatchError(f"the checkpoint is not signed by the log {origin}")

    def _notes(self) -> dict[str, str]:
        if not self.state.exists():
            return {}
        if self.state.stat().st_size > _MAX_STATE:
            raise MalformedError(f"the witness's state at {self.state} is too long")
        try:
            notes = parse_json(self.state.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            notes = None
        if not isinstance(notes, dict) or not all(isinstance(v, str) for v in notes.values()):
            raise MalformedError(f"the witness's state at {self.state} is damaged: restore it")
        return notes


def _known(notes: dict[str, str], origin: str) -> Checkpoint:
    if origin not in notes:
        return Checkpoint(origin, 0, EMPTY_ROOT)
    return Checkpoint.parse(SignedNote.parse(notes[origin]).text)


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    """Let one process at a time compare and replace the state."""
    lock = state.with_name(state.name + ".lock")
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _hold(handle)
        yield
    finally:
        os.close(handle)  # closing lets go, also after a kill


try:
    import fcntl
except ImportError:  # Windows has another name for the same thing
    import msvcrt

    def _hold(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]  # Windows only
else:

    def _hold(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)
