"""`amana correct|retract|approve|decline|pending|irregularity`: two officials mend the record."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

import click

from commands.terminal.clock_options import (
    above_table,
    clocks_of,
    echoed,
    machine,
    shown,
    with_clocks,
)
from commands.terminal.recording import WHOLE, acknowledge, understood, with_note
from commands.terminal.session import Session
from domain.errors import BadInputError
from domain.event import CorrectionReason

if TYPE_CHECKING:
    from application.answers.pending import Proposal
    from application.answers.two_clocks import Clocks


def event_of(session: Session, typed: str) -> tuple[str, int]:
    """Read an event's name, `STREAM:VERSION`.

    Raises:
        BadInputError: the version is missing or no number.
    """
    stream, _, version = typed.rpartition(":")
    if not stream or not re.fullmatch(r"[0-9]{1,15}", version):
        msg = (
            f"'{typed}' does not name an event: write it as W-000418-Y:3 (`amana history` shows it)"
        )
        raise BadInputError(msg)
    prefix = stream.partition("-")[0].upper()
    kind = {"SITE": "site", "PARTY": "party", "OFF": "official"}.get(prefix)
    return session.stream(stream, kind) if kind else session.stream(stream, "subject"), int(version)


def events_of(session: Session, typed: Sequence[str]) -> list[tuple[str, int]]:
    """Read several events' names."""
    return [event_of(session, one) for one in typed]


@click.command(epilog="Example: amana correct P-000873-X:4 --set place=T-07/13 --reason 'misread'")
@click.argument("event")
@click.option(
    "--set", "changes", multiple=True, metavar="FACT=VALUE", help="The correct value of a fact."
)
@with_note
@click.pass_obj
def correct(session: Session, /, event: str, changes: tuple[str, ...], **options: Any) -> None:
    """Propose that an event read otherwise; `--at` corrects when it happened.

    Nothing changes until another official approves.
    """
    stream, version = event_of(session, event)
    pairs = dict(word.partition("=")[::2] for word in changes)
    if not pairs and not options["at"]:
        msg = "nothing to correct: give --set FACT=VALUE or --at TIME"
        raise BadInputError(msg)
    done = session.custody.correct(stream, session.note(**options), version=version, changes=pairs)
    acknowledge(session, "correct: proposed", [done])


@click.command(
    epilog="Example: amana retract W-000418-Y:3 --why duplicate --reason 'entered twice'"
)
@click.argument("event")
@click.option(
    "--why",
    required=True,
    type=click.Choice(get_args(CorrectionReason)),
    help="Why the event does not count.",
)
@click.option(
    "--with", "others", multiple=True, metavar="EVENT", help="An event that depends on it, too."
)
@with_note
@click.pass_obj
def retract(
    session: Session, /, event: str, why: CorrectionReason, others: tuple[str, ...], **options: Any
) -> None:
    """Propose that an event never counted; a retraction can itself be retracted.

    Nothing changes until another official approves.
    """
    stream, version = event_of(session, event)
    done = session.custody.retract(
        stream,
        session.note(**options),
        version=version,
        why=why,
        together_with=events_of(session, others),
    )
    acknowledge(session, "retract: proposed", [done])


@click.command(epilog="Example: amana approve W-000418-Y:12 --by OFF-003")
@click.argument("proposals", nargs=-1, metavar="PROPOSAL...")
@click.option("--all-of", "of_batch", metavar="BATCH", help="Every proposal of one operation.")
@with_note
@click.pass_obj
def approve(
    session: Session, /, proposals: tuple[str, ...], of_batch: str | None, **options: Any
) -> None:
    """Approve proposals as the second official: they are recorded now."""
    from application.answers.pending import pending as pending_of

    named = events_of(session, proposals)
    if of_batch:
        waiting = pending_of(session.custody, lambda: session.reader, of_batch)
        named += [(one.stream, one.version) for one in waiting]
    if not named:
        msg = "nothing to approve: name proposals (`amana pending` lists them) or --all-of BATCH"
        raise BadInputError(msg)
    (stream, version), *others = named
    done = session.custody.approve(
        stream, session.note(**options), proposal=version, together_with=others
    )
    acknowledge(session, f"approve {len(named)}", [done])


@click.command(epilog="Example: amana decline W-000418-Y:12 --reason 'the sheet says AKM'")
@click.argument("proposal")
@with_note
@click.pass_obj
def decline(session: Session, /, proposal: str, **options: Any) -> None:
    """Decline a proposal; the reason is required."""
    stream, version = event_of(session, proposal)
    done = session.custody.decline(stream, session.note(**options), proposal=version)
    acknowledge(session, "decline", [done])


@click.command(epilog="Example: amana pending")
@click.pass_obj
def pending(session: Session) -> None:
    """List the proposals that wait for a second official."""
    from application.answers.pending import pending as waiting

    found = waiting(session.custody, lambda: session.reader)
    if session.out.mode == "json":
        session.out.document({"pending": [_document(session, one) for one in found]})
        return
    session.out.table(
        ["proposal", "what", "target", "reads", "by", "batch", "reason"],
        [
            [
                f"{one.stream}:{one.version}",
                one.what,
                one.target,
                _reads(session, one),
                one.by,
                one.batch,
                one.reason,
            ]
            for one in found
        ],
    )


def _document(session: Session, proposal: Proposal) -> dict[str, object]:
    told = proposal._asdict()
    del told["when"], told["withheld"]
    return {**told, "facts": _facts(proposal), **understood(session, proposal.when)}


def _facts(proposal: Proposal) -> Mapping[str, object]:
    """Return what a proposal would say, to who may know it."""
    return {"(not shown to this official)": ""} if proposal.withheld else proposal.facts


def _reads(session: Session, proposal: Proposal) -> dict[str, object]:
    """Return what a proposal would say, and when it would have happened."""
    when = proposal.when
    return {**_facts(proposal), **({"at": session.shown(when)} if when else {})}


@click.group()
def irregularity() -> None:
    """What broke a rule and was recorded all the same."""


@irregularity.command(
    "list",
    epilog="Example: amana irregularity list   ·   amana irregularity list --rule 16   ·   "
    "amana irregularity list --closed",
)
@click.option("--rule", type=WHOLE, metavar="NUMBER", help="The events behind one.")
@click.option("--of", "topic", metavar="EVENT", help="Only such events, as `handed over`.")
@click.option("--closed", is_flag=True, help="Those that were closed: by whom, and why.")
@with_clocks
@click.pass_obj
def list_(
    session: Session,
    /,
    rule: int | None,
    topic: str | None,
    closed: bool,
    as_of: str | None,
    known_at: str | None,
) -> None:
    """List the irregularities still open, by rule; or the events of one rule or kind.

    Each event is judged as known at --known-at; `amana history` shows what was said when it was
    recorded.
    """
    from application.answers.irregularities import broken_rules, irregularities
    from domain.rules import BOOK

    clocks = clocks_of(session, as_of, known_at)
    views, who = session.views, session.reader
    if closed:
        _list_closed(session, clocks, rule, topic)
        return
    if rule is not None or topic is not None:
        found = irregularities(views, clocks, who, rule, topic)
        if session.out.mode == "json":
            events = [e._asdict() for e in found.events]
            session.out.document({**echoed(session, found.echo), "rule": rule, "events": events})
            return
        above_table(session, f"irregularities still open: {len(found.events):,}", found.echo)
        session.out.table(["event", "rule", "what", "recorded by"], found.events)
        return
    broken = broken_rules(views, clocks, who)
    if session.out.mode == "json":
        open_ = [{"rule": n, "open": count} for n, count in broken.open.items()]
        session.out.document({**echoed(session, broken.echo), "irregularities": open_})
        return
    above_table(session, f"irregularities still open: {broken.total:,}", broken.echo)
    rows = [(n, count, BOOK[n][1]) for n, count in broken.open.items()]
    session.out.table(["rule", "open", "what the rule says"], rows)


def _list_closed(session: Session, clocks: Clocks, rule: int | None, topic: str | None) -> None:
    """List what was closed, by whom, when and why."""
    from application.answers.irregularities import closed_events

    streams, who = session.custody.streams, session.reader
    found = closed_events(session.views, streams, clocks, who, rule, topic)
    if session.out.mode == "json":
        rows = [
            {**one._asdict(), **machine(session, {"closed_at": one.closed_at})}
            for one in found.closed
        ]
        session.out.document({**echoed(session, found.echo), "rule": rule, "closed": rows})
        return
    above_table(session, f"irregularities closed: {len(found.closed):,}", found.echo)
    session.out.table(
        ["event", "rule", "what", "recorded by", "closed by", "closed", "reason"],
        [(*one[:5], shown(session, one.closed_at), one.reason) for one in found.closed],
    )


@irregularity.command(
    "close", epilog="Example: amana irregularity close W-000418-Y:3 16 --reason 'form found'"
)
@click.argument("event")
@click.argument("rule", type=WHOLE)
@with_note
@click.pass_obj
def close(session: Session, /, event: str, rule: int, **options: Any) -> None:
    """Close an irregularity that was looked into; the reason is required."""
    stream, version = event_of(session, event)
    done = session.custody.close_irregularity(
        stream, session.note(**options), event=version, rule=rule
    )
    acknowledge(session, "close irregularity", [done])
