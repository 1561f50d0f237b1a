"""The log against the ledger: every stored event is hashed again; a finding names the event.

    for finding in audit(ProofLog(custody)).findings:
        finding.kind, finding.event, finding.witnessed      altered, W-000822-8:3, True
        finding.text            differs from its entry 20,114 in the log: …

What is looked at: each stored row against its entry and body, each node, each label, each map root,
each checkpoint with its signatures and cosignatures, and the copy of the last note outside. Findings
below the newest witnessed checkpoint contradict what somebody else signed; above it, time and order
rest on the operator alone. Nothing is repaired, and one finding does not stop the search.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from application.proofs import fact_of_event
from application.proofs.fact_of_event import UnreadableEventError
from application.proofs.proof_log import ProofLog
from transparency import audit as auditing
from transparency import entries
from transparency.audit import FaultKind, LogFault
from transparency.body import Body, Fact
from transparency.checkpoint import Checkpoint
from transparency.cosignature import signed
from transparency.errors import ProofError
from transparency.signed_note import SignedNote


class LogFinding(NamedTuple):
    """One fault, with the event it is about.

    Attributes:
        kind: what is wrong.
        subject: the event's stream, "" where it is about the log as a whole.
        version: the event's version, counted from 1; None where it is about no event.
        position: the event's position in the ledger, None where it has none.
        entry: the entry's index in the log, counted from 0; None where there is none.
        witnessed: whether a witness had cosigned a checkpoint with that entry.
        text: one sentence, with both values where two disagree, without the event's name.
    """

    kind: FaultKind
    subject: str
    version: int | None
    position: int | None
    entry: int | None
    witnessed: bool
    text: str

    @property
    def event(self) -> str:
        """The event's name, `W-000822-8:3`; "" where it is about no event."""
        return f"{self.subject}:{self.version}" if self.subject else ""


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
    findings: tuple[LogFinding, ...]


def audit(proofs: ProofLog) -> Audit:
    """Look at everything and return what was found."""
    with proofs.worded():
        return _Audit(proofs).run()


class _Audit:
    """One pass over one log; what each step finds is a `LogFinding`."""

    def __init__(self, proofs: ProofLog) -> None:
        self.proofs, self.log = proofs, proofs.log
        self.secret = proofs.secret
        self.unreadable: dict[int, UnreadableEventError] = {}
        self.witnessed = 0

    def run(self) -> Audit:
        findings = [*self._notes(), *self._events(), *self._spelling()]
        progress = self.proofs.progress()
        return Audit(
            fact_of_event.count(self.proofs.ledger),
            progress.size,
            len(self.log.sizes()),
            progress.signed,
            self.witnessed,
            progress.unread,
            tuple(findings),
        )

    def _finding(
        self,
        kind: FaultKind,
        text: str,
        subject: str = "",
        version: int | None = None,
        position: int | None = None,
        entry: int | None = None,
    ) -> LogFinding:
        witnessed = entry is not None and entry < self.witnessed
        return LogFinding(kind, subject, version, position, entry, witnessed, text)

    # ── what others signed ───────────────────────────────────────────────

    def _notes(self) -> Iterator[LogFinding]:
        """Check each signed note, its cosignatures and its root, and the copy outside."""
        keys, witnesses = self.proofs.keys, list(self.proofs.witnesses.values())
        for size, root in self.proofs.file.roots():
            try:
                note = SignedNote.parse(self.log.note(size))
                found = signed(note, [*keys, *witnesses])
                checkpoint = Checkpoint.parse(note.text)
            except ProofError as error:
                yield self._finding(
                    FaultKind.CHECKPOINT, f"the checkpoint of size {size:,} is damaged: {error}"
                )
                continue
            if (checkpoint.origin, checkpoint.size) != (self.log.origin, size):
                yield self._finding(
                    FaultKind.CHECKPOINT,
                    f"the checkpoint of size {size:,} holds another one's note",
                )
            if not any(key in found for key in keys):
                yield self._finding(
                    FaultKind.CHECKPOINT,
                    f"the checkpoint of size {size:,} is not signed by the log",
                )
            if checkpoint.root != root:
                yield self._finding(
                    FaultKind.CHECKPOINT,
                    f"the checkpoint of size {size:,} was signed over the root"
                    f" {checkpoint.root.hex()[:16]}…, the table says {bytes(root).hex()[:16]}…",
                )
            if any(key in found for key in witnesses):
                self.witnessed = max(self.witnessed, size)
        yield from self._outside()

    def _outside(self) -> Iterator[LogFinding]:
        if not self.log.signed.size:
            return
        try:
            kept = self.proofs.publisher().check()
        except ProofError as error:
            yield self._finding(FaultKind.COPY, str(error))
        else:
            if kept is None:
                yield self._finding(
                    FaultKind.COPY, "there is no copy of the last note outside the log"
                )

    # ── what the ledger holds ────────────────────────────────────────────

    def _events(self) -> Iterator[LogFinding]:
        """Derive every entry again, and every node, root and map; name the event behind each fault."""
        position_of = self.proofs.file.positions()
        entry_of = {position: index for index, position in position_of.items()}
        for fault in auditing.faults(self.log, self._facts(), self.secret):
            position = fault.notification_id
            if position is None and fault.index is not None:
                position = position_of.get(fault.index)
            if position not in self.unreadable:
                subject, version = self._event(fault, position)
                yield self._finding(fault.kind, fault.text, subject, version, position, fault.index)
        for position, error in self.unreadable.items():
            name, entry = (error.stream_id, error.version), entry_of.get(position)
            yield self._finding(FaultKind.UNREADABLE, error.text, *name, position, entry)

    def _facts(self) -> Iterator[tuple[int, Fact]]:
        for position, read in fact_of_event.every(self.proofs.ledger):
            if isinstance(read, Fact):
                yield position, read
            else:
                self.unreadable[position] = read

    def _event(self, fault: LogFault, position: int | None) -> tuple[str, int | None]:
        """Return stream and version of the event a fault is about, by its entry where need be."""
        if fault.stream_id or position is None:
            return fault.stream_id, fault.version
        query = "SELECT originator_id, originator_version FROM stored_events WHERE position = ?"
        row = self.proofs.ledger.one(query, (position,))
        if row is not None:
            return row[0], row[1]
        return ("", None) if fault.index is None else self._lost(fault.index)

    def _lost(self, index: int) -> tuple[str, int | None]:
        """Find the stream of an entry whose event is gone, by trying the label of each one known."""
        label = self.log.entry(index)[1:33]
        try:
            version = Body.parse(self.log.body(index)).version
        except ProofError:
            return "", None
        for stream_id in self.proofs.custody.streams.ids():
            if entries.label(entries.subject(self.secret, stream_id), version) == label:
                return stream_id, version
        return "", None

    def _spelling(self) -> Iterator[LogFinding]:
        """Check that each row is spelt as this program spells it: equal facts, equal bytes."""
        query = (
            "SELECT position, originator_id, originator_version, state FROM stored_events"
            " ORDER BY position"
        )
        for position, stream_id, version, state in self.proofs.ledger.fetch(query):
            if position in self.unreadable:
                continue
            again = orjson.dumps(orjson.loads(state), option=orjson.OPT_SORT_KEYS)
            if again != (state.encode() if isinstance(state, str) else bytes(state)):
                text = "says the same in other bytes than this program writes"
                yield self._finding(FaultKind.SPELLING, text, stream_id, version, position)
