"""`amana audit …`: rebuild and compare, what came late, who looked at whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from commands import audit_replay, audit_verify
from commands.terminal.clock_options import (
    above_table,
    clocks_of,
    echoed,
    machine,
    shown,
    with_clocks,
)
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError
from words.events import event_name

if TYPE_CHECKING:
    from application.answers.late import Late


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


def _row(session: Session, one: Late) -> dict[str, object]:
    return {
        "event": f"{one.subject}:{one.version}",
        "what": event_name(one.topic),
        "occurred": shown(session, one.occurred_at),
        "recorded": shown(session, one.recorded_at),
        "late": f"{one.late_by // times.HOUR} h",
        "by": one.recorded_by,
        "corrects": one.corrects,
    }


def _document(session: Session, one: Late) -> dict[str, object]:
    row = _row(session, one)
    instants = machine(session, {"occurred_at": one.occurred_at, "recorded_at": one.recorded_at})
    late, by, corrects = (row.pop(name) for name in ("late", "by", "corrects"))
    return {**row, **instants, "late": late, "by": by, "corrects": corrects}


def _span(typed: str) -> int:
    match = re.fullmatch(r"(\d{1,5})([mhd])", typed.strip())
    if match is None:
        msg = f"'{typed}' is not a span of time: write it as 24h or 3d"
        raise BadInputError(msg)
    return int(match[1]) * {"m": times.MINUTE, "h": times.HOUR, "d": times.DAY}[match[2]]
