"""At the terminal: an option is said once, lists are read as saved, likely doubles stop, doctor sees."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.terminal import Terminal


@pytest.fixture
def desk(tmp_path: Path) -> Terminal:
    """A ledger with two sites, a party, and one official who may do everything here."""
    terminal = Terminal(tmp_path)
    terminal.env |= {"AMANA_LEDGER": "a.amana", "AMANA_BY": "OFF-001"}
    if terminal("init", "--chair", "OFF-001", "--identity", "claimed", code=None).code:
        terminal("init", "--chair", "OFF-001")
    terminal("directory", "name-party", "PARTY-MOD", "--kind", "MINISTRY", "--name", "M")
    for site, kind in (("CAMP", "CAMP"), ("DEPOT", "DEPOT")):
        terminal("directory", "open-site", site, "--kind", kind, "--name", site)
    terminal(
        "directory",
        "appoint",
        "OFF-002",
        "--party",
        "PARTY-MOD",
        "--roles",
        "INTAKE_CLERK",
        "--roles",
        "WEAPONS_CLERK",
        "--roles",
        "STOREKEEPER",
        "--roles",
        "RELEASING",
        "--roles",
        "WELFARE",
    )
    terminal.env["AMANA_BY"] = "OFF-002"
    return terminal


def weapon(desk: Terminal, serial: str) -> str:
    """A weapon received and inventoried."""
    number = desk(
        "weapon",
        "receive",
        "--site",
        "DEPOT",
        "--receiver",
        "OFF-002",
        "--unit",
        "PARTY-MOD",
        "--made-safe",
    ).out.split(":")[0]
    desk(
        "weapon",
        "inventory",
        number,
        "--category",
        "RIFLE",
        "--model",
        "AKM",
        "--serial",
        serial,
        "--serial-status",
        "READ",
    )
    return number


@pytest.mark.parametrize(
    "words",
    [
        ("person", "house", "P-000001-I", "--site", "CAMP", "--site", "DEPOT"),
        ("weapon", "receive", "--site", "DEPOT", "--made-safe", "--no-made-safe"),
        ("person", "find", "--declared-name", "a", "--declared-name", "b"),
        ("--by", "OFF-001", "--by", "OFF-002", "doctor"),
        ("intake", "batches", "--by", "OFF-001", "--by", "OFF-002"),
        ("status", "P-000001-I", "--as-of", "now", "--as-of", "-1d"),
    ],
)
def test_an_option_of_one_value_is_said_once(desk: Terminal, words: tuple[str, ...]) -> None:
    assert "is given 2 times and takes one value" in desk(*words, code=2).err


def test_a_line_given_twice_is_two_lines(desk: Terminal) -> None:
    one, other = weapon(desk, "S 1"), weapon(desk, "S 2")
    number = desk(
        "transfer",
        "plan",
        "--kind",
        "ITEMS",
        "--from-party",
        "PARTY-MOD",
        "--to-party",
        "PARTY-MOD",
        "--from-site",
        "DEPOT",
        "--to-site",
        "CAMP",
    ).out.split(":")[0]
    desk("transfer", "add", number, "--line", one, "--line", other)
    assert set(desk("--json", "transfer", "show", number).document["lines"]) == {one, other}
    desk("transfer", "remove", number, "--line", one, "--line", other, "--reason", "kept")
    desk("weapon", "place-hold", one, "--hold", "COURT", "--hold", "EVIDENCE", code=None)


def test_an_equal_serial_is_said_and_stops_nothing(desk: Terminal) -> None:
    one = weapon(desk, "ГИ 3471")
    number = desk(
        "weapon",
        "receive",
        "--site",
        "DEPOT",
        "--receiver",
        "OFF-002",
        "--unit",
        "PARTY-MOD",
        "--made-safe",
    ).out.split(":")[0]
    said = desk(
        "weapon",
        "inventory",
        number,
        "--category",
        "RIFLE",
        "--model",
        "AKM",
        "--serial",
        "ги٣٤٧١",
        "--serial-status",
        "READ",
    )
    assert f"looks alike: {one}" in said.err


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_scanners_list_and_a_file_of_values_are_read_as_saved(
    desk: Terminal, encoding: str
) -> None:
    one, other = weapon(desk, "S 1"), weapon(desk, "S 2")
    count = desk("stocktake", "open", "--kind", "ITEMS", "--site", "DEPOT").out.split(":")[0]
    done = desk("stocktake", "scan", count, "-", stdin=f"{one}\r\n{other}\r\n".encode(encoding))
    assert "2 of 2 found" in done.err
    (desk.folder / "v.json").write_bytes('{"declared_name": "سالم"}'.encode(encoding))
    desk("person", "register", "--category", "OTHER", "--values", "v.json")


def test_empty_standard_input_is_a_slip(desk: Terminal) -> None:
    for words in (
        ("person", "house", "-", "--site", "CAMP"),
        ("person", "register", "--category", "OTHER", "--values", "-"),
        ("stocktake", "scan", "S-000001-4", "-"),
    ):
        assert "standard input is empty" in desk(*words, code=2).sentence


def test_a_value_is_named_once(desk: Terminal) -> None:
    register = ("person", "register", "--category", "OTHER", "--values", "-")
    twice = desk(*register, stdin='{"declared_name": "a b", "declared_name": "c d"}', code=2)
    assert "names declared_name twice" in twice.sentence
    both = desk(*register, "--declared-name", "c d", stdin='{"declared_name": "a b"}', code=2)
    assert "declared name is given twice" in both.sentence


def test_a_likely_double_needs_a_word(desk: Terminal) -> None:
    who = (
        "person",
        "register",
        "--category",
        "OTHER",
        "--declared-name",
        "أحمد فاطمة",
        "--birth-date",
    )
    first = desk(*who, "1990-02-01", "--key", "k1").out.split(":")[0]
    assert "had been recorded before" in desk(*who, "1990-02-01", "--key", "k1").out
    assert first in desk(*who, "1990", code=3).sentence
    assert desk(*who, "1990", "--new").out.split(":")[0] != first
    find = ("person", "find", "--declared-name", "احمد فاطمه")
    assert first in desk(*find, "--birth-year", "١٩٩٠").out
    assert (
        "give one of the two"
        in desk(*find, "--birth-year", "1990", "--birth-date", "1990", code=2).sentence
    )
    assert desk("--json", *find, "--birth-year", "1980", code=5).document["found"] == []


def test_keys_of_another_day_are_seen(desk: Terminal) -> None:
    register = ("person", "register", "--category", "OTHER", "--declared-name")
    desk(*register, "one person")
    keys = desk.folder / "a.amana.keys"
    desk("doctor")
    shutil.copy(keys, desk.folder / "yesterday")
    lost = desk(*register, "another person").out.split(":")[0]
    shutil.copy(desk.folder / "yesterday", keys)
    assert lost in desk("--plain", "doctor", code=1).out
    show = desk("person", "show", lost, "--reason", "tracing", "--by", "OFF-002", code=None)
    assert show.code in {3, 7}
    if show.code == 7:  # who may read it
        assert "lost, not erased: declared name" in show.sentence
