"""The log against the ledger: every stored event is hashed again; a finding names the event.

    for finding in audit(ProofLog(custody)).findings:
        W-000822-8:3   differs from its entry 20,114: …      and whether a witness had seen it

What is looked at: each stored row against its entry and body, each node, each label, each map root,
each checkpoint with its signatures and cosignatures, and the copy of the last note outside. Findings
below the newest witnessed checkpoint contradict what somebody else signed; above it, time and order
rest on the operator alone. Nothing is repaired, and one finding does not stop the search.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from application.proofs import event_entry
from application.proofs.log import ProofLog
from transparency import audit as auditing
from transparency import entries
from transparency.checkpoint import Checkpoint
from transparency.cosignature import signed
from transparency.errors import ProofError
from transparency.note import Note
from transparency.replay import replay


class Finding(NamedTuple):
    """One fault.

    Attributes:
        event: `W-000822-8:3`, "" where it is about the log as a whole.
        entry: the entry's index, None where there is none.
        witnessed: whether a witness had cosigned a checkpoint with that entry.
        text: one sentence, with both values where two disagree.
    """

    event: str
    entry: int | None
    witnessed: bool
    text: str


class Audit(NamedTuple):
    """What was looked at, and what was found.

    Attributes:
        events: stored events looked at. entries: entries of the log. checkpoints: signed ones.
        witnessed: entries below the newest cosigned checkpoint. signed: below the newest signed.
        unread: stored events that have no entry yet.
    """

    events: int
    entries: int
    checkpoints: int
    signed: int
    witnessed: int
    unread: int
    findings: tuple[Finding, ...]


def audit(proofs: ProofLog) -> Audit:
    """Look at everything and return what was found."""
    with proofs.worded():
        return _Audit(proofs).run()


class _Audit:
    """One pass over one log; what each step finds is a `Finding`."""

    def __init__(self, proofs: ProofLog) -> None:
        self.proofs, self.log = proofs, proofs.log
        self.secret = proofs.secret
        self.broken: dict[int, str] = {}
        self.witnessed = 0

    def run(self) -> Audit:
        notes = list(self._notes())
        findings = [*notes, *self._events(), *self._spelling(), *self._tables(), *self._maps()]
        standing = self.proofs.standing()
        return Audit(
            event_entry.count(self.proofs.ledger),
            standing.size,
            len(self.log.sizes()),
            standing.signed,
            self.witnessed,
            standing.unread,
            tuple(findings),
        )

    def _finding(self, text: str, entry: int | None = None, event: str = "") -> Finding:
        return Finding(event, entry, entry is not None and entry < self.witnessed, text)

    # ── what others signed ───────────────────────────────────────────────

    def _notes(self) -> Iterator[Finding]:
        """Check each signed note, its cosignatures and its root, and the copy outside."""
        keys, witnesses = self.proofs.keys, list(self.proofs.witnesses.values())
        for size, root in self.proofs.file.roots():
            try:
                note = Note.parse(self.log.note(size))
                found = signed(note, [*keys, *witnesses])
                checkpoint = Checkpoint.parse(note.text)
            except ProofError as error:
                yield self._finding(f"the checkpoint of size {size:,} is damaged: {error}")
                continue
            if (checkpoint.origin, checkpoint.size) != (self.log.origin, size):
                yield self._finding(f"the checkpoint of size {size:,} holds another one's note")
            if not any(key in found for key in keys):
                yield self._finding(f"the checkpoint of size {size:,} is not signed by the log")
            if checkpoint.root != root:
                yield self._finding(
                    f"the checkpoint of size {size:,} was signed over the root"
                    f" {checkpoint.root.hex()[:16]}…, the table says {bytes(root).hex()[:16]}…"
                )
            if any(key in found for key in witnesses):
                self.witnessed = max(self.witnessed, size)
        yield from self._outside()

    def _outside(self) -> Iterator[Finding]:
        if not self.log.signed.size:
            return
        try:
            kept = self.proofs.publisher().check()
        except ProofError as error:
            yield self._finding(str(error))
        else:
            if kept is None:
                yield self._finding("there is no copy of the last note outside the log")

    # ── what the ledger holds ────────────────────────────────────────────

    def _events(self) -> Iterator[Finding]:
        """Derive every entry again, and every node and root; name the event behind each fault."""
        facts = event_entry.readable(self.proofs.ledger, self.broken)
        positions = self.proofs.file.positions()
        for found in auditing.findings(self.log, facts, self.secret):
            position = positions.get(found.index) if found.index is not None else None
            if position in self.broken:
                text = self.broken[position] if position is not None else ""
                named = text.partition(" ")[0].rstrip(":")
                yield self._finding(text.removeprefix(named).lstrip(": "), found.index, named)
                continue
            event = self._event(position, found.index)
            yield self._finding(self._worded(found.text, position, found.index), found.index, event)

    def _event(self, position: int | None, index: int | None) -> str:
        """Return the name of the event at a position, or of the one an entry was made from."""
        row = self.proofs.ledger.one(
            "SELECT originator_id, originator_version FROM stored_events WHERE position = ?",
            (position,),
        )
        if row is not None:
            return f"{row[0]}:{row[1]}"
        return "" if index is None or position is None else self._lost(index)

    def _lost(self, index: int) -> str:
        """Find the stream of an entry whose event is gone, by trying the label of each one known."""
        label = self.log.entry(index)[1:33]
        try:
            version = entries.Body.parse(self.log.body(index)).version
        except ProofError:
            return ""
        for stream_id in self.proofs.custody.streams.ids():
            if entries.label(entries.subject(self.secret, stream_id), version) == label:
                return f"{stream_id}:{version + 1}"
        return ""

    def _worded(self, text: str, position: int | None, index: int | None) -> str:
        """Count versions from 1, as everywhere else, and show both hashes where two disagree."""
        if "differs from its entry" in text and position is not None and index is not None:
            fact = event_entry.at(self.proofs.ledger, position)
            if fact is not None:
                derived = self.log.derived(fact, self.secret)
                now = hashlib.sha256(derived.body.encode()).hexdigest()
                then = self.log.entry(index)[33:].hex()
                return (
                    f"differs from its entry {index:,} in the log: what is stored hashes to"
                    f" {now[:16]}…, the log has {then[:16]}…"
                )
        return re.sub(r"(\S+) version (\d+)", lambda m: f"{m[1]}:{int(m[2]) + 1}", text)

    def _spelling(self) -> Iterator[Finding]:
        """Check that each row is spelt as this program spells it: equal facts, equal bytes."""
        query = (
            "SELECT position, originator_id, originator_version, state FROM stored_events"
            " ORDER BY position"
        )
        for position, stream_id, version, state in self.proofs.ledger.fetch(query):
            if position in self.broken:
                continue
            again = orjson.dumps(orjson.loads(state), option=orjson.OPT_SORT_KEYS)
            if again != (state.encode() if isinstance(state, str) else bytes(state)):
                text = "says the same in other bytes than this program writes"
                yield self._finding(text, None, f"{stream_id}:{version}")

    # ── what the log holds ───────────────────────────────────────────────

    def _tables(self) -> Iterator[Finding]:
        """Check that nothing stands in the log's tables beside the entries."""
        for what, count in self.proofs.file.strays().items():
            yield self._finding(f"the log holds {count:,} {what} that belong to no entry")

    def _maps(self) -> Iterator[Finding]:
        """Read the entries as a replaying witness does: each map holds every event before it."""
        size, root = self.log.signed.size, self.log.signed.root
        if not size:
            return
        try:
            replay(self.log.entries(size), Checkpoint(self.log.origin, size, root))
        except ProofError as error:
            yield self._finding(str(error))
