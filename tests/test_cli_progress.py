"""Progress on a terminal: how far, and how fast."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

from commands.terminal.output import rate
from tests.terminal import ROOT

WORK = """
import time
from commands.terminal.output import Output

with Output("text", color=False).progress("replaying", 600) as advance:
    for _ in range(6):
        advance(100)
        time.sleep(0.1)
"""


def test_progress_on_a_terminal_tells_events_per_second() -> None:
    main, side = pty.openpty()
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "TERM": "xterm"}
    process = subprocess.Popen([sys.executable, "-c", WORK], stderr=side, env=settings)
    os.close(side)
    said = b""
    while chunk := _read(main):
        said += chunk
    os.close(main)
    assert process.wait() == 0
    assert b"events/s" in said
    assert b"replaying" in said


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says EIO when the other side is gone
        return b""


def test_no_speed_is_told_before_it_is_known() -> None:
    assert rate(None, "rows") == ""
    assert rate(12_500.4, "rows") == "12,500 rows/s"
