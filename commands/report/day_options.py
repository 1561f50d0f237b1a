"""The days of a report on the command line: `--from`, `--until`, `--site` and what was known when."""

from __future__ import annotations

from collections.abc import Callable

import click

from application.answers.spans import Day, Span, span
from commands.terminal.clock_options import known_clock, present
from commands.terminal.option_names import named
from commands.terminal.session import Session
from domain.errors import BadInputError


def with_days(*, required: bool = True) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Give a report its first and last day, one site, and what was known when."""
    first, last = "The first day; also as -14d", "The last day, included; also as -1d or now"
    options = (
        click.option("--known-at", metavar="TIME|@POSITION", help="As the ledger knew it then."),
        click.option("--site", metavar="SITE", help="One site only."),
        named(
            "--until",
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

    def given(command: Callable[..., object]) -> Callable[..., object]:
        for option in options:
            command = option(command)
        return command

    return given


def span_of(session: Session, first: str | None, last: str | None, known_at: str | None) -> Span:
    """Read the days as typed.

    Raises:
        BadInputError: one is no day, or they stand the wrong way round.
    """
    known = known_clock(session, known_at, present(session))
    begins, ends = _day(session, first), _day(session, last)
    found = span(session.views, begins, ends, known.said, session.custody.clock())
    return found._replace(known_at=known.reach)


def _day(session: Session, typed: str | None) -> Day | None:
    """Read a day: written as one, or the day that an instant relative to now lies in."""
    if typed is None:
        return None
    when = session.when(typed)
    relative = typed.strip().lower() == "now" or typed.strip().startswith("-")
    if when is None or not (when.precision == "DAY" or relative):
        msg = f"'{typed}' is not a day: write it as 2024-12-12 or -1d"
        raise BadInputError(msg)
    return Day(when.at, typed)
