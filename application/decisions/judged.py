"""What of one stream is irregular as known now: what is judged from scratch before it is closed."""

from __future__ import annotations

from collections.abc import Callable, Collection

from application.decisions.unit import Unit
from application.store.register import entries
from domain.effects import STANDS
from domain.event import Event, State
from domain.history import History
from domain.judging import Broken, closed_by, closings, judged


def still_open(unit: Unit, known: History) -> set[Broken]:
    """Return which events of a stream broke which rules and are not closed: said then, or known now."""
    return not_closed(known, {*known.state.irregular, *broken_now(unit, known, whole=True)})


def broken_now(unit: Unit, known: History, *, whole: bool = False) -> set[Broken]:
    """Return which events of a stream broke which rules, each judged where it stands, as known now.

    Args:
        whole: look through everybody for those who once stood at a site; else through who stands there
            now, which is enough to tell what a change does.
    """

    def others(event: Event) -> Callable[[str], State | None]:
        return lambda stream_id: unit.just_before(stream_id, event)

    def find(event: Event) -> Callable[[str, str], Collection[str]]:
        look = others(event)

        def then(name: str, key: str) -> set[str]:
            found = {*unit.register.find(name, key)}
            if whole and name in STANDS:
                found |= {k.id for k in unit.every("W-" if name == "kept" else "P-")}
            states = [look(one) for one in found]
            return {s.id for s in states if s and (name, key, s.id) in set(entries(s))}

        return then

    return judged(known, others, find)


def not_closed(known: History, broken: Collection[Broken]) -> set[Broken]:
    """Return those of a stream's irregularities that nothing closes, as known now."""
    closed = list(closings(known))
    return {
        one
        for one in broken
        if not any(closed_by(one, known.events[one[0] - 1], *by) for by in closed)
    }
