"""What an event does: rules ask for effects, never for names of commands, so none is a way round.

    PASSES_PERSON   after it a person may stand with another party, over the crossing, or with nobody
    LEAVES_TRUSTEE  after it a weapon may be kept by another than its trustee
    WAY_OUT         puts somebody or something on a transfer, fixes its list, or lets it go
    SEES            says that a thing or person was seen somewhere
    SAYS_ONCE       says a decisive thing that stands once
    USES_NUMBER     uses a number of paper or metal: a receipt, a seal, a crate's label

A class declares what its events can do (`EFFECTS`, next to `evolve`); the functions here say whether
this one does, from the state before and after it. A site has an operator and, at a crossing, the other
side; both are read as at the event's own time and as now, and the stricter counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from domain.directory import Site

if TYPE_CHECKING:
    from domain.book import Case
    from domain.event import Event, State
    from domain.person import Person
    from domain.transfer import Transfer
    from domain.weapon import Weapon

    AnyCase: TypeAlias = Case[State, Event]

GONE = frozenset({"HANDED_OVER", "RELEASED_OTHERWISE"})
ENDED_TRUST = frozenset({"RETURNED", "DESTROYED", "LOST"})


def _readings(case: AnyCase, site: str) -> Iterator[Site]:
    """Yield a site as at the event's own time, and as known now where that differs."""
    stream = f"SITE-{site}"
    then, now = case.then(stream, Site), case.look(stream, Site)
    if then is not None:
        yield then
    if now is not None and now is not then and now != then:
        yield now


def operators(case: AnyCase, site: str | None) -> set[str]:
    """Return the parties that operate a site, at the event's own time or now."""
    if site is None:
        return set()
    return {s.operator for s in _readings(case, site) if s.operator is not None}


def over_the_crossing(case: AnyCase, site: str | None, near: str | None) -> bool:
    """Return whether a site is the far side of a crossing, seen from another site.

    Args:
        near: where somebody came in, or where a thing stands; None where nobody knows.
    """
    if site is None or site == near:
        return False
    for there in _readings(case, site):
        if there.crossing is None:
            continue
        other = case.look(f"SITE-{there.crossing}", Site)
        if near == there.crossing or other is None or other.crossing != site:
            return True
    return near is not None and any(here.crossing == site for here in _readings(case, near))


def _elsewhere(case: AnyCase, site: str | None, ours: set[str]) -> bool:
    """Return whether a site has an operator that is none of these parties."""
    return bool(ours) and bool(operators(case, site) - ours)


# ── persons ─────────────────────────────────────────────────────────────────


def passes_person(case: Case[Person, Event]) -> bool:
    """Return whether the event gives a person to another party, over the crossing, or to nobody."""
    before: Person = case.state
    after: Person = case.after
    if after.custody in GONE:
        return True
    if after.site == before.site or after.site is None:
        return False
    ours = operators(case, before.site) or ({before.party} if before.party else set())
    near = before.entry or before.site
    return _elsewhere(case, after.site, ours) or over_the_crossing(case, after.site, near)


def way_out_of_person(case: AnyCase, planned: Transfer, someone: Person) -> bool:
    """Return whether a transfer leads a person to another party or over the crossing."""
    if planned.purpose == "RETURN" or planned.to_party != planned.from_party:
        return True
    ours = operators(case, someone.site) | {str(planned.from_party)}
    near = someone.entry or planned.from_site
    return _elsewhere(case, planned.to_site, ours) or over_the_crossing(case, planned.to_site, near)


# ── weapons ─────────────────────────────────────────────────────────────────


def leaves_trustee(case: Case[Weapon, Event]) -> bool:
    """Return whether a weapon in trust is with another than its trustee after the event."""
    before: Weapon = case.state
    after: Weapon = case.after
    if before.trustee is None:
        return False
    if after.custody in ENDED_TRUST or after.party != before.trustee:
        return True
    return after.site != before.site and _not_the_trustees(case, before, after.site)


def way_out_of_weapon(case: AnyCase, planned: Transfer, item: Weapon) -> bool:
    """Return whether a transfer leads a weapon in trust away from its trustee."""
    if planned.purpose == "RESTITUTION":
        return True
    if item.trustee is None:
        return False
    return planned.to_party != item.trustee or _not_the_trustees(case, item, planned.to_site)


def _not_the_trustees(case: AnyCase, item: Weapon, site: str | None) -> bool:
    return _elsewhere(case, site, {str(item.trustee)}) or over_the_crossing(case, site, item.site)
