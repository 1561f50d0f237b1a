"""A command of the house as a value: the event it leads to, and how it is carried out.

Every command has one shape, `custody.verb(stream, note, **facts) -> Recorded`, so that one generic
path serves all of them: doors read the event class behind a verb for its facts, types and roles.

What facts a command takes is known to the type checker: of a function, by its own signature (`command`
hands it on); of a verb, by `custody.pyi`, which `make stub` writes from the event classes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

import typing_extensions  # type variables with a default, before Python 3.13

from application.decisions.unit import Note, Recorded, Unit
from domain import ids
from domain.errors import BadInputError
from domain.event import Event

if TYPE_CHECKING:
    from application.decisions.ledger import Ledger

Subject = typing_extensions.TypeVar("Subject", default=Any)
Facts = typing_extensions.ParamSpec("Facts", default=...)
"""The stream a command is about (None where the ledger may give the number), and what it takes."""
Subject_ = TypeVar("Subject_")
Facts_ = ParamSpec("Facts_")
"""The same, of a function that becomes a command."""


class Verb(Generic[Subject, Facts]):
    """One command that records one event: of a stream that exists, or the first of a new one.

    Attributes:
        event: what it leads to. run: what it does in a unit of work.
    """

    run: Callable[Concatenate[Unit, Subject, Note, Facts], Recorded]

    def __init__(self, event: type[Event]) -> None:
        self.event = event
        self.run = functools.partial(_one_event, event)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, custody: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(
        self, custody: Ledger, owner: type | None = None
    ) -> Callable[Concatenate[Subject, Note, Facts], Recorded]: ...
    def __get__(
        self, custody: Ledger | None, owner: type | None = None
    ) -> Self | Callable[Concatenate[Subject, Note, Facts], Recorded]:
        return self if custody is None else functools.partial(custody.carry_out, self)


class Command(Verb[Subject, Facts]):
    """One command that records several events: a function of unit, stream, note and facts."""

    def __init__(
        self, event: type[Event], run: Callable[Concatenate[Unit, Subject, Note, Facts], Recorded]
    ) -> None:
        super().__init__(event)
        self.run = run
        self.__doc__ = run.__doc__


def command(
    event: type[Event],
) -> Callable[
    [Callable[Concatenate[Unit, Subject_, Note, Facts_], Recorded]], Command[Subject_, Facts_]
]:
    """Make a function of (unit, subject, note, facts) a command that leads to an event."""
    return lambda run: Command(event, run)


def _one_event(
    event: type[Event], unit: Unit, subject: str | None, note: Note, /, **facts: Any
) -> Recorded:
    """Record an event, giving a new stream its number where the caller named none.

    By position only: facts may be called `unit` or `subject` too.
    """
    return unit.record(event, subject or new_number(unit, event), note, **facts)


def new_number(unit: Unit, cls: type[Event]) -> str:
    """Return the next control number for the streams an event class opens."""
    kind = cls.TOPIC.partition(".")[0]
    prefix = next((p for p, k in ids.KINDS.items() if k == kind), None)
    if prefix is None or not cls.OPENS:
        msg = f"{cls.TOPIC} needs the {kind} it is about"
        raise BadInputError(msg)
    return unit.number(prefix)
