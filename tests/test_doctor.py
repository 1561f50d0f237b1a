"""The doctor names what is amiss with each file of a ledger, and what to do; never a traceback."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from application.decisions import open as opening
from application.decisions.ledger import wall_clock
from domain import times
from tests.report_desk import desk
from tests.terminal import Terminal

KEYS, VIEWS, LOG = ("ledger.amana.keys", "ledger.amana.views", "ledger.amana.log")
PERSON = "P-000001-I"


@pytest.fixture
def whole(house) -> Terminal:
    """A ledger with sealed values, read models and a signed log: nothing is amiss."""
    house.sheltered()
    house.sheltered()
    for person in (PERSON, "P-000002-G"):
        values = {"declared_name": f"SYNTHETIC {person}"}
        house.do("register", person, category="OTHER", personal=values, new=True)
    terminal = desk(house)
    terminal("log", "checkpoint")
    assert_well(terminal)
    return terminal


def assert_well(terminal: Terminal) -> None:
    assert all(one["well"] for one in terminal.document("doctor")["findings"])


def garbled(path: Path) -> None:
    path.write_bytes(os.urandom(5000))


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def gone(path: Path) -> None:
    path.unlink()


def changed(*statements: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as file:
            for statement in statements:
                file.execute(statement)
            file.commit()

    return change


def of_another(path: Path) -> None:
    """Put the file of another ledger there, whose subjects bear the same numbers."""
    other = Terminal(path.parent / "other")
    other.folder.mkdir()
    other.env |= {"AMANA_LEDGER": "ledger.amana", "AMANA_BY": "OFF-001"}
    other("init")
    for words in (
        "directory open-site GATE --kind CROSSING --name Gate",
        "directory appoint OFF-010 --party PARTY-COMMITTEE --role INTAKE_CLERK",
        "--by OFF-010 person seek-refuge --site GATE",
        f"--by OFF-010 person register {PERSON} --declared-name a.b --category OTHER",
        "status",
        "log checkpoint",
    ):
        other(*words.split())
    shutil.copy(other.folder / path.name, path)


SEVERED = "DELETE FROM subject_key WHERE subject = 'P-000001-I'"
SWAPPED = "UPDATE subject_key SET wrapped = (SELECT min(wrapped) FROM subject_key)"
AMISS = [
    (KEYS, gone, "values", "restore the file of keys"),
    (KEYS, emptied, "values", "restore the file of keys"),
    (KEYS, garbled, "values", "restore the file of keys"),
    (KEYS, a_folder, "values", "restore the file of keys"),
    (KEYS, changed(SEVERED), "values", "restore the file of keys"),
    (KEYS, changed(SWAPPED), "values", "restore the file of keys"),
    (KEYS, of_another, "values", "restore the file of keys"),
    ("ledger.key", gone, "key", "--key-file"),
    ("ledger.key", emptied, "key", "put the copy"),
    ("ledger.key", garbled, "key", ""),
    ("ledger.key", a_folder, "key", "is a folder"),
    ("ledger.key", of_another, "key", "--key-file"),
    ("ledger.key", lambda path: path.chmod(0o644), "key", "chmod 600"),
    (VIEWS, a_folder, "views", "put it away"),
    (LOG, garbled, "proofs", "put its files back"),
    (LOG, a_folder, "proofs", "put its files back"),
    (LOG, of_another, "proofs", "put its files back"),
    (f"{LOG}.note", gone, "proofs", "put back the note"),
    (f"{LOG}.note", emptied, "proofs", "put its files back"),
    (f"{LOG}.note", a_folder, "proofs", "put its files back"),
    ("ledger.log.key", gone, "proofs", "put its files back"),
    ("ledger.log.key", emptied, "proofs", "put its files back"),
    ("ledger.amana", emptied, "ledger", "restore it"),
    ("ledger.amana", garbled, "ledger", "restore it"),
    ("ledger.amana", gone, "ledger", "--ledger"),
    ("ledger.amana", changed("DROP TABLE register"), "register", "restore the ledger"),
]


@pytest.mark.parametrize(("name", "amiss", "what", "do"), AMISS)
def test_what_is_amiss_is_named_with_what_to_do(
    whole: Terminal, house, name: str, amiss: Callable[[Path], None], what: str, do: str
) -> None:
    house.custody.close()
    path = whole.folder / name
    for journal in path.parent.glob(f"{name}-*"):
        journal.unlink()
    amiss(path)
    found = whole("--json", "doctor", code=1).document["findings"]
    wrong = [one for one in found if not one["well"]]
    assert [one["what"] for one in wrong] == [what], wrong
    assert do in f"{wrong[0]['said']} {wrong[0]['do']}"
    assert found[-1]["what"] != what or what in {"ledger", "proofs"}, "the rest is looked at, too"
    for words in ("status", f"person show {PERSON} --reason x --by OFF-010", "log status"):
        whole(*words.split(), code=None)  # one sentence, no traceback


@pytest.mark.parametrize("amiss", [gone, emptied, garbled, of_another])
def test_read_models_that_are_lost_or_anothers_are_made_anew(
    whole: Terminal, amiss: Callable[[Path], None]
) -> None:
    before = whole("status", "--known-at", "@25").out
    for journal in whole.folder.glob(f"{VIEWS}-*"):
        journal.unlink()
    amiss(whole.folder / VIEWS)
    assert_well(whole)
    assert whole("status", "--known-at", "@25").out == before


def test_the_keys_of_another_day_open_what_they_can(whole: Terminal, house) -> None:
    house.custody.close()
    changed(SEVERED)(whole.folder / KEYS)
    shown = ("person", "show", "--reason", "a look", "--by", "OFF-010")
    assert "its key is lost, not erased" in whole(*shown, PERSON, code=7).sentence
    assert whole.document(*shown, "P-000002-G")["values"] == {
        "declared_name": "SYNTHETIC P-000002-G"
    }


@pytest.mark.parametrize("side", [-1, 1])
def test_a_clock_that_cannot_be_right_is_named_and_the_rest_is_looked_at(
    whole: Terminal, house, monkeypatch: pytest.MonkeyPatch, side: int
) -> None:
    with closing(sqlite3.connect(house.path)) as file:
        file.execute("UPDATE ledger SET value = 'no' WHERE name = 'synthetic'")
        file.commit()
    newest = house.clock.now if side < 0 else wall_clock()
    wrong = newest + side * 1200 * times.DAY
    opened = partial(opening.open_ledger, clock=lambda: wrong)
    monkeypatch.setattr(opening, "open_ledger", opened)
    found = {one["what"]: one for one in whole("--json", "doctor", code=1).document["findings"]}
    assert not found["clock"]["well"]
    assert "set the clock" in found["clock"]["said"]
    assert "amana audit clock" in found["clock"]["said"]
    assert found["register"]["well"]


def test_a_folder_whose_settings_file_is_missing_says_which_ledger_lies_in_it(house) -> None:
    terminal = desk(house)
    del terminal.env["AMANA_LEDGER"], terminal.env["AMANA_KEY_FILE"]
    said = "ledger.amana lies in this folder: name it with --ledger ledger.amana"
    assert said in terminal("status", code=5).sentence
    (finding,) = terminal("--json", "doctor", code=1).document["findings"]
    assert said in finding["said"]
    terminal("status", "--ledger", "ledger.amana")
