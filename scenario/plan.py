"""How many of everything: the numbers of the story by variant and size.

`full` is the story as told; `small` is a tenth of it, where a handful (five or fewer) stays a
handful, so that each category is still met; `x25` is twenty-five times as much, for benchmarks.

    Plan.of("k24", "full").military == 1869
    Plan.of("stress", "full").handed_over_later == 1856
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Variant = Literal["k24", "joc", "stress", "wide"]
Size = Literal["small", "full", "x25"]

VARIANTS: tuple[Variant, ...] = ("k24", "joc", "stress", "wide")
SIZES: tuple[Size, ...] = ("small", "full", "x25")

HANDFUL = 5
BUS_SEATS = 40

RANKS = {
    "عميد": 3,
    "عقيد": 14,
    "مقدم": 22,
    "رائد": 31,
    "نقيب": 44,
    "ملازم أول": 58,
    "ملازم": 46,
    "مساعد أول": 62,
    "مساعد": 88,
    "رقيب أول": 131,
    "رقيب": 164,
    "عريف": 205,
    "جندي أول": 402,
    "جندي": 599,
}
OFFICERS = ("عميد", "عقيد", "مقدم", "رائد", "نقيب", "ملازم أول", "ملازم")
POSTS = {"موظف جمارك": 14, "موظف جوازات": 12, "حارس": 6, "إداري": 4}

_MILITARY = {"k24": 1869, "joc": 1905, "stress": 1869, "wide": 2364}
_EXCEPTIONS = {"deceased": 1, "in_care": 2, "absent": 1, "seeks": 4, "declined": 3, "withdrew": 2}


def scaled(number: int, size: Size) -> int:
    """Return a number of the full story at another size; a handful stays a handful."""
    if size == "x25":
        return 25 * number
    if size == "full" or number <= HANDFUL:
        return number
    return max(1, round(number / 10))


@dataclass(frozen=True, slots=True)
class Plan:
    """The counts of one variant at one size."""

    variant: Variant
    size: Size
    military: int
    staff: int
    injured: int
    late: int
    housing_corrected: int
    undecided_at_first: int
    namesake_pairs: int
    camp_capacity: int
    weapons: int
    crates: int
    missing: int
    located: int
    unexpected: int
    restituted: int
    exceptions: dict[str, int]

    @classmethod
    def of(cls, variant: Variant, size: Size) -> Plan:
        """Return the plan of a variant at a size."""
        odd = _EXCEPTIONS if variant == "stress" else {}
        return cls(
            variant,
            size,
            military=scaled(_MILITARY[variant], size) - (size == "small" and variant == "k24"),
            staff=scaled(36, size),
            injured=scaled(41, size),
            late=scaled(57, size),
            housing_corrected=scaled(23, size),
            undecided_at_first=scaled(38, size),
            namesake_pairs=scaled(6, size),
            camp_capacity=scaled(700, size),
            weapons=scaled(1820, size),
            crates=scaled(62, size),
            missing=scaled(3, size),
            located=scaled(2, size),
            unexpected=scaled(2, size),
            restituted=scaled(600, size),
            exceptions={name: scaled(number, size) for name, number in odd.items()},
        )

    @property
    def persons(self) -> int:
        """Everybody who was admitted."""
        return self.military + self.staff

    @property
    def handed_over_later(self) -> int:
        """The military persons on the convoys of 19 December."""
        return self.military - sum(self.exceptions.values())

    @property
    def convoys(self) -> int:
        """The convoys of 19 December, at most forty each."""
        return -(-self.handed_over_later // BUS_SEATS)
