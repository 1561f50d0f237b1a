"""`--why` of a count: the columns that stand beside each member, and its event for programs."""

from __future__ import annotations

from collections.abc import Mapping

import click

from application.answers.events import KnownEvent
from commands.terminal.clock_options import happened_at, shown
from commands.terminal.session import Session
from words.events import dated, event_name

COLUMNS = ("counted since", "what", "occurred", "recorded", "by", "reason")
with_why = click.option(
    "--why", is_flag=True, help="Beside each member, the event since which it counts."
)


def cells(session: Session, member: str, event: KnownEvent) -> list[str]:
    """Return which event decided, as `W-000751-8:5`, what it is, both its times and who recorded it."""
    return [
        f"{member}:{event.version}",
        event_name(event.topic),
        happened_at(session, event),
        shown(session, event.recorded_at),
        event.by,
        event.reason,
    ]


def beside(session: Session, why: Mapping[str, KnownEvent] | None, member: str) -> list[str]:
    """Return the cells beside a member; none where nobody asked why."""
    return [] if why is None else cells(session, member, why[member])


def named(session: Session, why: Mapping[str, KnownEvent] | None, member: str) -> dict[str, object]:
    """Return the event beside a member for programs; nothing where nobody asked why."""
    if why is None:
        return {}
    return {"why": {"event": f"{member}:{why[member].version}", **dated(why[member], session.zone)}}
