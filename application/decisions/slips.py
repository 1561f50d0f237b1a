"""One's own slip: corrected alone, at once, and listed for a sample check (`amana audit slips`).

The same official, within 30 minutes of recording it, nothing on paper and nothing built on it, not
protected, and no rule broken by the change. Such a correction has no `approved_by`: that is its mark.
It is asked for (`--alone`), never taken for granted: what promises a second official keeps one
(ADR 13). What the official had proposed about the same event before is withdrawn with it.
"""

from __future__ import annotations

from application.decisions import foresight
from application.decisions.note import Facts, Note
from application.decisions.unit import Recorded, Unit
from domain import ids, times
from domain.errors import RefusedError
from domain.event import EVENTS, Event, as_a
from domain.record import Declined, Proposed

WITHIN = 30 * times.MINUTE
WITHDRAWN = "corrected alone instead"
TWO_ALWAYS = frozenset({"official", "party", "transfer"})
"""Streams whose events give power or carry two signatures."""
PAPER = ("receipt", "provisional_receipt", "document", "certificate", "transfer")
"""Facts that say that a paper was written, or that a transfer rests on it."""


def record(unit: Unit, stream: str, note: Note, target: Event, facts: Facts) -> Recorded:
    """Correct one's own slip.

    Args:
        note: who corrects, with the time the event is to have. target: the event as it stands.

    Raises:
        RefusedError: rule 20, it needs another official, and why.
    """
    unit.allow(note.by, EVENTS[target.TOPIC])
    why = why_two(unit, stream, note, target, facts)
    if why is not None:
        msg = (
            f"{stream}:{target.originator_version} is not corrected alone: {why}; "
            "leave out --alone, and another official approves"
        )
        raise RefusedError(20, msg)
    _withdraw(unit, stream, note.by, target)
    return _corrected(unit, stream, note, target, facts)


def why_two(unit: Unit, stream: str, note: Note, target: Event, facts: Facts) -> str | None:
    """Say why a correction needs a second official; None for one's own slip. Arguments as `record`."""
    why = _needs_two(unit, stream, note, target)
    if why is not None:
        return why
    tried = foresight.consequences(
        unit, [stream], lambda: _corrected(unit, stream, note, target, facts)
    )
    return f"read so, it breaks rule {', '.join(map(str, tried.rules))}" if tried.rules else None


def _corrected(unit: Unit, stream: str, note: Note, target: Event, facts: Facts) -> Recorded:
    cls = EVENTS[target.TOPIC]
    return unit.record(cls, stream, note, corrects=target.originator_version, **facts)


def _withdraw(unit: Unit, stream: str, by: str, target: Event) -> None:
    """Close what the official had proposed about the same event and is not needed any more."""
    known = unit.history(stream)
    for version in unit.state(stream).pending:
        waiting = as_a(Proposed, known.events[version - 1]) if known else None
        if waiting and (waiting.recorded_by, waiting.target) == (by, target.originator_version):
            unit.record(Declined, stream, Note(by, reason=WITHDRAWN), proposal=version)


def _needs_two(unit: Unit, stream: str, note: Note, target: Event) -> str | None:
    """Say why an event is not its official's own slip; the first reason speaks."""
    cls = EVENTS[target.TOPIC]
    known = unit.history(stream)
    after = known.events[target.originator_version :] if known else ()
    two = cls.SECOND or target.approved_by is not None or ids.kind_of(stream) in TWO_ALWAYS
    reasons: dict[str, bool] = {
        f"it was recorded by {target.recorded_by}": note.by != target.recorded_by,
        "it was recorded more than 30 minutes ago": unit.now - target.recorded_at > WITHIN,
        "what it says is protected": cls.PROTECTED is not None,
        "it needs two officials": two,
        "a paper or a transfer rests on it": bool(
            target.evidence or any(getattr(target, name, None) for name in PAPER)
        ),
        "something was recorded after it": any(not e.TOPIC.startswith("record.") for e in after),
    }
    first = next((why for why, holds in reasons.items() if holds), None)
    if first is None and _built_on(unit, stream, target):
        return "a transfer or a count rests on it"
    return first


def _built_on(unit: Unit, stream: str, target: Event) -> bool:
    if unit.register.find("line", stream):
        return True
    for known in unit.streams.every("S-"):
        listed = stream in known.state.expected or stream in known.state.found
        if listed and known.events[-1].recorded_at >= target.recorded_at:
            return True
    return False
