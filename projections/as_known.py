"""Other streams and the register as they were before an event, as known at an instant.

What the rules look at when a stream is judged again: folded once, kept while many are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from domain import history
from domain.effects import STANDS
from domain.event import Event, State
from domain.history import History
from domain.judging import Before, Look, closings, judged
from projections import population
from projections.belief import recorded
from projections.mentions import NUMBERS, SERIAL, folded
from projections.row_codes import ORIGIN, ViewsFile, code_of, subject_of

Entries: TypeAlias = Callable[[State], Iterable[tuple[str, str, str]]]
"""What the register holds of one stream's state: (name, key, subject)."""
Loader: TypeAlias = Callable[[Sequence[str]], "dict[str, History]"]
KEEP = 5_000
"""Histories kept in memory while streams are judged again."""


class Kept:
    """Whole histories, kept while many streams are judged again."""

    def __init__(self, load: Loader) -> None:
        self._load = load
        self._held: dict[str, History] = {}
        self._before: dict[tuple[str, int], Before] = {}

    def history(self, stream_id: str) -> History:
        """Return a stream's whole history, empty where there is none."""
        if stream_id not in self._held:
            if len(self._held) > KEEP:
                self._held.clear()
            self._held.update(self._load([stream_id]))
        return self._held[stream_id]

    def before(self, stream_id: str, known_at: int, event: Event) -> State | None:
        """Return a stream as it was before an event of another, as known at an instant."""
        number = len(recorded(self.history(stream_id), known_at))
        if (stream_id, number) not in self._before:
            if len(self._before) > KEEP:
                self._before.clear()
            self._before[stream_id, number] = Before(self.known(stream_id, known_at))
        return self._before[stream_id, number].of(event)

    def known(self, stream_id: str, known_at: int) -> History:
        """Return a stream's history as the ledger knew it at an instant."""
        whole = self.history(stream_id)
        events = recorded(whole, known_at)
        return whole if len(events) == len(whole.events) else history.of(stream_id, events)


class AsKnown(NamedTuple):
    """Other streams and the register as they were before an event, as known at an instant."""

    views: ViewsFile
    kept: Kept
    entries: Entries
    known_at: int

    def look(self, event: Event) -> Look:
        """Return a way to look at other streams as they were before an event."""

        def then(stream_id: str) -> State | None:
            return self.kept.before(stream_id, self.known_at, event)

        return then

    def find(self, event: Event) -> Callable[[str, str], Collection[str]]:
        """Return what finds subjects under a name and key of the register, before an event."""

        def then(name: str, key: str) -> set[str]:
            look = self.look(event)
            sure, candidates = self._candidates(name, key, event.occurred_at)
            if name in NUMBERS:
                return sure | candidates  # rules 29 and 30 look at each of them themselves
            for subject in candidates - sure:
                state = look(subject)
                wanted = (name, key, subject)
                if state is not None and any(one == wanted for one in self.entries(state)):
                    sure.add(subject)
            return sure

        return then

    def _candidates(self, name: str, key: str, at: int) -> tuple[set[str], set[str]]:
        """Return who certainly stands under a name and key then, and who may."""
        if name in STANDS:
            there, before = (
                population.at(self.views, "site", key, instant, self.known_at)
                for instant in (at, at - 1)
            )
            sure = {
                one.subject
                for one in there
                if name == "housed"
                and one.status == "SHELTERED"
                and one.subject.startswith("P-")
                and one.valid_from < at
            }
            return sure, {one.subject for one in (*there, *before)}
        wanted: str | int = (
            SERIAL + key if name == "serial" else NUMBERS.get(name, "") + folded(key)
        )
        if name == "line":
            wanted = code_of(key)
        held = self.views.execute(
            "SELECT subject FROM mention WHERE key = ? AND since <= ?",
            (wanted, self.known_at - ORIGIN),
        )
        return set(), {subject_of(code) for (code,) in held}


def wanted_at(
    views: ViewsFile, subject: str, known_at: int, kept: Kept, entries: Entries
) -> dict[tuple[int, int, int], int]:
    """Return what broke a rule and what was closed, judged with some knowledge.

    Returns:
        (version, rule, closing version or 0) to when the event occurred, microseconds UTC.
    """
    known = kept.known(subject, known_at)
    as_known = AsKnown(views, kept, entries, known_at)
    when = {e.originator_version: e.occurred_at for e in known.events}
    found = {
        (version, rule, 0): when[version]
        for version, rule in judged(known, as_known.look, as_known.find)
    }
    for closing, broken in closings(known):
        found[*broken, closing.originator_version] = closing.occurred_at
    return found
