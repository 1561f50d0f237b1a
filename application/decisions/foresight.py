"""What a correction or a retraction would change, and which rules the rest would break by it.

    consequences(unit, refs, run)    what `run` changes and newly breaks; nothing of it stays

Every event that counts is judged in the history in which it occurred, before and after, in the streams
concerned and in their partners; what is broken only after it is what the change breaks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from application.decisions.judged import broken_now
from application.decisions.unit import Unit
from application.store.register import entries
from domain import history
from domain.effects import STANDS
from domain.event import State

SHARED = frozenset({"container", "seal", "receipt", "serial", "line"})
"""Names of the register: whoever stands under one key is judged by the others there."""
Breach = tuple[str, int, int]
"""A stream, the first reading's version of an event of it, and the rule it breaks."""


class Change(NamedTuple):
    """One stream as it is and as it would be."""

    stream: str
    before: State
    after: State


class Consequences(NamedTuple):
    """What a change leads to: the streams it touches and the rules newly broken, with their events."""

    changes: tuple[Change, ...]
    breaks: frozenset[Breach]
    mends: frozenset[Breach]

    @property
    def rules(self) -> tuple[int, ...]:
        """The numbers newly broken, ascending."""
        return tuple(sorted({number for _, _, number in self.breaks}))


class _RehearsedError(Exception):
    """Not a fault: the way out of an attempt whose outcome is not wanted."""


def consequences(unit: Unit, streams: Collection[str], run: Callable[[], object]) -> Consequences:
    """Try something and take it back; return what it would change.

    Args:
        unit: the unit of work. streams: those it is about. run: what is tried.

    Raises:
        CustodyError: what is tried is refused.
    """
    concerned = _with_partners(unit, streams)
    before = {b for s in concerned for b in broken(unit, s)}
    changes: list[Change] = []
    joined: list[str] = []
    after: set[Breach] = set()
    with contextlib.suppress(_RehearsedError), unit.attempt():
        mark = unit.mark()
        run()
        for stream, was in unit.before(mark).items():
            changes.append(Change(stream, was.state, unit.state(stream)))
        joined = [s for s in _with_partners(unit, streams) if s not in concerned]
        after = {b for s in (*concerned, *joined) for b in broken(unit, s)}
        raise _RehearsedError
    before |= {b for s in joined for b in broken(unit, s)}
    return Consequences(tuple(changes), frozenset(after - before), frozenset(before - after))


def broken(unit: Unit, stream: str) -> set[Breach]:
    """Return which rules a stream's events break, each judged where it stands."""
    known = unit.history(stream)
    if known is None:
        return set()
    events = known.events
    return {
        (stream, history.first_reading(events, events[version - 1]), rule)
        for version, rule in broken_now(unit, known)
        if not events[version - 1].TOPIC.startswith("record.")
    }


def _with_partners(unit: Unit, streams: Iterable[str]) -> Collection[str]:
    """Return the streams, and those that are judged by them.

    The transfers that they name and the lines of these; whoever shares a crate, a seal, a receipt, a
    serial or a transfer with them; and of a site, those who stand there.
    """
    found: dict[str, None] = dict.fromkeys(streams)
    for stream in list(found):
        known = unit.history(stream)
        if known is None:
            continue
        for event in known.events:
            named = (getattr(event, name, None) for name in ("transfer", "subject", "survivor"))
            found.update(dict.fromkeys(n for n in named if isinstance(n, str)))
        site = stream.removeprefix("SITE-")
        keys = [(name, site) for name in STANDS] if site != stream else []
        keys += [(name, key) for name, key, _ in entries(known.state) if name in SHARED]
        keys.append(("line", stream))
        for one in keys:
            found.update(dict.fromkeys(sorted(unit.register.find(*one))))
    unit.load(list(found))
    return found
