"""What `amana status` says of one subject to a person: facts, what else is possible, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from application.answers.two_clocks import Clocks
from commands.terminal.clock_options import happened_at, heading, shown
from commands.terminal.session import Session
from domain import ids, times

HIDDEN = frozenset({"id", "irregular", "pending", "identity_fields", "since", "in_trust_since"})
FITS_A_LINE = 8
TOTALS = ("expected", "found", "missing", "unexpected")
FIRST = ("custody", "keeper", "party", "site", "place", "container", "seal")
"""What is asked first stands first."""
LABELS = {
    "weapon": {"keeper": "accountable", "party": "kept by"},
    "official": {"party": "belongs to"},
}
"""What a fact is called on the screen, by the kind of subject; its own name unless given."""


class One(NamedTuple):
    """The answer about one subject.

    Attributes:
        facts: what is believed. others: what uncertain times allow instead, {} for no record.
        uncertain: the events whose span holds the instant, which leave that open.
        differs: the facts that read otherwise as known now. command: the diff that shows them.
    """

    stream: str
    facts: dict[str, Any]
    others: list[dict[str, Any]]
    uncertain: list[Any]
    explained: Any
    differs: list[str]
    command: str | None


def print_one(session: Session, answer: One, clocks: Clocks) -> None:
    """Write the facts, both clocks, and what is uncertain or reads otherwise now."""
    facts, stream = answer.facts, answer.stream
    word = facts.get("custody") or facts.get("status") or ""
    heading(session, f"{stream}  {word}".rstrip(), clocks)
    first = {n: facts[n] for n in FIRST if n in facts}
    labels = LABELS.get(ids.kind_of(stream), {})
    named = {
        labels.get(n, n.replace("_", " ")): _fact(session, n, v)
        for n, v in {**first, **facts}.items()
        if n not in HIDDEN
    }
    for name in ("since", "in_trust_since"):
        if facts.get(name):
            named[name.replace("_", " ")] = _since(session, facts[name], answer.explained.folded)
    named["irregular"] = ", ".join(f"event {v}: rule {n}" for v, n in facts["irregular"])
    named["waits for approval"] = ", ".join(f"{stream}:{v}" for v in facts["pending"])
    if answer.others:
        spans = ", ".join(
            f"event {e.originator_version} ({happened_at(session, e)})" for e in answer.uncertain
        )
        named["only possible"] = (
            f"this instant lies in the span of {spans}; --bounds says what else"
        )
    if answer.command:
        fields = ", ".join(field.replace("_", " ") for field in answer.differs)
        count = len(answer.differs)
        named["now"] = f"differs in {count} fact{'s' * (count > 1)} ({fields}): {answer.command}"
    session.out.facts(named)


def _since(session: Session, at: int, folded: Iterable[Any]) -> str:
    """Return since when something is so, as uncertain as the event that began it."""
    began = next((e for e in folded if e.occurred_at == at and e.occurred_until), None)
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


def print_bounds(session: Session, facts: dict[str, Any], others: list[dict[str, Any]]) -> None:
    """Write what uncertain times allow instead."""
    if not others:
        session.out.line("  certain: no uncertain event spans this instant")
    for other in others:
        differing = {
            name.replace("_", " "): value
            for name, value in other.items()
            if name not in HIDDEN and value != facts.get(name)
        }
        said = ", ".join(f"{n} {v or 'none'}" for n, v in differing.items()) or "no record"
        session.out.line(f"  possible instead: {said}")


def why(session: Session, explained: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the events that make an answer, those dropped and those that came later."""
    from commands.history import RETRACTED, words

    def event(e: Any) -> dict[str, Any]:
        return {
            "version": e.originator_version,
            "what": words(e.TOPIC),
            "by": e.recorded_by,
            "occurred": happened_at(session, e),
            "occurred_at": times.iso(e.occurred_at, session.zone),
            "occurred_until": e.occurred_until and times.iso(e.occurred_until, session.zone),
            "recorded_at": times.iso(e.recorded_at, session.zone),
            "reason": e.reason,
        }

    return {
        "folded": [event(e) for e in explained.folded],
        "dropped": [
            {
                **event(d.event),
                "dropped_by": d.by.originator_version,
                "why": d.by.reason,
                "how": "taken back by" if d.by.TOPIC == RETRACTED else "replaced by",
            }
            for d in explained.dropped
        ],
        "later": [event(e) for e in explained.later],
    }


def print_why(session: Session, why: dict[str, list[dict[str, Any]]]) -> None:
    """Write those events, one a line."""
    titles = {
        "folded": "made by, in this order",
        "dropped": "no longer counted",
        "later": "counted, but after this instant",
    }
    for name, title in titles.items():
        if why[name]:
            session.out.line(f"  {title}:")
        for e in why[name]:
            by = f"  {e['how']} {e['dropped_by']}: {e['why']}" if name == "dropped" else ""
            session.out.line(
                f"    {e['version']:>3}  {e['occurred']}  {e['what']}, recorded "
                f"{e['recorded_at']} by {e['by']}{by}"
            )
