"""A ledger's answers from its events alone: read as they are stored, folded with `evolve`, nothing else.

    facts = Recomputed(path)
    facts.state("P-000001-I", t, k)          what somebody was at t, as known at k; None for no record
    facts.states("W", t, k)                  of a kind: identifiers to states
    facts.since_when("P-…", t, k, counts)    the event since which it is so without a break

No read model and no answer is asked. Times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from application.store.sqlite import ReadOnly
from application.store.streams import Streams
from domain.event import Event
from tests.two_clocks import fold, live


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

    def _live(self, stream: str, known_at: int) -> list[Event]:
        return live(self.own[stream], known_at)

    def _state(self, stream: str, as_of: int, known_at: int) -> Any:
        return fold(stream, self.upto(stream, as_of, known_at))

    def upto(self, stream: str, as_of: int, known_at: int) -> list[Event]:
        """Return the events that count by an instant, in order of occurrence."""
        return [e for e in self.live(stream, known_at) if e.occurred_at <= as_of]

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
        states = [fold(stream, ordered[:n]) for n in range(len(ordered) + 1)]
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
