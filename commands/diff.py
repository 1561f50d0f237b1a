"""`amana diff`: what changed between two answers, made by which event, recorded by whom and why."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import click

from commands.clocks import instant, known_instant, shown, whole_second
from commands.history import does
from commands.output import cell
from commands.session import Session
from commands.status import readable, stream_of
from domain import ids, times
from domain.errors import BadInputError, UnknownError


class Ends(NamedTuple):
    """The two answers compared: by knowledge (one instant, two known) or by time (the reverse)."""

    by: str  # knowledge | time
    fixed: int
    since: int
    until: int


@click.command(
    epilog="Example: amana diff P-000873-X --as-of '12 Dec 2024 12:00' --known-at "
    "'15 Dec 2024 18:00' now   ·   amana diff --site CAMP-R1 --as-of '12 Dec 2024 12:00' "
    "--as-of now"
)
@click.argument("words_", nargs=-1, metavar="[ID] [TIME]")
@click.option("--site", metavar="SITE", help="Everybody and everything at a site.")
@click.option("--everybody", is_flag=True, help="All persons and weapons.")
@click.option("--as-of", multiple=True, metavar="TIME", help="The instant asked about; or two.")
@click.option("--known-at", multiple=True, metavar="TIME|@POSITION", help="As known then; or two.")
@click.pass_obj
def diff(
    session: Session, /, words_: tuple[str, ...], site: str | None, everybody: bool,
    as_of: tuple[str, ...], known_at: tuple[str, ...],
) -> None:  # fmt: skip
    """Show what changed between two answers: which event, who recorded it, and why.

    Two knowledge times compare what was known of one instant; two instants compare what was true. A
    second time may follow the first: `--known-at A B`.
    """
    named = list(words_)
    subject = None if site or everybody else (named.pop(0) if named else None)
    if subject is None and not site and not everybody:
        msg = "what is compared? name an id, --site SITE or --everybody"
        raise BadInputError(msg)
    ends = _ends(session, [*as_of], [*known_at], named)
    if subject:
        _one(session, subject, ends)
    else:
        _many(session, ids.parse_code(site, "site") if site else None, ends)


def _ends(session: Session, as_of: list[str], known_at: list[str], more: list[str]) -> Ends:
    (known_at if known_at else as_of).extend(more)
    now = session.custody.clock()  # one now for both clocks
    instants = [now if _is_now(typed) else instant(session, typed) for typed in as_of]
    known = [now if _is_now(typed) else known_instant(session, typed) for typed in known_at]
    if len(known) == 2 and len(instants) < 2:  # noqa: PLR2004 -- two ends
        ends = Ends("knowledge", (instants or [now])[0], *known)
    elif len(instants) == 2 and len(known) < 2:  # noqa: PLR2004
        ends = Ends("time", (known or [now])[0], *instants)
    else:
        msg = "two answers are compared: give two times to --known-at, or two to --as-of"
        raise BadInputError(msg)
    if ends.since > ends.until:
        msg = "the first time lies after the second: turn them round"
        raise BadInputError(msg)
    return ends


def _is_now(typed: str) -> bool:
    return typed.strip().lower() == "now"


def _one(session: Session, typed: str, ends: Ends) -> None:
    from application.access import PROTECTED_FACETS
    from projections import changes

    stream = stream_of(session, typed)
    known = session.views.load([stream])[stream]
    if not known.events:
        msg = f"{stream} is not in this ledger"
        raise UnknownError(msg)
    compare = changes.learned if ends.by == "knowledge" else changes.happened
    found = compare(known, ends.fixed, ends.since, ends.until)
    if not readable(session, stream):
        found = [change for change in found if change.field not in PROTECTED_FACETS]
    if session.out.mode == "json":
        document = {**_echo(session, ends), "changes": [_field(session, c) for c in found]}
        session.out.document({"id": stream, **document})
        return
    if session.out.mode == "plain":
        _plain(session, [(stream, found)])
        return
    _title(session, f"{stream}  {len(found)} facts differ", ends)
    _print(session, found)


def _many(session: Session, site: str | None, ends: Ends) -> None:
    from projections import changes

    if site is not None and not session.views.load([f"SITE-{site}"])[f"SITE-{site}"].events:
        msg = f"the site {site} is not in the directory"
        raise UnknownError(msg)
    compare = changes.learned_of_all if ends.by == "knowledge" else changes.happened_to_all
    connection, load = session.views.connection, session.views.load
    found = compare(connection, ends.fixed, ends.since, ends.until, load, site=site)
    found = [one for one in found if one.facet == 0 or readable(session, one.subject)]
    if session.out.mode == "json":
        rows = [
            {
                "id": subject,
                "changes": [{"facet": FACET[one.facet], **_field(session, c)}
                            for one in facets for c in one.fields],
            }
            for subject, facets in _by_subject(found)
        ]  # fmt: skip
        session.out.document({"site": site, **_echo(session, ends), "subjects": rows})
        return
    if session.out.mode == "plain":
        _plain(session, [(one.subject, _named(one)) for one in found])
        return
    by_subject = _by_subject(found)
    differ = f"{len(by_subject):,} subject{'s differ' if len(by_subject) != 1 else ' differs'}"
    _title(session, f"{site or 'everybody'}  {differ}", ends)
    for subject, facets in by_subject:
        session.out.line(subject)
        for one in facets:
            _print(session, _named(one))


FACET = ("custody", "intent", "pledge")
"""What each facet speaks of."""


def _by_subject(found: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    return [(subject, list(some)) for subject, some in groupby(found, attrgetter("subject"))]


def _named(one: Any) -> list[Any]:
    """Return a facet's changes, its status by the name of the facet."""
    name = FACET[one.facet]
    return [c._replace(field=name) if c.field == "status" else c for c in one.fields]


def _print(session: Session, found: list[Any]) -> None:
    for change in found:
        session.out.line(
            f"  {change.field.replace('_', ' ')}: {_value(session, change.field, change.before)} → "
            f"{_value(session, change.field, change.after)}"
        )
        for step in change.steps:
            session.out.line(f"      {_said(session, step.event)}")


def _plain(session: Session, found: list[tuple[str, Any]]) -> None:
    rows = [
        [
            subject,
            change.field,
            change.before,
            change.after,
            " ".join(str(step.event.originator_version) for step in change.steps),
        ]
        for subject, changes in found
        for change in changes
    ]
    session.out.table(["subject", "fact", "before", "after", "events"], rows)


def _said(session: Session, event: Any) -> str:
    """Return an event in a line: which, when it happened, who recorded it when, and why."""
    approved = f", approved by {event.approved_by}" if event.approved_by else ""
    why = f": {event.reason}" if event.reason else ""
    return (
        f"event {event.originator_version} ({does(event)}, "
        f"{shown(session, event.occurred_at)}), recorded {shown(session, event.recorded_at)} "
        f"by {event.recorded_by}{approved}{why}"
    )


def _value(session: Session, field: str, value: Any) -> str:
    if field in {"since", "in_trust_since"} and value:
        return shown(session, value)
    return cell(value) or "none"


def _field(session: Session, change: Any) -> dict[str, Any]:
    return {
        "fact": change.field, "before": change.before, "after": change.after,
        "events": [
            {
                "version": s.event.originator_version, "what": s.event.TOPIC,
                "occurred_at": times.iso(s.event.occurred_at, session.zone),
                "recorded_at": times.iso(s.event.recorded_at, session.zone),
                "by": s.event.recorded_by, "approved_by": s.event.approved_by,
                "reason": s.event.reason, "before": s.before, "after": s.after,
            }
            for s in change.steps
        ],
    }  # fmt: skip


def _echo(session: Session, ends: Ends) -> dict[str, Any]:
    from projections.index import position_at

    fixed, moving = ("as_of", "known_at") if ends.by == "knowledge" else ("known_at", "as_of")
    latest = ends.until if ends.by == "knowledge" else ends.fixed
    return {
        fixed: whole_second(session, ends.fixed),
        moving: [whole_second(session, ends.since), whole_second(session, ends.until)],
        "position": position_at(session.views.connection, latest),
    }


def _title(session: Session, title: str, ends: Ends) -> None:
    said = _echo(session, ends)
    session.out.line(title, bold=True)
    if ends.by == "knowledge":
        first, second = said["known_at"]
        clocks = f"true at {said['as_of']} · as known at {first} and at {second}"
    else:
        first, second = said["as_of"]
        clocks = f"true at {first} and at {second} · as known at {said['known_at']}"
    session.out.line(f"  {clocks} (position {said['position']:,})")
