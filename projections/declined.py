"""Who declined to return, and whether each was kept off every return manifest (rule 8). Pure.

    declined(persons, returns, as_of, known_at)     everybody who ever stated STAY or SEEKS_PROTECTION

One who declined was kept off when, while they declined, no manifest took them up, none carried them, and
none lists them at the instant asked about. Who changes their mind again may return: that is no breach.
Who declines while on a manifest is to be taken off it; until then it lists them, and that is said.
Times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from domain import history
from domain.event import Event, evolve
from domain.history import History
from domain.person import KEPT_OFF, AddedToManifest, Departed, HandedOver, Person
from projections.belief import recorded

TAKES_UP_OR_CARRIES = {AddedToManifest.TOPIC, Departed.TOPIC, HandedOver.TOPIC}


class Declined(NamedTuple):
    """One who declined at some time.

    Attributes:
        intent, custody: at the instant asked about. since: when they first declined, microseconds UTC.
        breaches: the events that put or carried them on a return all the same, as `stream:version`.
        listed: the return manifest that lists them although they decline now, "" for none.
    """

    person: str
    intent: str
    custody: str
    since: int
    breaches: tuple[str, ...]
    listed: str

    @property
    def kept_off(self) -> bool:
        """True when no return manifest took them up, carried or lists them while they declined."""
        return not self.breaches and not self.listed


def declined(
    persons: Iterable[History], returns: Collection[str], as_of: int, known_at: int
) -> Iterator[Declined]:
    """Yield everybody who declined at some time, person by person.

    Args:
        persons: whole streams. returns: the transfers whose purpose is RETURN.
        as_of, known_at: microseconds UTC.
    """
    for known in persons:
        live = [e for e in history.in_order(recorded(known, known_at)) if e.occurred_at <= as_of]
        state: Person = history.initial(known.id)
        since, breaches = None, []
        for event in live:
            if state.intent in KEPT_OFF and _returns(event, state, returns):
                breaches.append(f"{known.id}:{event.originator_version}")
            state = evolve(state, event)
            if since is None and state.intent in KEPT_OFF:
                since = event.occurred_at
        if since is not None and state.same_as is None:
            listed = (
                state.transfer
                if state.transfer and state.intent in KEPT_OFF and state.transfer in returns
                else ""
            )
            yield Declined(
                known.id, state.intent or "", state.custody, since, tuple(breaches), listed
            )


def _returns(event: Event, before: Person, returns: Collection[str]) -> bool:
    """Return whether an event takes somebody up for a return, or carries them over."""
    if event.TOPIC == HandedOver.TOPIC:
        return True
    transfer = getattr(event, "transfer", None) or before.transfer
    return event.TOPIC in TAKES_UP_OR_CARRIES and transfer in returns
