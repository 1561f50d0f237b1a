"""The two clocks on the command line: `--as-of` (true at) and `--known-at` (as known at).

Both are inclusive and both default to now; a log position as `@48211` serves as `--known-at` too. Every
answer prints both, with the position of the log it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import click

from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError, UnknownError
from domain.times import When


class Clocks(NamedTuple):
    """The instant asked about and the knowledge asked about, microseconds UTC."""

    as_of: int
    known_at: int
    asked: bool = True  # False when nobody named an instant, so that it is now

    @property
    def true_at(self) -> int:
        """The instant an answer is about: nothing is known of what lies after `known_at`."""
        return min(self.as_of, self.known_at)


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
    return Clocks(known, known)


def latest(session: Session) -> Clocks:
    """Return the instant of the log's last event: whatever is so by then is so now.

    An answer that is always about the present prints it; printed twice, it reads the same.
    """
    from projections.index import position_at, recorded_at

    connection = session.views.connection
    last = recorded_at(connection, position_at(connection, times.INF)) or 0
    return Clocks(last, last)


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
    from projections.index import recorded_at

    number = log_position(typed)
    found = recorded_at(session.views.connection, number)
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


def echoed(session: Session, clocks: Clocks) -> dict[str, Any]:
    """Return both clocks of an answer, and the position of the log it was made from.

    `as_of` is the instant asked about and `true_at` the one answered: the earlier of both clocks.
    """
    return {
        "as_of": to_the_second(session, clocks.as_of),
        "true_at": to_the_second(session, clocks.true_at),
        "known_at": to_the_second(session, clocks.known_at),
        "position": position(session, clocks.known_at),
    }


def to_the_second(session: Session, at: int) -> str:
    """Return an instant of a clock as it is echoed: ISO 8601 in the site's zone."""
    return times.iso(at // times.SECOND * times.SECOND, session.zone)


def position(session: Session, known_at: int) -> int:
    """Return the position of the last event that was known at an instant."""
    from projections.index import position_at

    return position_at(session.views.connection, known_at)


def spoken(session: Session, clocks: Clocks) -> str:
    """Return both clocks in a line, and plainly so when the answer is about an earlier instant."""
    said = echoed(session, clocks)
    later = ""
    if clocks.asked and clocks.as_of > clocks.known_at:
        later = f" (asked about {said['as_of']}, which lies after what was known)"
    return (
        f"true at {said['true_at']}{later} · as known at {said['known_at']} "
        f"(position {said['position']:,})"
    )


def heading(session: Session, title: str, clocks: Clocks) -> None:
    """Write an answer's first lines: what it is about, and both clocks."""
    if session.out.mode == "plain":
        session.out.facts({"about": title, **echoed(session, clocks)})
        return
    session.out.line(title, bold=True)
    session.out.line(f"  {spoken(session, clocks)}")


def above_table(session: Session, title: str, clocks: Clocks) -> None:
    """Write what a table is about, and both clocks: before it, or on stderr beside `--plain` lines.

    A table of tabs holds rows of one shape only, or every reader of it would have to skip lines.
    """
    if session.out.mode == "text":
        heading(session, title, clocks)
    elif not session.quiet:
        session.out.say(f"{title}: {spoken(session, clocks)}")


def shown(session: Session, at: int) -> str:
    """Return an instant for a person, in the site's zone."""
    return times.show(When(at, None, "MINUTE"), session.zone)


def happened_at(session: Session, event: Any) -> str:
    """Return when an event occurred for a person, as uncertain as it is."""
    when = When(event.occurred_at, None, "MINUTE")
    if event.occurred_until is not None:
        when = When(event.occurred_at, event.occurred_until, event.precision)
    return times.show(when, session.zone)


def machine(session: Session, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts for programs: each instant in ISO 8601 with the offset, as the clocks are."""
    return {name: _machine(session, name, value) for name, value in facts.items()}


def _machine(session: Session, name: str, value: Any) -> Any:
    if name == "roles" and isinstance(value, Mapping):
        return {role: _machine(session, "until_at", end) for role, end in value.items()}
    if is_instant(name) and isinstance(value, int) and not isinstance(value, bool):
        return times.iso(value, session.zone)
    return value


def is_instant(name: str) -> bool:
    """Return whether a fact of this name, where it is a number, is an instant in microseconds."""
    return name.endswith(("since", "_at", "_until", "_as_of"))
