"""`amana status` of a site, a crate, a party or all sites: who and what was where, in two clocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from application.answers.two_clocks import Clocks
from commands.terminal.clock_options import above_table, echoed, machine, shown
from commands.terminal.session import Session
from domain import ids
from domain.errors import BadInputError, UnknownError

FITS_A_LINE = 8


def place(session: Session, column: Any, typed: str, clocks: Clocks, *, bounds: bool) -> None:
    """Answer who and what was at a site, in a crate or with a party."""
    from projections import population

    key = _crate(session, typed) if column == "container" else known_code(session, typed, column)
    connection = session.views.connection
    there = population.at(connection, column, key, clocks.true_at, clocks.known_at)
    document: dict[str, Any] = {column: key, **echoed(session, clocks)}
    document["there"] = [machine(session, _row(one)) for one in there]
    if bounds:
        found = population.bounds(
            connection, column, key, clocks.true_at, clocks.known_at, session.views.load
        )
        document["certain"] = len(found.certain)
        document["possible"] = len(found.certain) + len(found.possible)
        document["doubtful"] = [one.subject for one in found.possible]
    if session.out.mode == "json":
        session.out.document(document)
        return
    above_table(session, f"{key}  {_summary(there)}{_capacity(session, column, key)}", clocks)
    if bounds and session.out.mode == "text":
        doubt = ", ".join(document["doubtful"][:FITS_A_LINE])
        session.out.line(
            f"  certain {document['certain']:,}, at most {document['possible']:,}"
            + (f"; doubtful: {doubt}" if doubt else "")
        )
    columns = ("id", "custody", "site", "place", "container", "unchanged_since")
    session.out.table(
        [name.replace("_", " ") for name in columns],
        [[*(_row(o)[c] for c in columns[:-1]), shown(session, o.valid_from)] for o in there],
    )


def _row(one: Any) -> dict[str, Any]:
    return {
        "id": one.subject,
        "custody": one.status,
        "site": one.site,
        "place": one.place,
        "container": one.container,
        "party": one.party,
        "unchanged_since": one.valid_from,
    }


def known_code(session: Session, typed: str, kind: str) -> str:
    """Read the code of a site or party.

    Raises:
        UnknownError: the directory does not have it.
    """
    key = ids.parse_code(typed, kind)
    stream = ids.stream_of(key, kind)
    if key != "UNIDENTIFIED" and not session.views.load([stream])[stream].events:
        plural = {"site": "sites", "party": "parties"}[kind]
        msg = f"the {kind} {key} is not in the directory: `amana directory list {plural}` shows it"
        raise UnknownError(msg)
    return key


def _crate(session: Session, typed: str) -> str:
    """Read a crate's label: as written, or else the one label that differs in case only.

    Raises:
        UnknownError: nothing was ever packed in such a crate.
    """
    from projections import crates

    labels = crates.labels(session.views.connection, typed.strip())
    if typed.strip() in labels:
        return typed.strip()
    if len(labels) > 1:
        msg = f"crate '{typed}' is written in two ways: name one of {', '.join(labels)}"
        raise BadInputError(msg)
    if not labels:
        msg = f"nothing was ever packed in a crate '{typed}': `amana status --depot DEPOT` shows labels"
        raise UnknownError(msg)
    return labels[0]


def _capacity(session: Session, column: str, key: str) -> str:
    if column != "site":
        return ""
    capacity = session.views.load([f"SITE-{key}"])[f"SITE-{key}"].state.capacity
    return "" if capacity is None else f", capacity {capacity:,}"


def _summary(there: Iterable[Any]) -> str:
    found = Counter(f"{one.kind}s {one.status}" for one in there)
    return ", ".join(f"{count:,} {key}" for key, count in sorted(found.items())) or "empty"


def counts(session: Session, clocks: Clocks, *, bounds: bool) -> None:
    """Answer how many stood where, over all sites."""
    from projections import population

    connection = session.views.connection
    found: list[Any] = (
        population.count_bounds(connection, clocks.true_at, clocks.known_at, session.views.load)
        if bounds
        else population.counts(connection, clocks.true_at, clocks.known_at)
    )
    if session.out.mode == "json":
        rows = [one._asdict() for one in found]
        session.out.document({**echoed(session, clocks), "counts": rows})
        return
    above_table(session, "All sites", clocks)
    columns = (
        ("what", "custody", "site", "certain", "at most")
        if bounds
        else ("what", "custody", "site", "count")
    )
    session.out.table(columns, found)
