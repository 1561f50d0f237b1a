"""How an event is made of a note and facts: validated, its faults worded once, what it names found."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from pydantic import ValidationError

from application.decisions.note import Facts, Note
from domain.errors import BadInputError, RefusedError
from domain.event import Event


def command_digest(verb: str, subject: str | None, note: Note, facts: Facts) -> bytes:
    """Return what two sendings of one command have in common, as SHA-256.

    Verb, subject, facts and the whole note but for the key itself and the version expected.
    """
    sent = [verb, subject, note._replace(key="", expects=None)._asdict(), dict(facts)]
    text = orjson.dumps(sent, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(text).digest()


def made(
    cls: type[Event], stream_id: str, version: int, note: Note, now: int, facts: Facts
) -> Event:
    """Make an event of a note and facts, validated.

    Raises:
        RefusedError: rule 24, a text is too long or holds control characters.
        BadInputError: a fact is missing, unknown or cannot be meant.
    """
    envelope: dict[str, Any] = {
        name: value for name, value in zip(_COPIED, note[2:10], strict=True) if value
    }
    if note.until is not None and note.until <= (now if note.at is None else note.at):
        msg = f"{stream_id}: the span of its time ends before it begins"
        raise BadInputError(msg)
    envelope.update((name, value) for name, value in facts.items() if value is not None)
    try:
        return cls(
            originator_id=stream_id,
            originator_version=version,
            recorded_by=note.by,
            occurred_at=now if note.at is None else note.at,
            **envelope,
        )
    except ValidationError as error:
        raise _worded(stream_id, error) from None


_COPIED = (
    "occurred_until", "precision", "on_behalf_of", "authority", "evidence", "batch", "reason",
    "happened",
)  # fmt: skip


def _worded(stream_id: str, error: ValidationError) -> Exception:
    first = error.errors(include_url=False, include_context=True)[0]
    field = str(first["loc"][0]) if first["loc"] else "the facts"
    name = field.replace("_", " ")
    given = repr(first["input"])[:60]
    kind = first["type"]
    context = first.get("ctx", {})
    if kind == "string_too_long":
        length = len(first["input"])
        msg = f"{stream_id}: {name} has {length} characters, at most {context['max_length']}"
        return RefusedError(24, msg)
    if kind in {"string_unicode", "string_pattern_mismatch"} and "u2066" in str(context or "u2066"):
        msg = f"{stream_id}: {name} holds a control or direction-turning character: type it again"
        return RefusedError(24, msg)
    if kind == "missing":
        return BadInputError(f"{stream_id}: {name} is missing")
    if kind == "extra_forbidden":
        return BadInputError(f"{stream_id}: there is no field {name} in this fact")
    said = first["msg"][0].lower() + first["msg"][1:]
    return BadInputError(f"{stream_id}: {name} {given}: {said}")
