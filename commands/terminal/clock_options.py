"""The two clocks on the command line: `--as-of` (true at) and `--known-at` (as known at).

Both are inclusive and both default to now; a log position as `@48211` serves as `--known-at` too. Every
answer prints both, with the position of the log it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from application.answers.two_clocks import Clocks, Echo, recorded_when
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError, UnknownError
from domain.times import When
from words import instants

if TYPE_CHECKING:
    from application.answers.events import KnownEvent


def with_clocks(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a question the options of both clocks."""
    known = click.option(
        "--known-at", metavar="TIME|@POSITION", help="As the ledger knew it then; now unless given."
    )
    return click.option("--as-of", metavar="TIME", help="What was true then; now unless given.")(
        known(command)
    )


def clocks_of(session: Session, as_of: str | None, known_at: str | None) -> Clocks:
    """Read both clocks as typed.

    Raises:
        BadInputError: a day without an hour, which is no instant.
    """
    now = session.custody.clock()
    return Clocks(
        now if as_of is None else instant(session, as_of, now),
        now if known_at is None else known_instant(session, known_at, now),
        as_of is not None,
    )


def knowledge_of(session: Session, known_at: str | None) -> Clocks:
    """Read the knowledge time of a question that has one clock: true at that instant, too."""
    now = session.custody.clock()
    known = now if known_at is None else known_instant(session, known_at, now)
    return Clocks(known, known, known_at is not None)


def instant(session: Session, typed: str, now: int | None = None, option: str = "--as-of") -> int:
    """Read one instant.

    Args:
        session: this invocation. typed: the time as typed. option: the option it was typed for.
        now: what `now` and `-2d` are read against, microseconds UTC; the ledger's clock when None.
            The two clocks of one answer share one, or `now` would lie after itself.

    Raises:
        BadInputError: nothing was typed, or a day or a span, so that several instants are meant.
    """
    if not typed.strip():
        msg = f"{option} is empty (an unset shell variable?): give a time, or leave it out for now"
        raise BadInputError(msg)
    when = session.when(typed)
    if now is not None:
        when = times.parse(typed, session.zone, now)
    if when is None or when.until is not None:
        raise BadInputError(_no_instant(typed, when))
    return when.at


def _no_instant(typed: str, when: When | None) -> str:
    if when is not None and when.precision == "RANGE":
        return f"'{typed}' is a range, no instant to ask about: name one, as '12 Dec 2024 12:00'"
    return f"'{typed}' is not an instant: add the hour, for example '12 Dec 2024 12:00'"


def known_instant(session: Session, typed: str, now: int | None = None) -> int:
    """Read a knowledge time: an instant, or a position of the log; `now` as for `instant`.

    Raises:
        UnknownError: the log has no such position.
    """
    if not typed.startswith("@"):
        return instant(session, typed, now, "--known-at")
    number = log_position(typed)
    found = recorded_when(session.views, number)
    if found is None:
        msg = f"the log has no position {number}"
        raise UnknownError(msg)
    return found


def log_position(typed: str) -> int:
    """Read a position of the log, `@48211` or `48,211`.

    Raises:
        BadInputError: it is no such number.
    """
    digits = typed.translate(times.DIGITS).removeprefix("@").replace(",", "")
    if not re.fullmatch(r"[0-9]{1,15}", digits):
        msg = f"'{typed}' is not a position of the log: write it as @48211"
        raise BadInputError(msg)
    return int(digits)


def echoed(session: Session, answered: Echo) -> dict[str, object]:
    """Return both clocks of an answer for programs, and the position it was made from."""
    return instants.echoed(answered, session.zone)


def heading(session: Session, title: str, answered: Echo) -> None:
    """Write an answer's first lines: what it is about, and both clocks."""
    if session.out.mode == "plain":
        session.out.facts({"about": title, **echoed(session, answered)})
        return
    session.out.line(title, bold=True)
    session.out.line(f"  {instants.spoken(answered, session.zone)}")


def above_table(session: Session, title: str, answered: Echo) -> None:
    """Write what a table is about, and both clocks: before it, or on stderr beside `--plain` lines.

    A table of tabs holds rows of one shape only, or every reader of it would have to skip lines.
    """
    if session.out.mode == "text":
        heading(session, title, answered)
    elif not session.quiet:
        session.out.say(f"{title}: {instants.spoken(answered, session.zone)}")


def shown(session: Session, at: int) -> str:
    """Return an instant for a person, in the site's zone."""
    return instants.shown(at, session.zone)


def happened_at(session: Session, event: KnownEvent) -> str:
    """Return when an event occurred for a person, as uncertain as it is."""
    return instants.happened_at(event, session.zone)


def machine(session: Session, facts: Mapping[str, object]) -> dict[str, object]:
    """Return facts for programs: each instant in ISO 8601 with the offset, as the clocks are."""
    return instants.machine(facts, session.zone)
