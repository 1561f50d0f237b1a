"""`amana status`: where somebody or something is now, or who and what is at a place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from commands.session import Session
from domain import ids, times
from domain.errors import BadInputError, UnknownError

HIDDEN = frozenset({"id", "irregular", "pending", "identity_fields", "since"})


@click.command(
    epilog="Example: amana status W-000418-Y   ·   amana status --site CAMP-R1   ·   amana status"
)
@click.argument("subject", required=False, metavar="[ID]")
@click.option("--site", metavar="SITE", help="Who and what is at a site or depot.")
@click.option("--depot", metavar="SITE", help="The same as --site.")
@click.option("--crate", metavar="CRATE", help="What is packed in a crate.")
@click.pass_obj
def status(
    session: Session, /, subject: str | None, site: str | None, depot: str | None, crate: str | None
) -> None:
    """Show where a subject stands now; a site, a depot or a crate; or counts over all sites."""
    asked = [question for question in (subject, site, depot, crate) if question]
    if len(asked) > 1:
        msg = "one question at a time: an id, --site, --depot or --crate"
        raise BadInputError(msg)
    if subject:
        _one(session, subject)
    elif site or depot:
        _site(session, site or depot or "")
    elif crate:
        _crate(session, crate)
    else:
        _counts(session)


def as_known(session: Session) -> dict[str, str]:
    """Return both clocks of an answer about now."""
    now = times.iso(session.custody.clock() // times.SECOND * times.SECOND, session.zone)
    return {"as_of": now, "known_at": now}


def heading(session: Session, title: str) -> None:
    """Write an answer's first line: what it is about, and both clocks."""
    from projections.index import last

    position, _ = last(session.views.connection)
    clocks = as_known(session)
    session.out.line(title, bold=True)
    session.out.line(
        f"  true at {clocks['as_of']} · as known at {clocks['known_at']} (position {position:,})"
    )


def protected(session: Session, state: dict[str, Any]) -> dict[str, Any]:
    """Return a state as the official who asks may read it: intent and pledges only with a role."""
    from application.access import may_read_protected, withheld

    named = session.settings["by"].value
    official = ids.parse_code(named, "official") if named else None
    return state if may_read_protected(session.custody, official) else withheld(state)


def _one(session: Session, typed: str) -> None:
    from projections.status import subject as known_subject

    prefix = typed.strip().partition("-")[0].upper()
    kind = ids.DIRECTORY.get(prefix)
    stream = session.stream(typed, kind or "subject")
    found = known_subject(session.views.connection, stream)
    if found is None:
        msg = f"{stream} is not in this ledger"
        raise UnknownError(msg)
    version, state = found
    if stream.startswith("P-"):
        state = protected(session, state)
    if session.out.mode == "json":
        session.out.document(
            {"kind": ids.kind_of(stream), "version": version, **as_known(session), **state}
        )
        return
    word = state.get("custody") or state.get("status") or ""
    heading(session, f"{stream}  {word}".rstrip())
    shown = {name.replace("_", " "): _fact(v) for name, v in state.items() if name not in HIDDEN}
    shown["since"] = times.iso(state["since"], session.zone)
    if state.get("in_trust_since"):
        shown["in trust since"] = times.iso(state["in_trust_since"], session.zone)
    shown["irregular"] = ", ".join(f"event {v}: rule {n}" for v, n in state["irregular"])
    waiting = ", ".join(f"{stream}:{v}" for v in state["pending"])
    shown["waits for approval"] = waiting
    session.out.facts(shown)


def _fact(value: Any) -> Any:
    """Return long maps as counts: a manifest's lines are shown by `history`, not here."""
    if isinstance(value, dict) and len(value) > 8:  # noqa: PLR2004 -- what fits a line
        kinds: dict[str, int] = {}
        for status in value.values():
            kinds[str(status)] = kinds.get(str(status), 0) + 1
        return ", ".join(f"{count} {status}" for status, count in sorted(kinds.items()))
    if isinstance(value, list) and len(value) > 8:  # noqa: PLR2004
        return f"{len(value)}, first {value[0]}"
    return value


def _site(session: Session, typed: str) -> None:
    from projections.status import at_site
    from projections.status import subject as known_subject

    code = ids.parse_code(typed, "site")
    site = known_subject(session.views.connection, f"SITE-{code}")
    if site is None:
        msg = f"the site {code} is not in the directory"
        raise UnknownError(msg)
    states = list(at_site(session.views.connection, code))
    if session.out.mode == "json":
        there = [{"id": s["id"], "custody": s["custody"], "place": s["place"]} for s in states]
        capacity = site[1]["capacity"]
        session.out.document(
            {"site": code, "capacity": capacity, **as_known(session), "there": there}
        )
        return
    capacity = f", capacity {site[1]['capacity']}" if site[1]["capacity"] is not None else ""
    heading(session, f"{code}  {_summary(states)}{capacity}")
    _list(session, states)


def _crate(session: Session, container: str) -> None:
    from projections.status import in_container

    states = list(in_container(session.views.connection, container))
    if not states:
        msg = f"no weapon is packed in a crate {container}"
        raise UnknownError(msg)
    if session.out.mode == "json":
        there = [{"id": s["id"], "custody": s["custody"], "seal": s["seal"]} for s in states]
        session.out.document({"crate": container, **as_known(session), "there": there})
        return
    heading(session, f"{container}  {_summary(states)}  seal {states[0]['seal']}")
    _list(session, states)


def _summary(states: Iterable[dict[str, Any]]) -> str:
    found: dict[str, int] = {}
    for state in states:
        word = "persons" if state["id"].startswith("P-") else "weapons"
        key = f"{word} {state['custody']}"
        found[key] = found.get(key, 0) + 1
    return ", ".join(f"{count:,} {key}" for key, count in sorted(found.items())) or "empty"


def _list(session: Session, states: Iterable[dict[str, Any]]) -> None:
    session.out.table(
        ["id", "custody", "place", "what"],
        [[s["id"], s["custody"], s["place"], s.get("model") or s.get("category")] for s in states],
    )


def _counts(session: Session) -> None:
    from projections.status import counts

    rows = counts(session.views.connection)
    if session.out.mode == "json":
        found = [dict(zip(("kind", "custody", "site", "count"), r, strict=True)) for r in rows]
        session.out.document({**as_known(session), "counts": found})
        return
    if session.out.mode == "text":
        heading(session, "All sites")
    session.out.table(["what", "custody", "site", "count"], rows)
