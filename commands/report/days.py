"""Days, places and counts that several reports share. A day is one of the site's zone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from commands.terminal.clock_options import known_instant
from commands.terminal.session import Session
from domain import ids, times
from domain.errors import BadInputError, UnknownError

if TYPE_CHECKING:
    from projections.cube import Calendar


class Span(NamedTuple):
    """The days a report answers about, as known at an instant.

    Attributes:
        first, last: days since 1970-01-01, both inclusive; `last` lies before `first` where none of
            the days asked for had begun.
        asked: the last day asked for; None where nobody named one and the known day is meant.
        until: the instant the last day is counted to, microseconds UTC.
    """

    calendar: Calendar
    known_at: int
    first: int
    last: int
    asked: int | None

    @property
    def until(self) -> int:
        """The end of the last day, or the known instant where that is earlier."""
        return min(self.calendar.start(self.last + 1) - 1, self.known_at)


def with_days(*, required: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a report its first and last day, one site, and what was known when."""
    first, last = "The first day; also as -14d", "The last day, included; also as -1d or now"
    options = (
        click.option("--known-at", metavar="TIME|@POSITION", help="As the ledger knew it then."),
        click.option("--site", metavar="SITE", help="One site only."),
        click.option(
            "--to",
            "last",
            required=required,
            metavar="DAY",
            help=f"{last}." if required else f"{last}; the known day unless given.",
        ),
        click.option(
            "--from",
            "first",
            required=required,
            metavar="DAY",
            help=f"{first}." if required else f"{first}; that of the first event unless given.",
        ),
    )

    def given(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in options:
            command = option(command)
        return command

    return given


def span_of(session: Session, first: str | None, last: str | None, known_at: str | None) -> Span:
    """Read the days as typed; those after the known instant are left out: nothing is known of them.

    Raises:
        BadInputError: one is no day, or they stand the wrong way round.
    """
    from projections.cube import Calendar

    calendar = Calendar(session.zone)
    known = session.custody.clock() if known_at is None else known_instant(session, known_at)
    ends = calendar.day(known) if last is None else _day(session, calendar, last)
    begins = _earliest(session, calendar) if first is None else _day(session, calendar, first)
    if first is None:
        begins = min(begins, ends)
    if begins > ends:
        msg = f"--from {first} lies after --to {last or named(ends)}"
        raise BadInputError(msg)
    asked = None if last is None else ends
    return Span(calendar, known, begins, min(ends, calendar.day(known)), asked)


def _earliest(session: Session, calendar: Calendar) -> int:
    """Return the day of the first fact in the ledger."""
    (at,) = session.views.connection.execute(
        "SELECT min(occurred_at) FROM spelled_event"
    ).fetchone()
    return calendar.day(session.custody.clock() if at is None else at)


def _day(session: Session, calendar: Calendar, typed: str) -> int:
    """Read a day: written as one, or the day that an instant relative to now lies in."""
    when = session.when(typed)
    relative = typed.strip().lower() == "now" or typed.strip().startswith("-")
    if when is None or not (when.precision == "DAY" or relative):
        msg = f"'{typed}' is not a day: write it as 2024-12-12 or -1d"
        raise BadInputError(msg)
    return calendar.day(when.at)


def named(day: int) -> str:
    """Return a day as it is written, from days since 1970-01-01."""
    return f"{times.moment(day * times.DAY):%Y-%m-%d}"


def beyond(span: Span) -> str:
    """Say which days asked for the ledger could not know of, and how far the last one is counted."""
    if span.asked is None or (span.asked == span.last and span.until < span.known_at):
        return ""
    known = times.iso(span.known_at // times.SECOND * times.SECOND, span.calendar.zone)
    if span.last < span.first:
        return f"nothing is known after {known}: no day asked for had begun"
    said = f"nothing is known after {known}: {named(span.last)} is counted so far"
    return said if span.asked == span.last else f"{said}, later days are left out"


def known_site(session: Session, typed: str | None) -> str | None:
    """Read a site's code; None stays None.

    Raises:
        UnknownError: the directory has no such site.
    """
    if typed is None:
        return None
    code = ids.parse_code(typed, "site")
    stream = ids.stream_of(code, "site")
    if not session.views.load([stream])[stream].events:
        msg = f"the site {code} is not in the directory"
        raise UnknownError(msg)
    return code
