"""One name for one thing: what a clerk types, and what the code may not spell by hand."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import click
import pytest

from commands.terminal.option_names import BEFORE, FIELDS
from domain.event import EVENTS
from domain.person import PersonCustody
from domain.transfer import TransferStatus
from domain.weapon import WeaponCustody
from tests.terminal import TREE, Terminal

OPTIONS = [
    (name, word)
    for name, command in TREE.items()
    for param in command.params
    if isinstance(param, click.Option) and not param.hidden
    for word in param.opts
]


def test_no_command_shows_a_spelling_that_another_one_replaced() -> None:
    other_use = {("log checkpoint", "--to")}  # a folder, not the end of a span
    parties = {"--party"}  # a party that is not the receiving one
    older = {word for words in BEFORE.values() for word in words} - parties
    assert {(n, w) for n, w in OPTIONS if w in older} == other_use


def test_an_option_with_another_name_belongs_to_a_field_that_is_stored() -> None:
    stored = {field for cls in EVENTS.values() for field in cls.model_fields}
    assert FIELDS.keys() <= stored


def test_a_spelling_used_before_is_still_taken_and_never_shown(tmp_path) -> None:
    terminal = Terminal(tmp_path).begin_ledger()
    appoint = ("directory", "appoint", "OFF-077", "--party", "PARTY-MOD", "--by", "OFF-001")
    terminal(*appoint, "--roles", "STOREKEEPER", "--role", "RELEASING")
    found = terminal("--json", "directory", "list", "officials").document
    roles = next(o["roles"] for o in found["officials"] if o["id"] == "OFF-077")
    assert list(roles) == ["STOREKEEPER", "RELEASING"]
    assert "--roles" not in terminal("directory", "appoint", "-h").out
    refused = terminal("transfer", "accept", "T-000001-O", code=2)
    assert "--receiving-party" in refused.sentence
    assert "--party'" not in refused.sentence.replace("--receiving-party", "")


@pytest.mark.parametrize("typed", ["WEAPONS", "items", "ITEMS"])
def test_a_count_of_weapons_is_typed_in_one_word_and_stored_in_another(
    typed: str, tmp_path
) -> None:
    terminal = Terminal(tmp_path).begin_ledger()
    terminal("stocktake", "open", "--kind", typed, "--site", "DEPOT-1")
    rows = terminal("--json", "stocktake", "list").document["stocktakes"]
    assert [row["kind"] for row in rows] == ["ITEMS"]
    for read in (("open", "-h"), ("list",), ("show", rows[0]["id"])):
        assert "ITEMS" not in terminal("stocktake", *read).out


@pytest.mark.parametrize("command", ["batches", "show", "retract", "review", "resolve"])
def test_what_intake_loads_late_takes_the_root_options_after_it(command: str) -> None:
    words = {word for name, word in OPTIONS if name == f"intake {command}"}
    assert "--by" in words


ROOT = Path(__file__).parent.parent
HOUSE = ("application", "bench", "commands", "intake", "paper", "projections", "scenario", "words")
"""Rooms that may import the events. `transparency` and `verify_custody.py` must stand without them."""


@pytest.mark.parametrize("room", HOUSE)
def test_no_room_spells_an_events_stored_name_that_its_class_says(room: str) -> None:
    spelled = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.value}"
        for file in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in EVENTS
    ]
    assert not spelled, "write Class.TOPIC"


CUSTODY = {
    *get_args(PersonCustody), *get_args(WeaponCustody), *get_args(TransferStatus),
    "OPEN",  # a stock-take that is being counted
}  # fmt: skip


@pytest.mark.parametrize("room", ["domain", *HOUSE])
def test_custody_and_status_are_compared_with_words_that_the_domain_has(room: str) -> None:
    """The type checker reads `==`; a set of words, and what a read model says, it does not."""
    unknown = [
        f"{file.relative_to(ROOT)}:{node.lineno} {text.value}"
        for file in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Compare)
        and {getattr(side, "attr", "") for side in (node.left, *node.comparators)}
        & {"custody", "status"}
        for text in ast.walk(node)
        if isinstance(text, ast.Constant)
        and isinstance(text.value, str)
        and text.value.isupper()
        and text.value not in CUSTODY
    ]
    assert not unknown


GLOSSARY = (ROOT / "docs" / "glossary.md").read_text().partition("## Never")
NEVER = ("prisoner", "detainee", "inmate", "deserter", "captured", "blockchain")


def test_the_glossary_names_files_that_are_there_and_no_word_twice() -> None:
    rows = [line.split(" | ") for line in GLOSSARY[0].splitlines() if line.startswith("| ")]
    words = [w for first, *_ in rows for w in first.removeprefix("| ").split(", ") if w != "Word"]
    assert len(words) == len(set(words))
    files = [cells[-1].strip("| `") for cells in rows if cells[0] != "| Word"]
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_a_word_that_is_never_used_is_not_used() -> None:
    assert all(word in GLOSSARY[2] for word in NEVER)
    shown = [
        text for c in TREE.values() for text in (c.help or "", c.epilog or "", c.short_help or "")
    ]
    shown += [p.help or "" for c in TREE.values() for p in c.params if isinstance(p, click.Option)]
    used = {word for text in shown for word in (*NEVER, "container") if word in text.lower()}
    assert used == set()
