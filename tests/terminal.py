"""A terminal for tests: commands run in this process or in one of their own; nothing may leak out.

    terminal("person", "admit", "P-000001-I", …)          answers with exit code, stdout and stderr

A traceback, or the sentence for a bug, fails the test wherever it shows.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
from click.testing import CliRunner

import cli

ROOT = Path(__file__).parent.parent
AMANA = (sys.executable, "-m", "cli")


MICROSECONDS = 10**14
"""A number beyond it is an instant in microseconds, which a program is told in ISO 8601."""


def numbers(value: object) -> Iterator[int]:
    """Yield every whole number of a JSON document."""
    if isinstance(value, int):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from numbers(one)


class Answer(NamedTuple):
    """What one command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout, which carries its schema number."""
        found: dict[str, Any] = json.loads(self.out)
        assert found["schema"] == 1
        assert not [n for n in numbers(found) if abs(n) > MICROSECONDS], "an instant as a number"
        return found

    @property
    def sentence(self) -> str:
        """The one line that says what was wrong."""
        lines = [line for line in self.err.splitlines() if line.startswith("Error: ")]
        assert len(lines) == 1, self.err
        return lines[0].removeprefix("Error: ")


def checked(code: int, out: str, err: str) -> Answer:
    """Return an answer that shows no inside of the program."""
    for text in (out, err):
        assert "Traceback" not in text, text
        assert "did not foresee" not in text, text
    assert code != cli.BUG
    return Answer(code, out, err)


class Terminal:
    """Somebody at a terminal in a folder, with an environment of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        kept["PATH"] = f"{Path(sys.executable).parent}:{kept['PATH']}"
        self.env = {
            **kept,
            "PYTHONPATH": str(ROOT),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
            "COLUMNS": "100",
            "PYTHONUTF8": "1",
        }

    def __call__(self, *words: str, stdin: str | bytes = "", code: int | None = 0) -> Answer:
        """Run a command in this process; by default it must succeed."""
        before = Path.cwd()
        os.chdir(self.folder)
        mine = {n: None for n in os.environ if n.startswith("AMANA_")} | dict(self.env)
        try:
            done = CliRunner(env=mine).invoke(cli.root, words, prog_name="amana", input=stdin)
        finally:
            os.chdir(before)
        error = done.exception
        if error is not None and not isinstance(error, SystemExit):
            raise error
        answer = checked(done.exit_code, done.stdout, done.stderr)
        assert code is None or answer.code == code, answer
        return answer

    def begin(self, *words: str | bytes, **settings: Any) -> subprocess.Popen[bytes]:
        """Start a command in a process of its own."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": self.env}
        return subprocess.Popen(
            [*AMANA, *words],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            start_new_session=True,
            **(pipes | settings),
        )

    def process(self, *words: str | bytes, stdin: bytes = b"", **settings: Any) -> Answer:
        """Run a command in a process of its own."""
        return self.end(self.begin(*words, **settings), stdin)

    @staticmethod
    def end(process: subprocess.Popen[bytes], stdin: bytes = b"") -> Answer:
        """Wait for a process; it must leave by itself."""
        try:
            out, err = process.communicate(stdin, timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return checked(process.returncode, (out or b"").decode(), err.decode())

    # ── ledgers ──────────────────────────────────────────────────────────

    def begin_ledger(self) -> Terminal:
        """Make a ledger with a small directory, as the README does."""
        self.env |= {"AMANA_LEDGER": "camp.amana", "AMANA_BY": "OFF-001"}
        self("init")
        for words in (
            "open-site CAMP-R1 --kind CAMP --name Camp --capacity 7",
            "open-site DEPOT-1 --kind DEPOT --name Depot",
            "name-party PARTY-MOD --kind MINISTRY --name Ministry",
            "appoint OFF-002 --party PARTY-MOD --role INTAKE_CLERK --role WEAPONS_CLERK "
            "--role WELFARE",
            "appoint OFF-003 --party PARTY-MOD --role CHAIR --role INTAKE_CLERK --role STOREKEEPER",
            "appoint OFF-051 --party PARTY-MOD",
        ):
            self("directory", *words.split())
        self.env["AMANA_BY"] = "OFF-002"
        return self

    def person(self, at: str = "7 Dec 2024 06:00") -> str:
        """Somebody sheltered in the camp; rule 4 is broken on the way."""
        number = self.document(
            "person", "admit", "--site", "CAMP-R1", "--receiving-party", "PARTY-MOD", "--at", at
        )["recorded"][0]["subject"]
        self("person", "house", number, "--site", "CAMP-R1", "--place", "T-1", "--at", at)
        return str(number)

    def document(self, *words: str, stdin: str = "") -> dict[str, Any]:
        """Run a command and return its JSON document."""
        return self("--json", *words, stdin=stdin).document


def leaves(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command of the tree by its words, without the groups."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from leaves(below, f"{path} {name}".strip())


TREE = dict(leaves(cli.root))
TREE_OPTIONS = {
    name: [
        option.opts[0]
        for option in command.params
        if isinstance(option, click.Option) and not option.is_flag
    ]
    for name, command in TREE.items()
}
"""Every command's options that take a value."""
