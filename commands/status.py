"""`amana status`: where somebody or something was, or who and what was at a place, in two clocks."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import click

from application.answers.two_clocks import Clocks
from commands import status_place, status_words
from commands.status_words import One
from commands.terminal.clock_options import clocks_of, echoed, machine, with_clocks
from commands.terminal.session import Session
from domain import ids
from domain.errors import BadInputError, UnknownError


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
    session: Session,
    /,
    subject: str | None,
    site: str | None,
    depot: str | None,
    crate: str | None,
    party: str | None,
    as_of: str | None,
    known_at: str | None,
    bounds: bool,
    why: bool,
) -> None:
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
    from application.decisions.access import may_read_protected

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


def _one(
    session: Session, typed: str, clocks: Clocks, asked: Typed, *, bounds: bool, why: bool
) -> None:
    from projections.belief import recorded

    stream = stream_of(session, typed)
    known = session.views.load([stream])[stream]
    if not known.events:
        msg = f"{stream} is not in this ledger"
        raise UnknownError(msg)
    answer = _answered(session, known, clocks, asked)
    reasons = status_words.why(session, answer.explained) if why else None
    if session.out.mode != "json":
        status_words.print_one(session, answer, clocks)
        if bounds:
            status_words.print_bounds(session, answer.facts, answer.others)
        if reasons:
            status_words.print_why(session, reasons)
        return
    document = {
        "kind": ids.kind_of(stream),
        "version": len(recorded(known, clocks.known_at)),
        **echoed(session, clocks),
        **machine(session, answer.facts),
        "certain": not answer.others,
        "now": {"differs": answer.differs, "command": answer.command},
    }
    if bounds:
        document["possible"] = [machine(session, o) or None for o in answer.others]
    if reasons:
        document["why"] = reasons
    session.out.document(document)


def _answered(session: Session, known: Any, clocks: Clocks, asked: Typed) -> One:
    from application.decisions.access import PROTECTED_FACETS, withheld
    from projections import belief, changes

    may_read = readable(session, known.id)
    hide: Hide = dict if may_read else withheld
    found = belief.possible(known, clocks.true_at, clocks.known_at)
    if found[0] is None:
        msg = f"{known.id}: nothing was recorded about that instant by then"
        raise UnknownError(msg)
    facts, *others = [hide(state._asdict()) if state else {} for state in found]
    explained = belief.explain(known, clocks.true_at, clocks.known_at)
    learned = changes.learned(known, clocks.as_of, clocks.known_at, session.custody.clock())
    differs = [c.field for c in learned if may_read or c.field not in PROTECTED_FACETS]
    return One(
        known.id,
        facts,
        [one for one in others if one != facts],
        [e for e in explained.folded if (e.occurred_until or 0) > clocks.true_at],
        explained,
        differs,
        _compare(known.id, asked, differs),
    )


def _compare(stream: str, asked: Typed, differs: list[str]) -> str | None:
    """Return the command that shows what the ledger learned since; None when it is nothing."""
    if not differs or asked.known_at is None:
        return None
    instant = [] if asked.as_of is None else ["--as-of", asked.as_of]
    return shlex.join(["amana", "diff", stream, *instant, "--known-at", asked.known_at, "now"])
