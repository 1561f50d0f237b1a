"""Without extras, what needs one says which and the rest works; `-` needs an input."""

from __future__ import annotations

import tomllib

import pytest

from commands.intake.group import EXTRA
from tests.report_desk import desk
from tests.terminal import ROOT, Terminal

NEEDED = "sheets need packages that are not installed here: install amana[intake]"
HEAD = "م,الاسم,تاريخ الدخول\n1,SYNTHETIC سامر علي,07/12/2024\n"


ABSENT = f"""
import sys


class Absent:
    @staticmethod
    def find_spec(name, *_):
        if name.partition(".")[0] in {set(EXTRA)}:
            raise ModuleNotFoundError(name, name=name)


sys.meta_path.insert(0, Absent)
"""
"""Python reads it as it starts, and finds none of the packages from then on."""


@pytest.fixture
def bare(house) -> Terminal:
    """A terminal where the packages of `amana[intake]` are not installed; commands in processes."""
    terminal = desk(house)
    (terminal.folder / "site").mkdir()
    (terminal.folder / "site" / "sitecustomize.py").write_text(ABSENT, encoding="utf-8")
    terminal.env |= {"AMANA_BY": "OFF-010", "PYTHONPATH": f"{terminal.folder / 'site'}:{ROOT}"}
    (terminal.folder / "s.csv").write_text(HEAD, encoding="utf-8")
    return terminal


def test_the_packages_of_the_extra_are_those_that_are_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {one.partition(">")[0] for one in project["optional-dependencies"]["intake"]}
    assert {name.replace("-", "_") for name in named} == EXTRA


@pytest.mark.parametrize(
    "words",
    [
        "intake template persons -o t.xlsx",
        "intake check s.csv --dates dmy",
        "intake check none.csv",
        "intake import s.csv --dates dmy",
        "intake import s.csv --dates dmy --commit --rejects r.xlsx",
        "intake import -",
    ],
)
def test_every_command_that_reads_sheets_says_the_same_sentence(bare: Terminal, words: str) -> None:
    for form in ((), ("--json",)):
        answer = bare.process(*form, *words.split())
        assert (answer.code, answer.sentence) == (2, NEEDED)


def test_what_needs_no_sheet_works_without_the_extra(bare: Terminal) -> None:
    assert bare.process("intake", "batches").code == 0
    assert bare.process("intake", "review").code == 0
    assert "is not a batch" in bare.process("intake", "show", "B-1").sentence
    values = ("--declared-name", "SYNTHETIC sa mir", "--birth-date", "1990-05-01")
    assert bare.process("person", "register", *values, "--category", "OTHER").code == 0
    hijri = ("--declared-name", "SYNTHETIC no ur", "--birth-date", "1405-06-20")
    refused = bare.process("person", "register", *hijri, "--category", "OTHER")
    assert "a Hijri date" in refused.sentence
    assert bare.process("person", "find", *values).code == 0


EMPTY = (
    "stocktake scan {count} - --by OFF-012", "person house - --site CAMP-R1 --by OFF-010",
    "person register --values - --category OTHER --by OFF-010", "intake check - --dates dmy",
    "intake import - --dates dmy --by OFF-010", "proof show -", "proof unpack - folder",
    "proof verify - --policy policy",
)  # fmt: skip


@pytest.mark.parametrize("words", EMPTY)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_empty_standard_input_is_exit_2_wherever_a_dash_is_taken(
    house, words: str, form: tuple[str, ...]
) -> None:
    house.do("open_stocktake", by="OFF-012", kind="ITEMS", site="DEPOT-1", container="")
    terminal = desk(house)
    terminal("log", "checkpoint")
    (terminal.folder / "policy").write_text(terminal("log", "policy").out, encoding="utf-8")
    typed = words.format(count="S-000001-4").split()
    assert "empty" in terminal(*form, *typed, stdin="", code=2).sentence
