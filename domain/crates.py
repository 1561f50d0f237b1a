"""A crate: what its items say of it. Its seal is the one that was applied to any of them last."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from domain.weapon import Weapon


class Seal(NamedTuple):
    """The seal a crate bears: its number, when it was applied (microseconds UTC), whether it holds."""

    number: str
    at: int
    intact: bool


def seal_of(items: Iterable[Weapon]) -> Seal | None:
    """Return the seal that was applied to a crate last; None where it bears none."""
    applied = [
        Seal(one.seal, one.sealed_at, one.seal_intact is True)
        for one in items
        if one.seal and one.sealed_at is not None
    ]
    return max(applied, key=lambda seal: (seal.at, seal.intact)) if applied else None


@lru_cache(maxsize=65_536)  # the same few numbers are compared for every item of a crate
def paper_key(number: str) -> str:
    """Return what two numbers of paper or metal are compared by: no blanks, one case, digits 0 to 9."""
    folded = unicodedata.normalize("NFKC", number).upper()
    return "".join(_digit(c) for c in folded if not c.isspace() and c.isprintable())


def _digit(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
