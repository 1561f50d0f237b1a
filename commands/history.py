"""`amana history`: every event of a subject, with both clocks."""

from __future__ import annotations

from typing import Any

import click

from commands.output import cell
from commands.session import Session
from domain import ids, times
from domain.errors import UnknownError
from domain.event import ENVELOPE

LATE_HOURS = 24
_SHOWN_APART = frozenset({"site", "place", "official", "receiver", "interviewer"})


@click.command(epilog="Example: amana history W-000418-Y --evidence")
@click.argument("subject", metavar="ID")
@click.option("--evidence", is_flag=True, help="Show the digests of the documents, too.")
@click.pass_obj
def history(session: Session, /, subject: str, evidence: bool) -> None:
    """Print every event of a subject: both clocks, place, official, authority, evidence.

    An event that was corrected or retracted stays, marked with what took its place.
    """
    from application import streams
    from domain.history import dropped
    from projections.index import positions

    prefix = subject.strip().partition("-")[0].upper()
    stream = session.stream(subject, ids.DIRECTORY.get(prefix, "subject"))
    known = streams.histories(session.custody.store.writer, [stream])[stream]
    if not known.events:
        msg = f"{stream} is not in this ledger"
        raise UnknownError(msg)
    gone = dropped(known.events)
    where = positions(session.views.connection, stream)
    readable = _may_read(session, stream)
    rows = [_event(session, e, gone, where, readable=readable) for e in known.events]
    if session.out.mode == "json":
        session.out.document({"id": stream, "events": rows})
        return
    if session.out.mode == "plain":
        names = ["version", "occurred", "recorded", "what", "facts", "by", "authority", "mark"]
        session.out.table(names, [[row[name] for name in names] for row in rows])
        return
    session.out.line(f"{stream}  {len(rows)} events", bold=True)
    for row in rows:
        _print(session, row, evidence=evidence)


def _may_read(session: Session, stream: str) -> bool:
    from application.access import may_read_protected

    if not stream.startswith("P-"):
        return True
    named = session.settings["by"].value
    official = ids.parse_code(named, "official") if named else None
    return may_read_protected(session.custody, official)


def _event(
    session: Session, event: Any, gone: dict[int, int], where: dict[int, int], *, readable: bool
) -> dict[str, Any]:
    from application.access import PROTECTED_TOPICS

    when = times.When(event.occurred_at, event.occurred_until, event.precision)
    hidden = event.TOPIC in PROTECTED_TOPICS and not readable
    version = event.originator_version
    return {
        "version": version,
        "position": where.get(version),
        "occurred": times.show(when, session.zone),
        "occurred_at": times.iso(event.occurred_at, session.zone),
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
        "mark": _mark(event, gone),
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


def _mark(event: Any, gone: dict[int, int]) -> str:
    marks = []
    if event.originator_version in gone:
        marks.append(f"NO LONGER COUNTS, see {gone[event.originator_version]}")
    if event.corrects is not None:
        verb = "takes back" if event.TOPIC == "record.retracted" else "replaces"
        marks.append(f"{verb} {event.corrects}")
    if event.recorded_at - event.occurred_at > LATE_HOURS * times.HOUR and event.corrects is None:
        marks.append("LATE")
    return ", ".join(marks)


def _print(session: Session, row: dict[str, Any], *, evidence: bool) -> None:
    out = session.out
    mark = f"   {row['mark']}" if row["mark"] else ""
    out.line(
        f"{row['version']:>3}  {row['occurred']:<26} recorded {row['recorded']}  "
        f"{row['what']}{mark}"
    )
    place = " / ".join(p for p in (row["site"], row["place"]) if p)
    detail = {k.replace("_", " "): v for k, v in row["facts"].items() if k not in {"site", "place"}}
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
