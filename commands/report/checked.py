"""`amana report declined|irregularities`: what was looked at, and what of it is not as it should be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from application.answers.two_clocks import Clocks
from commands.terminal.clock_options import clocks_of, echoed, heading, shown, with_clocks
from commands.terminal.recording import WHOLE
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError, NotAllowedError

if TYPE_CHECKING:
    from projections.declined import Declined


@click.command("declined", epilog="Example: amana report declined --as-of '18 Dec 2024 12:00'")
@with_clocks
@click.pass_obj
def declined(session: Session, /, as_of: str | None, known_at: str | None) -> None:
    """Show whether all who declined to return were kept off every return manifest (exit 1: not all).

    Looked at are all persons who had an episode by then and every return manifest; listed are those who
    stated STAY or SEEKS_PROTECTION at any time. Who changed their mind and returned was kept off until
    then.
    """
    _protected(session)
    clocks = clocks_of(session, as_of, known_at)
    looked, found = _looked_at(session, clocks), _declined(session, clocks)
    kept = sum(one.kept_off for one in found)
    if kept < len(found):
        session.verdict = 1
    if session.out.mode == "json":
        rows = [_named(session, one) for one in found]
        session.out.document(
            {
                **echoed(session, clocks),
                **looked,
                "declined": len(found),
                "kept_off": kept,
                "rows": rows,
            }
        )
    else:
        _print_declined(session, clocks, looked, found)
    raise SystemExit(session.verdict)


def _protected(session: Session) -> None:
    if not session.reader.protected:
        msg = "intent is read by welfare, interviewers, chairs and auditors only (--by)"
        raise NotAllowedError(msg)


def _looked_at(session: Session, clocks: Clocks) -> dict[str, Any]:
    """Return how many persons and return manifests there were, and what the persons had stated."""
    from projections import population
    from projections.facets import INTENT

    connection = session.views.connection
    said: Counter[str] = Counter()
    stated = population.said(connection, INTENT, clocks.true_at, clocks.known_at)
    for (_, intent), number in stated.items():
        said[intent or "NOTHING"] += number
    manifests = _returns(session, clocks)
    return {
        "persons": sum(said.values()),
        "intent": dict(sorted(said.items())),
        "manifests": len(manifests),
        "lines": sum(manifests.values()),
    }


def _returns(session: Session, clocks: Clocks) -> dict[str, int]:
    """Return the return manifests by then, with how many lines each had."""
    from projections.belief import belief

    return {
        known.id: len(state.lines)
        for known in session.custody.streams.every("T-")
        if (state := belief(known, clocks.true_at, clocks.known_at)) is not None
        and state.purpose == "RETURN"
    }


def _declined(session: Session, clocks: Clocks) -> list[Declined]:
    from projections.declined import declined as who

    persons = session.custody.streams.every("P-")
    returns = _returns(session, clocks)
    return list(who(persons, returns.keys(), clocks.true_at, clocks.known_at))


def _named(session: Session, one: Declined) -> dict[str, Any]:
    return {**one._asdict(), "since": times.iso(one.since, session.zone), "kept_off": one.kept_off}


def _print_declined(
    session: Session, clocks: Clocks, looked: dict[str, Any], found: list[Declined]
) -> None:
    if session.out.mode == "text":
        kept = sum(one.kept_off for one in found)
        title = f"{len(found):,} of {looked['persons']:,} persons declined to return"
        if found:
            title += f", {kept:,} of them were kept off every return manifest"
        else:
            title += ": there was nobody to keep off a return manifest"
        heading(session, title, clocks)
        stated = ", ".join(f"{number:,} {intent}" for intent, number in looked["intent"].items())
        through = (
            f"{looked['manifests']:,} return manifests with {looked['lines']:,} lines:"
            f" {len(found) - kept:,} who declined stand on one"
        )
        session.out.facts({"stated": stated, "looked through": through})
    session.out.table(
        ["person", "intent", "custody", "declined since", "kept off", "all the same"],
        [
            [
                one.person,
                one.intent,
                one.custody,
                shown(session, one.since),
                "yes" if one.kept_off else "● NO",
                [*one.breaches, *filter(None, [one.listed])],
            ]
            for one in found
        ],
        empty="",
    )


@click.command(
    "irregularities",
    epilog="Example: amana report irregularities --of 'handed over'   ·   "
    "amana report irregularities --rule 4",
)
@click.option("--rule", type=WHOLE, metavar="NUMBER", help="Of this rule only.")
@click.option("--of", "kind", metavar="EVENT", help="Only such events, as `handed over`.")
@click.pass_obj
def irregularities(session: Session, /, rule: int | None, kind: str | None) -> None:
    """Show which events broke a rule and are not closed, of how many that were looked at.

    `amana irregularity close` closes one; the rule book is `amana rules`.
    """
    from projections.index import newest
    from projections.irregular import irregular

    connection, topic = session.views.connection, (kind or "").replace(" ", "_").replace("-", "_")
    looked = _events(session, topic)
    if not looked:
        msg = (
            f"no event of this ledger is called '{kind}': `amana history` shows how they are called"
        )
        raise BadInputError(msg)
    events = irregular(connection, rule, topic)
    position = (newest(connection) or (0,))[0]
    if session.out.mode == "json":
        session.out.document(
            {
                "rule": rule,
                "of": kind,
                "position": position,
                "looked_at": looked,
                "irregular": len({e.event for e in events}),
                "events": [e._asdict() for e in events],
            }
        )
        return
    if session.out.mode == "text":
        what = f"events '{topic.replace('_', ' ')}'" if topic else "events"
        which = f"broke rule {rule}" if rule is not None else "are irregular"
        session.out.line(
            f"{len({e.event for e in events}):,} of {looked:,} {what} {which}", bold=True
        )
        session.out.line(f"  as known now (position {position:,})")
    session.out.table(["event", "rule", "what", "recorded by"], events, empty="")


def _events(session: Session, topic: str) -> int:
    """Return how many events there are of that name, as `irregular` looks for them."""
    (number,) = session.views.connection.execute(
        "SELECT count(*) FROM spelled_event WHERE topic LIKE '%.' || ? || '%'", (topic,)
    ).fetchone()
    return int(number)
