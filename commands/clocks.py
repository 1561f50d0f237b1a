"""The two clocks on the command line: `--as-of` (true at) and `--known-at` (as known at).

Both are inclusive and both default to now; a log position as `@48211` serves as `--known-at` too. Every
answer prints both, with the position of the log it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import click

from commands.session import Session
from domain import ids, times
from domain.errors import BadInputError, UnknownError
from domain.times import When


class Clocks(NamedTuple):
    """The instant asked about and the knowledge asked about, microseconds UTC."""

    as_of: int
    known_at: int
    asked: bool = True  # False when both are now because nobody named them

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
    known = now if known_at is None else known_instant(session, known_at)
    true = now if as_of is None else instant(session, as_of)
    return Clocks(true, known, as_of is not None or known_at is not None)


def instant(session: Session, typed: str) -> int:
    """Read one instant.

    Raises:
        BadInputError: it is empty; or a day or a span, so that several instants are meant.
    """
    if not typed.strip():
        msg = "a time was given that is empty: leave the option out for now, or name an instant"
        raise BadInputError(msg)
    when = session.when(typed)
    if when is None or when.until is not None:
        lacks = "add the hour" if when and when.precision == "DAY" else "a span holds many"
        msg = f"'{typed}' is not an instant: {lacks}, for example '12 Dec 2024 12:00'"
        raise BadInputError(msg)
    return when.at


def known_instant(session: Session, typed: str) -> int:
    """Read a knowledge time: an instant, or a position of the log.

    Raises:
        UnknownError: the log has no such position.
    """
    if not typed.startswith("@"):
        return instant(session, typed)
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
    digits = ids.fold_digits(typed).strip().removeprefix("@").replace(",", "")
    if not re.fullmatch(r"[0-9]{1,15}", digits):
        msg = f"'{typed}' is not a position of the log: write it as @48211"
        raise BadInputError(msg)
    return int(digits)


def echoed(session: Session, clocks: Clocks) -> dict[str, Any]:
    """Return both clocks of an answer, and the position of the log it was made from."""
    from projections.index import position_at

    said = {
        "as_of": whole_second(session, clocks.true_at),
        "known_at": whole_second(session, clocks.known_at),
        "position": position_at(session.views.connection, clocks.known_at),
    }
    if clocks.as_of > clocks.known_at and clocks.asked:
        said["asked_as_of"] = whole_second(session, clocks.as_of)
    return said


def whole_second(session: Session, at: int) -> str:
    """Return an instant as ISO 8601 in the site's zone, to the second."""
    return times.iso(at // times.SECOND * times.SECOND, session.zone)


def heading(session: Session, title: str, clocks: Clocks) -> None:
    """Write an answer's first lines: what it is about, and both clocks."""
    said = echoed(session, clocks)
    if session.out.mode == "plain":
        session.out.facts({"about": title, **said})
        return
    session.out.line(title, bold=True)
    session.out.line(
        f"  true at {said['as_of']} · as known at {said['known_at']} "
        f"(position {said['position']:,})"
    )
    if asked := said.get("asked_as_of"):
        session.out.line(f"  {asked} was not known about by then: this is the last instant known")


def shown(session: Session, at: int) -> str:
    """Return an instant for a person, in the site's zone."""
    return times.show(When(at, None, "MINUTE"), session.zone)
