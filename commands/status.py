"""`amana status`: where somebody or something was, or who and what was at a place, in two clocks."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import click

from commands import status_place
from commands.clocks import (
    Clocks,
    clocks_of,
    echoed,
    happened_at,
    heading,
    machine,
    shown,
    with_clocks,
)
from commands.session import Session
from domain import ids, times
from domain.errors import BadInputError, UnknownError

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


@click.command(
    epilog="Example: amana status W-000418-Y --as-of '12 Dec 2024 12:00' --known-at "
    "'15 Dec 2024 18:00'   ·   amana status --site CAMP-R1   ·   amana status"
)
@click.argument("subject", required=False, metavar="[ID]")
@click.option("--site", metavar="SITE", help="Who and what is at a site or depot.")
@click.option("--depot", metavar="SITE", help="The same as --site.")
@click.option("--crate", metavar="CRATE", help="What is packed in a crate.")
@click.option("--party", metavar="PARTY", help="What a party keeps, whom it received.")
@with_clocks
@click.option("--bounds", is_flag=True, help="What uncertain times leave open: certain, possible.")
@click.option("--why", is_flag=True, help="The events that make the answer, and those dropped.")
@click.pass_obj
def status(
    session: Session, /, subject: str | None, site: str | None, depot: str | None,
    crate: str | None, party: str | None, as_of: str | None, known_at: str | None,
    bounds: bool, why: bool,
) -> None:  # fmt: skip
    """Show where a subject stands; a site, a depot, a crate or a party; or counts over all sites.

    Now, or at any instant as the ledger knew it at any other.
    """
    places = {"site": depot if site is None else site, "container": crate, "party": party}
    asked = {name: value for name, value in places.items() if value is not None}
    if len(asked) + (subject is not None) > 1 or (site and depot):
        msg = "one question at a time: an id, --site, --depot, --crate or --party"
        raise BadInputError(msg)
    if why and not subject:
        msg = "--why explains one subject: name it"
        raise BadInputError(msg)
    clocks = clocks_of(session, as_of, known_at)
    if subject is not None:
        _one(session, subject, clocks, Typed(as_of, known_at), bounds=bounds, why=why)
    elif asked:
        ((column, key),) = asked.items()
        status_place.place(session, column, key, clocks, bounds=bounds)
    else:
        status_place.counts(session, clocks, bounds=bounds)


def stream_of(session: Session, typed: str) -> str:
    """Read the name of any stream: a control number, or a directory code with its prefix."""
    prefix = typed.strip().partition("-")[0].upper()
    return session.stream(typed, ids.DIRECTORY.get(prefix, "subject"))


def readable(session: Session, stream: str) -> bool:
    """Return whether the official who asks may read a person's intent, pledges and family."""
    from application.access import may_read_protected

    if not stream.startswith("P-"):
        return True
    named = session.settings["by"].value
    official = ids.parse_code(named, "official") if named else None
    return may_read_protected(session.custody, official)


# ── one subject ─────────────────────────────────────────────────────────────

Hide = Callable[[Mapping[str, Any]], dict[str, Any]]


class Typed(NamedTuple):
    """Both clocks as they were typed, for a command that asks the same again."""

    as_of: str | None
    known_at: str | None


class One(NamedTuple):
    """The answer about one subject.

    Attributes:
        facts: what is believed. others: what uncertain times allow instead, {} for no record.
        uncertain: the events whose span holds the instant, which leave that open.
        differs: the facts that read otherwise as known now.
    """

    stream: str
    facts: dict[str, Any]
    others: list[dict[str, Any]]
    uncertain: list[Any]
    explained: Any
    differs: list[str]


def _one(
    session: Session, typed: str, clocks: Clocks, asked: Typed, *, bounds: bool, why: bool
) -> None:
    from projections.belief import recorded

    stream = stream_of(session, typed)
    known = session.views.load([stream])[stream]
    if not known.events:
        msg = f"{stream} is not in this ledger"
        raise UnknownError(msg)
    answer = _answered(session, known, clocks)
    reasons = _why(session, answer.explained) if why else None
    if session.out.mode != "json":
        _print_one(session, answer, clocks, asked)
        if bounds:
            _print_bounds(session, answer.facts, answer.others)
        if reasons:
            _print_why(session, reasons)
        return
    document = {
        "kind": ids.kind_of(stream), "version": len(recorded(known, clocks.known_at)),
        **echoed(session, clocks), **machine(session, answer.facts), "certain": not answer.others,
        "now": {"differs": answer.differs, "command": _compare(stream, asked, answer.differs)},
    }  # fmt: skip
    if bounds:
        document["possible"] = [machine(session, o) or None for o in answer.others]
    if reasons:
        document["why"] = reasons
    session.out.document(document)


def _answered(session: Session, known: Any, clocks: Clocks) -> One:
    from application.access import PROTECTED_FACETS, withheld
    from projections import belief, changes

    may_read = readable(session, known.id)
    hide: Hide = dict if may_read else withheld
    found = belief.possible(known, clocks.true_at, clocks.known_at)
    if found[0] is None:
        msg = f"{known.id}: nothing was recorded about that instant by then"
        raise UnknownError(msg)
    facts, *others = [hide(state._asdict()) if state else {} for state in found]
    explained = belief.explain(known, clocks.true_at, clocks.known_at)
    differs = changes.learned(known, clocks.as_of, clocks.known_at, session.custody.clock())
    return One(
        known.id, facts, [one for one in others if one != facts],
        [e for e in explained.folded if (e.occurred_until or 0) > clocks.true_at], explained,
        [c.field for c in differs if may_read or c.field not in PROTECTED_FACETS],
    )  # fmt: skip


def _compare(stream: str, asked: Typed, differs: list[str]) -> str | None:
    """Return the command that shows what the ledger learned since; None when it is nothing."""
    if not differs or asked.known_at is None:
        return None
    instant = [] if asked.as_of is None else ["--as-of", asked.as_of]
    return shlex.join(["amana", "diff", stream, *instant, "--known-at", asked.known_at, "now"])


def _print_one(session: Session, answer: One, clocks: Clocks, asked: Typed) -> None:
    facts, stream = answer.facts, answer.stream
    word = facts.get("custody") or facts.get("status") or ""
    heading(session, f"{stream}  {word}".rstrip(), clocks)
    first = {n: facts[n] for n in FIRST if n in facts}
    labels = LABELS.get(ids.kind_of(stream), {})
    named = {labels.get(n, n.replace("_", " ")): _fact(session, n, v)
             for n, v in {**first, **facts}.items()
             if n not in HIDDEN}  # fmt: skip
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
    if command := _compare(stream, asked, answer.differs):
        fields = ", ".join(field.replace("_", " ") for field in answer.differs)
        count = len(answer.differs)
        named["now"] = f"differs in {count} fact{'s' * (count > 1)} ({fields}): {command}"
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


def _print_bounds(session: Session, facts: dict[str, Any], others: list[dict[str, Any]]) -> None:
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


def _why(session: Session, explained: Any) -> dict[str, list[dict[str, Any]]]:
    from commands.history import RETRACTED, words

    def event(e: Any) -> dict[str, Any]:
        return {
            "version": e.originator_version, "what": words(e.TOPIC), "by": e.recorded_by,
            "occurred": happened_at(session, e),
            "occurred_at": times.iso(e.occurred_at, session.zone),
            "recorded_at": times.iso(e.recorded_at, session.zone), "reason": e.reason,
        }  # fmt: skip

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


def _print_why(session: Session, why: dict[str, list[dict[str, Any]]]) -> None:
    titles = {
        "folded": "made by, in this order", "dropped": "no longer counted",
        "later": "counted, but after this instant",
    }  # fmt: skip
    for name, title in titles.items():
        if why[name]:
            session.out.line(f"  {title}:")
        for e in why[name]:
            by = f"  {e['how']} {e['dropped_by']}: {e['why']}" if name == "dropped" else ""
            session.out.line(
                f"    {e['version']:>3}  {e['occurred']}  {e['what']}, recorded "
                f"{e['recorded_at']} by {e['by']}{by}"
            )
