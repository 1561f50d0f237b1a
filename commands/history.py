"""`amana history`: every event of a subject, with both clocks."""

from __future__ import annotations

from collections.abc import Mapping

import click

from application.answers import history as answers
from application.answers.history import SubjectHistory, Told
from application.answers.last_change import of_subject
from commands.terminal.clock_options import (
    above_table,
    echoed,
    heading,
    knowledge_of,
    learned,
    machine,
)
from commands.terminal.session import Session
from commands.terminal.typed import stream_of
from domain import times
from domain.times import When
from words.cells import cell
from words.events import detail, event_name, mark, own_facts
from words.holdings import held, named, told_apart

PLAIN = (
    "version", "occurred", "recorded", "what", "facts", "by", "authority", "reason", "mark",
    "on behalf of", "approved by", "irregular", "evidence",
)  # fmt: skip
"""Columns of `--plain`; `--gaps` adds a second table after an empty line."""
HELD = ("from", "until", "what", "custody", "party", "accountable", "site", "transfer", "version")


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
    stream = stream_of(session, subject)
    clocks = knowledge_of(session, known_at, of_subject(session.custody.streams, stream))
    mode = session.out.mode
    found = answers.history(
        session.views,
        session.custody.streams,
        clocks,
        lambda: session.reader,
        stream,
        gaps=gaps,
        positions=mode == "json",
    )
    if mode == "json":
        _document(session, found)
    elif mode == "plain":
        above_table(session, _title(found), found.echo)
        rows = [_plain(session, told, evidence=evidence) for told in found.events]
        session.out.table(PLAIN, rows)
        _plain_holdings(session, found)
    else:
        _print(session, found, evidence=evidence)


def _title(found: SubjectHistory) -> str:
    count = len(found.events)
    return f"{found.stream}  {count} event{'s' if count != 1 else ''}"


def _plain(session: Session, told: Told, *, evidence: bool) -> tuple[object, ...]:
    e, zone = told.event, session.zone
    return (
        e.version,
        times.show(e.when, zone),
        learned(session, e.recorded_at),
        event_name(e.topic),
        detail(own_facts(told), zone),
        e.by,
        told.authority,
        e.reason,
        mark(told),
        told.on_behalf_of,
        e.approved_by,
        [f"rule {number}" for number in told.irregularities],
        [_document_of(one, evidence=evidence) for one in told.evidence],
    )


def _plain_holdings(session: Session, found: SubjectHistory) -> None:
    """Write who held it when, as rows; what begins at an uncertain time says so."""
    if found.holdings is None:
        return
    session.out.line("")
    rows = []
    for one in found.holdings:
        begun = When(one.start, one.until, "MINUTE" if one.until is None else "RANGE")
        start, end = times.show(begun, session.zone), named(one, session.zone)["end"]
        kept = (one.custody, one.party, one.official, one.site, one.transfer, one.version)
        rows.append((start, end and times.show(When(one.end), session.zone), one.kind, *kept))
    session.out.table(HELD, rows)


# ── for people ──────────────────────────────────────────────────────────────


def _print(session: Session, found: SubjectHistory, *, evidence: bool) -> None:
    heading(session, _title(found), found.echo)
    for told in found.events:
        _print_event(session, told, evidence=evidence)
    if found.holdings is None:
        return
    session.out.line("Who held it:", bold=True)
    open_end = "no end known by then" if found.echo.asked else "now"
    for one in told_apart(found.holdings):
        session.out.line(f"  {held(one, session.zone, open_end)}")


def _print_event(session: Session, told: Told, *, evidence: bool) -> None:
    out, zone, e, marked = session.out, session.zone, told.event, mark(told)
    out.line(
        f"{e.version:>3}  {times.show(e.when, zone):<26} recorded {learned(session, e.recorded_at)}  "
        f"{event_name(e.topic)}{f'   {marked}' if marked else ''}"
    )
    own = detail(own_facts(told), zone, hidden=("site", "place"))
    lines = [
        " / ".join(p for p in (told.site, told.place) if p),
        ", ".join(f"{name} {cell(value)}".strip() for name, value in own.items()),
        _signed(told),
        f"authority: {told.authority}" if told.authority else "",
        f"reason: {e.reason}" if e.reason else "",
        f"irregular: rule {cell(told.irregularities)}" if told.irregularities else "",
    ]
    out.line("     " + out.isolated("  ·  ".join(line for line in lines if line)))
    for document in told.evidence:
        out.line(f"     evidence: {_document_of(document, evidence=evidence)}")


def _document_of(document: Mapping[str, object], *, evidence: bool) -> str:
    digest = f"  sha256 {document['sha256']}" if evidence else ""
    return f"{document['label']} ({document['media_type']}){digest}"


def _signed(told: Told) -> str:
    signed = f"by {told.event.by}"
    if told.on_behalf_of:
        signed += f", on behalf of {told.on_behalf_of}"
    return signed + (f", approved by {told.event.approved_by}" if told.event.approved_by else "")


# ── for programs ────────────────────────────────────────────────────────────


def _document(session: Session, found: SubjectHistory) -> None:
    document = {
        "id": found.stream,
        **echoed(session, found.echo),
        "events": [_event(session, told) for told in found.events],
    }
    if found.holdings is not None:
        document["holdings"] = [named(one, session.zone) for one in found.holdings]
    session.out.document(document)


def _event(session: Session, told: Told) -> dict[str, object]:
    e, zone = told.event, session.zone
    return {
        "version": e.version,
        "position": told.position,
        "occurred": times.show(e.when, zone),
        "occurred_at": times.iso(e.occurred_at, zone),
        "occurred_until": None if e.occurred_until is None else times.iso(e.occurred_until, zone),
        "recorded_at": times.iso(e.recorded_at, zone),
        "recorded": learned(session, e.recorded_at),
        "topic": e.topic,
        "what": event_name(e.topic),
        "site": told.site,
        "place": told.place,
        "facts": machine(session, own_facts(told)),
        "by": e.by,
        "on_behalf_of": told.on_behalf_of,
        "approved_by": e.approved_by,
        "authority": told.authority,
        "reason": e.reason,
        "evidence": told.evidence,
        "irregularities": told.irregularities,
        "corrects": e.corrects,
        "mark": mark(told),
    }
