"""The persons: who entered when, where each was housed, what each wanted, how each left.

Every field is a plain value drawn by dice of its own; times are aware, in the site's zone
(UTC+3). A name is the vault's business: nothing here is a real person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from scenario.dice import dice, shares
from scenario.names import Name, names
from scenario.places import CAMPS, HOSPITAL, STAFF_UNIT, UNITS, team
from scenario.plan import BUS_SEATS, POSTS, RANKS, Plan

ZONE = timezone(timedelta(hours=3))
ENTRY_OPENS = datetime(2024, 12, 7, 5, 30, tzinfo=ZONE)
ENTRY_CLOSES = datetime(2024, 12, 7, 23, 50, tzinfo=ZONE)
STAFF_LEAVES = datetime(2024, 12, 18, 10, 0, tzinfo=ZONE)
FIRST_CONVOY = datetime(2024, 12, 19, 6, 30, tzinfo=ZONE)
LAST_CONVOY = datetime(2024, 12, 19, 12, 40, tzinfo=ZONE)

GROUPS = 9
TENT_BEDS = 12
TEAMS = 4
WITH_EFFECTS = 0.7


@dataclass(frozen=True, slots=True)
class Person:
    """One sheltered person of the scenario, plain values only."""

    n: int  # 1-based
    category: str  # MILITARY | CROSSING_STAFF
    name: Name
    birth_date: str  # ISO
    service_number: str  # SYN-000417
    rank: str  # Arabic; the post of crossing staff
    unit: str  # party code
    group: int  # entry group 1..9
    entered_at: datetime
    hospital: str | None  # HOSP-1 on 7 Dec for the injured
    registered_at: datetime
    registrar: str  # official of one of the four identity teams
    liaison: str  # Syrian liaison who sat with the registrar
    late: bool  # registered 8-9 Dec, recorded only on 14 Dec
    camp: str
    place: str  # tent and bed: T-07/12
    housed_at: datetime
    corrected_camp: str | None  # the correction of 16 Dec: where the person really was on the 12th
    corrected_place: str | None
    intent_stated: str  # at the first interview: RETURN | STAY | SEEKS_PROTECTION | UNDECIDED
    intent: str  # when reconfirmed
    pledge: str  # SELF | FAMILY | BOTH | NONE
    pledge_withdrawn: bool
    outcome: str  # HANDED_OVER | DECEASED | IN_CARE | ABSENT | STAYING
    handed_over_at: datetime | None
    convoy: int | None  # 1..47 on 19 Dec; None on 18 Dec
    effects: bool  # deposited personal effects
    namesake: int | None  # the other person of one of the pairs with one name

    @property
    def declared_name(self) -> str:
        """The name in Arabic, as declared."""
        return self.name.arabic

    @property
    def name_latin(self) -> str:
        """The name in its usual Latin spelling."""
        return self.name.latin

    @property
    def father_name(self) -> str:
        """The father's name in Arabic."""
        return self.name.father.arabic

    @property
    def injured(self) -> bool:
        """Whether the person was taken to the hospital on entry."""
        return self.hospital is not None

    @property
    def housing_corrected(self) -> bool:
        """Whether the place on 12 December is corrected on the 16th."""
        return self.corrected_camp is not None

    @property
    def intent_changed(self) -> bool:
        """Whether the intent was another one when reconfirmed."""
        return self.intent_stated != self.intent


def _between(rng: Random, start: datetime, end: datetime) -> datetime:
    return start + timedelta(minutes=rng.randrange(int((end - start).total_seconds() // 60)))


def _december(day: int, hour: int) -> datetime:
    return datetime(2024, 12, day, hour, tzinfo=ZONE)


class _Marks:
    """Who is marked by which part of the story: sets of indices, drawn part by part."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        everyone, military = range(plan.persons), range(plan.military)
        self.injured = self._some("injured", military, plan.injured)
        self.late = self._some("late", everyone, plan.late)
        self.corrected = self._some(
            "corrected", [n for n in military if n not in self.late], plan.housing_corrected
        )
        self.odd = self._exceptions()
        plain = [n for n in everyone if n not in self.odd]
        self.undecided = self._some("undecided", plain, plan.undecided_at_first)

    def _some(self, part: str, among: range | list[int], count: int) -> set[int]:
        return set(self.dice(part).sample(among, count))

    def _exceptions(self) -> dict[int, str]:
        kinds = [kind for kind, count in self.plan.exceptions.items() for _ in range(count)]
        drawn = self.dice("exceptions").sample(range(self.plan.military), len(kinds))
        return dict(zip(drawn, kinds, strict=True))

    def dice(self, part: str) -> Random:
        return dice(self.plan.variant, self.plan.size, "people", part)


_OUTCOMES = {"deceased": "DECEASED", "in_care": "IN_CARE", "absent": "ABSENT"}
_INTENTS = {"seeks": "SEEKS_PROTECTION", "declined": "STAY"}


def _ranks(plan: Plan, rng: Random) -> list[str]:
    """Ranks of the military, shuffled, then the posts of the crossing staff."""
    military = [rank for rank, n in shares(plan.military, RANKS).items() for _ in range(n)]
    staff = [post for post, n in shares(plan.staff, POSTS).items() for _ in range(n)]
    rng.shuffle(military)
    rng.shuffle(staff)
    return military + staff


def _entries(count: int, rng: Random) -> list[tuple[int, datetime]]:
    """Entry group and instant of each person: nine groups, each within its two hours."""
    span = (ENTRY_CLOSES - ENTRY_OPENS) / GROUPS
    entries = []
    for index in range(count):
        group = index * GROUPS // count
        opens = ENTRY_OPENS + group * span
        entries.append(
            (group + 1, _between(rng, opens, opens + span).replace(second=0, microsecond=0))
        )
    rng.shuffle(entries)
    return entries


def _registered(late: set[int], count: int, rng: Random) -> list[datetime]:
    days = [(8, 9) if n in late else (8, 9, 10) for n in range(count)]
    return [
        _between(rng, (day := _december(rng.choice(d), 8)), day + timedelta(hours=9)) for d in days
    ]


def _housed(registered_at: datetime, rng: Random) -> datetime:
    """The move to a camp: after registration, on 9 to 11 December."""
    day = rng.choice([d for d in (9, 10, 11) if d > registered_at.day])
    return _between(rng, _december(day, 7), _december(day, 18))


def _places(count: int) -> list[tuple[str, str]]:
    """Camp and bed of each person: camps filled in turn, a bed for everybody."""
    turns = (divmod(index, len(CAMPS)) for index in range(count))
    return [(CAMPS[camp], _bed(bed)) for bed, camp in turns]


def _bed(number: int) -> str:
    tent, bed = divmod(number, TENT_BEDS)
    return f"T-{tent + 1:02d}/{bed + 1:02d}"


def _pledge(kind: str, rng: Random) -> str:
    if kind in ("seeks", "declined"):
        return "NONE"
    return rng.choices(("SELF", "FAMILY", "BOTH"), (5, 1, 4))[0]


def _birth_date(rank: str, rng: Random) -> str:
    """A birth date that suits the rank: older officers, younger soldiers."""
    oldest, youngest = (1966, 1992) if rank not in ("جندي", "جندي أول", "عريف") else (1984, 2005)
    return f"{rng.randint(oldest, youngest)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def convoy_leaves(convoy: int, convoys: int) -> datetime:
    """Return when a convoy of 19 December is handed over, 06:30 to 12:40."""
    steps = max(1, convoys - 1)
    minutes = (LAST_CONVOY - FIRST_CONVOY).total_seconds() / 60 * (convoy - 1) / steps
    return FIRST_CONVOY + timedelta(minutes=round(minutes))


class _Lots:
    """Everything drawn for everybody, part by part; `person` puts one together."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.marks = plan, _Marks(plan)
        count, dice_of = plan.persons, self.marks.dice
        self.order = list(range(count))  # shuffled, so that namesakes are no neighbours
        dice_of("order").shuffle(self.order)
        self.names, self.twins = names(count, plan.namesake_pairs, dice_of("names"))
        self.n_of = {drawn: index + 1 for index, drawn in enumerate(self.order)}
        self.ranks = _ranks(plan, dice_of("ranks"))
        self.entries = _entries(count, dice_of("entries"))
        self.registered = _registered(self.marks.late, count, dice_of("registered"))
        self.numbers = dice_of("numbers").sample(range(100_001, 1_000_000), count)
        self.beds = _places(count)
        dice_of("beds").shuffle(self.beds)
        self.moved = self._moved()
        self.convoys = _boarding(plan, self.marks)
        self.born, self.unit = dice_of("born"), dice_of("unit")
        self.team, self.housed = dice_of("team"), dice_of("housed")
        self.pledge, self.effects = dice_of("pledge"), dice_of("misc")

    def _moved(self) -> dict[int, tuple[str, str]]:
        """Where the corrected ones really were: the next camp, a bed nobody else has."""
        spare = self.plan.persons // len(CAMPS) + 1
        return {
            index: (CAMPS[(CAMPS.index(self.beds[index][0]) + 1) % len(CAMPS)], _bed(spare + turn))
            for turn, index in enumerate(sorted(self.marks.corrected))
        }

    def person(self, index: int) -> Person:
        return Person(
            **self._identity(index),
            **self._arrival(index),
            **self._housing(index),
            **self._leaving(index),
        )

    def _identity(self, index: int) -> dict[str, Any]:
        military, twin = index < self.plan.military, self.twins.get(self.order[index])
        return {
            "n": index + 1,
            "category": "MILITARY" if military else "CROSSING_STAFF",
            "name": self.names[self.order[index]],
            "birth_date": _birth_date(self.ranks[index], self.born),
            "service_number": f"SYN-{self.numbers[index]}",
            "rank": self.ranks[index],
            "unit": self.unit.choice(UNITS).code if military else STAFF_UNIT,
            "namesake": None if twin is None else self.n_of[twin],
        }

    def _arrival(self, index: int) -> dict[str, Any]:
        number = self.team.randrange(TEAMS) + 1
        group, entered_at = self.entries[index]
        return {
            "group": group,
            "entered_at": entered_at,
            "hospital": HOSPITAL if index in self.marks.injured else None,
            "registered_at": self.registered[index],
            "registrar": self.team.choice(team("intake_clerk", number)),
            "liaison": team("liaison", number)[0],
            "late": index in self.marks.late,
            "effects": self.effects.random() < WITH_EFFECTS,
        }

    def _housing(self, index: int) -> dict[str, Any]:
        camp, place = self.moved.get(index, (None, None))
        return {
            "camp": self.beds[index][0],
            "place": self.beds[index][1],
            "housed_at": _housed(self.registered[index], self.housed),
            "corrected_camp": camp,
            "corrected_place": place,
        }

    def _leaving(self, index: int) -> dict[str, Any]:
        kind, convoy = self.marks.odd.get(index, ""), self.convoys.get(index)
        intent = _INTENTS.get(kind, "RETURN")
        left_at = convoy_leaves(convoy, self.plan.convoys) if convoy else STAFF_LEAVES
        return {
            "intent_stated": "UNDECIDED" if index in self.marks.undecided else intent,
            "intent": intent,
            "pledge": _pledge(kind, self.pledge),
            "pledge_withdrawn": kind == "withdrew",
            "outcome": _OUTCOMES.get(kind, "STAYING" if kind else "HANDED_OVER"),
            "handed_over_at": None if kind else left_at,
            "convoy": convoy,
        }


def people(plan: Plan) -> tuple[Person, ...]:
    """Return everybody of a plan, in order of `n`; military first, then crossing staff."""
    lots = _Lots(plan)
    return tuple(lots.person(index) for index in range(plan.persons))


def _boarding(plan: Plan, marks: _Marks) -> dict[int, int]:
    """Convoy of each military person who leaves: each bus is filled before the next."""
    leaving = [n for n in range(plan.military) if n not in marks.odd]
    marks.dice("boarding").shuffle(leaving)
    return {n: turn // BUS_SEATS + 1 for turn, n in enumerate(leaving)}
