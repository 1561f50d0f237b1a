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
    step = 1 if sum(share.values()) < total else -1
    largest_first = sorted(weights, key=lambda name: -weights[name])
    order = by_rest if step == 1 else largest_first
    for turn in range(abs(total - sum(share.values()))):
        share[order[turn % len(order)]] += step
    return share
