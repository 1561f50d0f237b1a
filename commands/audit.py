"""`amana audit …`: rebuild and compare, what came late, who looked at whom."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import re
from typing import TYPE_CHECKING, Any

import click

from commands import audit_replay, audit_verify
from commands.terminal.clock_options import (
    above_table,
    clocks_of,
    echoed,
    known_clock,
    known_instant,
    learned,
    log_position,
    machine,
    present,
    shown,
    with_clocks,
)
from commands.terminal.session import Session
from domain import ids, times
from domain.errors import BadInputError, UnknownError
from words.events import event_name

if TYPE_CHECKING:
    from application.answers.late import Late


KINDS = ("person", "weapon", "transfer", "stocktake", "site", "party", "official")


@click.group()
def audit() -> None:
    """Replay, late facts, who looked: findings, never repairs nobody asked for."""


audit.add_command(audit_verify.verify)
audit.add_command(audit_replay.replay)


@audit.command("access", epilog="Example: amana audit access --subject P-000873-X")
@click.option("--subject", metavar="PERSON", help="The subject whose values were opened.")
@click.pass_obj
def access(session: Session, /, subject: str | None) -> None:
    """List who searched for or looked at whose personal values, when and why.

    Read by chairs and auditors only (--by).
    """
    from application.answers.looks import looks

    stream = session.stream(subject, "person") if subject else None
    rows = [
        {**look._asdict(), "at": times.iso(look.at, session.zone)}
        for look in looks(session.custody, session.asking, stream)
    ]
    if session.out.mode == "json":
        session.out.document({"access": rows})
        return
    columns = ["at", "official", "subject", "fields", "purpose"]
    session.out.table(columns, [[row[c] for c in columns] for row in rows])


@audit.command("late", epilog="Example: amana audit late --over 24h")
@click.option("--over", default="24h", show_default=True, metavar="SPAN", help="As 24h or 3d.")
@with_clocks
@click.pass_obj
def late(session: Session, /, over: str, as_of: str | None, known_at: str | None) -> None:
    """List what was recorded long after it happened, by whom; corrections are marked."""
    from application.answers.late import late as came_late

    found = came_late(session.views, _span(over), clocks_of(session, as_of, known_at))
    if session.out.mode == "json":
        rows = [_document(session, one) for one in found.events]
        session.out.document(
            {**echoed(session, found.echo), "over": over, "count": len(rows), "late": rows}
        )
        return
    title = f"{len(found.events):,} events recorded more than {over} after they occurred"
    above_table(session, title, found.echo)
    session.out.table(
        ["event", "what", "occurred", "recorded", "late", "by", "corrects"],
        [list(_row(session, one).values()) for one in found.events],
    )


@audit.command("slips", epilog="Example: amana audit slips --every 5")
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="A sample.")
@click.pass_obj
def slips(session: Session, /, every: int) -> None:
    """List the corrections that officials made alone, of their own slips: for a sample check."""
    from application.answers.slips import slips as made_alone

    found = made_alone(session.views, session.custody.streams)
    rows: list[dict[str, str | int]] = [
        {
            "event": f"{one.stream}:{one.version}",
            "replaces": f"{one.stream}:{one.corrects}",
            "what": event_name(one.topic),
            "by": one.by,
            "recorded": one.recorded_at,
            "reason": one.reason,
        }
        for one in found[::every]
    ]
    if session.out.mode == "json":
        told = [{**row, "recorded": times.iso(int(row["recorded"]), session.zone)} for row in rows]
        session.out.document({"count": len(found), "slips": told})
        return
    said = f"corrected alone: {len(found):,}, shown: {len(rows):,}"
    if session.out.mode == "text":
        session.out.line(said)
    elif not session.quiet:
        session.out.say(said)
    columns = ["event", "replaces", "what", "by", "recorded", "reason"]
    shown_ = [{**row, "recorded": learned(session, int(row["recorded"]))} for row in rows]
    session.out.table(columns, [list(row.values()) for row in shown_])


def _row(session: Session, one: Late) -> dict[str, object]:
    return {
        "event": f"{one.subject}:{one.version}",
        "what": event_name(one.topic),
        "occurred": shown(session, one.occurred_at),
        "recorded": learned(session, one.recorded_at),
        "late": f"{one.late_by // times.HOUR} h",
        "by": one.recorded_by,
        "corrects": one.corrects,
    }


def _document(session: Session, one: Late) -> dict[str, object]:
    row = _row(session, one)
    instants = machine(session, {"occurred_at": one.occurred_at, "recorded_at": one.recorded_at})
    late, by, corrects = (row.pop(name) for name in ("late", "by", "corrects"))
    return {**row, **instants, "late": late, "by": by, "corrects": corrects}


@audit.command(
    "recorded",
    epilog="Example: amana audit recorded --from '15 Dec 2024 18:00' --official OFF-012 --back-dated",
)
@click.option("--from", "since", metavar="TIME|@POSITION", help="Recorded after; all unless given.")
@click.option("--until", metavar="TIME|@POSITION", help="Recorded by then; now unless given.")
@click.option("--official", metavar="OFFICIAL", help="By this official only.")
@click.option("--batch", default="", metavar="LABEL", help="In this batch only.")
@click.option("--kind", type=click.Choice(KINDS), help="About this kind only.")
@click.option(
    "--what", default="", metavar="WORDS", help="As `history` names it, or its beginning."
)
@click.option(
    "--back-dated/--not-back-dated", default=None, help="Recorded over an hour after, or not."
)
@click.pass_obj
def recorded(
    session: Session, /, since: str | None, until: str | None, official: str | None, **only: Any
) -> None:
    """List everything recorded between two instants, whatever it was about."""
    from application.answers.recorded import Asked
    from application.answers.recorded import recorded as was_recorded

    now = present(session)
    first = -times.INF if since is None else known_instant(session, since, now)
    last = known_clock(session, until, now).reach
    if first > last:
        msg = "--from lies after --until: turn them round"
        raise BadInputError(msg)
    code = ids.parse_code(official, "official") if official else None
    what = only.pop("what")
    asked = Asked(first, last, code, topic=what.strip().lower(), **only)
    found = was_recorded(session.views, session.custody.streams, asked)
    rows: list[dict[str, Any]] = [
        {
            "position": one.position,
            "event": f"{one.subject}:{one.version}",
            "what": event_name(one.topic),
            "occurred": one.occurred_at,
            "recorded": one.recorded_at,
            "by": one.by,
            "batch": one.batch,
            "back-dated": one.back_dated,
        }
        for one in found.rows
    ]
    when = ("occurred", "recorded")
    if session.out.mode == "json":
        told = [{**row, **{n: times.iso(row[n], session.zone) for n in when}} for row in rows]
        session.out.document({**echoed(session, found.echo), "count": len(rows), "recorded": told})
        return
    above_table(session, f"{len(rows):,} events recorded", found.echo)
    worded = {"occurred": shown, "recorded": learned}
    columns = ["position", "event", "what", *when, "by", "batch", "back-dated"]
    session.out.table(
        columns,
        [[worded[c](session, row[c]) if c in worded else row[c] for c in columns] for row in rows],
    )


@audit.command(
    "clock",
    epilog="Example: amana audit clock --from @812 --until @815 --ahead 300d --reason 'battery'",
)
@click.option("--from", "first", metavar="@POSITION", help="The first event by a wrong clock.")
@click.option("--until", "last", metavar="@POSITION", help="The last one, included.")
@click.option("--ahead", metavar="SPAN", help="How far it ran ahead, as 3d or 2h; behind as -2h.")
@click.option("--reason", required=True, metavar="TEXT", help="What was wrong, in a sentence.")
@click.pass_obj
def clock(
    session: Session, /, first: str | None, last: str | None, ahead: str | None, reason: str
) -> None:
    """Record that this machine's clock is right now, and where in the log it was wrong.

    A chair does (--by). Plans and signatures go on from then; what was recorded stays as it is.
    """
    from application.answers.two_clocks import recorded_when
    from application.decisions.unit import Note
    from commands.terminal.recording import acknowledge

    places = [None if typed is None else log_position(typed) for typed in (first, last)]
    if (places[0] is None) != (places[1] is None) or (places[0] or 0) > (places[1] or 0):
        msg = (
            "where was the clock wrong? give --from @POSITION and --until @POSITION, in this order"
        )
        raise BadInputError(msg)
    for number in places:
        if number is not None and recorded_when(session.views, number) is None:
            msg = f"the log has no position {number}"
            raise UnknownError(msg)
    span = None
    if ahead is not None:
        span = _span(ahead.removeprefix("-")) * (-1 if ahead.startswith("-") else 1)
    official = session.official
    done = session.custody.set_clock(
        official, Note(official, reason=reason), first=places[0], last=places[1], ahead=span
    )
    acknowledge(session, "clock set", [done])


def _span(typed: str) -> int:
    match = re.fullmatch(r"(\d{1,5})([mhd])", typed.strip())
    if match is None:
        msg = f"'{typed}' is not a span of time: write it as 24h or 3d"
        raise BadInputError(msg)
    return int(match[1]) * {"m": times.MINUTE, "h": times.HOUR, "d": times.DAY}[match[2]]
