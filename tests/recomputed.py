"""A ledger's answers from its events alone: read as they are stored, folded with `evolve`, nothing else.

    facts = Recomputed(path)
    facts.state("P-000001-I", t, k)          what somebody was at t, as known at k; None for no record
    facts.states("W", t, k)                  of a kind: identifiers to states
    facts.since_when("P-…", t, k, counts)    the event since which it is so without a break

No read model and no answer is asked. Times are microseconds UTC.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from application.store.sqlite import ReadOnly
from application.store.streams import Streams
from domain import times
from domain.event import Event, evolve
from domain.times import SECOND
from projections.cube import Calendar
from tests.terminal import Terminal
from tests.two_clocks import STARTING, ZONE, fold, live


class Recomputed:
    """A ledger's events, by stream and in the order of the log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(ReadOnly(path)) as ledger:
            streams = Streams(ledger)
            self.log: list[tuple[int, Event]] = streams.log(0, 1_000_000)
        self.own: dict[str, list[Event]] = {}
        for _, event in self.log:
            self.own.setdefault(event.originator_id, []).append(event)
        self.live: Callable[[str, int], list[Event]] = cache(self._live)
        self.state: Callable[[str, int, int], Any] = cache(self._state)
        self.walk: Callable[[str, int, int], list[Any]] = cache(self._walk)

    def _live(self, stream: str, known_at: int) -> list[Event]:
        return live(self.own[stream], known_at)

    def _state(self, stream: str, as_of: int, known_at: int) -> Any:
        return fold(stream, self.upto(stream, as_of, known_at))

    def upto(self, stream: str, as_of: int, known_at: int) -> list[Event]:
        """Return the events that count by an instant, in order of occurrence."""
        return [e for e in self.live(stream, known_at) if e.occurred_at <= as_of]

    def _walk(self, stream: str, as_of: int, known_at: int) -> list[Any]:
        """Return the state before the first event that counts, and after each; None for no record."""
        state, begun = STARTING[stream.partition("-")[0]](stream), False
        found = [None]
        for event in self.upto(stream, as_of, known_at):
            state, begun = evolve(state, event), begun or not event.TOPIC.startswith("record.")
            found.append(state if begun else None)
        return found

    def ids(self, prefix: str) -> list[str]:
        """Return the streams of a kind, in order of identifiers."""
        return sorted(one for one in self.own if one.partition("-")[0] == prefix)

    def states(self, prefix: str, as_of: int, known_at: int) -> dict[str, Any]:
        """Return the state of each of a kind of which anything is recorded."""
        found = {one: self.state(one, as_of, known_at) for one in self.ids(prefix)}
        return {one: state for one, state in found.items() if state is not None}

    def known(self, known_at: int) -> list[tuple[int, Event]]:
        """Return the log as it was known at an instant."""
        return [(n, e) for n, e in self.log if e.recorded_at <= known_at]

    def since_when(
        self, stream: str, as_of: int, known_at: int, counts: Callable[[Any], bool]
    ) -> Event | None:
        """Return the event since which a subject counts: the last that turned it, at its instant."""
        ordered = self.upto(stream, as_of, known_at)
        states = self.walk(stream, as_of, known_at)
        so = [state is not None and counts(state) for state in states]
        ends = [
            n + 1
            for n, e in enumerate(ordered)
            if n + 1 == len(ordered) or ordered[n + 1].occurred_at > e.occurred_at
        ]  # how many events there were after each instant
        found, before = None, 0
        for end in ends:
            if so[end] and not so[before]:
                found = max(n for n in range(before + 1, end + 1) if so[n] and not so[n - 1])
            elif not so[end]:
                found = None
            before = end
        return None if found is None else ordered[found - 1]


# ── a desk beside them ───────────────────────────────────────────────────────

CALENDAR = Calendar(ZONE)


class Desk:
    """Somebody at the ledger, and its events."""

    def __init__(self, folder: Path, ledger: str = "ledger.amana") -> None:
        self.facts = Recomputed(folder / ledger)
        self.terminal = Terminal(folder)
        self.terminal.env |= {"AMANA_LEDGER": ledger, "AMANA_KEY_FILE": "ledger.key"}

    def ask(self, *words: str, by: str = "OFF-062", code: int | None = 0) -> dict[str, Any]:
        return self.terminal("--json", *words, "--by", by, code=code).document

    def raw(self, stream: str) -> list[dict[str, Any]]:
        """Return a stream's facts as they are stored."""
        with closing(sqlite3.connect(self.facts.path)) as ledger:
            rows = ledger.execute(
                "SELECT state FROM stored_events WHERE originator_id = ? ORDER BY originator_version",
                (stream,),
            ).fetchall()
        return [json.loads(state) for (state,) in rows]


def instant(typed: str, unit: int = SECOND) -> int:
    """Return a typed instant: seconds, and minutes of a knowledge time, reach to their end."""
    return times.parse(typed, ZONE, 0).at + unit - 1


def iso(at: int | None) -> str | None:
    return None if at is None else times.iso(at, ZONE)


def day(at: int) -> str:
    return times.day_name(CALENDAR.day(at))


def plain(value: Any) -> Any:
    """Return a value as JSON reads it back, its instants in ISO 8601."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _spelled(name, plain(one)) for name, one in value.items()}
    return value


def _spelled(name: str, value: Any) -> Any:
    when = name == "at" or name.endswith(("since", "_at", "_until", "_as_of"))
    return iso(value) if when and type(value) is int else value


def told(state: Any) -> Any:
    """Return a state's facts as programs read them."""
    return plain(state._asdict())
