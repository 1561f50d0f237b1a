"""Who asks, and what they may read: the only place where an answer withholds anything.

    who = reader(custody, "OFF-013")
    who.need("pledge")                        refused in one sentence, the same at every door
    who.sees("intent")                        whether a fact of this name is shown
    who.sees_event("person.intent_stated")    what a history shows of an event

What a right covers follows from the event classes: a thing that is not open withholds its events, the
facets of the state that they write, and the numbers of rules that tell of it.
"""

from __future__ import annotations

from typing import NamedTuple

from application.decisions import access
from application.decisions.ledger import Ledger
from domain.access import NEVER_BY_SECURITY, Thing, refusal
from domain.book import TELLS
from domain.errors import NotAllowedError
from domain.event import EVENTS

_WITHHELD: dict[str, Thing] = {
    name: cls.PROTECTED
    for cls in EVENTS.values()
    if cls.PROTECTED is not None
    for name in (*cls.FACETS, cls.PROTECTED)  # a read model names a facet after its thing
}
"""Names of facts, and the thing that whoever sees them must be allowed to read."""


class Reader(NamedTuple):
    """One who asks.

    Attributes:
        official: the code; None where nobody was named.
        things: what they may read.
    """

    official: str | None
    things: frozenset[Thing]

    def may(self, thing: Thing) -> bool:
        """Return whether this reader may read a thing."""
        return thing in self.things

    def need(self, thing: Thing) -> None:
        """Refuse who may not read a thing.

        Raises:
            NotAllowedError: this reader may not.
        """
        if thing not in self.things:
            raise NotAllowedError(refusal(thing))

    def need_protected(self) -> None:
        """Refuse who may not read what a person wants.

        Raises:
            NotAllowedError: this reader may not.
        """
        for thing in sorted(NEVER_BY_SECURITY):
            self.need(thing)

    def sees(self, fact: str) -> bool:
        """Return whether this reader may see a fact of this name."""
        thing = _WITHHELD.get(fact)
        return thing is None or thing in self.things

    def sees_event(self, topic: str) -> bool:
        """Return whether this reader may see what events of this stored name say."""
        thing = EVENTS[topic].PROTECTED
        return thing is None or thing in self.things

    def sees_rule(self, number: int) -> bool:
        """Return whether this reader may learn that an event broke a rule."""
        thing = TELLS.get(number)
        return thing is None or thing in self.things


def reader(custody: Ledger, official: str | None) -> Reader:
    """Return the reader an official is.

    Raises:
        UnknownError: the official is not in the directory.
    """
    with custody.reading() as unit:
        return Reader(official, access.readable(unit, official))
