"""Which records are worth comparing: those that share something, never everybody with everybody.

A record says what it shares, each under a `By`. Sorting the hashes of all shares brings equal
ones together at 30 bytes a share; a collision of hashes only costs one comparison more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import combinations, groupby
from typing import Protocol

CROWD = 400  # records with one number ("1"): each is paired with the first of them only
_BITS, _HASH = 21, (1 << 40) - 1


class By(IntEnum):
    """What two records have in common."""

    LITTLE = 0  # names alone, or a part of a serial
    YEAR = 1  # a name and the year of birth
    NUMBER = 2


class Sharing(Protocol):
    """A record to find candidates for."""

    @property
    def full(self) -> bool:
        """Whether it knows enough that only sharing more than little could make it another's twin.

        A person with year and number, a weapon with a whole serial: two such records that share
        neither are never proposed, so by little a full record meets only those that are not.
        """

    def shares(self) -> Iterator[tuple[By, tuple[str, ...]]]:
        """Yield what it may have in common with others."""


def candidates(records: Sequence[Sharing], known: int) -> Iterator[tuple[int, int]]:
    """Yield pairs of indices, the smaller first; a pair may come more than once.

    Args:
        records: the known ones first.
        known: how many; they are not paired with each other.
    """
    shared = [
        ((hash(key) & _HASH) << 2 | by) << _BITS | index
        for index, record in enumerate(records)
        for by, key in record.shares()
    ]
    shared.sort()
    for head, group in groupby(shared, key=lambda entry: entry >> _BITS):
        indices = sorted({entry & ((1 << _BITS) - 1) for entry in group})
        if len(indices) > 1 and indices[-1] >= known:
            pairs = _met(indices, records, By(head & 3))
            yield from ((first, second) for first, second in pairs if second >= known)


def _met(indices: list[int], records: Sequence[Sharing], by: By) -> Iterator[tuple[int, int]]:
    if by is By.NUMBER and len(indices) > CROWD:
        yield from ((indices[0], index) for index in indices[1:])
    elif by is By.LITTLE:
        partial = [index for index in indices if not records[index].full]
        full = [index for index in indices if records[index].full]
        yield from combinations(partial, 2)
        yield from ((min(a, b), max(a, b)) for a in partial for b in full)
    else:
        yield from combinations(indices, 2)
