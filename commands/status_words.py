"""What `amana status` says of one subject to a person: facts, what else is possible, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from application.answers.events import KnownEvent, absent
from application.answers.status import Status, Why
from commands.terminal.clock_options import echoed, happened_at, heading, machine, shown
from commands.terminal.session import Session
from domain import times
from words.cells import cell
from words.events import ended_by, event_name

HIDDEN = frozenset(
    {
        "id",
        "irregular",
        "pending",
        "identity_fields",
        "since",
        "in_trust_since",
        "receipts",
        "operators",
        "seals",
        "sightings",
    }
)
FITS_A_LINE = 8
TOTALS = ("expected", "found", "missing", "unexpected")
FIRST = ("custody", "keeper", "party", "site", "place", "container", "seal")
"""What is asked first stands first."""
LABELS = {
    "weapon": {"keeper": "accountable", "party": "kept by"},
    "official": {"party": "belongs to"},
}
"""What a fact is called on the screen, by the kind of subject; its own name unless given."""


def print_one(session: Session, found: Status, command: str | None, *, bounds: bool) -> None:
    """Write the facts, both clocks, and what is uncertain or reads otherwise now.

    Args:
        session: this invocation. found: the answer. bounds: whether to say what else is possible.
        command: the one that shows what reads otherwise now; None when nothing does.
    """
    facts, stream = found.facts, found.stream
    word = facts.get("custody") or facts.get("status") or ""
    heading(session, f"{stream}  {word}".rstrip(), found.echo)
    first = {n: facts[n] for n in FIRST if n in facts}
    labels = LABELS.get(found.kind, {})
    named = {
        labels.get(n, n.replace("_", " ")): _fact(session, n, v)
        for n, v in {**first, **facts}.items()
        if n not in HIDDEN and not absent(v, n)
    }
    for name in ("since", "in_trust_since"):
        if facts.get(name):
            named[name.replace("_", " ")] = _since(session, facts[name], found.uncertain)
    named["irregular"] = ", ".join(f"event {v}: rule {n}" for v, n in facts["irregular"])
    named["waits for approval"] = ", ".join(f"{stream}:{v}" for v in facts["pending"])
    if found.others:
        spans = ", ".join(f"event {e.version} ({happened_at(session, e)})" for e in found.spanning)
        named["only possible"] = (
            f"this instant lies in the span of {spans}; --bounds says what else"
        )
    if command:
        fields = ", ".join(field.replace("_", " ") for field in found.differs)
        count = len(found.differs)
        named["now"] = f"differs in {count} fact{'s' * (count > 1)} ({fields}): {command}"
    session.out.facts(named)
    if bounds:
        _print_bounds(session, found)
    if found.why is not None:
        _print_why(session, found.why)


def _since(session: Session, at: int, uncertain: Iterable[KnownEvent]) -> str:
    """Return since when something is so, as uncertain as the event that began it."""
    began = next((e for e in uncertain if e.occurred_at == at), None)
    return shown(session, at) if began is None else happened_at(session, began)


def _fact(session: Session, name: str, value: Any) -> Any:
    """Return a fact as it fits a line: instants in the zone, long lists and maps as counts."""
    if isinstance(value, int) and name.endswith("_at"):
        return shown(session, value)
    if name == "roles":
        return [
            r if end is None else f"{r} until {shown(session, end)}" for r, end in value.items()
        ]
    if name == "totals":
        return [f"{count:,} {what}" for count, what in zip(value, TOTALS, strict=False)]
    if isinstance(value, Mapping) and len(value) > FITS_A_LINE:
        found = Counter(str(status) for status in value.values())
        if len(found) <= FITS_A_LINE:
            return ", ".join(f"{count} {status}" for status, count in sorted(found.items()))
        value = sorted(value)
    if isinstance(value, list | tuple) and len(value) > FITS_A_LINE:
        return f"{len(value)}, first {value[0]}"
    return value


def _print_bounds(session: Session, found: Status) -> None:
    """Write what uncertain times allow instead."""
    if not found.others:
        session.out.line("  certain: no uncertain event spans this instant")
    for other in found.others:
        differing = {
            name.replace("_", " "): value
            for name, value in other.items()
            if name not in HIDDEN and value != found.facts.get(name)
        }
        said = ", ".join(f"{n} {cell(v) or 'none'}" for n, v in differing.items()) or "no record"
        session.out.line(f"  possible instead: {said}")


def _print_why(session: Session, why: Why) -> None:
    """Write the events that make the answer, those dropped and those that came later, one a line."""
    for title, events in (
        ("made by, in this order", [(e, "") for e in why.folded]),
        (
            "no longer counted",
            [(d.event, f"  {ended_by(d.by)} {d.by.version}: {d.by.reason}") for d in why.dropped],
        ),
        ("counted, but after this instant", [(e, "") for e in why.later]),
    ):
        if events:
            session.out.line(f"  {title}:")
        for e, ended in events:
            session.out.line(
                f"    {e.version:>3}  {happened_at(session, e)}  {event_name(e.topic)}, recorded "
                f"{times.iso(e.recorded_at, session.zone)} by {e.by}{ended}"
            )


# ── for programs ────────────────────────────────────────────────────────────


def document(session: Session, found: Status, command: str | None, *, bounds: bool) -> None:
    """Write the answer for programs; arguments as `print_one`."""
    told: dict[str, Any] = {
        "kind": found.kind,
        "version": found.version,
        **echoed(session, found.echo),
        **machine(session, found.facts),
        "certain": not found.others,
        "now": {"differs": found.differs, "command": command},
    }
    if bounds:
        told["possible"] = [machine(session, other) or None for other in found.others]
    if found.why is not None:
        told["why"] = {
            "folded": [_event(session, e) for e in found.why.folded],
            "dropped": [
                {
                    **_event(session, d.event),
                    "dropped_by": d.by.version,
                    "why": d.by.reason,
                    "how": ended_by(d.by),
                }
                for d in found.why.dropped
            ],
            "later": [_event(session, e) for e in found.why.later],
        }
    session.out.document(told)


def _event(session: Session, event: KnownEvent) -> dict[str, Any]:
    until = event.occurred_until
    return {
        "version": event.version,
        "what": event_name(event.topic),
        "by": event.by,
        "occurred": happened_at(session, event),
        "occurred_at": times.iso(event.occurred_at, session.zone),
        "occurred_until": None if until is None else times.iso(until, session.zone),
        "recorded_at": times.iso(event.recorded_at, session.zone),
        "reason": event.reason,
    }
