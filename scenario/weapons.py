"""The weapons, all invented: models as they exist, serials in a reserved, marked range.

**Reserved range.** Serials keep the shape of real ones, but each lies in one of four ranges
that mark it as synthetic:

    Щx 0000     two Cyrillic letters, the first always Щ, and four figures   ЩА 3471
    990xxxxx    eight figures beginning 990                                  99034718
    XZxxxxxx    two Latin letters, always XZ, and six figures                XZ120455
    0099xxxx    eight figures beginning 0099, which a spreadsheet eats       00991207

A serial is no identity: some pairs of distinct weapons share one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from scenario.dice import dice, shares
from scenario.people import ZONE, Person
from scenario.places import DEPOTS, UNITS, team
from scenario.plan import OFFICERS, Plan, scaled

RESERVED = re.compile(r"Щ[АВЕКМНОРСТХЖЛФ] \d{4}|990\d{5}|XZ\d{6}|0099\d{4}")
SECOND_LETTERS = "АВЕКМНОРСТХЖЛФ"


@dataclass(frozen=True, slots=True)
class Model:
    """One line of the inventory: how many, and what such a weapon is."""

    count: int
    category: str
    models: tuple[str, ...]
    makes: tuple[str, ...]
    calibre: str
    country: str
    years: tuple[int, int]
    shape: str  # CYRILLIC | FIGURES | LATIN | ZEROS
    crew_served: bool = False


KINDS = {
    "AKM/AKMS": Model(
        742,
        "RIFLE",
        ("AKM", "AKMS"),
        ("Izhevsk", "Tula"),
        "7.62×39",
        "SUN",
        (1960, 1977),
        "CYRILLIC",
    ),
    "Type 56": Model(
        198, "RIFLE", ("Type 56",), ("Factory 66",), "7.62×39", "CHN", (1958, 1985), "FIGURES"
    ),
    "AK-74/AKS-74": Model(
        261,
        "RIFLE",
        ("AK-74", "AKS-74"),
        ("Izhevsk", "Tula"),
        "5.45×39",
        "SUN",
        (1976, 1990),
        "CYRILLIC",
    ),
    "AKS-74U": Model(
        38, "RIFLE", ("AKS-74U",), ("Tula",), "5.45×39", "SUN", (1981, 1991), "FIGURES"
    ),
    "RPK": Model(
        66,
        "MACHINE_GUN",
        ("RPK",),
        ("Vyatskiye Polyany",),
        "7.62×39",
        "SUN",
        (1961, 1978),
        "CYRILLIC",
    ),
    "PKM": Model(
        118, "MACHINE_GUN", ("PKM",), ("Kovrov",), "7.62×54R", "SUN", (1969, 1989), "ZEROS"
    ),
    "SVD": Model(
        47, "SNIPER_RIFLE", ("SVD",), ("Izhevsk",), "7.62×54R", "SUN", (1965, 1990), "LATIN"
    ),
    "Makarov PM": Model(171, "PISTOL", ("PM",), ("Izhevsk",), "9×18", "SUN", (1952, 1990), "LATIN"),
    "TT-33": Model(16, "PISTOL", ("TT-33",), ("Tula",), "7.62×25", "SUN", (1946, 1952), "CYRILLIC"),
    "RPG-7": Model(104, "LAUNCHER", ("RPG-7",), ("Kovrov",), "40", "SUN", (1962, 1988), "ZEROS"),
    "DShKM": Model(
        21, "MACHINE_GUN", ("DShKM",), ("Kovrov",), "12.7×108", "SUN", (1948, 1979), "LATIN", True
    ),
    "82-mm mortar": Model(
        12, "MORTAR", ("82-BM-37",), ("Tula",), "82", "SUN", (1944, 1965), "FIGURES", True
    ),
    "SPG-9": Model(
        8, "RECOILLESS_GUN", ("SPG-9",), ("Tula",), "73", "SUN", (1963, 1982), "FIGURES", True
    ),
    "unidentified or parts": Model(
        18, "UNIDENTIFIED", ("unidentified",), ("unknown",), "unknown", "unknown", (0, 0), "LATIN"
    ),
}

ILLEGIBLE, NO_NUMBER, FOREIGN = "مطموس", "بدون رقم", "كتابة أجنبية"
_UNREAD = {"PARTIAL": 40, "ILLEGIBLE": 34, "ABSENT": 26, "UNTRANSLATABLE": 12}
MARKS = (
    "arsenal mark, receiver left",
    "star, receiver front",
    "proof mark, barrel",
    "paint band, stock",
)
ACCESSORIES = {
    "RIFLE": ("magazine", "sling", "cleaning kit", "bayonet"),
    "MACHINE_GUN": ("ammunition box", "spare barrel", "cleaning kit"),
    "SNIPER_RIFLE": ("magazine", "optical sight", "sling"),
    "PISTOL": ("magazine", "holster"),
    "LAUNCHER": ("optical sight", "sling"),
    "MORTAR": ("base plate", "bipod"),
    "RECOILLESS_GUN": ("optical sight", "tripod"),
    "UNIDENTIFIED": (),
}
CONDITIONS = ("SERVICEABLE", "WORN", "DAMAGED", "INCOMPLETE")
SerialRead = tuple[str, str | None, str]  # as put down, as read, status

RACK_SLOTS = 40
ON_THE_11TH, JOINT, LINKED = 0.3, 0.96, 0.8  # shares of the inventory


@dataclass(frozen=True, slots=True)
class Weapon:
    """One weapon of the scenario, plain values only."""

    n: int  # 1-based
    kind: str  # key of KINDS
    category: str
    make: str
    model: str
    calibre: str
    country: str
    year: int | None
    serial_raw: str  # as the clerk put it down
    serial: str | None  # as read; None unless READ or PARTIAL
    serial_status: str  # READ | PARTIAL | ILLEGIBLE | ABSENT | UNTRANSLATABLE
    marks: tuple[str, ...]
    condition: str
    accessories: tuple[str, ...]
    holder: int | None  # n of the person, None when unit-held
    unit: str | None  # party code when unit-held
    crate: str  # C-001
    seals: tuple[str, str]  # the two seals of the crate
    depot: str
    place: str  # rack and slot: M1/07/13
    provisional_receipt: str  # given on 7 Dec
    receipt: str  # deposit receipt
    received_at: datetime
    received_by: str
    inventoried_at: datetime
    inventoried_by: str
    team: int  # weapons committee 1..3
    joint: bool  # counted together with the liaison
    missing: bool  # in stock-take 1
    located: bool  # found again on the 13th
    unexpected_in: str | None  # the other depot, where stock-take 1 found it
    seal_broken: bool  # its crate is the one with the broken seal
    restituted: bool  # in the epilogue
    serial_twin: int | None  # a distinct weapon with the same serial


def _serials(shape: str, count: int, rng: Random) -> list[str]:
    """Return distinct serials of one shape, out of its reserved range."""
    if shape == "CYRILLIC":
        space = rng.sample(range(len(SECOND_LETTERS) * 10_000), count)
        return [f"Щ{SECOND_LETTERS[n // 10_000]} {n % 10_000:04d}" for n in space]
    if shape == "LATIN":
        return [f"XZ{n:06d}" for n in rng.sample(range(100_000, 1_000_000), count)]
    first, width = ("990", 5) if shape == "FIGURES" else ("0099", 4)
    return [f"{first}{n:0{width}d}" for n in rng.sample(range(10**width), count)]


def _kinds(plan: Plan, rng: Random) -> list[str]:
    counts = shares(plan.weapons, {name: kind.count for name, kind in KINDS.items()})
    kinds = [name for name, count in counts.items() for _ in range(count)]
    rng.shuffle(kinds)
    return kinds


def _numbered(kinds: list[str], rng: Random) -> list[str]:
    """A serial for each weapon, drawn from the pool of its shape."""
    shapes = [KINDS[kind].shape for kind in kinds]
    pools = {s: iter(_serials(s, shapes.count(s), rng)) for s in sorted(set(shapes))}
    return [next(pools[shape]) for shape in shapes]


def _reading(plan: Plan, serials: list[str], rng: Random) -> dict[int, SerialRead]:
    """What the clerk could not fully read: raw text, serial, status, by index."""
    unread = [s for s, count in _UNREAD.items() for _ in range(scaled(count, plan.size))]
    drawn = rng.sample(range(len(serials)), len(unread))
    readings: dict[int, SerialRead] = {}
    for index, status in zip(drawn, unread, strict=True):
        partial = serials[index][:-2] + "??"
        text = {"PARTIAL": partial, "ILLEGIBLE": ILLEGIBLE, "ABSENT": NO_NUMBER}.get(
            status, FOREIGN
        )
        readings[index] = (text, partial if status == "PARTIAL" else None, status)
    return readings


def _holders(kinds: list[str], people: tuple[Person, ...], rng: Random) -> dict[int, Person]:
    """Who handed in what: about four fifths linked to a person, pistols to officers first."""
    military = [person for person in people if person.category == "MILITARY"]
    rng.shuffle(military)
    officers = [person for person in military if person.rank in OFFICERS]
    others = [person for person in military if person.rank not in OFFICERS]
    portable = [n for n, kind in enumerate(kinds) if not KINDS[kind].crew_served]
    wanted = min(round(len(kinds) * LINKED), len(military))
    linked = sorted(
        rng.sample(portable, wanted), key=lambda n: KINDS[kinds[n]].category != "PISTOL"
    )
    return dict(zip(linked, officers + others, strict=False))


def _twins(plan: Plan, kinds: list[str], free: set[int], rng: Random) -> dict[int, int]:
    """Pairs with one serial: six of one model, four of another model."""
    akm = [n for n in sorted(free) if kinds[n] == "AKM/AKMS"]
    ak74 = [n for n in sorted(free) if kinds[n] == "AK-74/AKS-74"]
    same, other = scaled(6, plan.size), scaled(4, plan.size)
    first = rng.sample(akm, 2 * same + other)
    pairs = list(zip(first[:same], first[same : 2 * same], strict=True))
    return dict(pairs + list(zip(first[2 * same :], rng.sample(ak74, other), strict=True)))


def weapons(plan: Plan, people: tuple[Person, ...]) -> tuple[Weapon, ...]:
    """Return every weapon of a plan, in order of `n`."""

    def part(name: str) -> Random:
        return dice(plan.variant, plan.size, "weapons", name)

    kinds = _kinds(plan, part("kinds"))
    serials = _numbered(kinds, part("serials"))
    readings = _reading(plan, serials, part("readings"))
    holders = _holders(kinds, people, part("holders"))
    parts = _Parts(part("described"), part("received"), part("inventoried"))
    made = [
        _weapon(n + 1, kinds[n], readings.get(n) or _read(serials[n]), holders.get(n), parts)
        for n in range(plan.weapons)
    ]
    made = _stored(made, plan, part("stored"))
    made = _counted(made, plan, part("counted"))
    free = set(range(plan.weapons)) - set(readings)
    for first, second in _twins(plan, kinds, free, part("twins")).items():
        serial = made[first].serial_raw
        made[second] = replace(
            made[second], serial_raw=serial, serial=serial, serial_twin=first + 1
        )
        made[first] = replace(made[first], serial_twin=second + 1)
    return tuple(made)


class _Parts(NamedTuple):
    described: Random
    received: Random
    inventoried: Random


def _read(serial: str) -> SerialRead:
    return serial, serial, "READ"


_NOT_YET: dict[str, Any] = {  # said later, by `_stored`, `_counted` and the twins
    "crate": "",
    "seals": ("", ""),
    "depot": "",
    "place": "",
    "missing": False,
    "located": False,
    "unexpected_in": None,
    "seal_broken": False,
    "restituted": False,
    "serial_twin": None,
}


def _weapon(
    number: int, name: str, reading: SerialRead, holder: Person | None, parts: _Parts
) -> Weapon:
    described = _description(KINDS[name], parts.described)
    raw, read, status = reading
    return Weapon(
        n=number,
        kind=name,
        serial_raw=raw,
        serial=read,
        serial_status=status,
        holder=holder.n if holder else None,
        unit=None if holder else parts.described.choice(UNITS).code,
        provisional_receipt=f"PR-{number:06d}",
        receipt=f"R-{number:06d}",
        **described,
        **_custody(holder, parts),
        **_NOT_YET,
    )


def _description(kind: Model, described: Random) -> dict[str, Any]:
    fitting = ACCESSORIES[kind.category]
    with_it = described.randint(0, len(fitting))
    return {
        "category": kind.category,
        "make": described.choice(kind.makes),
        "model": described.choice(kind.models),
        "calibre": kind.calibre,
        "country": kind.country,
        "year": described.randint(*kind.years) or None,
        "marks": tuple(described.sample(MARKS, described.randint(0, 2))),
        "condition": described.choices(CONDITIONS, (70, 20, 6, 4))[0],
        "accessories": tuple(described.sample(fitting, with_it)),
    }


def _custody(holder: Person | None, parts: _Parts) -> dict[str, Any]:
    """Received on the 7th after its holder entered, counted on the 10th or 11th."""
    received, inventoried = parts.received, parts.inventoried
    committee = inventoried.randrange(3) + 1
    entered = holder.entered_at if holder else _seventh(received.randint(6, 22))
    handed_in = entered + timedelta(minutes=received.randint(8, 75))
    counted = timedelta(days=inventoried.random() < ON_THE_11TH, minutes=inventoried.randrange(200))
    return {
        "received_at": min(handed_in, _seventh(23, 59)),
        "received_by": received.choice(team("weapons_clerk", committee)),
        "inventoried_at": datetime(2024, 12, 10, 8, tzinfo=ZONE) + counted,
        "inventoried_by": inventoried.choice(team("weapons_clerk", committee)),
        "team": committee,
        "joint": inventoried.random() < JOINT,
    }


def _seventh(hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 12, 7, hour, minute, tzinfo=ZONE)


def _stored(made: list[Weapon], plan: Plan, rng: Random) -> list[Weapon]:
    """Crates in order of the count, two seals each; two thirds of the crates stand in M1."""
    order = sorted(range(len(made)), key=lambda n: (made[n].inventoried_at, n))
    seals = rng.sample(range(80_000, 100_000), 2 * plan.crates)
    in_first = -(-plan.crates * 2 // 3)
    slots = dict.fromkeys(DEPOTS, 0)
    stored = list(made)
    for turn, n in enumerate(order):
        crate = turn * plan.crates // len(order)
        depot = DEPOTS[crate >= in_first]
        rack, slot = divmod(slots[depot], RACK_SLOTS)
        slots[depot] += 1
        stored[n] = replace(
            made[n],
            crate=f"C-{crate + 1:03d}",
            seals=(str(seals[2 * crate]), str(seals[2 * crate + 1])),
            depot=depot,
            place=f"{depot[-2:]}/{rack + 1:02d}/{slot + 1:02d}",
        )
    return stored


def _counted(made: list[Weapon], plan: Plan, rng: Random) -> list[Weapon]:
    """What stock-take 1 and the epilogue say of each weapon."""
    odd = rng.sample(range(len(made)), plan.missing + plan.unexpected)
    missing, unexpected = odd[: plan.missing], odd[plan.missing :]
    located = set(missing[: plan.located])
    plain = sorted(set(range(len(made))) - set(odd))
    restituted = set(rng.sample(plain, plan.restituted))
    broken = made[rng.choice(plain)].crate
    return [
        replace(
            weapon,
            missing=n in missing,
            located=n in located,
            unexpected_in=DEPOTS[1 - DEPOTS.index(weapon.depot)] if n in unexpected else None,
            seal_broken=weapon.crate == broken,
            restituted=n in restituted,
        )
        for n, weapon in enumerate(made)
    ]
