"""What `amana diff` says of one fact: from what, to what, by which event, recorded by whom and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from application.answers.diff import FactChange, Step
from application.answers.events import KnownEvent
from commands.terminal.clock_options import happened_at, learned, machine, shown
from commands.terminal.session import Session
from domain import times
from words.cells import cell
from words.events import event_name, undoes
from words.facts import label, spoken
from words.instants import is_instant


def print_changes(session: Session, found: Iterable[FactChange]) -> None:
    """Write what differs: from what, to what, and the events that did it."""
    for change in found:
        before, after = both(session, change)
        session.out.line(f"  {label(change.fact)}: {before} → {after}")
        for step in change.steps:
            session.out.line(f"      {event_said(session, step.event)}")


def both(session: Session, change: FactChange) -> tuple[str, str]:
    """Return how a fact read and how it reads, for a person; `none` where it said nothing."""
    spans = {s.event.occurred_at: s.event for s in change.steps if s.event.occurred_until}
    before = _value(session, change.fact, change.before, spans)
    return before, _value(session, change.fact, change.after, spans)


def event_said(session: Session, event: KnownEvent) -> str:
    """Return an event in a line: which, when it happened, who recorded it when, and why."""
    approved = f", approved by {event.approved_by}" if event.approved_by else ""
    why = f": {event.reason}" if event.reason else ""
    undone = f"{undoes(event)}, " if event.corrects is not None else ""
    return (
        f"event {event.version} ({undone}{event_name(event.topic)}, "
        f"{happened_at(session, event)}), recorded {learned(session, event.recorded_at)} "
        f"by {event.by}{approved}{why}"
    )


def _value(session: Session, fact: str, value: object, spans: Mapping[int, KnownEvent]) -> str:
    """Return a fact for a person; an instant as uncertain as the event that it comes from."""
    if is_instant(fact) and isinstance(value, int):
        return happened_at(session, spans[value]) if value in spans else shown(session, value)
    return cell(spoken(fact, value, session.zone)) or "none"


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
