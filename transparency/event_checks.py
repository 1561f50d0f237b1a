"""What the shown events say, held against the log: their fields, their times, their handovers.

    fields     each field shown was committed, no name twice
    times      an event is witnessed, and not before it says it occurred; a recorded time fits its window
    handovers  each handover carries the receiving official's signature over the version before

The window of an event: `by` is when a quorum had seen it, `after` when a quorum had not seen it yet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from transparency import custody
from transparency.bundle import BundleEvent
from transparency.encoding import unb64
from transparency.entries import handover_message
from transparency.errors import MismatchError, ProofError
from transparency.report import ALONE, Reason, Shown, State, Verdict, instant
from transparency.signed_note import KeyKind, Verifier

SKEW_SECONDS = 300  # a fact may lie this far in the future of whoever records it
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:[0-5]\d:[0-5]\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)


def fields(events: Sequence[BundleEvent]) -> Verdict:
    """Was each field shown committed, and none shown twice."""
    reasons: list[Reason] = []
    committed = shown = 0
    for version, event in enumerate(events, 1):
        names = [name for name, _ in event.fields]
        committed, shown = committed + len(event.body.digests), shown + len(names)
        if len(set(names)) != len(names):
            reasons.append(Reason(State.FAILED, f"version {version} shows a field twice"))
        if not event.digests <= set(event.body.digests):
            text = f"version {version} shows a field that was not committed"
            reasons.append(Reason(State.FAILED, text))
    return Verdict.of("fields", reasons, f"{shown} of {committed} committed fields are shown")


def times(shown: Sequence[Shown], slack: int) -> Verdict:
    """Does what each event says of time fit when it was witnessed.

    Args:
        shown: the events with their windows.
        slack: seconds that a recorded time may lie before the log was seen without the event.
    """
    reasons: list[Reason] = []
    recorded: list[int] = []
    for event in shown:
        name = f"version {event.version}"
        if event.by is None:
            reasons.append(Reason(State.NOT_PROVEN, f"{name} is not witnessed: {ALONE}"))
        elif event.occurred > event.by + SKEW_SECONDS:
            text = f"{name} says it occurred at {instant(event.occurred)}, after it was"
            reasons.append(Reason(State.FAILED, f"{text} witnessed at {instant(event.by)}"))
        if "recorded_at" in event.fields:
            at = _seconds(event.fields["recorded_at"])
            if at is None:
                text = f"{name} has a recorded time that is no RFC 3339 time"
                reasons.append(Reason(State.NOT_PROVEN, text))
                continue
            recorded.append(at)
            reasons += _window(event, at, slack)
    if any(one > two for one, two in pairwise(recorded)):
        reasons.append(Reason(State.FAILED, "the recorded times run backwards"))
    return Verdict.of("times", reasons, "every time fits the window in which it was witnessed")


def handovers(events: Sequence[BundleEvent], shown: Sequence[Shown]) -> Verdict:
    """Is each handover signed by the receiving official."""
    reasons: list[Reason] = []
    names = []
    for event, told in zip(events, shown, strict=True):
        if custody.plain(told.event_type) not in custody.HANDOVERS:
            continue
        what = f"version {told.version} ({told.event_type})"
        match told.fields.get("acceptance"):
            case {"key": str(key), "signature": str(signature)}:
                try:
                    names.append(_accepted(key, signature, event.body.previous))
                except ProofError as error:
                    reasons.append(Reason(State.FAILED, f"{what}: {error}"))
            case _:
                text = f"{what} shows no signature of the receiving official"
                reasons.append(Reason(State.NOT_PROVEN, text))
    text = "no handover is in the history"
    if names:
        text = f"signed by {', '.join(names)}: compare the keys with the officials' own"
    return Verdict.of("handovers", reasons, text)


def _window(event: Shown, recorded: int, slack: int) -> list[Reason]:
    """Return the fault of a recorded time outside the window in which it was witnessed."""
    name = f"version {event.version} says it was recorded at {instant(recorded)}"
    if event.by is not None and recorded > event.by + SKEW_SECONDS:
        return [Reason(State.FAILED, f"{name}, after it was witnessed at {instant(event.by)}")]
    if event.after is not None and recorded < event.after - slack:
        text = f"{name}, but the log witnessed at {instant(event.after)} did not have it"
        return [Reason(State.FAILED, text)]
    return []


def _accepted(key: str, signature: str, previous: bytes | None) -> str:
    """Return the name and key id of an official whose signature over the link verifies."""
    verifier = Verifier.parse(key)
    if verifier.kind is not KeyKind.ED25519 or previous is None:
        raise MismatchError("a handover is signed with another type of key, or begins a stream")
    verifier.check(handover_message(previous), unb64(signature))
    return f"{verifier.name}+{verifier.key_id.hex()}"


def _seconds(value: object) -> int | None:
    """Return the Unix seconds of an RFC 3339 text, rounded down; None where it is none."""
    found = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    text, sign, hours, minutes = found.groups()
    try:
        local = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    offset = (int(hours) * 60 + int(minutes)) * 60 if sign else 0
    return int(local.timestamp()) - (offset if sign == "+" else -offset)
