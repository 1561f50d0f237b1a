"""Make a ledger from the scenario, through the same commands a user has.

The clock is the scenario's, so recorded times are those of December 2024. Everything is SYNTHETIC: the
ledger says so in its settings, and so do names of parties, sites, documents and evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from application.decisions.custody import Custody
from application.decisions.open import create
from scenario.clock import Clock
from scenario.places import CHAIR, COMMAND
from scenario.plan import Size, Variant
from scenario.population import population
from scenario.story import at
from scenario.timeline import Timeline, restitution

EPILOGUE = at(30, 10, 0)


def replay(
    ledger: Path,
    key_file: Path,
    variant: Variant = "k24",
    size: Size = "small",
    *,
    epilogue: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Custody:
    """Make the ledger and tell the story in it.

    Args:
        ledger, key_file: files that do not exist yet.
        variant, size: see `scenario.plan`.
        epilogue: whether weapons are given back at the end (fictional).
        progress: called with each day's title before it begins.

    Returns:
        The ledger, open; its clock stands at the end of the story.
    """
    clock = Clock(at(6, 19, 0))
    custody = create(ledger, key_file, chair=CHAIR, party=COMMAND, synthetic=True, clock=clock)
    people = population(variant, size)
    story = Timeline(custody, clock, people)
    for title, steps in story.days():
        progress(title)
        with custody.batch():
            for recorded, step in steps:
                clock.set(recorded)
                step()
    if epilogue:
        progress("30 Dec  restitution (fictional)")
        clock.set(EPILOGUE)
        with custody.batch():
            restitution(custody, story, people)
    return custody
