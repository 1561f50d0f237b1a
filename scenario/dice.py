"""Chance that repeats: each part of the scenario throws its own dice.

A part is named in words (`dice("k24", "full", "people", "rank")`), so adding a part never
changes what another one draws.
"""

from __future__ import annotations

from random import Random


def dice(*part: str) -> Random:
    """Return the generator of one named part, seeded by the name alone."""
    return Random("/".join(("amana", *part)))  # noqa: S311 - repeatable on purpose, no secret


def shares(total: int, weights: dict[str, int]) -> dict[str, int]:
    """Split a total by weights: largest remainders, and nobody with a weight gets nothing.

    Args:
        total: the number to split; at least one a weight.
        weights: name to weight, each above 0.

    Returns:
        Name to share, adding up to the total exactly.
    """
    whole = sum(weights.values())
    share = {name: max(1, total * weight // whole) for name, weight in weights.items()}
    by_rest = sorted(weights, key=lambda name: -(total * weights[name] % whole))
    for name in by_rest[: max(0, total - sum(share.values()))]:
        share[name] += 1
    while sum(share.values()) > total:  # the least were rounded up: the largest pays
        share[max(share, key=lambda name: share[name])] -= 1
    return share
