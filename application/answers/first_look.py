"""What somebody new to a ledger is told first: how much it holds, and one question with two answers."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from application.answers.feed.follow import Views
from projections import changes, index, irregular, population
from projections.changes import Change


class FirstLook(NamedTuple):
    """How much a ledger holds now.

    Attributes:
        events, persons, weapons: how many. handed_over: day, counted from 1970 in the ledger's zone,
            to persons, in order. weapon_custody: custody to weapons.
        irregularities: rule to how many are open. weapon, person: one with a long history.
    """

    events: int
    persons: int
    weapons: int
    handed_over: dict[int, int]
    weapon_custody: dict[str, int]
    irregularities: dict[int, int]
    weapon: str
    person: str

    @property
    def returned(self) -> int:
        """How many persons were handed over, in all."""
        return sum(self.handed_over.values())


class TwoAnswers(NamedTuple):
    """Who stood at a site at an instant, as known then and as known later.

    Attributes:
        before, after: how many. learned: how many places of that instant were corrected between.
        here: those of them to or from the site.
    """

    before: int
    after: int
    learned: int
    here: tuple[Change, ...]


def first_look(views: Views, now: int) -> FirstLook:
    """Return how much a ledger holds at the present instant, microseconds UTC."""
    connection = views.connection
    found = population.counts(connection, now, now)
    returned = population.everywhere(connection, now, now, statuses=("HANDED_OVER",))
    days = Counter(views.calendar.day(one.valid_from) for one in returned)
    custody: Counter[str] = Counter()
    for one in found:
        if one.kind == "weapon":
            custody[one.status] += one.number
    example = index.an_example(connection)
    return FirstLook(
        views.catch_up(),
        sum(one.number for one in found if one.kind == "person"),
        custody.total(),
        dict(sorted(days.items())),
        dict(custody),
        dict(irregular.irregularities(connection)),
        example["weapon"],
        example["person"],
    )


def two_answers(views: Views, site: str, at: int, then: int, now: int) -> TwoAnswers:
    """Return who stood at a site, and what was learned of that instant in between.

    Args:
        views: the read models. site: its code.
        at: the instant asked about. then, now: as known at both, microseconds UTC.
    """
    connection = views.connection
    before, after = (
        len(population.at(connection, "site", site, at, known_at)) for known_at in (then, now)
    )
    learned = changes.learned_of_all(connection, at, then, now, views.load)
    here = changes.learned_of_all(connection, at, then, now, views.load, site=site)
    return TwoAnswers(before, after, len(learned), tuple(here))
