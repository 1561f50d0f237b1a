"""What a command is given and what it answers: the note and the record of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from domain.event import Evidence
from domain.times import Precision

Facts: TypeAlias = Mapping[str, Any]
"""What is said of an event beside the note, by name: checked when the event is made."""


class Note(NamedTuple):
    """What is the same for every event of one command: who, when, on which authority.

    Attributes:
        by: the official who records. at: when it occurred, microseconds UTC; None is now.
        until, precision: of an uncertain time, see `domain.times.When`.
        batch: correlates the events of one operation.
        happened: who saw it, or which paper says so, of what is told as having happened: no rule
            refuses it.
        key: idempotency key: the same command sent twice with it records once.
        expects: the stream's version the caller saw; another one is refused as busy.
    """

    by: str
    at: int | None = None
    until: int | None = None
    precision: Precision = "EXACT"
    on_behalf_of: str | None = None
    authority: str = ""
    evidence: tuple[Evidence, ...] = ()
    batch: str = ""
    reason: str = ""
    happened: str = ""
    key: str = ""
    expects: int | None = None


class Recorded(NamedTuple):
    """What a command did: the stream, its version now, and the rules the last fact broke.

    Attributes:
        again: True when the command had been recorded before, under the same key.
        lines: of a command that records several events: those of other streams, or earlier ones, that
            broke rules, each as (stream, version, rules).
    """

    subject: str
    version: int
    irregularities: tuple[int, ...] = ()
    again: bool = False
    lines: tuple[tuple[str, int, tuple[int, ...]], ...] = ()
