"""The page about intake is true: its commands run as they stand, one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal import Answer, Terminal
from tests.test_docs import DOCS, walk

IN_QUARANTINE = ("amana intake check persons", "amana intake import persons")


class Walker(Terminal):
    """Somebody who reads the page and types the number of the batch before them."""

    def __call__(self, *words: str, stdin: str | bytes = "", code: int | None = 0) -> Answer:
        if any(word.startswith("B-") for word in words):
            batches = super().__call__("--json", "intake", "batches").document["batches"]
            first, last = batches[0]["id"], batches[-1]["id"]
            given = {"B-3f9c0a1b2c3d": first, "B-000000000000": last}
            words = tuple(given.get(word, word) for word in words)
        waits = " ".join(("amana", *words)).startswith(IN_QUARANTINE)
        return super().__call__(*words, stdin=stdin, code=4 if waits else code)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    terminal = Walker(tmp_path_factory.mktemp("walk"))
    done = walk(terminal, DOCS / "intake.md")
    assert (Path(terminal.folder) / "rejected.xlsx").exists()
    return {f"{number} {line}": answer for number, (line, answer) in enumerate(done)}


def said(walked: dict[str, Answer], words: str) -> list[str]:
    return [answer.out for line, answer in walked.items() if words in line]


def test_the_page_runs_in_order_as_it_stands(walked: dict[str, Answer]) -> None:
    assert len(walked) == 25


def test_the_sheet_comes_to_what_the_page_tells(walked: dict[str, Answer]) -> None:
    tried, first, again = said(walked, "import persons_7dec.csv")
    assert "would record         2" in tried
    assert "NOTHING HAS BEEN RECORDED YET" in tried
    assert "recorded             2" in first
    assert "quarantined          1   E-DATE" in first
    assert "«طائفة»" in first
    assert "recorded             0" in again
    assert "already in           2" in again


def test_the_mended_row_and_the_pair_are_found(walked: dict[str, Answer]) -> None:
    assert "recorded             1" in said(walked, "import mended.csv")[0]
    assert "pair 1 of 1" in said(walked, "intake review")[0]


def test_the_weapons_are_linked_taken_back_and_imported_anew(walked: dict[str, Answer]) -> None:
    first, again = said(walked, "import weapons_7dec.csv")
    assert "recorded             2" in first
    assert "with warning" not in first
    assert "recorded             2" in again
    assert "W-000001-A" in said(walked, "weapon find")[0]
