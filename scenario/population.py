"""Everybody and everything of one scenario: `population("k24", "small")`.

>>> population("k24", "full").persons[0].service_number[:4]
'SYN-'
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from scenario.people import Person, people
from scenario.places import OFFICIALS, PARTIES, Official, Party, Site, sites
from scenario.plan import BUS_SEATS, Plan, Size, Variant
from scenario.weapons import Weapon, weapons


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The one count that did not agree on 19 December."""

    convoy: int  # released with all its people, accepted with one less
    person: int  # n of the person found on the next bus
    next_convoy: int


@dataclass(frozen=True, slots=True)
class Population:
    """A scenario before anything happens: plain values only."""

    plan: Plan
    sites: tuple[Site, ...]
    parties: tuple[Party, ...]
    officials: tuple[Official, ...]
    persons: tuple[Person, ...]
    weapons: tuple[Weapon, ...]
    mismatch: Mismatch


def _mismatch(persons: tuple[Person, ...], plan: Plan) -> Mismatch:
    """A full convoy in the middle of the day that has another one behind it."""
    aboard: dict[int, list[int]] = {}
    for person in persons:
        if person.convoy:
            aboard.setdefault(person.convoy, []).append(person.n)
    full = [c for c in sorted(aboard) if len(aboard[c]) == BUS_SEATS and c < plan.convoys]
    convoy = full[len(full) // 2]
    return Mismatch(convoy, aboard[convoy][-1], convoy + 1)


@lru_cache(maxsize=4)
def population(variant: Variant = "k24", size: Size = "small") -> Population:
    """Return the population of a variant at a size, the same on each call.

    Args:
        variant: k24, joc, stress or wide.
        size: small (a tenth), full, or x25.

    Returns:
        Plain values, frozen.
    """
    plan = Plan.of(variant, size)
    persons = people(plan)
    return Population(
        plan=plan,
        sites=sites(plan.camp_capacity),
        parties=PARTIES,
        officials=OFFICIALS,
        persons=persons,
        weapons=weapons(plan, persons),
        mismatch=_mismatch(persons, plan),
    )
