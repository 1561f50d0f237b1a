"""Go's sumdb/note and sumdb/tlog judge our notes and trees, and ours judge Go's.

Needs Go and golang.org/x/mod, on Debian: apt install golang-go golang-golang-x-mod-dev
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vectors.world import CLAIM, ORIGIN, custody_world, signer
from transparency import tree
from transparency.cosignature import signed
from transparency.encoding import b64, unb64
from transparency.signed_note import SignedNote

SOURCE = Path(__file__).parent / "vectors" / "sumdb.go"
GOPATH = Path("/usr/share/gocode")
SIZE = 40
Ask = Callable[[list[str]], list[str]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a way to put questions to Go; skip where Go or its module is absent."""
    if not shutil.which("go") or not (GOPATH / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("go with golang.org/x/mod is not installed")
    folder = tmp_path_factory.mktemp("go")
    settings = {"GOPATH": str(GOPATH), "GO111MODULE": "off", "GOCACHE": str(folder / "cache")}
    env = {**os.environ, **settings, "GOFLAGS": "", "GOTOOLCHAIN": "local"}
    program = folder / "sumdb"
    subprocess.run(["go", "build", "-o", str(program), str(SOURCE)], check=True, env=env)

    def run(questions: list[str]) -> list[str]:
        text = "".join(f"{question}\n" for question in questions)
        done = subprocess.run(
            [str(program)], input=text, check=True, capture_output=True, text=True
        )
        return done.stdout.splitlines()

    return run


def test_go_opens_our_checkpoints_and_no_damaged_one(ask: Ask, tmp_path: Path) -> None:
    bundle = custody_world(tmp_path).bundle(CLAIM)
    key = str(signer(ORIGIN).verifier)
    notes = [str(note) for note in bundle.checkpoints.values()]
    assert ask([f"note {key} {b64(note.encode())}" for note in notes]) == ["ok"] * len(notes)
    damaged = [note.replace("\n14\n", "\n15\n") for note in notes if "\n14\n" in note]
    assert ask([f"note {key} {b64(note.encode())}" for note in damaged]) == ["bad"]


def test_we_open_what_go_signs_with_our_key(ask: Ask) -> None:
    text = f"{ORIGIN}\n1\n{b64(bytes(32))}\n"
    (answer,) = ask([f"sign {signer(ORIGIN).secret} {b64(text.encode())}"])
    note = SignedNote.parse(unb64(answer).decode())
    assert note.text == text
    assert list(signed(note, [signer(ORIGIN).verifier])) == [signer(ORIGIN).verifier]


def test_go_and_we_agree_on_every_root_and_proof(ask: Ask) -> None:
    nodes, roots = tree.Tree(), [tree.EMPTY_ROOT]
    for number in range(SIZE):
        nodes.append(tree.leaf_hash(str(number).encode()))
        roots.append(tree.root(number + 1, nodes.get))
    assert ask([f"root {n}" for n in range(1, SIZE + 1)]) == [b64(root) for root in roots[1:]]

    def joined(hashes: list[bytes]) -> str:
        return ",".join(map(b64, hashes))

    questions = [
        f"inclusion {at} {size} {b64(roots[size])} {b64(nodes.get(0, at))}"
        f" {joined(tree.inclusion(at, size, nodes.get))}"
        for size in range(1, SIZE + 1)
        for at in range(size)
    ]
    questions += [
        f"consistency {old} {new} {b64(roots[old])} {b64(roots[new])}"
        f" {joined(tree.consistency(old, new, nodes.get))}"
        for new in range(1, SIZE + 1)
        for old in range(1, new + 1)
    ]
    assert set(ask(questions)) == {"ok"}
    wrong = [q.replace(f" {b64(roots[SIZE])} ", f" {b64(roots[1])} ") for q in questions]
    changed = [one for one, two in zip(wrong, questions, strict=True) if one != two]
    assert changed
    assert set(ask(changed)) == {"bad"}
