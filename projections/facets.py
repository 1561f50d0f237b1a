"""Facets: what the read models say of one subject's state: custody or status, intent, pledge.

Facets are independent of each other: a changed intent does not split the housing. `values` reads them
off a state; while `SHOWN` of a state is equal, so are they, and folding can go on without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from domain.directory import Official, Party, Site
from domain.event import State
from domain.person import Person, in_force
from domain.stocktake import StockTake
from domain.transfer import Transfer
from domain.weapon import Weapon

MAIN, INTENT, PLEDGE = range(3)
FACETS = (MAIN, INTENT, PLEDGE)
MERGED = "MERGED"
"""The status of a record that is another one's double: it stands nowhere and counts nowhere."""


class Value(NamedTuple):
    """What a facet's segment says. `site` is "" for one who stands nowhere, None for other kinds."""

    status: str
    site: str | None = None
    place: str | None = None
    container: str | None = None
    party: str | None = None  # who keeps it, or received them
    since: int | None = None  # in trust since


Values: TypeAlias = tuple[Value | None, Value | None, Value | None]
NOTHING: Values = (None, None, None)
_SIDE = {
    status: Value(status)
    for status in ("RETURN", "STAY", "SEEKS_PROTECTION", "UNDECIDED", "SIGNED", "WITHDRAWN")
}


def _of_person(
    custody: str,
    site: str | None,
    place: str,
    party: str | None,
    same_as: str | None,
    intent: str | None,
    pledges: Mapping[str, str],
) -> Values:
    if same_as is not None:
        return Value(MERGED), None, None
    pledge = ("SIGNED" if in_force(pledges) else "WITHDRAWN") if pledges else ""
    main = Value(custody, site or "", place or None, None, party)
    return main, _SIDE.get(intent or ""), _SIDE.get(pledge)


def _of_weapon(
    custody: str | None,
    site: str | None,
    place: str,
    container: str,
    party: str | None,
    since: int | None,
) -> Values:
    main = Value(custody or "", site or "", place or None, container or None, party, since)
    return main, None, None


def _of_others(status: str | None) -> Values:
    return Value(status or ""), None, None


def _status(state: Site | Party | Official) -> tuple[str]:
    if isinstance(state, Site):
        return ("CLOSED" if state.closed else "OPEN",)
    if isinstance(state, Party):
        return ("RECOGNISED" if state.recognised else "NAMED",)
    return ("DISMISSED" if state.dismissed else "SERVING",)


def _fields(cls: type[Person | Weapon], *names: str) -> Callable[[Any], tuple[object, ...]]:
    return itemgetter(*map(cls._fields.index, names))


SHOWN: dict[type[State], Callable[[Any], tuple[object, ...]]] = {
    Person: _fields(
        Person, "custody", "site", "place", "receiving_party", "same_as", "intent", "pledges"
    ),
    Weapon: _fields(Weapon, "custody", "site", "place", "container", "party", "in_trust_since"),
    Transfer: lambda s: (s.status,),
    StockTake: lambda s: (s.status,),
    Site: _status,
    Party: _status,
    Official: _status,
}
"""What of a state its values are made of: while that is equal, they are."""
_VALUES: dict[type[State], Callable[..., Values]] = {Person: _of_person, Weapon: _of_weapon}


def values(state: State) -> Values:
    """Return what each facet of a state says: main (custody, status), intent, pledge."""
    kind = state.__class__
    return _VALUES.get(kind, _of_others)(*SHOWN[kind](state))
