"""The demo's end: a proof anybody can verify, and a forged row that is found and put back."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import ROOT, Terminal


@pytest.fixture
def demo(small_demo: tuple[Path, str]) -> tuple[Terminal, str]:
    """Given: somebody in the folder of a small demo, which they only read."""
    folder, said = small_demo
    return Terminal(folder / "amana-demo"), said


def test_the_demo_ends_with_a_proof_and_a_forgery_that_is_named(demo: tuple[Terminal, str]) -> None:
    _, said = demo
    assert re.search(r"entries signed by the log and cosigned by north and south", said)
    assert re.search(r"^ +proven +custody +in custody from 2024-12-", said, re.M)
    forged = re.search(r"^  forged   (\S+) ", said, re.M)
    found = re.findall(r"^  found    (\S+) ", said, re.M)
    assert forged
    assert found == [forged[1]]


def test_nothing_of_the_forgery_stays(demo: tuple[Terminal, str]) -> None:
    terminal, _ = demo
    assert terminal("audit", "verify").out.startswith("every stored event is what the log says")


def test_what_the_demo_leaves_is_verified_by_the_one_file_alone(demo: tuple[Terminal, str]) -> None:
    folder = demo[0].folder
    (proof,) = folder.glob("*.custody-proof")
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            str(ROOT / "verify_custody.py"),
            proof,
            "--policy",
            folder / "policy.txt",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"^proven +custody ", done.stdout, re.M)


def test_a_tampered_demo_is_found_out(small_demo: tuple[Path, str], tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    shutil.copytree(small_demo[0] / "amana-demo", tmp_path / "amana-demo")
    done = terminal.document("demo", "tamper", "--event", "900")
    terminal.folder /= "amana-demo"
    answer = terminal("--plain", "audit", "verify", code=1).out.splitlines()
    assert [line.split("\t")[0] for line in answer] == ["event", done["event"]]
    terminal.folder = tmp_path
    assert terminal("demo", "tamper", "--event", "99999999", code=5).sentence
    (tmp_path / "mine").mkdir()
    sentence = terminal("demo", "tamper", "--dir", "mine", code=2).sentence
    assert sentence.startswith("mine holds no demo, and only a demo may be tampered with")
