"""A value as a table shows it, and a text in which nothing can reach the screen but what is read."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """Return a text in which no control character of what was typed reaches the screen."""
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def escaped(text: str) -> str:
    """Return a text of others' making on one line: what is not printable, line breaks too, by number.

    `printable` keeps what a sentence of ours may hold: line breaks, tabs, any letter or mark.
    """
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def cell(value: object) -> str:
    """Return a value as a table shows it: empty for absent, `no` for no, no line breaks or tabs."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ("", (), [], {}):
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {cell(v)}".rstrip() for k, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(cell(v) for v in value)
    return " ".join(str(value).split()) or "-"
