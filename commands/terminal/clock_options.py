"""The two clocks on the command line: `--as-of` (true at) and `--known-at` (as known at).

Both are inclusive and both default to now; a log position as `@48211` and the last change as `-1c` serve
as `--known-at` too. What is printed can be typed back and means the same instant. Every answer prints
both, with the position of the log it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import click

from application.answers.last_change import Changes, every_change
from application.answers.two_clocks import Clocks, Echo, knowledge, recorded_when, said_when
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError, UnknownError
from domain.times import When
from words import instants

if TYPE_CHECKING:
    from application.answers.events import KnownEvent


_CHANGES_BACK = re.compile(r"-([0-9]{1,4})c")


def with_clocks(command: Callable[..., object]) -> Callable[..., object]:
    """Give a question the options of both clocks."""
    known = click.option(
        "--known-at",
        metavar="TIME|@POSITION|-1c",
        help="As the ledger knew it then, or before its last change (-1c); now unless given.",
    )
    return click.option("--as-of", metavar="TIME", help="What was true then; now unless given.")(
        known(command)
    )


def present(session: Session) -> int:
    """Return now, microseconds UTC: to the end of this second, as it is printed."""
    return session.custody.clock() // times.SECOND * times.SECOND + times.SECOND - 1


def clocks_of(
    session: Session, as_of: str | None, known_at: str | None, about: Changes | None = None
) -> Clocks:
    """Read both clocks as typed.

    Args:
        session: this invocation. as_of, known_at: as typed.
        about: of what `-1c` counts the changes; the whole log unless given.

    Raises:
        BadInputError: a day without an hour, which is no instant.
    """
    now = present(session)
    known = known_clock(session, known_at, now, about)
    return Clocks(
        now if as_of is None else instant(session, as_of, now),
        known.reach,
        as_of is not None,
        known.said,
    )


def knowledge_of(session: Session, known_at: str | None, about: Changes | None = None) -> Clocks:
    """Read the knowledge time of a question that has one clock: true at that instant, too."""
    known = known_clock(session, known_at, present(session), about)
    return Clocks(known.said, known.reach, known_at is not None, known.said)


class Known(NamedTuple):
    """A knowledge time, microseconds UTC: the recorded time it reaches to, and how it is printed."""

    reach: int
    said: int


def instant(
    session: Session,
    typed: str,
    now: int | None = None,
    option: str = "--as-of",
    *,
    to_its_end: bool = False,
) -> int:
    """Read one instant; what is typed to the second means its last microsecond, as printed ones do.

    Args:
        session: this invocation. typed: the time as typed. option: the option it was typed for.
        now: what `now` and `-2d` are read against, microseconds UTC; the ledger's clock when None.
            The two clocks of one answer share one, or `now` would lie after itself.
        to_its_end: whether a minute reaches to its end.

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
    if "." in typed:
        return when.at
    unit = times.MINUTE if to_its_end and when.precision == "MINUTE" else times.SECOND
    return when.at // unit * unit + unit - 1


def _no_instant(typed: str, when: When | None) -> str:
    if when is not None and when.precision == "RANGE":
        return f"'{typed}' is a range, no instant to ask about: name one, as '12 Dec 2024 12:00'"
    return f"'{typed}' is not an instant: add the hour, for example '12 Dec 2024 12:00'"


def known_instant(
    session: Session, typed: str, now: int | None = None, about: Changes | None = None
) -> int:
    """Read a knowledge time as the recorded time that it reaches to, see `known_clock`."""
    return known_clock(session, typed, present(session) if now is None else now, about).reach


def known_clock(
    session: Session, typed: str | None, now: int, about: Changes | None = None
) -> Known:
    """Read a knowledge time: an instant, a position of the log (`@48211`), `-1c`; now when None.

    A time after now is now, and said. Minutes reach to their end, for they are printed as minutes.

    Args:
        session: this invocation. typed: as typed. now: microseconds UTC.
        about: of what `-1c` counts the changes; the whole log unless given.

    Raises:
        UnknownError: the log has no such position, or not so many changes.
    """
    typed = None if typed is None else typed.strip() or typed
    if typed is not None and typed.startswith("@"):
        number = log_position(typed)
        found, said = recorded_when(session.views, number), said_when(session.views, number)
        if found is None or said is None:
            msg = f"the log has no position {number}"
            raise UnknownError(msg)
        return Known(found, said)
    if typed is not None and (match := _CHANGES_BACK.fullmatch(typed)):
        before = (about or every_change(session.views))(int(match[1]))
        return Known(before, before)
    at = now if typed is None else instant(session, typed, now, "--known-at", to_its_end=True)
    if at > now:
        if at - now >= times.MINUTE and not session.quiet:
            session.out.say(f"Note: {typed} has not come yet: answered as known now")
        at = now
    return Known(knowledge(session.views, at), at)


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


def learned(session: Session, at: int) -> str:
    """Return when something was recorded for a person: to the second, as it is given back."""
    return instants.learned(at, session.zone)


def happened_at(session: Session, event: KnownEvent) -> str:
    """Return when an event occurred for a person, as uncertain as it is."""
    return instants.happened_at(event, session.zone)


def machine(session: Session, facts: Mapping[str, object]) -> dict[str, object]:
    """Return facts for programs: each instant in ISO 8601 with the offset, as the clocks are."""
    return instants.machine(facts, session.zone)
