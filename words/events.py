"""What is said of events: their names, what undoes them, what they tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from application.answers.events import KnownEvent
from application.answers.history import Told
from domain import times
from domain.history import RETRACTION
from domain.times import When
from words import instants
from words.facts import label, spoken

WITHHELD = "(not shown to this official)"


def event_name(topic: str) -> str:
    """Return a stored name as words: `weapon.deposited_in_trust` is `deposited in trust`."""
    return topic.partition(".")[2].replace("_", " ")


def undoes(event: KnownEvent) -> str:
    """Return what a correction or a retraction does to which event: `replaces 3`, `takes back 3`."""
    verb = "takes back" if event.topic == RETRACTION else "replaces"
    return f"{verb} {event.corrects}"


def ended_by(event: KnownEvent) -> str:
    """Return how a correction or a retraction ended another event: `replaced by`, `taken back by`."""
    return "taken back by" if event.topic == RETRACTION else "replaced by"


def mark(told: Told) -> str:
    """Return what a reader must know of an event first: that it no longer counts, or came late."""
    marks = []
    if told.dropped_by is not None:
        why = f": {told.dropped_by.reason}" if told.dropped_by.reason else ""
        marks.append(f"NO LONGER COUNTS, see {told.dropped_by.version}{why}")
    if told.event.corrects is not None:
        marks.append(undoes(told.event))
    if told.late:
        marks.append("LATE")
    return ", ".join(marks)


def dated(event: KnownEvent, zone: ZoneInfo) -> dict[str, Any]:
    """Return an event for programs: which, what, by whom, and both its times."""
    until = event.occurred_until
    return {
        "version": event.version,
        "what": event_name(event.topic),
        "by": event.by,
        "occurred": instants.happened_at(event, zone),
        "occurred_at": times.iso(event.occurred_at, zone),
        "occurred_until": None if until is None else times.iso(until, zone),
        "recorded_at": times.iso(event.recorded_at, zone),
        "reason": event.reason,
    }


def own_facts(told: Told) -> dict[str, Any]:
    """Return an event's own facts, or in their place that they are not shown."""
    return {WITHHELD: ""} if told.withheld else told.facts


def detail(
    facts: Mapping[str, Any], zone: ZoneInfo, hidden: Collection[str] = ()
) -> dict[str, Any]:
    """Return an event's facts as a person reads them: instants in the zone, what is sealed by name."""
    shown = {name: value for name, value in facts.items() if name not in hidden}
    if "topic" in shown and "true_precision" in shown:
        return _proposed(shown, zone)
    if "identity" in shown:
        shown["identity"] = f"sealed ({', '.join(n.replace('_', ' ') for n in shown['identity'])})"
    if isinstance(shown.get("expected"), list | tuple):
        shown["expected"] = f"{len(shown['expected'])} subjects"
    return {label(name): spoken(name, value, zone) for name, value in shown.items()}


def _proposed(facts: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return what a proposal says: which event it would be, in place of which, and when that was."""
    own = detail(facts.get("facts") or {}, zone)
    said = {"event": event_name(facts["topic"]), **own, "in place of event": facts.get("target")}
    if facts.get("true_at") is not None:
        happened = When(facts["true_at"], facts.get("true_until"), facts["true_precision"])
        said["which happened"] = times.show(happened, zone)
    left = {"topic", "facts", "target", "true_at", "true_until", "true_precision"}
    said |= {label(n): spoken(n, value, zone) for n, value in facts.items() if n not in left}
    return {name: value for name, value in said.items() if value is not None}
