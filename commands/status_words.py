"""What `amana status` says of one subject to a person: facts, what else is possible, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sized
from typing import Any

from application.answers.events import KnownEvent, absent
from application.answers.status import Status, Why
from commands.terminal.clock_options import echoed, happened_at, heading, learned, machine, shown
from commands.terminal.session import Session
from domain import times
from words.cells import cell
from words.events import dated, ended_by, event_name
from words.facts import TOTALS, label, spoken

HIDDEN = frozenset({"id", "irregular", "pending", "since", "in_trust_since"})
FITS_A_LINE = 8
FIRST = ("custody", "keeper", "party", "site", "place", "container", "seal")
"""What is asked first stands first."""


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
    named = {
        label(n, found.kind): _fact(session, n, v)
        for n, v in {**first, **facts}.items()
        if n not in HIDDEN and not absent(v, n)
    }
    for name in ("since", "in_trust_since"):
        if facts.get(name):
            named[label(name)] = _since(session, facts[name], found.uncertain)
    named["version"] = found.version
    named["irregular"] = ", ".join(f"event {v}: rule {n}" for v, n in facts["irregular"])
    named["waits for approval"] = ", ".join(f"{stream}:{v}" for v in facts["pending"])
    if found.others:
        spans = ", ".join(f"event {e.version} ({happened_at(session, e)})" for e in found.spanning)
        named["only possible"] = (
            f"this instant lies in the span of {spans}; --bounds says what else"
        )
    if command:
        fields = ", ".join(label(field, found.kind) for field in found.differs)
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
    """Return a fact as it fits a line: instants in the zone, long lists and maps as counts.

    A pipe gets them whole.
    """
    if name == "identity_fields":
        return [label(field) for field in value]
    if name == "sightings":
        return [f"event {version}" for version in value]
    if name == "totals":
        return [f"{count:,} {what}" for count, what in zip(value, TOTALS, strict=False)]
    fits = len(value) if session.out.mode == "plain" and isinstance(value, Sized) else FITS_A_LINE
    if isinstance(value, Mapping) and len(value) > fits:
        found = Counter(str(status) for status in value.values())
        if len(found) <= FITS_A_LINE:
            return ", ".join(f"{count} {status}" for status, count in sorted(found.items()))
        value = sorted(value)
    if isinstance(value, list | tuple) and len(value) > fits:
        return f"{len(value)}, first {value[0]}"
    return spoken(name, value, session.zone)


def _print_bounds(session: Session, found: Status) -> None:
    """Write what uncertain times allow instead."""
    if not found.others:
        session.out.line("  certain: no uncertain event spans this instant")
    for other in found.others:
        differing = {
            label(name, found.kind): spoken(name, value, session.zone)
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
                f"{learned(session, e.recorded_at)} by {e.by}{ended}"
            )


# ── for programs ────────────────────────────────────────────────────────────


def document(session: Session, found: Status, command: str | None, *, bounds: bool) -> None:
    """Write the answer for programs; arguments as `print_one`."""
    told: dict[str, object] = {
        "kind": found.kind,
        "version": found.version,
        **echoed(session, found.echo),
        **machine(session, found.facts),
        **_until(session, found),
        "certain": not found.others,
        "now": {"differs": found.differs, "command": command},
    }
    if bounds:
        told["possible"] = [machine(session, other) or None for other in found.others]
    if found.why is not None:
        told["why"] = {
            "folded": [dated(e, session.zone) for e in found.why.folded],
            "dropped": [
                {
                    **dated(d.event, session.zone),
                    "dropped_by": d.by.version,
                    "why": d.by.reason,
                    "how": ended_by(d.by),
                }
                for d in found.why.dropped
            ],
            "later": [dated(e, session.zone) for e in found.why.later],
        }
    session.out.document(told)


def _until(session: Session, found: Status) -> dict[str, str]:
    """Return the ends of the spans in which what is so since then began; none where that is certain."""
    spans = {e.occurred_at: e.occurred_until for e in found.uncertain if e.occurred_until}
    return {
        f"{name}_until": times.iso(spans[found.facts[name]], session.zone)
        for name in ("since", "in_trust_since")
        if found.facts.get(name) in spans
    }
