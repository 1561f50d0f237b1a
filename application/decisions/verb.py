"""A command of the house as a value: the event it leads to, and how it is carried out.

Every command has one shape, `custody.verb(stream, note, **facts) -> Recorded`, so that one generic
path serves all of them: doors read the event class behind a verb for its facts, types and roles.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from application.decisions.unit import Note, Recorded, Unit
from domain import ids
from domain.errors import BadInputError
from domain.event import Event

if TYPE_CHECKING:
    from application.decisions.ledger import Ledger


class Verb:
    """One command that records one event: of a stream that exists, or the first of a new one."""

    def __init__(self, event: type[Event]) -> None:
        self.event = event

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, custody: Ledger | None, owner: type | None = None) -> Any:
        return self if custody is None else functools.partial(custody.carry_out, self)

    def run(self, unit: Unit, subject: str | None, note: Note, /, **facts: Any) -> Recorded:
        """Record the event, giving a new stream its number where the caller named none.

        By position only: facts may be called `unit` or `subject` too.
        """
        subject = subject or new_number(unit, self.event)
        return unit.record(self.event, subject, note, **facts)


class Command(Verb):
    """One command that records several events: a function of unit, stream, note and facts."""

    def __init__(self, event: type[Event], run: Callable[..., Recorded]) -> None:
        super().__init__(event)
        self.run = run  # type: ignore[method-assign]  # the function stands in for the method
        self.__doc__ = run.__doc__


def command(event: type[Event]) -> Callable[[Callable[..., Recorded]], Command]:
    """Make a function of (unit, subject, note, facts) a command that leads to an event."""
    return lambda run: Command(event, run)


def new_number(unit: Unit, cls: type[Event]) -> str:
    """Return the next control number for the streams an event class opens."""
    kind = cls.TOPIC.partition(".")[0]
    prefix = next((p for p, k in ids.KINDS.items() if k == kind), None)
    if prefix is None or not cls.OPENS:
        msg = f"{cls.TOPIC} needs the {kind} it is about"
        raise BadInputError(msg)
    return unit.number(prefix)
