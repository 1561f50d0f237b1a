"""The ledger's log of proofs: follow the events, sign checkpoints, make proofs.

    ledger.amana.log         entries, checkpoints, cosignatures     cannot all be made again
    ledger.amana.log.note    copy of the last note signed           better on another disk
    ledger.log.key           the log's two signing keys, 0600       beside the ledger key

The sequencer reads the ledger's log from where it stopped and appends one entry for each event, in
batches with the position reached, so each event gets exactly one. It catches up before each question.
Where the ledger was restored from an older backup, it says so and appends nothing: an event number
that was used before now means something else.

    proofs = ProofLog(custody)
    proofs.checkpoint()                    catch up, sign, keep the copy, publish
    proofs.make("W-000418-Y", claim)       a bundle at the newest witnessed checkpoint

The log's secret follows from the ledger key; nothing else is needed to derive every entry again.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from application.decisions import signing
from application.decisions.ledger import Ledger
from application.proofs import fact_of_event
from application.store.proof_file import ProofFile
from application.store.vault import derive
from domain import times
from domain.errors import BadInputError, BusyError, CannotTellError, DisprovedError
from transparency import entries
from transparency.bundle import Bundle, Claim
from transparency.errors import MalformedError, ProofError, StaleError, UnsafeToSignError
from transparency.make import make
from transparency.policy import NONE, Policy, Witnessed
from transparency.publish import Publisher
from transparency.signed_note import KeyKind, SignedNote, Signer, Verifier, check_name

LOG_SUFFIX, NOTE_SUFFIX, KEYS_SUFFIX = ".log", ".log.note", ".log.key"
BATCH = 2_000
KINDS = (KeyKind.ED25519, KeyKind.ML_DSA_44_COSIGNATURE)
SHOWN = frozenset(
    {
        "acceptance", "condition", "damage", "description", "hold", "intact", "made_safe",
        "method", "occurred", "official", "outcome", "party", "place", "recipient", "recorded_at",
        "seal", "transfer", "trust", "version", "authorised", "counted_with",
    }
)  # fmt: skip
"""What a proof shows unless more is asked for: the thing and its keeping, nobody's name or number."""


class Progress(NamedTuple):
    """How far the log has come: counts of entries, and the instants of its newest witnesses.

    Attributes:
        events: entries that stand for events. size: all entries. signed: covered by the newest
        checkpoint. witnessed: covered by the newest one that some witness cosigned.
        unread: events of the ledger that are not in the log yet.
    """

    origin: str
    events: int
    size: int
    signed: int
    witnessed: int
    unread: int


@contextlib.contextmanager
def worded() -> Iterator[None]:
    """Turn what the room of proofs refuses into the house's errors.

    Raises:
        DisprovedError: bytes, hashes or signatures do not hold, or signing would not be safe.
        BusyError: another side knows a newer tree.
    """
    try:
        yield
    except StaleError as error:
        raise BusyError(str(error)) from error
    except ProofError as error:
        raise DisprovedError(str(error)) from error


class ProofLog:
    """The log of one ledger, in a file beside it.

    Args:
        custody: the ledger, open.
        origin: the log's name, when it is made; afterwards it keeps the one it has.
        note_copy: where the last note is kept outside the database; remembered from then on.
        clock: the present instant, microseconds UTC; the ledger's own by default.

    Raises:
        DisprovedError: the file beside the ledger is another ledger's log.
        StorageError: it cannot be opened.
    """

    def __init__(
        self,
        custody: Ledger,
        *,
        origin: str = "",
        note_copy: Path | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self.custody = custody
        self.clock = clock or custody.clock
        self.path = beside(custody.path, LOG_SUFFIX)
        self.ledger = custody.store
        self.file = ProofFile(self.path)
        with self.worded():
            self.origin, self.note_copy = self._owned(origin, note_copy)
            self.log = self.file.log(self.origin)

    def _owned(self, origin: str, note_copy: Path | None) -> tuple[str, Path]:
        """Make the log this ledger's, or see that it is; return its name and its note's copy."""
        ledger = self.ledger.settings()["id"]
        fresh = origin or f"amana.invalid/{ledger}"
        check_name(fresh)
        copy = str(note_copy.absolute()) if note_copy is not None else ""
        owner, name, note = self.file.owner(ledger, fresh, copy)
        if owner != ledger:
            self.close()
            raise DisprovedError(
                f"{self.path} is the log of another ledger: put it back to its own"
            )
        if origin and origin != name:
            self.close()
            raise BadInputError(f"this log's name is {name}: it cannot be changed to {origin}")
        return name, Path(note) if note else beside(self.custody.path, NOTE_SUFFIX)

    @contextlib.contextmanager
    def worded(self) -> Iterator[None]:
        """Turn what the file and the room of proofs refuse into the house's errors.

        Raises:
            StorageError: the disk or the file failed. DisprovedError, BusyError: as `worded`.
        """
        with self.file.worded(), worded():
            yield

    def close(self) -> None:
        """Close the log's file."""
        self.file.close()

    @property
    def secret(self) -> bytes:
        """The log's 32 bytes, out of the ledger key.

        Raises:
            CannotTellError: the ledger key is not there or is another ledger's.
        """
        return derive(self.custody.key(), "log-secret")

    # ── the sequencer ────────────────────────────────────────────────────

    def catch_up(self, progress: Callable[[int], None] | None = None, to: int | None = None) -> int:
        """Append an entry for each event that has none, oldest first; return the log's size.

        Args:
            progress: called with the number of events each batch has taken.
            to: the last position of the ledger to take; the newest by default.

        Raises:
            DisprovedError: the ledger is not a continuation of what was read, or a row of it is
                damaged; the sentence names the event.
        """
        secret = self.secret
        with self.worded():
            self._continues(secret)
            while self._take(secret, to, progress):
                pass
            return self.log.size

    def _take(self, secret: bytes, to: int | None, progress: Callable[[int], None] | None) -> bool:
        with self.log.transaction():
            position = self.log.position  # another process may have gone ahead
            most = BATCH if to is None else min(BATCH, max(0, to - position))
            batch = fact_of_event.after(self.ledger, position, most)
            batch = [(at, fact) for at, fact in batch if to is None or at <= to]
            self.log.record(batch, secret)
        if progress is not None and batch:
            progress(len(batch))
        return bool(batch)

    def _continues(self, secret: bytes) -> None:
        """Refuse a ledger whose newest event read is not the one that was read."""
        position = self.log.position
        if not position:
            return
        read = self.file.entry_of(position)
        if read is None or self._entry(position, secret) != read:
            newest = self.ledger.position()
            raise UnsafeToSignError(
                f"the log has read {position:,} events, and event {position:,} of the ledger is not"
                f" the one it read (the ledger ends at {newest:,}): the ledger was restored from an"
                " older backup or altered; restore the newer one, look with `amana audit verify`, or"
                " begin a new log with `amana log begin-anew`"
            )

    def _entry(self, position: int, secret: bytes) -> bytes | None:
        """Return the entry of the event at a position, None where it has none that could be."""
        try:
            fact = fact_of_event.at(self.ledger, position)
            return self.log.derived(fact, secret).entry if fact else None
        except ProofError:
            return None

    # ── keys ─────────────────────────────────────────────────────────────

    @property
    def key_path(self) -> Path:
        """Where the log's signing keys lie: beside the ledger key."""
        key_file = self.custody.key_file
        return key_file.with_name(key_file.stem + KEYS_SUFFIX)

    @property
    def keys(self) -> list[Verifier]:
        """Every key the log signs or has signed with, oldest first."""
        return [Verifier.parse(text) for text in self.file.verifiers()]

    def signers(self) -> list[Signer]:
        """Return the keys the log signs with; the first time, they are made.

        Raises:
            CannotTellError: the key file is not there though the log has signed.
            DisprovedError: it holds another log's keys.
        """
        if not self.keys:
            return self.rotate()
        signers = signing.read_key_file(self.key_path)
        known = self.keys
        if any(signer.verifier not in known for signer in signers):
            raise DisprovedError(
                f"{self.key_path} holds keys that are not of the log {self.origin}"
            )
        return signers

    def rotate(self) -> list[Signer]:
        """Make new keys, write them into the log, and sign with them from now on."""
        signers = self._unused() or [Signer.generate(self.origin, kind) for kind in KINDS]
        with self.worded(), self.log.transaction():
            for signer in signers:
                key = str(signer.verifier)
                self.log.append_other(entries.key_entry(key))
                self.file.add_key(key)
            signing.replace_key_file(self.key_path, signers)
        return signers

    def _unused(self) -> list[Signer]:
        """Return keys of this log that a power cut left in the file before they were used."""
        if self.keys or not self.key_path.exists():
            return []
        signers = signing.read_key_file(self.key_path)
        if {signer.name for signer in signers} != {self.origin}:
            msg = f"{self.key_path} holds another log's keys: move it away first"
            raise BadInputError(msg)
        return signers

    # ── checkpoints and witnesses ────────────────────────────────────────

    def publisher(self) -> Publisher:
        """Return what signs this log's checkpoints."""
        signers = self.signers()
        return Publisher(
            self.log, signers, self.note_copy, lambda: self.clock() // times.SECOND, self.keys
        )

    def checkpoint(self) -> str:
        """Catch up, sign the log as it stands, keep the copy outside, and return the note.

        Raises:
            DisprovedError: it would contradict what was signed; the sentence says how to go on.
            StorageError: the copy outside cannot be written.
        """
        self.catch_up()
        return self.checkpoint_at()

    def checkpoint_at(self) -> str:
        """Sign the log where it stands, without reading what is new; else as `checkpoint`."""
        publisher = self.publisher()
        with self.worded():
            return publisher.checkpoint()

    @property
    def witnesses(self) -> dict[str, Verifier]:
        """The witnesses whose cosignatures are kept, by short name."""
        return {name: Verifier.parse(text) for name, text in self.file.witnesses().items()}

    def add_witness(self, name: str, verifier: str) -> None:
        """Know a witness by a short name and its verifier key.

        Raises:
            BadInputError: not a cosigning key, or the name or key is another witness's.
        """
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,31}", name) or name in {NONE, "witnesses"}:
            msg = f"'{name}' is not a name for a witness: use letters a-z, digits, dots and dashes"
            raise BadInputError(msg)
        try:
            key = Verifier.parse(verifier.strip())
        except MalformedError as error:
            raise BadInputError(str(error)) from error
        if key.kind is KeyKind.ED25519:
            raise BadInputError(f"{key.name} is not a cosigning key")
        known = self.witnesses
        if known.get(name, key) != key or key in {v for n, v in known.items() if n != name}:
            raise BadInputError(f"the witness {name} or its key is known already: {known}")
        self.file.add_witness(name, str(key))

    def collect(self, size: int, answer: str) -> list[str]:
        """Keep what witnesses answered to a checkpoint; return the names of those known."""
        with self.worded():
            return self.log.add_cosignatures(size, answer, self.witnesses.values())

    def policy(self, needed: str = "all") -> str:
        """Return a policy that names this log and its witnesses, for a reader to check and keep.

        Args:
            needed: how many of the witnesses: all, any, or a number.
        """
        lines = [f"log {key}" for key in self.keys]
        lines += [f"witness {name} {key}" for name, key in self.witnesses.items()]
        quorum = NONE
        if self.witnesses:
            quorum = "witnesses"
            lines.append(f"group {quorum} {needed} {' '.join(self.witnesses)}")
        text = "".join(f"{line}\n" for line in [*lines, f"quorum {quorum}"])
        try:
            Policy.parse(text)
        except MalformedError as error:
            raise BadInputError(str(error)) from error
        return text

    def witnessed(self, size: int) -> Witnessed | None:
        """Return between which seconds all known witnesses saw a checkpoint as the newest."""
        with worded():
            return (
                Policy.parse(self.policy()).judge(SignedNote.parse(self.log.note(size))).witnessed
            )

    def progress(self) -> Progress:
        """Return how far the log has come."""
        with self.worded():
            log, file = self.log, self.file
            unread = fact_of_event.count(self.ledger, log.position)
            return Progress(
                self.origin, file.events(), log.size, log.signed.size, file.witnessed(), unread
            )

    # ── proofs ───────────────────────────────────────────────────────────

    def make(
        self,
        stream_id: str,
        claim: Claim,
        reveal: Collection[str] = (),
        policy: Policy | None = None,
    ) -> Bundle:
        """Return the proof of one weapon's custody at the newest witnessed checkpoint.

        Args:
            stream_id: the weapon.
            claim: from when to when, and the largest gap.
            reveal: fields to show beside `SHOWN`; `all` shows every one.
            policy: the reader's, where known.

        Raises:
            DisprovedError: no checkpoint has its events, or the ledger differs from the log.
            BadInputError: no event of it has a field asked for.
        """
        with self.worded():
            facts = fact_of_event.stream(self.ledger, stream_id)
            names = {name for fact in facts for name in fact.fields}
            if unknown := sorted(set(reveal) - names - {"all"}):
                msg = f"{stream_id} has no field {unknown[0]}: it has {', '.join(sorted(names))}"
                raise BadInputError(msg)
            hidden = set() if "all" in reveal else names - SHOWN - set(reveal)
            return make(self.log, self.secret, facts, claim, policy=policy, hidden=hidden)

    def commitment(self, stream_id: str) -> bytes:
        """Return the 32 bytes that a paper receipt pins, so that no second book can be shown."""
        return entries.commitment(entries.subject(self.secret, stream_id))

    def leaf(self, stream_id: str, version: int) -> bytes:
        """Return the 32-byte leaf hash of one version, counted from 1, that is in the log.

        Raises:
            CannotTellError: it is not in the log: catch up first.
        """
        found = self.log.leaf(self.secret, stream_id, version)
        if found is None:
            raise CannotTellError(f"{stream_id}:{version} is not in the log yet")
        return found


def beside(path: Path, suffix: str) -> Path:
    """Return the file beside the ledger with a suffix behind its whole name."""
    return path.with_name(path.name + suffix)
