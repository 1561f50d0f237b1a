"""`amana correct|retract|approve|decline|pending|irregularity`: two officials mend the record."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, get_args

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
from words.cells import cell
from words.events import event_name
from words.facts import label, spoken

if TYPE_CHECKING:
    from application.answers.pending import Proposal
    from application.answers.proposed_values import Difference
    from application.answers.two_clocks import Clocks
    from application.decisions.note import Recorded


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
@click.option(
    "--alone", is_flag=True, help="Your own slip of the last 30 minutes: corrected at once."
)
@with_note
@click.pass_obj
def correct(
    session: Session, /, event: str, changes: tuple[str, ...], alone: bool, **options: object
) -> None:
    """Propose that an event read otherwise; `--at` corrects when it happened.

    Nothing changes until another official approves; only your own slip, on which nothing rests yet,
    you correct `--alone`: `amana audit slips` lists it. A proposal that is one says so.
    """
    stream, version = event_of(session, event)
    pairs = dict(word.partition("=")[::2] for word in changes)
    if not pairs and not options["at"]:
        msg = "nothing to correct: give --set FACT=VALUE or --at TIME"
        raise BadInputError(msg)
    note = session.note(**options)
    done = session.custody.correct(stream, note, version=version, changes=pairs, alone=alone)
    acknowledge(session, "correct: alone" if alone else "correct: proposed", [done])
    if not alone:
        _next(session, done)
        _say_alone(session, done, [event, *(f"--set={one}" for one in changes)], options)


def _say_alone(
    session: Session, done: Recorded, words: Sequence[str], options: Mapping[str, object]
) -> None:
    """Say that a proposal is one's own slip, and the command that corrects it at once."""
    from application.answers.slips import could_be_alone

    if session.out.mode != "text" or not could_be_alone(
        session.custody, (done.subject, done.version)
    ):
        return
    texts = ("at", "until", "authority", "on_behalf_of", "reason")
    given = [f"--{name.replace('_', '-')}={options[name]}" for name in texts if options.get(name)]
    command = session.command("correct", *words, *given, "--alone")
    session.out.say(f"  or, as your own slip, at once: {command}")


def _next(session: Session, done: Recorded) -> None:
    """Say what the second official types."""
    if session.out.mode == "text":
        name = f"{done.subject}:{done.version}"
        session.out.say(f"  next: {session.command('pending', name)}")
        approve = session.command("approve", name, by=False)
        session.out.say(f"  next, as another official: {approve}")


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
    session: Session,
    /,
    event: str,
    why: CorrectionReason,
    others: tuple[str, ...],
    **options: object,
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
    _next(session, done)


@click.command(epilog="Example: amana approve W-000418-Y:12 --by OFF-003")
@click.argument("proposals", nargs=-1, metavar="PROPOSAL...")
@click.option("--all-of", "of_batch", metavar="BATCH", help="Every proposal of one operation.")
@with_note
@click.pass_obj
def approve(
    session: Session, /, proposals: tuple[str, ...], of_batch: str | None, **options: object
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
def decline(session: Session, /, proposal: str, **options: object) -> None:
    """Decline a proposal; the reason is required."""
    stream, version = event_of(session, proposal)
    done = session.custody.decline(stream, session.note(**options), proposal=version)
    acknowledge(session, "decline", [done])


@click.command(
    epilog="Example: amana pending   ·   amana pending W-000418-Y:12   ·   amana pending --mine"
)
@click.argument("event", required=False)
@click.option("--mine", is_flag=True, help="What I proposed, and what waits for me.")
@click.pass_obj
def pending(session: Session, /, event: str | None, mine: bool) -> None:
    """List the proposals that wait for a second official; of one: what approving it changes.

    Personal values are opened only for who may read them, and that they were is noted.
    """
    from application.answers.pending import pending as waiting

    if event is not None:
        _foreseen(session, event)
        return
    found = waiting(
        session.custody,
        lambda: session.reader,
        mine=session.official if mine else None,
        values=True,
    )
    if session.out.mode == "json":
        session.out.document({"pending": [_document(session, one) for one in found]})
        return
    session.out.table(
        [
            "proposal",
            "what",
            "target",
            "reads",
            "by",
            "batch",
            "reason",
            *(["for me"] if mine else []),
        ],
        [
            [
                f"{one.stream}:{one.version}",
                event_name(one.what),
                one.target,
                _reads(session, one),
                one.by,
                one.batch,
                one.reason,
                *([one.for_me] if mine else []),
            ]
            for one in found
        ],
    )
    if found and session.out.mode == "text":
        name = f"{found[0].stream}:{found[0].version}"
        session.out.say(f"next: {session.command('pending', name)}  # what it changes")


def _foreseen(session: Session, event: str) -> None:
    """Show what approving one proposal changes."""
    from application.answers.foreseen import foreseen

    stream, version = event_of(session, event)
    seen = foreseen(session.custody, session.asking, (stream, version))
    name = f"{stream}:{version}"
    approve = session.command("approve", name, by=False)
    if session.out.mode == "json":
        told = {
            **seen._asdict(),
            "facts": [_difference(session, d) for d in seen.facts],
            "changes": [_difference(session, d) for d in seen.changes],
        }
        session.out.document({"proposal": name, **told, "next": approve})
        return
    if session.out.mode == "text":
        session.out.line(f"{name}  {event_name(seen.what)}, proposed by {seen.by}", bold=True)
    else:
        what = event_name(seen.what)
        session.out.facts({"proposal": name, "what": what, "proposed by": seen.by})
    session.out.facts(
        {
            "replaces or takes back": seen.target,
            "why": seen.reason,
            **{label(d.fact): _both(session, d) for d in seen.facts},
            **{f"{c.stream} {label(c.fact)}": _both(session, c) for c in seen.changes},
            "raises": ", ".join(seen.raised),
            "clears": ", ".join(seen.cleared),
            "transfers": ", ".join(seen.transfers),
            "counts": ", ".join(seen.counts),
            "not possible now": seen.refused,
            "who may approve": seen.who,
        }
    )
    if not session.quiet and not seen.refused:
        session.out.say(f"next, as another official: {approve}")


def _difference(session: Session, one: Difference) -> dict[str, object]:
    told = one._asdict()
    if told.pop("instant"):
        told.update(old=_said(session, one, one.old), new=_said(session, one, one.new))
    return told


def _both(session: Session, difference: Difference) -> str:
    """Return how one fact reads and how it would."""
    old, new = difference.old, difference.new
    return f"{_said(session, difference, old)} → {_said(session, difference, new)}"


def _said(session: Session, difference: Difference, value: object) -> str:
    from domain import times

    if value in (None, "", (), [], {}):
        return "nothing"
    if difference.instant and isinstance(value, int):
        return times.iso(value, session.zone)
    return cell(spoken(difference.fact, value, session.zone))


def _document(session: Session, proposal: Proposal) -> dict[str, object]:
    told = proposal._asdict()
    del told["when"], told["withheld"]
    told["values"] = [_difference(session, one) for one in proposal.values]
    if not told["for_me"]:
        del told["for_me"]
    return {**told, "facts": _facts(proposal), **understood(session, proposal.when)}


def _facts(proposal: Proposal) -> Mapping[str, object]:
    """Return what a proposal would say, to who may know it."""
    return {"(not shown to this official)": ""} if proposal.withheld else proposal.facts


def _reads(session: Session, proposal: Proposal) -> dict[str, object]:
    """Return what a proposal would say, values as they read and would, and when it happened."""
    when, facts = proposal.when, dict(_facts(proposal))
    if proposal.values:  # in place of their commitments
        facts = {n: v for n, v in facts.items() if n not in {"field", "value", "identity"}}
        facts |= {one.fact: _both(session, one) for one in proposal.values}
    return {**facts, **({"at": session.shown(when)} if when else {})}


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
        open_ = [{"rule": n, "open": count, "text": BOOK[n][1]} for n, count in broken.open.items()]
        total = {"total": broken.total, "irregularities": open_}
        session.out.document({**echoed(session, broken.echo), **total})
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
    "close",
    epilog="Example: amana irregularity close W-000418-Y:3 16 --reason 'form found'   ·   "
    "amana irregularity close --rule 4 --of-batch B-1 --reason 'order 42'",
)
@click.argument("event", required=False)
@click.argument("rule", type=WHOLE, required=False)
@click.option("--rule", "of_rule", type=WHOLE, metavar="NUMBER", help="All open ones of a rule.")
@click.option("--of-batch", metavar="BATCH", help="With --rule: of this operation's events only.")
@with_note
@click.pass_obj
def close(
    session: Session,
    /,
    event: str | None,
    rule: int | None,
    of_rule: int | None,
    of_batch: str | None,
    **options: object,
) -> None:
    """Close an irregularity that was looked into, or all of a rule; the reason is required.

    Critical ones (C in `amana rules`) are closed singly.
    """
    from application.answers.closable import closable

    if (event is None) == (of_rule is None) or (event is None) != (rule is None):
        msg = "name one as EVENT RULE, or all of a rule with --rule NUMBER (and --of-batch BATCH)"
        raise BadInputError(msg)
    note = session.note(**options)
    if event is not None and rule is not None:
        stream, version = event_of(session, event)
        done = session.custody.close_irregularity(stream, note, event=version, rule=rule)
        acknowledge(session, "close irregularity", [done])
        return
    streams, who = session.custody.streams, session.reader
    found = closable(session.views, streams, who, int(of_rule or 0), of_batch)
    with session.custody.batch(whole=True):
        closed = [
            session.custody.close_irregularity(one, note, event=at, rule=int(of_rule or 0))
            for one, at in found
        ]
    acknowledge(session, "close irregularity", closed)
    if session.out.mode == "text":
        session.out.say(f"{len(closed):,} closed")
