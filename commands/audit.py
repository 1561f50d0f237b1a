"""`amana audit …`: rebuild and compare, what came late, who looked at whom."""

from __future__ import annotations

import re
from typing import Any

import click

from application.answers.two_clocks import latest
from commands import audit_replay, audit_verify
from commands.terminal.clock_options import above_table, echoed, shown
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError
from words.events import event_name


@click.group()
def audit() -> None:
    """Replay, late facts, who looked: findings, never repairs nobody asked for."""


audit.add_command(audit_verify.verify)
audit.add_command(audit_replay.replay)


@audit.command("access", epilog="Example: amana audit access --subject P-000873-X")
@click.option("--subject", metavar="PERSON", help="Whose values were looked at.")
@click.pass_obj
def access(session: Session, /, subject: str | None) -> None:
    """List who searched for or looked at whose personal values, when and why.

    Read by chairs and auditors only (--by).
    """
    from application.decisions.access import looked_at

    stream = session.stream(subject, "person") if subject else None
    who = session.official if session.settings["by"].value else None
    rows: list[dict[str, Any]] = [
        {
            "at": times.iso(at, session.zone),
            "official": official,
            "subject": whose,
            "fields": fields,
            "purpose": purpose,
        }
        for at, official, whose, fields, purpose in looked_at(session.custody, who, stream)
    ]
    if session.out.mode == "json":
        session.out.document({"access": rows})
        return
    columns = ["at", "official", "subject", "fields", "purpose"]
    session.out.table(columns, [[row[c] for c in columns] for row in rows])


@audit.command("late", epilog="Example: amana audit late --over 24h")
@click.option("--over", default="24h", show_default=True, metavar="SPAN", help="As 24h or 3d.")
@click.pass_obj
def late(session: Session, /, over: str) -> None:
    """List what was recorded long after it happened, by whom; corrections are marked."""
    from application.answers.feed.compare import late as came_late

    clocks = latest(session.views)
    found = came_late(session.views.connection, _span(over))
    rows = [
        {
            "event": f"{one.subject}:{one.version}",
            "what": event_name(one.topic),
            "occurred": shown(session, one.occurred_at),
            "recorded": shown(session, one.recorded_at),
            "occurred_at": times.iso(one.occurred_at, session.zone),
            "recorded_at": times.iso(one.recorded_at, session.zone),
            "late": f"{one.late_by // times.HOUR} h",
            "by": one.recorded_by,
            "corrects": one.corrects,
        }
        for one in found
    ]
    if session.out.mode == "json":
        session.out.document(
            {**echoed(session, clocks), "over": over, "count": len(rows), "late": rows}
        )
        return
    title = f"{len(rows):,} events recorded more than {over} after they occurred"
    above_table(session, title, clocks)
    columns = ["event", "what", "occurred", "recorded", "late", "by", "corrects"]
    session.out.table(columns, [[row[c] for c in columns] for row in rows])


def _span(typed: str) -> int:
    match = re.fullmatch(r"(\d{1,5})([mhd])", typed.strip())
    if match is None:
        msg = f"'{typed}' is not a span of time: write it as 24h or 3d"
        raise BadInputError(msg)
    return int(match[1]) * {"m": times.MINUTE, "h": times.HOUR, "d": times.DAY}[match[2]]
