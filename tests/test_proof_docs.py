"""The page of proofs is true: its commands run as they stand and answer as it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.terminal import ROOT, Terminal

PAGE = (ROOT / "docs" / "proofs.md").read_text("utf-8")
VARIES = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", "TIME"),
    (r"\+[0-9a-f]{8}\b", "+KEY"),
    (r"[A-Za-z0-9+/]{40,}=*", "BASE64"),
    (r"[\d,]+ bytes", "BYTES"),
    (r"in \d+\.\d s", "in SECONDS"),
    (r"\S*/(?=camp\.amana\.log\.note)", ""),
)


def alike(text: str) -> str:
    for pattern, word in VARIES:
        text = re.sub(pattern, word, text)
    return text.rstrip("\n")


def ran(terminal: Terminal, line: str) -> str:
    """Run one line of the page in the folder, and return what it shows."""
    line = re.sub(r"\$\(cat (\S+)\)", lambda m: (terminal.folder / m[1]).read_text().strip(), line)
    words = shlex.split(line)
    if words[0] == "export":
        terminal.env |= dict(word.split("=", 1) for word in words[1:])
        return ""
    target = words[-1] if ">" in words else None
    words = words[: words.index(">")] if target else words
    if words[0] == "python3":
        said = subprocess.run(
            [sys.executable, "-I", "-S", str(ROOT / words[1]), *words[2:]],
            cwd=terminal.folder,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    else:
        said = terminal(*words[1:]).out
    if target:
        (terminal.folder / target).write_text(said)
    return "" if target or "--quiet" in words else said


def test_every_command_of_the_page_answers_as_it_shows(tmp_path: Path) -> None:
    terminal, count = Terminal(tmp_path), 0
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.S | re.M):
        for line, shown in re.findall(r"^\$ ([^\n]*)\n((?:(?!\$ )[^\n]*\n)*)", block, re.M):
            assert alike(ran(terminal, line)) == alike(shown), line
            count += 1
    assert count > 30
