"""`amana history`: every event of a subject, with both clocks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import click

from commands.status import readable, stream_of
from commands.terminal.clock_options import (
    above_table,
    echoed,
    heading,
    knowledge_of,
    machine,
    shown,
)
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError, UnknownError
from domain.event import ENVELOPE
from projections import intervals
from words.cells import cell

LATE_HOURS = 24
INSTANTS = frozenset({"true at", "true until", "expected as of", "valid until"})
RETRACTED = "record.retracted"
PLAIN = (
    "version", "occurred", "recorded", "what", "facts", "by", "authority", "reason", "mark",
)  # fmt: skip
"""Columns of `--plain`."""


@click.command(epilog="Example: amana history W-000418-Y --evidence")
@click.argument("subject", metavar="ID")
@click.option("--known-at", metavar="TIME|@POSITION", help="As the ledger knew it then.")
@click.option("--evidence", is_flag=True, help="Show the digests of the documents, too.")
@click.option("--gaps", is_flag=True, help="Who held a weapon when, and when nobody is known to.")
@click.pass_obj
def history(
    session: Session, /, subject: str, known_at: str | None, evidence: bool, gaps: bool
) -> None:
    """Print every event of a subject: both clocks, place, official, authority, evidence.

    An event that was corrected or retracted stays, marked with what took its place and why.
    """
    from domain.history import dropped
    from projections.belief import recorded
    from projections.index import positions

    stream = stream_of(session, subject)
    if gaps and not stream.startswith("W-"):
        msg = f"--gaps tells who held a weapon; {stream} is none"
        raise BadInputError(msg)
    known = session.views.load([stream])[stream]
    clocks = knowledge_of(session, known_at)
    instant = clocks.known_at
    events = known.events if known_at is None else recorded(known, instant)
    if not events:
        by_then = "was not in this ledger by then" if known.events else "is not in this ledger"
        raise UnknownError(f"{stream} {by_then}")
    gone = dropped(events)
    why = {e.originator_version: e.reason for e in events}
    where = positions(session.views.connection, stream)
    may_read = readable(session, stream)
    rows = [_event(session, e, gone, where, why, readable=may_read) for e in events]
    held = intervals.holdings(known, instant) if gaps else []
    title = f"{stream}  {len(rows)} event{'s' if len(rows) != 1 else ''}"
    if session.out.mode == "json":
        told = [{**row, "facts": machine(session, row["facts"])} for row in rows]
        document = {"id": stream, **echoed(session, clocks), "events": told}
        if gaps:
            document["holdings"] = [_holding(session, one) for one in held]
        session.out.document(document)
        return
    if session.out.mode == "plain":
        above_table(session, title, clocks)
        plain = [{**row, "facts": _detail(session, row["facts"], hidden=())} for row in rows]
        session.out.table(PLAIN, [[row[name] for name in PLAIN] for row in plain])
        return
    heading(session, title, clocks)
    for row in rows:
        _print(session, row, evidence=evidence)
    if gaps:
        session.out.line("Who held it:", bold=True)
    open_end = "now" if known_at is None else "no end known by then"
    for one in _told_apart(held):
        session.out.line(f"  {_held(session, one, open_end)}")


def _holding(session: Session, one: Any) -> dict[str, Any]:
    lasting = one.end >= times.INF
    return {
        **one._asdict(),
        "start": times.iso(one.start, session.zone),
        "end": None if lasting else times.iso(one.end, session.zone),
    }


def _told_apart(held: list[Any]) -> list[Any]:
    """Return intervals of which neighbours say different things to a person.

    Each change of custody begins an interval; a weapon received and then inventoried was with the
    same keeper all along.
    """
    apart: list[Any] = []
    for one in held:
        if apart and one.kind == "HELD" and _keeper(apart[-1]) == _keeper(one):
            apart[-1] = apart[-1]._replace(end=one.end)
        else:
            apart.append(one)
    return apart


def _keeper(one: Any) -> tuple[Any, ...]:
    return one.kind, one.party, one.official, one.site


def _held(session: Session, one: Any, open_end: str) -> str:
    """Return an interval of custody in a line; nobody and no record are two different things."""
    who = {
        "HELD": f"held by {one.party or 'the receiver'}, accountable {one.official or '-'}",
        "IN_TRANSIT": f"in transit: {one.official} who released it stays accountable",
        "NOBODY": f"held by nobody: {one.custody}",
        "NO_RECORD": "no record of who held it",
    }[one.kind]
    precision: times.Precision = "MINUTE" if one.until is None else "RANGE"
    start = times.show(times.When(one.start, one.until, precision), session.zone)
    end = open_end if one.end >= times.INF else shown(session, one.end)
    length = "" if one.end >= times.INF else f" ({_length(one.end - one.start)})"
    place = f" at {one.site}" if one.site and one.kind == "HELD" else ""
    return f"{start} – {end}{length}  {who}{place}"


def _length(span: int) -> str:
    """Return a span of microseconds in its two largest units."""
    days, rest = divmod(span // times.MINUTE, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _event(
    session: Session,
    event: Any,
    gone: dict[int, int],
    where: dict[int, int],
    why: dict[int, str],
    *,
    readable: bool,
) -> dict[str, Any]:
    from application.decisions.access import PROTECTED_TOPICS

    when = times.When(event.occurred_at, event.occurred_until, event.precision)
    told = {
        event.TOPIC,
        getattr(event, "topic", ""),
    }  # what is proposed is as protected as what is said
    hidden = not readable and not PROTECTED_TOPICS.isdisjoint(told)
    version = event.originator_version
    return {
        "version": version,
        "position": where.get(version),
        "occurred": times.show(when, session.zone),
        "occurred_at": times.iso(event.occurred_at, session.zone),
        "occurred_until": event.occurred_until and times.iso(event.occurred_until, session.zone),
        "recorded_at": times.iso(event.recorded_at, session.zone),
        "recorded": times.show(times.When(event.recorded_at, None, "MINUTE"), session.zone),
        "topic": event.TOPIC,
        "what": words(event.TOPIC),
        "site": getattr(event, "site", None),
        "place": getattr(event, "place", None),
        "facts": {"(not shown to this official)": ""} if hidden else facts(event),
        "by": event.recorded_by,
        "on_behalf_of": event.on_behalf_of,
        "approved_by": event.approved_by,
        "authority": event.authority,
        "reason": event.reason,
        "evidence": list(event.evidence),
        "irregularities": list(event.irregularities),
        "corrects": event.corrects,
        "mark": _mark(event, gone, why),
    }


def words(topic: str) -> str:
    """Return a stored name as words: `weapon.deposited_in_trust` is `deposited in trust`."""
    return topic.partition(".")[2].replace("_", " ")


def facts(event: Any) -> dict[str, Any]:
    """Return an event's own facts that are not at their absent value."""
    fields = (
        type(event).model_fields
        if hasattr(type(event), "model_fields")
        else event.CLASS.model_fields
    )
    return {
        name: value
        for name in fields
        if name not in ENVELOPE and cell(value := getattr(event, name))
    }


def _mark(event: Any, gone: dict[int, int], why: dict[int, str]) -> str:
    marks = []
    if by := gone.get(event.originator_version):
        said = f": {why[by]}" if why[by] else ""
        marks.append(f"NO LONGER COUNTS, see {by}{said}")
    if event.corrects is not None:
        marks.append(undoes(event))
    if event.recorded_at - event.occurred_at > LATE_HOURS * times.HOUR and event.corrects is None:
        marks.append("LATE")
    return ", ".join(marks)


def undoes(event: Any) -> str:
    """Return what a correction or a retraction does to which event: `replaces 3`, `takes back 3`."""
    verb = "takes back" if event.TOPIC == RETRACTED else "replaces"
    return f"{verb} {event.corrects}"


def _print(session: Session, row: dict[str, Any], *, evidence: bool) -> None:
    out = session.out
    mark = f"   {row['mark']}" if row["mark"] else ""
    out.line(
        f"{row['version']:>3}  {row['occurred']:<26} recorded {row['recorded']}  "
        f"{row['what']}{mark}"
    )
    place = " / ".join(p for p in (row["site"], row["place"]) if p)
    detail = _detail(session, row["facts"])
    signed = f"by {row['by']}"
    for name in ("on_behalf_of", "approved_by"):
        if row[name]:
            signed += f", {name.replace('_', ' ')} {row[name]}"
    lines = [
        place,
        ", ".join(f"{name} {cell(value)}".strip() for name, value in detail.items()),
        signed,
        f"authority: {row['authority']}" if row["authority"] else "",
        f"reason: {row['reason']}" if row["reason"] else "",
        f"irregular: rule {cell(row['irregularities'])}" if row["irregularities"] else "",
    ]
    out.line("     " + out.isolated("  ·  ".join(line for line in lines if line)))
    for document in row["evidence"]:
        digest = f"  sha256 {document['sha256']}" if evidence else ""
        out.line(f"     evidence: {document['label']} ({document['media_type']}){digest}")


def _detail(
    session: Session, own: dict[str, Any], hidden: Collection[str] = ("site", "place")
) -> dict[str, Any]:
    """Return facts as a person reads them: instants in the zone, commitments by name only."""
    said = {k.replace("_", " "): v for k, v in own.items() if k not in hidden}
    if "identity" in said:
        said["identity"] = f"sealed ({', '.join(n.replace('_', ' ') for n in said['identity'])})"
    if "expected" in said and isinstance(said["expected"], list | tuple):
        said["expected"] = f"{len(said['expected'])} subjects"
    for name, value in said.items():
        if name in INSTANTS:
            said[name] = shown(session, value)
    return said
