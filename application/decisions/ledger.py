"""The eventsourcing application over one ledger file: units of work, batches, the vault.

Each command is one durable transaction that begins IMMEDIATE. Inside a batch, commands share
transactions of up to 500 streams; one that is refused leaves no trace and does not disturb the others.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from application.decisions.new_event import command_digest
from application.decisions.unit import Note, Recorded, Unit, entropy
from application.decisions.verb import Verb
from application.store.interface import Store
from application.store.library import LibraryDoors
from application.store.memory import few_collections
from application.store.sqlite import Recorder
from application.store.streams import Streams
from application.store.vault import Vault, fingerprint, read_key_file
from domain.errors import BadInputError, CannotTellError
from domain.event import ENVELOPE

BATCH_STREAMS, BATCH_EVENTS = 500, 2_000
"""What a batch writes in one transaction at most; what is staged can be taken back, and costs memory."""
LEDGERS_OWN = frozenset(ENVELOPE) - frozenset(Note._fields) | {"follows"}
"""What the ledger alone says of an event: its place, its recorded time, who approved it."""


def wall_clock() -> int:
    """Return the present instant, microseconds UTC."""
    return time.time_ns() // 1_000


class Ledger(LibraryDoors):
    """The eventsourcing application over one ledger file: units of work, batches, the vault.

    Args:
        path: the ledger file, which exists (see `open.py`).
        key_file: the ledger key, read when a personal value is first needed.
        clock: the present instant, microseconds UTC. Only the demo sets another.
        randomness: random bytes of a length, for keys, salts and batch ids.
    """

    def __init__(
        self,
        path: Path,
        key_file: Path,
        *,
        clock: Callable[[], int] = wall_clock,
        randomness: Callable[[int], bytes] = entropy,
    ) -> None:
        self.path, self.key_file = path, key_file
        self.clock, self.randomness = clock, randomness
        self._unit: Unit | None = None
        self._joined: Unit | None = None
        self._at_once = (0, 0)
        self._vault: Vault | None = None
        super().__init__(
            {
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": str(path),
                "CREATE_TABLE": "no",
                "ORIGINATOR_ID_TYPE": "text",
                "APPLICATION_RECORDER_TOPIC": "application.store.sqlite:Recorder",
                "MAPPER_TOPIC": "application.store.mapper:CanonicalMapper",
            }
        )

    @property
    def _recorder(self) -> Recorder:
        return cast("Recorder", self.recorder)

    @property
    def store(self) -> Store:
        """Where the record lies: the recorder, as what it is."""
        return self._recorder

    @property
    def streams(self) -> Streams:
        """The log, as questions read it."""
        return Streams(self.store)

    @property
    def vault(self) -> Vault:
        """The vault, opened with the ledger key when first needed."""
        if self._vault is None:
            keys = self.path.with_name(self.path.name + ".keys")
            self._vault = Vault(self.store, keys, self.key(), self.randomness)
        return self._vault

    def key(self) -> bytes:
        """Return the ledger key, 32 bytes: nothing is ever sealed under another ledger's.

        Raises:
            CannotTellError: the key file is another ledger's, or is not there.
            BadInputError: others may read it, or it does not hold a key.
        """
        key = read_key_file(self.key_file)
        with self.store.worded():
            wanted = self.store.settings()["key"]
        if fingerprint(key) != wanted:
            msg = (
                f"{self.key_file} is the key of another ledger than {self.path}: name its own with "
                "--key-file, or put its copy back"
            )
            raise CannotTellError(msg)
        return key

    def close(self) -> None:
        """Close every connection."""
        if self._vault is not None:
            self._vault.close()
        self._recorder.close()
        super().close()

    # ── units and batches ────────────────────────────────────────────────

    @contextlib.contextmanager
    def unit(self) -> Iterator[Unit]:
        """Open one unit of work, or join the batch that is open."""
        if self._joined is not None:
            with self._joined.attempt():
                yield self._joined
            self._renew_when_full(self._joined)
            return
        unit = self._one_unit()
        try:
            with self.store.writing():
                unit.begin()
                yield unit
                unit.flush()
        except BaseException:
            unit.forget()
            raise

    def _one_unit(self) -> Unit:
        if self._unit is None:
            self._unit = Unit(self.store, lambda: self.vault, self.clock, self.randomness)
        return self._unit

    @contextlib.contextmanager
    def reading(self) -> Iterator[Unit]:
        """Look at streams as known now, without holding up any writer."""
        if self._joined is not None:
            yield self._joined
            return
        unit = self._one_unit()
        with self.store.snapshot():
            unit.begin()
            yield unit

    @contextlib.contextmanager
    def batch(
        self, streams: int = BATCH_STREAMS, ahead: Sequence[str] = (), *, whole: bool = False
    ) -> Iterator[None]:
        """Let the calls inside share transactions of up to so many streams, or 2,000 events.

        Args:
            streams: how many streams a transaction touches at most.
            ahead: streams that will be touched, read in one go.
            whole: one transaction however much it is: all calls are recorded, or none.
        """
        with few_collections(), self.unit() as unit:
            unit.load(list(ahead))
            self._joined = unit
            self._at_once = (sys.maxsize, sys.maxsize) if whole else (streams, BATCH_EVENTS)
            try:
                yield
            finally:
                self._joined = None

    def _renew_when_full(self, unit: Unit) -> None:
        streams, events = self._at_once
        if unit.touched < streams and unit.staged < events:
            return
        unit.flush()
        self.store.renew()
        unit.begin()

    def carry_out(
        self, verb: Verb, subject: str | None, note: Note, /, **facts: object
    ) -> Recorded:
        """Run one command in its unit: once, however often it is sent with the same key."""
        if not LEDGERS_OWN.isdisjoint(facts):
            msg = f"{' and '.join(sorted(LEDGERS_OWN & facts.keys()))} is not the caller's to give"
            raise BadInputError(msg)
        unit = self._joined
        if unit is None:
            with self.unit() as unit:
                return _once(unit, verb, subject, note, facts)
        mark = unit.mark()  # `unit` does the same; a batch's commands spare its two generators
        try:
            done = _once(unit, verb, subject, note, facts)
        except BaseException:
            unit.undo(mark)
            raise
        self._renew_when_full(unit)
        return done


def _once(
    unit: Unit, verb: Verb, subject: str | None, note: Note, facts: Mapping[str, object]
) -> Recorded:
    unit.tick()
    if not note.key:
        return verb.run(unit, subject, note, **facts)
    digest = command_digest(verb.name, subject, note, facts)
    if (before := unit.seen(note.key, digest)) is not None:
        return before
    done = verb.run(unit, subject, note, **facts)
    unit.remember(note.key, digest, done)
    return done
