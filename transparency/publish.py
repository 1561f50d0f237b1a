"""Signing a checkpoint so that the log never contradicts itself.

    1 prepare   append the map entry and an unsigned checkpoint row, in one transaction
    2 check     the tree begins with what was signed last, by the database *and* by the copy
                of the last note kept outside it
    3 sign      with every key of the log
    4 keep      the note goes to the copy outside: written, synced, renamed
    5 publish   the database remembers the note as signed

Steps 2 to 5 hold the database's one writer's place, so two processes never sign two views: the
second finds the first one's note. Cut the power anywhere: before 4 nothing left the house and
the prepared row is signed next time; between 4 and 5 the copy outside is ahead of the database
by exactly the prepared row, and the note is taken from there.

The copy outside is what a restored backup cannot take back. Where it is not the beginning of
this tree, or is missing though the database has signed, nothing is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from transparency.checkpoint import Checkpoint
from transparency.cosignature import sign, signed
from transparency.entries import EntryKind, split
from transparency.errors import MalformedError, MismatchError, UnsafeToSignError
from transparency.files import write_durably
from transparency.log import Log
from transparency.signed_note import SignedNote, Signer, Verifier
from transparency.tree import EMPTY_ROOT


@dataclass(frozen=True)
class Publisher:
    """Signs one log's checkpoints.

    Args:
        log: the log, caught up by the caller.
        signers: the log's keys; their name is the log's origin.
        outside: file of the last note, on another disk than the database where there is one.
        now: returns POSIX seconds.
        former: keys the log signed with before a rotation.
    """

    log: Log
    signers: Sequence[Signer]
    outside: Path
    now: Callable[[], int]
    former: Sequence[Verifier] = ()

    def checkpoint(self) -> str:
        """Sign the log as it stands and return the note; the last note where nothing is new.

        Raises:
            UnsafeToSignError: the tree is not a continuation of what was signed, or the caller
                has a transaction open, whose rollback would take back what was signed.
        """
        if self.log.connection.in_transaction:
            raise UnsafeToSignError("a checkpoint is not signed inside another transaction")
        size = self.prepare()
        with self.log.transaction():
            kept = self.check()
            if kept is not None:
                published = self.publish(kept)  # what a power cut kept from being published
                if Checkpoint.parse(kept.text).size >= size:
                    return published
            note = self.sign(size)
            self.keep(note)
            return self.publish(note)

    def prepare(self) -> int:
        """Make the log end in a map entry with an unsigned checkpoint row; return its size."""
        log = self.log
        with log.transaction():
            size = log.size
            ends = bool(size) and split(log.entry(size - 1))[0] is EntryKind.MAP
            size = size if ends else log.append_map()
            log.connection.execute(
                "INSERT OR IGNORE INTO checkpoint VALUES (?, ?, '')", (size, log.root(size))
            )
        return size

    def check(self) -> SignedNote | None:
        """Return the copy outside, once everything signed before is the tree's beginning.

        Raises:
            UnsafeToSignError: it is not; the sentence says how to recover.
        """
        before = self.log.signed
        self._continues(before.size, before.root, "the database")
        if not self.outside.exists():
            if before.size:
                raise UnsafeToSignError(
                    f"the copy of the last note is missing at {self.outside}: put back the note"
                    f" of size {before.size} or a newer one, from a witness or from paper"
                )
            return None
        note = self._own_note()
        kept = Checkpoint.parse(note.text)
        self._continues(kept.size, kept.root, "the copy outside the database")
        if kept.size < before.size:
            raise UnsafeToSignError(
                f"the copy of the last note at {self.outside} is of size {kept.size}, the database"
                f" has signed {before.size}: put back the newer note"
            )
        return note

    def sign(self, size: int) -> SignedNote:
        """Return the note of a prepared checkpoint, signed by every key of the log."""
        checkpoint = Checkpoint(self.log.origin, size, self.log.root(size))
        time = self.now()
        lines = tuple(sign(signer, checkpoint, time) for signer in self.signers)
        return SignedNote(checkpoint.text, lines)

    def keep(self, note: SignedNote) -> None:
        """Write the copy outside the database so that it is there after a power cut."""
        write_durably(self.outside, str(note))

    def publish(self, note: SignedNote) -> str:
        """Let the database remember a kept note as signed, and return it."""
        checkpoint = Checkpoint.parse(note.text)
        size, root = checkpoint.size, checkpoint.root
        execute = self.log.connection.execute
        with self.log.transaction():
            execute("INSERT OR IGNORE INTO checkpoint VALUES (?, ?, '')", (size, root))
            execute(
                "UPDATE checkpoint SET note = ? WHERE size = ? AND note = ''", (str(note), size)
            )
            execute("UPDATE log_state SET size = ?, root = ? WHERE size < ?", (size, root, size))
        return self.log.note(size)

    def _continues(self, size: int, root: bytes, where: str) -> None:
        have = self.log.size
        if size > have:
            raise UnsafeToSignError(
                f"{where} has signed size {size} but this log has {have} entries only: it was"
                " restored from an older backup; restore the newer one, or begin a new log that"
                " anchors the last note"
            )
        if (self.log.root(size) if size else EMPTY_ROOT) != root:
            raise UnsafeToSignError(
                f"{where} has signed another root at size {size}: this log's entries are not"
                " those that were signed; restore the newer backup, or begin a new log that"
                " anchors the last note"
            )

    def _own_note(self) -> SignedNote:
        try:
            note = SignedNote.parse(self.outside.read_text(encoding="utf-8"))
            keys = signed(note, [*(signer.verifier for signer in self.signers), *self.former])
            origin = Checkpoint.parse(note.text).origin
        except (MalformedError, MismatchError, UnicodeDecodeError):
            keys, origin = {}, ""
        if not keys or origin != self.log.origin:
            raise UnsafeToSignError(
                f"the copy of the last note at {self.outside} is not a note of {self.log.origin}"
            )
        return note
