"""Who declined to return, and whether each was kept off every manifest that leads out (rule 8). Pure.

    declined(persons, leads_out, as_of, known_at)   everybody who ever stated STAY or SEEKS_PROTECTION

Which transfer leads somebody out is what the rules ask (`effects.way_out_of_person`): a return, one to
another party or over the crossing. A transfer between our own places is none.

One who declined was kept off when, while they declined, no manifest took them up, none carried them, and
none lists them at the instant asked about. Who changes their mind again may return: that is no breach.
Who declines while on a manifest is to be taken off it; until then it lists them, and that is said.
Times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from domain import history
from domain.event import Event, evolve
from domain.history import History
from domain.person import KEPT_OFF, AddedToManifest, Departed, HandedOver, Person
from projections.belief import recorded

LeadsOut: TypeAlias = Callable[[str, Person], bool]
"""Says whether a transfer, by its number, leads somebody out."""
TAKES_UP_OR_CARRIES = {AddedToManifest.TOPIC, Departed.TOPIC, HandedOver.TOPIC}


class Declined(NamedTuple):
    """One who declined at some time.

    Attributes:
        intent, custody: at the instant asked about. since: when they first declined, microseconds UTC.
        breaches: the events that put or carried them on a way out all the same, as `stream:version`.
        listed: the manifest of a way out that lists them although they decline now, "" for none.
    """

    person: str
    intent: str
    custody: str
    since: int
    breaches: tuple[str, ...]
    listed: str

    @property
    def kept_off(self) -> bool:
        """True when no way out took them up, carried or lists them while they declined."""
        return not self.breaches and not self.listed


def declined(
    persons: Iterable[History], leads_out: LeadsOut, as_of: int, known_at: int
) -> Iterator[Declined]:
    """Yield everybody who declined at some time, person by person.

    Args:
        persons: whole streams. leads_out: whether a transfer leads somebody out.
        as_of, known_at: microseconds UTC.
    """
    for known in persons:
        live = [e for e in history.in_order(recorded(known, known_at)) if e.occurred_at <= as_of]
        state: Person = history.initial(known.id)
        since, breaches = None, []
        for event in live:
            if state.intent in KEPT_OFF and _leads_out(event, state, leads_out):
                breaches.append(f"{known.id}:{event.originator_version}")
            state = evolve(state, event)
            if since is None and state.intent in KEPT_OFF:
                since = event.occurred_at
        if since is not None and state.same_as is None:
            listed = (
                state.transfer
                if state.transfer and state.intent in KEPT_OFF and leads_out(state.transfer, state)
                else ""
            )
            yield Declined(
                known.id, state.intent or "", state.custody, since, tuple(breaches), listed
            )


def _leads_out(event: Event, before: Person, leads_out: LeadsOut) -> bool:
    """Return whether an event takes somebody up for a way out, or carries them along it."""
    if event.TOPIC == HandedOver.TOPIC:
        return True
    transfer = getattr(event, "transfer", None) or before.transfer
    if event.TOPIC not in TAKES_UP_OR_CARRIES or transfer is None:
        return False
    return leads_out(transfer, before)
