"""One's own slip: corrected alone, at once, and listed for a sample check (`amana audit slips`).

The same official, within 30 minutes of recording it, nothing on paper and nothing built on it, not
protected, and no rule broken by the change. Such a correction has no `approved_by`: that is its mark.
"""

from __future__ import annotations

from application.decisions import foresight
from application.decisions.note import Facts, Note
from application.decisions.unit import Recorded, Unit
from domain import ids, times
from domain.errors import RefusedError
from domain.event import EVENTS, Event

WITHIN = 30 * times.MINUTE
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
    cls = EVENTS[target.TOPIC]
    unit.allow(note.by, cls)

    def corrected() -> Recorded:
        return unit.record(cls, stream, note, corrects=target.originator_version, **facts)

    why = _needs_two(unit, stream, note, target)
    if why is None and (rules := foresight.consequences(unit, [stream], corrected).rules):
        why = f"read so, it breaks rule {', '.join(map(str, rules))}"
    if why is not None:
        msg = (
            f"{stream}:{target.originator_version} is not corrected alone: {why}; "
            "leave out --alone, and another official approves"
        )
        raise RefusedError(20, msg)
    return corrected()


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
