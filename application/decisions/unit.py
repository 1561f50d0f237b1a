"""One unit of work: load, judge, record, all inside one write transaction.

    with custody.unit() as unit:                     BEGIN IMMEDIATE
        unit.record(DepositedInTrust, "W-…", note, receipt="R-1", …)
                                                     rules judge, histories grow in memory
                                                     events, register, vault, keys, COMMIT

A command that is refused leaves no trace, also inside a batch: `attempt` takes back what it had
staged. Histories are kept between units for as long as no other process has written.
"""

from __future__ import annotations

import contextlib
import functools
import secrets
from collections.abc import Callable, Collection, Iterator
from typing import Any, overload
from zoneinfo import ZoneInfo

from application.decisions import doubt
from application.decisions.new_event import made
from application.decisions.note import Note, Recorded
from application.store.interface import Store
from application.store.mapper import to_bytes
from application.store.register import Register
from application.store.streams import Streams
from application.store.vault import Mark as Sealed
from application.store.vault import Vault
from domain import history, ids, rules, times
from domain.errors import BadInputError, BusyError, NotAllowedError, RefusedError, UnknownError
from domain.event import NOT_TRUSTED, Event, S, State, references
from domain.history import History
from domain.judging import Before, as_first_opened

__all__ = ["Note", "Recorded", "Unit", "entropy"]

KEEP_HISTORIES = 20_000
Mark = tuple[int, dict[str, int], Sealed | None]
"""How much was staged, which numbers were given out, how much was sealed."""


class Unit:
    """Stages events over known histories; `flush` writes them in the open transaction."""

    def __init__(
        self,
        store: Store,
        vault: Callable[[], Vault],
        clock: Callable[[], int],
        entropy: Callable[[int], bytes],
    ) -> None:
        self.store = store
        self.streams = Streams(store)
        self.register = Register(store)
        self.now = 0
        self._vault_of = vault
        self._vault: Vault | None = None
        self._clock = clock
        self._entropy = entropy
        self._histories: dict[str, History] = {}
        self._folded: dict[str, tuple[History, Before]] = {}  # for whole streams judged again
        self._journal: list[History] = []  # what each staged event's stream was before it
        self._staged: list[Event] = []
        self._streams: set[str] = set()
        self._keys: dict[str, tuple[bytes, str, int]] = {}
        self._numbers: dict[str, int] = {}
        self._position = 0
        self._recorded_at = 0
        self._trusted: int | None = None
        self._shows = 0
        self._doubt = ""

    @property
    def vault(self) -> Vault:
        """The vault, opened when first needed: it needs the ledger key."""
        if self._vault is None:
            self._vault = self._vault_of()
            self._vault.undo()  # what it knew before this process held the lock may be gone
        return self._vault

    @functools.cached_property
    def zone(self) -> ZoneInfo:
        """The ledger's zone, in which sentences name instants."""
        return ZoneInfo(self.store.settings()["zone"])

    @property
    def touched(self) -> int:
        """How many streams this unit has staged events for."""
        return len(self._streams)

    @property
    def staged(self) -> int:
        """How many events wait to be written."""
        return len(self._staged)

    # ── the transaction ──────────────────────────────────────────────────

    def begin(self) -> None:
        """Catch up with what other processes wrote. Inside the write transaction."""
        if self.store.position() != self._position:
            self.forget()
            self._position, self._recorded_at, self._trusted = self.streams.last()
        self.tick()

    def tick(self) -> None:
        """Look at the clock, once a command; the log's own is believed within the skew."""
        self._shows = self._clock()
        ahead = self._recorded_at - self._shows
        self.now = self._shows if ahead > times.SKEW else max(self._shows, self._recorded_at)
        self._doubt = doubt.of(self._shows, self._trusted, self.streams)

    def flush(self) -> None:
        """Write everything staged. Inside the write transaction."""
        rows = [(e.originator_id, e.originator_version, e.TOPIC, to_bytes(e)) for e in self._staged]
        if rows:
            self._position = self.store.insert(rows)[-1]
        self.register.write()
        if self._vault is not None:
            self._vault.write()
        if self._numbers:
            self.store.executemany(
                "INSERT INTO control_number (prefix, last) VALUES (?, ?)"
                " ON CONFLICT (prefix) DO UPDATE SET last = excluded.last",
                self._numbers.items(),
            )
        if self._keys:
            self.store.executemany(
                "INSERT INTO idempotency (key, command, subject, version) VALUES (?, ?, ?, ?)",
                [(key, *row) for key, row in self._keys.items()],
            )
        self._settle()

    def forget(self) -> None:
        """Drop everything in memory: the transaction failed, or another process wrote."""
        self._histories.clear()
        self._folded.clear()
        self.register.forget()
        if self._vault is not None:
            self._vault.undo()
        self._position = 0
        self._settle()

    def _settle(self) -> None:
        self._journal.clear()
        self._staged.clear()
        self._streams.clear()
        self._keys.clear()
        self._numbers.clear()
        if len(self._histories) > KEEP_HISTORIES:
            self._histories.clear()
            self._folded.clear()

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """Take back what one command staged when it is refused half-way."""
        mark = self.mark()
        try:
            yield
        except BaseException:
            self.undo(mark)
            raise

    def mark(self) -> Mark:
        """Return how much is staged, for `undo`."""
        return len(self._staged), dict(self._numbers), self._vault.mark() if self._vault else None

    def undo(self, mark: Mark) -> None:
        """Take back what was staged since a mark, in memory alone: nothing of it is written."""
        staged, self._numbers, sealed = mark
        for before in reversed(self._journal[staged:]):
            after = self._histories[before.id]
            self._histories[before.id] = before
            self.register.follow(after.state, before.state)
        del self._journal[staged:], self._staged[staged:]
        if self._vault is not None:
            self._vault.undo(sealed)

    def flagged(self, mark: Mark) -> tuple[tuple[str, int, tuple[int, ...]], ...]:
        """Return the events staged since a mark that broke rules: stream, version, rules."""
        return tuple(
            (e.originator_id, e.originator_version, e.irregularities)
            for e in self._staged[mark[0] :]
            if e.irregularities
        )

    def staged_of(self, mark: Mark, topics: Collection[str]) -> set[str]:
        """Return the streams for which events of some stored names were staged since a mark."""
        return {e.originator_id for e in self._staged[mark[0] :] if e.TOPIC in topics}

    def before(self, mark: Mark) -> dict[str, History]:
        """Return the streams touched since a mark, as they were before it."""
        return {known.id: known for known in reversed(self._journal[mark[0] :])}

    # ── reading, as known now ────────────────────────────────────────────

    def history(self, stream_id: str) -> History | None:
        """Return a stream's history, or None where there is no such stream."""
        known = self._histories.get(stream_id)
        if known is None:
            self.load([stream_id])
            known = self._histories[stream_id]
        return known if known.events else None

    def every(self, prefix: str) -> Iterator[History]:
        """Yield every stream's history that has a prefix, what is staged included."""
        told = set()
        for known in self.streams.every(prefix):
            told.add(known.id)
            yield self._histories.get(known.id, known)
        for stream_id in sorted(self._streams - told):
            if stream_id.startswith(prefix):
                yield self._histories[stream_id]

    def load(self, stream_ids: list[str]) -> None:
        """Read streams that are not in memory, many at once."""
        wanted = [s for s in dict.fromkeys(stream_ids) if s not in self._histories]
        self._histories.update(self.streams.histories(wanted))

    @overload
    def look(self, stream_id: str) -> Any: ...
    @overload
    def look(self, stream_id: str, kind: type[S]) -> S | None: ...
    def look(self, stream_id: str, kind: type[State] | None = None) -> State | None:
        """Return an aggregate as known now, or None where there is none (of a kind, where named)."""
        known = self._histories.get(stream_id) or self.history(stream_id)
        found: State | None = known.state if known and known.events else None
        return found if kind is None or isinstance(found, kind) else None

    @overload
    def state(self, stream_id: str) -> Any: ...
    @overload
    def state(self, stream_id: str, kind: type[S]) -> S: ...
    def state(self, stream_id: str, kind: type[State] | None = None) -> State:
        """Return an aggregate as known now.

        Raises:
            UnknownError: there is no such stream, or it is of another kind.
        """
        found: State | None = self.look(stream_id)
        if found is None:
            raise UnknownError(f"{stream_id} is not in this ledger")
        if kind is not None and not isinstance(found, kind):
            raise UnknownError(f"{stream_id} is not of the kind {kind.__name__.lower()}")
        return found

    def survivor(self, person: str) -> str:
        """Return the record that counts for a person now: the last one that it was merged into."""
        passed: set[str] = set()
        while person not in passed:
            passed.add(person)
            person = getattr(self.look(person), "same_as", None) or person
        return person

    def at(self, instant: int) -> Callable[[str], State | None]:
        """Return a way to look at aggregates as they were at an instant, as known now."""
        folded: dict[str, State] = {}  # several rules look at the same few, and a fold is the cost

        def then(stream_id: str) -> State | None:
            found = folded.get(stream_id)
            if found is None:
                known = self._histories.get(stream_id) or self.history(stream_id)
                if known is None or not known.events:
                    return None
                found = folded[stream_id] = as_first_opened(known, known.at(instant))
            return found

        return then

    def just_before(self, stream_id: str, event: Event) -> State | None:
        """Return an aggregate as it was before an event of another, as known now, or None."""
        known = self.history(stream_id)
        if known is None:
            return None
        held = self._folded.get(stream_id)
        if held is None or held[0] is not known:
            held = self._folded[stream_id] = known, Before(known)
        return held[1].of(event)

    # ── recording ────────────────────────────────────────────────────────

    def record(
        self,
        cls: type[Event],
        stream_id: str,
        note: Note,
        /,
        *,
        corrects: int | None = None,
        approved_by: str | None = None,
        follows: bool = False,
        also: tuple[int, ...] = (),
        **facts: Any,
    ) -> Recorded:
        """Judge one event and stage it.

        Args:
            cls, stream_id, note, facts: what is recorded, of which stream, in whose name.
            corrects: the version it replaces or takes back. approved_by: the second official.
            follows: it follows from another event of the same command, whose role was checked.
            also: rules that it makes other events break, flagged with those that it breaks.

        Raises:
            RefusedError: a rule refuses. NotAllowedError: the official may not do this.
            UnknownError: the stream, or something the event names, is not in this ledger.
            BadInputError: a fact cannot be meant. BusyError: the stream is at another version.
        """
        before = self._expected(cls, stream_id, note)
        if self._doubt and note.at is None and cls.TOPIC != rules.CLOCK_SET:
            raise RefusedError(NOT_TRUSTED, f"{stream_id}: {self._doubt}")
        if not follows:
            self.allow(note.by, cls)
        event = made(
            cls,
            stream_id,
            before.version + 1,
            note,
            self.now,
            {"corrects": corrects, "approved_by": approved_by, **facts},
        )
        self._resolve(event)
        state, known = before.at(event.occurred_at), before.state
        if corrects is not None:
            state = known = history.just_before(before, event.occurred_at, corrects)
        case = rules.Case(
            event,
            self._latest_now(),
            state,
            known,
            before,
            self.look,
            self.at(event.occurred_at),
            self.register.find,
            self.zone,
            self._doubt,
            history.replaced_by(before.events, event),
            {},
        )
        flagged = rules.judge(case)
        if also:
            flagged = tuple(dict.fromkeys((*flagged, *also)))
        if flagged:
            event.flag(flagged)
        self._stage(before, event)
        return Recorded(stream_id, event.originator_version, flagged)

    def _latest_now(self) -> int:
        """Return what a fact's time is measured against: under a clock that runs behind, the log's."""
        return max(self.now, self._trusted or 0) if self._doubt else self.now

    def _expected(self, cls: type[Event], stream_id: str, note: Note) -> History:
        before = self._histories.get(stream_id)
        if before is None:
            self.load([stream_id, note.by])  # the official is looked at next: one query for both
            before = self._histories[stream_id]
        if not before.events:
            if not cls.OPENS:
                raise UnknownError(f"{stream_id} is not in this ledger")
            if stream_id[0] in ids.KINDS and stream_id[1] == "-":
                ids.parse(stream_id)  # a new label's check character is right
        if note.expects is not None and note.expects != before.version:
            msg = (
                f"{stream_id} is at version {before.version}, not {note.expects}: "
                "look again, then retry"
            )
            raise BusyError(msg)
        return before

    def _stage(self, before: History, event: Event) -> None:
        # The one place that sets a recorded time. The write lock is held: it never decreases.
        self._recorded_at = max(self.now, self._recorded_at + 1)
        event.stamp(self._recorded_at, self._shows)
        if NOT_TRUSTED not in event.irregularities:
            self._trusted = self._recorded_at if event.clock is None else event.clock
        after = before.then(event)
        self._journal.append(before)
        self._histories[before.id] = after
        self._staged.append(event)
        self._streams.add(before.id)
        self.register.follow(before.state, after.state)

    def allow(self, official: str, cls: type[Event]) -> None:
        """Refuse an official who holds none of the roles that may record such events.

        Raises:
            UnknownError: the official is not in the directory. NotAllowedError: no such role.
        """
        known = self.look(official)
        if known is None:
            raise UnknownError(f"the official {official} is not in the directory")
        if not known.holds(cls.ROLES, self.now):
            roles = " or ".join(sorted(cls.ROLES))
            raise NotAllowedError(
                f"{official} may not record {cls.TOPIC}: it needs the role {roles}"
            )

    def _resolve(self, event: Event) -> None:
        for field, prefix in references(type(event)):
            code = getattr(event, field)
            if code is None or code == "UNIDENTIFIED":
                continue
            for one in (code,) if isinstance(code, str) else code:
                if self.look(prefix + one) is None:
                    raise UnknownError(f"{one} is not in this ledger (named as {field})")

    # ── numbers and keys ─────────────────────────────────────────────────

    def number(self, prefix: str) -> str:
        """Return the next control number for a new stream."""
        if prefix not in self._numbers:
            row = self.store.one("SELECT last FROM control_number WHERE prefix = ?", (prefix,))
            self._numbers[prefix] = row[0] if row else 0
        for number, text in ids.control_numbers(prefix, self._numbers[prefix]):
            self._numbers[prefix] = number
            if self.look(text) is None:
                return text
        raise AssertionError  # control numbers do not end

    def note_access(self, official: str, subject: str, fields: str, purpose: str) -> None:
        """Note who looked at whose personal values, and why."""
        self.store.execute(
            "INSERT INTO access_log (at, official, subject, fields, purpose) VALUES (?, ?, ?, ?, ?)",
            (self.now, official, subject, fields, purpose),
        )

    def batch(self) -> str:
        """Return a fresh correlation id for the events of one operation."""
        return "B-" + self._entropy(6).hex()

    def seen(self, key: str, command: bytes) -> Recorded | None:
        """Return what a command recorded when it was sent before under this key.

        Raises:
            BadInputError: the key was used for another command.
        """
        row = self._keys.get(key) or self.store.one(
            "SELECT command, subject, version FROM idempotency WHERE key = ?", (key,)
        )
        if row is None:
            return None
        if row[0] != command:
            msg = f"the key '{key}' was used for another command: give this one its own key"
            raise BadInputError(msg)
        return Recorded(row[1], row[2], again=True)

    def remember(self, key: str, command: bytes, done: Recorded) -> None:
        """Note that a command was carried out under a key."""
        self._keys[key] = (command, done.subject, done.version)


def entropy(length: int) -> bytes:
    """Return random bytes from the operating system."""
    return secrets.token_bytes(length)
