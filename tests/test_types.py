"""What the type checker refuses: facts no command takes, names no aggregate or event has."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import types
import typing
from pathlib import Path

import pytest

from application.decisions import make_stub
from domain.book import RULES
from domain.event import EVENTS, State
from domain.history import STATES

ROOT = Path(__file__).resolve().parent.parent
ROOMS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]["packages"]
GIVEN = """
from application.decisions.custody import Custody
from application.decisions.unit import Note, Unit
from domain import weapon
from domain.book import Case, rule
from domain.weapon import Weapon


"""
RIGHT = """
def commands(custody: Custody, unit: Unit, note: Note) -> str:
    custody.deposit("W-1", note, receipt="R-1", trustee="PARTY-1", beneficiary="all", terms="return")
    custody.add_line("T-1", note, line="W-1")
    Custody.store_weapon.run(unit, "W-1", note, site="DEPOT-1", place="A1")
    return custody.receive(None, note, site="DEPOT-1", receiver="OFF-1", made_safe=True).subject


@rule(16, "F", weapon.DepositedInTrust)
def known(case: Case[Weapon, weapon.DepositedInTrust]) -> str | None:
    return case.known.trustee or case.event.trustee
"""
WRONG = {
    "a fact by a wrong name": 'def f(c: Custody, n: Note) -> None: c.deposit("W-1", n, receitp="R-1")',
    "a fact of a wrong type": 'def f(c: Custody, n: Note) -> None: c.move("P-1", n, site=3)',
    "a fact left out": 'def f(c: Custody, n: Note) -> None: c.add_line("T-1", n)',
    "a word that is none": 'def f(c: Custody, n: Note) -> None: c.scan("S-1", n, code="", condition="")',
    "a command that is none": "def f(c: Custody) -> None: c.depositt",
    "no stream": 'def f(c: Custody, n: Note) -> None: c.house(None, n, site="CAMP-1")',
    "of an aggregate": "def f(case: Case[Weapon, weapon.Stored]) -> object: return case.known.trusteee",
    "of an event": "def f(case: Case[Weapon, weapon.Stored]) -> object: return case.event.sight",
    "of another": 'def f(case: Case[Weapon, weapon.Stored]) -> object: return case.look("W", Weapon).id',
    "of a unit": 'def f(unit: Unit) -> object: return unit.state("W-1", Weapon).trusteee',
}  # fmt: skip


def test_mypy_refuses_what_a_command_or_an_aggregate_does_not_have(tmp_path) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed: make check does the same")
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(GIVEN + RIGHT, "utf-8")
    wrong.write_text(GIVEN + "\n".join(WRONG.values()), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", right, wrong],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    first = GIVEN.count("\n") + 1
    refused = {line.split(":")[1] for line in done.stdout.splitlines() if "wrong.py:" in line}
    assert "right.py" not in done.stdout, done.stdout
    assert refused == {str(n) for n, _ in enumerate(WRONG, first)}, done.stdout + done.stderr


def test_lines_with_a_value_of_any_type_stay_as_few_as_they_are() -> None:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    lines = [line for path in files for line in path.read_text("utf-8").splitlines()]
    assert sum(bool(re.search(r"\bAny\b", line)) for line in lines) <= 245


def test_the_stub_is_what_the_event_classes_say() -> None:
    assert make_stub.STUB.read_text("utf-8") == make_stub.stub(), "run `make stub`"


@pytest.mark.parametrize("topic", sorted(EVENTS))
def test_each_rule_names_the_aggregate_and_the_events_it_is_entered_for(topic) -> None:
    """A check is typed by what it says, entered by what `rule` is given: the two agree."""
    kind = topic.partition(".")[0]
    aggregates = set(STATES.values() if kind == "record" else [STATES[kind]])
    for one in RULES[topic]:
        (case,) = (h for n, h in typing.get_type_hints(one.check).items() if n != "return")
        of, about = map(_classes, typing.get_args(case))
        assert issubclass(EVENTS[topic], about), one
        assert of == (State,) or aggregates <= set(of), one


def _classes(hint: object) -> tuple[type, ...]:
    return (
        typing.get_args(hint) if isinstance(hint, types.UnionType) else (typing.cast("type", hint),)
    )
