from __future__ import annotations

import ast
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import scenario
from scenario.dice import dice, shares

WEIGHTS = st.dictionaries(st.text(max_size=3), st.integers(1, 999), min_size=1, max_size=20)


@given(WEIGHTS, st.integers(0, 5000))
def test_shares_add_up_and_leave_nobody_out(weights: dict[str, int], more: int) -> None:
    total = len(weights) + more
    share = shares(total, weights)
    assert sum(share.values()) == total
    assert min(share.values()) >= 1
    assert list(share) == list(weights)


@given(WEIGHTS)
def test_shares_of_the_whole_are_the_weights(weights: dict[str, int]) -> None:
    assert shares(sum(weights.values()), weights) == weights


def test_parts_throw_their_own_dice_and_throw_them_again_alike() -> None:
    assert dice("k24", "names").random() == dice("k24", "names").random()
    assert dice("k24", "names").random() != dice("k24", "ranks").random()


def test_the_room_imports_the_standard_library_and_xlsxwriter_only() -> None:
    generator = [
        path
        for path in Path(scenario.__file__).parent.glob("*.py")
        if path.stem
        not in (
            "replay",
            "timeline",
            "story",
            "clock",
            "proofs",
            "forged",
        )  # they act on the ledger
    ]
    imported = set()
    for path in generator:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module != "application.store.files":
                imported.add((node.module or "").split(".")[0])  # the writer of files
    assert len(generator) > 10
    assert imported - set(sys.stdlib_module_names) == {"scenario", "xlsxwriter"}
