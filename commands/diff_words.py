"""What `amana diff` says of one fact: from what, to what, by which event, recorded by whom and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from application.answers.diff import FactChange, Step
from application.answers.events import KnownEvent
from commands.terminal.clock_options import happened_at, machine, shown
from commands.terminal.session import Session
from domain import times
from words.cells import cell
from words.events import event_name, undoes
from words.instants import is_instant


def print_changes(session: Session, found: Iterable[FactChange]) -> None:
    """Write what differs: from what, to what, and the events that did it."""
    for change in found:
        spans = {s.event.occurred_at: s.event for s in change.steps if s.event.occurred_until}
        before, after = (
            _value(session, change.fact, value, spans) for value in (change.before, change.after)
        )
        session.out.line(f"  {change.fact.replace('_', ' ')}: {before} → {after}")
        for step in change.steps:
            session.out.line(f"      {_said(session, step.event)}")


def _said(session: Session, event: KnownEvent) -> str:
    """Return an event in a line: which, when it happened, who recorded it when, and why."""
    approved = f", approved by {event.approved_by}" if event.approved_by else ""
    why = f": {event.reason}" if event.reason else ""
    place = f"{undoes(event)}, " if event.corrects is not None else ""
    return (
        f"event {event.version} ({place}{event_name(event.topic)}, "
        f"{happened_at(session, event)}), recorded {shown(session, event.recorded_at)} "
        f"by {event.by}{approved}{why}"
    )


def _value(session: Session, fact: str, value: object, spans: Mapping[int, KnownEvent]) -> str:
    """Return a fact for a person; an instant as uncertain as the event that it comes from."""
    if is_instant(fact) and isinstance(value, int):
        return happened_at(session, spans[value]) if value in spans else shown(session, value)
    told = machine(session, {fact: value})[fact]
    if isinstance(told, list) and all(isinstance(one, dict) for one in told):
        told = [" ".join(filter(None, map(cell, one.values()))) for one in told]
    return cell(told) or "none"


def field(session: Session, change: FactChange) -> dict[str, object]:
    """Return what differs, for programs."""
    return {
        "fact": change.fact,
        **ends(session, change.fact, change),
        "events": [_event(session, change.fact, step) for step in change.steps],
    }


def ends(session: Session, fact: str, change: FactChange | Step) -> dict[str, object]:
    """Return what a fact was before and after, for programs."""
    both = {"before": change.before, "after": change.after}
    return {name: machine(session, {fact: value})[fact] for name, value in both.items()}


def _event(session: Session, fact: str, step: Step) -> dict[str, object]:
    e, zone = step.event, session.zone
    return {
        "version": e.version,
        "what": e.topic,
        "occurred_at": times.iso(e.occurred_at, zone),
        "occurred_until": None if e.occurred_until is None else times.iso(e.occurred_until, zone),
        "recorded_at": times.iso(e.recorded_at, zone),
        "by": e.by,
        "approved_by": e.approved_by,
        "reason": e.reason,
        **ends(session, fact, step),
    }
