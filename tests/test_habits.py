"""What a stranger reads first is true: targets, files, decisions, and the way of one value."""

from __future__ import annotations

import ast
import re
import shlex
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import grimp
import orjson
import pytest

from domain.book import RULES
from tests.terminal import ROOT, Terminal

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
DEVELOPERS = (ROOT / "docs" / "developers.md").read_text("utf-8")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, PACKAGES = SETTINGS["project"], SETTINGS["tool"]["mypy"]["packages"]
PROMISE = re.compile(r"^# Imports inside functions: (for the start|.* may be missing)", re.M)
ADR = ROOT / "docs" / "adr"


def test_every_decision_is_listed_under_its_title() -> None:
    pages = {path.name: path for path in ADR.glob("[0-9]*.md")}
    index = (ADR / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| (\d+) \| \[(.+?)\]\((.+?)\)", index, re.M)
    assert [name for _, _, name in listed] == sorted(pages)
    for number, title, name in listed:
        assert name.startswith(f"{int(number):04d}-")
        assert pages[name].read_text("utf-8").startswith(f"# {number}. {title}\n")


def test_every_target_of_make_is_explained_and_every_one_explained_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    explained = re.findall(r"^\| `make ([a-z]+)` \|", CONTRIBUTING, re.M)
    assert sorted(explained) == sorted(targets)
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.M)
    assert set(phony.split()) == targets


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md", "docs/adr/README.md"])
def test_links_of_these_pages_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8")):
        assert (path.parent / link).exists(), link


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/developers.md", "docs/adr/README.md"])
def test_every_file_and_folder_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    named = re.findall(r"`((?:[\w.]+/)+(?:[\w.-]+)?|[\w.-]+/?\.(?:py|md|toml))`", text)
    assert len(named) > 5
    places = [
        ROOT,
        ROOT / "domain",
        ROOT / "application" / "decisions",
        ROOT / "application" / "store",
    ]
    for name in named:
        assert any((place / name).exists() for place in places), name


def test_the_way_of_one_value_is_as_the_page_tells_it(tmp_path: Path) -> None:
    terminal, shown = Terminal(tmp_path), 0
    terminal.env["AMANA_LEDGER"] = "camp.amana"
    for block in re.findall(r"^```console\n(.*?)^```", DEVELOPERS, re.S | re.M):
        for line, answer in re.findall(r"^\$ ([^\n]*)\n((?:(?!\$ )[^\n]*\n)*)", block, re.M):
            words = shlex.split(line)
            if words[0] == "export":
                terminal.env |= dict(word.split("=", 1) for word in words[1:])
                continue
            said = terminal(*words[1:]).out.splitlines()
            for expected in answer.splitlines():
                assert expected == "…" or expected in said, line
                shown += 1
    assert shown > 5
    (stored,) = re.findall(r"^```json\n(.*?)^```", DEVELOPERS, re.S | re.M)
    with closing(sqlite3.connect(tmp_path / "camp.amana")) as connection:
        row = connection.execute(
            "SELECT originator_id, originator_version, topic, state FROM stored_events"
            " ORDER BY 1 DESC, 2 DESC"
        ).fetchone()
    assert row[:3] == ("W-000001-A", 3, "weapon.deposited_in_trust")
    facts = {
        name: v for name, v in orjson.loads(row[3]).items() if name not in {"recorded_at", "seed"}
    }
    assert orjson.dumps(facts).decode() == stored.strip()


def test_the_rule_that_the_page_names_looks_at_a_deposit() -> None:
    (number,) = re.findall(r"looks at the case, rule (\d+) among them", DEVELOPERS)
    assert int(number) in {rule.number for rule in RULES["weapon.deposited_in_trust"]}


def test_the_changelog_has_a_section_for_this_version_and_the_licences_are_there() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"\n## [{PROJECT['version']}]" in changelog
    for name in PROJECT["license-files"]:
        assert (ROOT / name).stat().st_size > 0
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")


def test_every_test_and_file_that_the_page_of_mutations_names_is_there() -> None:
    page = (ROOT / "docs" / "mutations.md").read_text("utf-8")
    tests = set(re.findall(r"`(test_\w+\.py)::(test_\w+)`", page))
    assert len(tests) > 30
    for file, name in tests:
        assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8"), name
    for name in re.findall(r"^\| `([\w/]+\.py)`", page, re.M):
        assert (ROOT / name).is_file(), name


def inside_functions(file: Path) -> bool:
    return any(
        isinstance(node, ast.Import | ast.ImportFrom)
        for function in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    )


def test_a_file_that_imports_inside_functions_says_for_the_start_or_a_missing_tool() -> None:
    """A late import may not hide a circle of files: each says which promise it keeps."""
    silent = [
        str(file.relative_to(ROOT))
        for room in PACKAGES
        for file in sorted((ROOT / room).rglob("*.py"))
        if inside_functions(file) and not PROMISE.search(file.read_text("utf-8"))
    ]
    assert silent == []


def test_every_font_keeps_its_licence() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    for font in (ROOT / "paper" / "fonts").glob("*.ttf"):
        assert font.name in notice


def test_no_files_import_each_other_in_a_circle_not_even_inside_functions() -> None:
    rooms = [name for name in PACKAGES if (ROOT / name).is_dir()]
    graph = grimp.build_graph(*rooms, exclude_type_checking_imports=True, cache_dir=None)
    left = {one: graph.find_modules_directly_imported_by(one) for one in graph.modules}
    while free := {one for one, others in left.items() if not others & left.keys()}:
        left = {one: others for one, others in left.items() if one not in free}
    assert not left, "each of these needs another of them first"
