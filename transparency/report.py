"""Verdicts: what was proven, what was not, and why; never one green tick.

    format        the file is a bundle of a version known here
    log           every checkpoint is signed by a log of the reader's policy
    witnesses     a quorum of the policy's witnesses signed every checkpoint
    history       each checkpoint continues the one before
    events        each version is in the log, linked to the one before
    completeness  the map holds every version shown and no further one
    fields        each field shown was committed, no name twice
    times         what an event says of time fits when it was witnessed
    handovers     each handover is signed by the receiving official
    custody       the claim: in custody from A to B
    receipt       asked for: the subject is the one the paper receipt pins
    replay        asked for: the log's entries leave no event out of the map

A verdict is *proven*, *not proven* (evidence is missing) or *failed* (evidence contradicts).
What rests on something that is not proven is itself not proven.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from transparency.bundle import Claim
from transparency.encoding import JSON, b64
from transparency.entries import MAX_SECONDS


class State(StrEnum):
    """How a verdict came out."""

    PROVEN = "proven"
    NOT_PROVEN = "not proven"
    FAILED = "failed"


NAMES = (
    "format",
    "log",
    "witnesses",
    "history",
    "events",
    "completeness",
    "fields",
    "times",
    "handovers",
    "custody",
    "receipt",
    "replay",
)
RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "log": ("format",),
    "witnesses": ("log",),
    "history": ("log",),
    "events": ("history",),
    "completeness": ("events", "witnesses"),
    "fields": ("events",),
    "times": ("events", "witnesses", "fields"),
    "handovers": ("fields",),
    "custody": ("completeness", "fields", "times"),
    "receipt": ("format",),
    "replay": ("log",),
}
ALONE = "time and completeness rest on the operator alone"


class Reason(NamedTuple):
    """One thing that keeps a verdict from being proven: how bad it is, and one sentence."""

    state: State
    text: str


@dataclass(frozen=True)
class Verdict:
    """One question and its answer.

    Args:
        name: one of `NAMES`.
        state: how it came out.
        text: one sentence.
        details: further sentences: every other fault, or what was seen.
    """

    name: str
    state: State
    text: str
    details: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, reasons: Sequence[Reason], proven: str) -> Verdict:
        """Return the worst of some reasons with the others as details; proven where none."""
        if not reasons:
            return cls(name, State.PROVEN, proven)
        failed = any(reason.state is State.FAILED for reason in reasons)
        state = State.FAILED if failed else State.NOT_PROVEN
        texts = [reason.text for reason in reasons if reason.state is state]
        texts += [reason.text for reason in reasons if reason.state is not state]
        return cls(name, state, texts[0], tuple(texts[1:]))


@dataclass(frozen=True)
class Shown:
    """An event as the bundle shows it.

    Args:
        version: position in the stream, counted from 1.
        event_type: stored name.
        occurred: Unix seconds.
        after: a quorum had not seen it at this second; None without witnesses.
        by: a quorum had seen it at this second; None without witnesses.
        fields: what is disclosed, by name.
    """

    version: int
    event_type: str
    occurred: int
    after: int | None
    by: int | None
    fields: Mapping[str, JSON]


@dataclass(frozen=True)
class Report:
    """Every verdict, and what may be shown beside them."""

    verdicts: tuple[Verdict, ...]
    claim: Claim | None = None
    commitment: bytes | None = None
    events: tuple[Shown, ...] = ()

    def __getitem__(self, name: str) -> Verdict:
        """Return one verdict by its name."""
        return {verdict.name: verdict for verdict in self.verdicts}[name]

    @property
    def state(self) -> State:
        """The worst state: proven only where every verdict is."""
        states = {verdict.state for verdict in self.verdicts}
        return next(s for s in (State.FAILED, State.NOT_PROVEN, State.PROVEN) if s in states)

    def as_json(self) -> dict[str, JSON]:
        """Return the report for programs: the same members as the one-file verifier's."""
        return {
            "format": "custody-verdict/v1",
            "state": str(self.state),
            "claim": None if self.claim is None else self.claim.as_json(),
            "commitment": self.commitment and b64(self.commitment),
            "verdicts": [
                {"name": v.name, "state": str(v.state), "text": v.text, "details": [*v.details]}
                for v in self.verdicts
            ],
            "events": [
                {
                    "version": event.version,
                    "type": event.event_type,
                    "occurred": event.occurred,
                    "after": event.after,
                    "by": event.by,
                    "fields": dict(event.fields),
                }
                for event in self.events
            ],
        }


def capped(verdicts: list[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts in order, none proven that rests on one that is not."""
    done: dict[str, Verdict] = {}
    for verdict in sorted(verdicts, key=lambda v: NAMES.index(v.name)):
        weak = [
            name
            for name in RESTS_ON.get(verdict.name, ())
            if name in done and done[name].state is not State.PROVEN
        ]
        if weak and verdict.state is State.PROVEN:
            text = f"rests on what is not proven: {', '.join(weak)}"
            verdict = Verdict(verdict.name, State.NOT_PROVEN, text, (verdict.text,))  # noqa: PLW2901  # the weaker one takes its place
        done[verdict.name] = verdict
    return tuple(done.values())


def instant(seconds: int) -> str:
    """Return Unix seconds as UTC text, e.g. 2024-12-27T10:00:00Z; beyond 9999 as a number."""
    if not 0 <= seconds <= MAX_SECONDS:
        return f"second {seconds}"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def span(seconds: int) -> str:
    """Return a length of time in days, hours or seconds, whichever is whole or readable."""
    day, hour = 86_400, 3_600
    if seconds >= 2 * day:
        return f"{seconds / day:.1f} days"
    if seconds >= hour:
        return f"{seconds / hour:.1f} hours"
    return f"{seconds} seconds"
