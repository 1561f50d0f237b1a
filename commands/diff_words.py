"""What `amana diff` says of one fact: from what, to what, by which event, recorded by whom and why."""

from __future__ import annotations

from typing import Any

from commands.history import undoes, words
from commands.terminal.clock_options import happened_at, machine, shown
from commands.terminal.session import Session
from domain import times
from words.cells import cell
from words.instants import is_instant


def print_changes(session: Session, found: list[Any]) -> None:
    """Write what differs: from what, to what, and the events that did it."""
    for change in found:
        spans = {s.event.occurred_at: s.event for s in change.steps if s.event.occurred_until}
        before, after = (
            _value(session, change.field, value, spans) for value in (change.before, change.after)
        )
        session.out.line(f"  {change.field.replace('_', ' ')}: {before} → {after}")
        for step in change.steps:
            session.out.line(f"      {_said(session, step.event)}")


def _said(session: Session, event: Any) -> str:
    """Return an event in a line: which, when it happened, who recorded it when, and why."""
    approved = f", approved by {event.approved_by}" if event.approved_by else ""
    why = f": {event.reason}" if event.reason else ""
    place = f"{undoes(event)}, " if event.corrects is not None else ""
    return (
        f"event {event.originator_version} ({place}{words(event.TOPIC)}, "
        f"{happened_at(session, event)}), recorded {shown(session, event.recorded_at)} "
        f"by {event.recorded_by}{approved}{why}"
    )


def _value(session: Session, field: str, value: Any, spans: dict[int, Any]) -> str:
    """Return a fact for a person; an instant as uncertain as the event that it comes from."""
    if is_instant(field) and isinstance(value, int):
        return happened_at(session, spans[value]) if value in spans else shown(session, value)
    return cell(value) or "none"


def field(session: Session, change: Any) -> dict[str, Any]:
    """Return what differs, for programs."""

    def told(value: Any) -> Any:
        return machine(session, {change.field: value})[change.field]

    return {
        "fact": change.field,
        "before": told(change.before),
        "after": told(change.after),
        "events": [
            {
                "version": s.event.originator_version,
                "what": s.event.TOPIC,
                "occurred_at": times.iso(s.event.occurred_at, session.zone),
                "occurred_until": (
                    None
                    if s.event.occurred_until is None
                    else times.iso(s.event.occurred_until, session.zone)
                ),
                "recorded_at": times.iso(s.event.recorded_at, session.zone),
                "by": s.event.recorded_by,
                "approved_by": s.event.approved_by,
                "reason": s.event.reason,
                "before": told(s.before),
                "after": told(s.after),
            }
            for s in change.steps
        ],
    }
