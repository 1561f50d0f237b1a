"""The frame: names nobody else claims, arrows that run downwards, tools that agree."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SHIPPED = SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
OURS = SETTINGS["project"]["name"]
ROOMS = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()} - {"bench"}


def test_no_other_distribution_claims_our_top_level_names() -> None:
    claimed = importlib.metadata.packages_distributions()
    for name in (Path(entry).stem for entry in SHIPPED):
        assert set(claimed.get(name, [])) <= {OURS}, f"{name} is also in {claimed[name]}"


def test_every_shipped_name_exists_and_no_room_is_left_out() -> None:
    for entry in SHIPPED:
        assert (ROOT / entry).exists(), entry
    assert {Path(entry).stem for entry in SHIPPED} >= ROOMS, "a room the wheel leaves out"


def test_every_room_is_held_by_the_import_contracts_and_by_mypy() -> None:
    assert set(SETTINGS["tool"]["importlinter"]["root_packages"]) >= ROOMS
    assert set(SETTINGS["tool"]["mypy"]["packages"]) >= ROOMS


def test_the_import_contracts_hold() -> None:
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_nothing_of_ours_imports_the_root_door() -> None:
    """`cli.py` is a module, which import-linter does not take: its arrow is held here."""
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert "cli" not in names, f"{path} imports cli"


@pytest.mark.parametrize("path", sorted(ROOT.glob("tests/*.py")), ids=lambda path: path.name)
def test_tests_sit_flat_and_each_file_says_what_it_is(path: Path) -> None:
    assert not (ROOT / "tests" / "__init__.py").exists()
    assert path.read_text("utf-8").strip()


def test_asking_for_the_version_imports_nothing_heavy() -> None:
    code = "import cli, sys; print(sorted({'pydantic', 'eventsourcing', 'cryptography', 'rich'}"
    code += " & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
