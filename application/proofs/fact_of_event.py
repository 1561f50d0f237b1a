"""A stored event as the log of proofs commits to it: a pure function of the stored row.

    stream kind    from the identifier: W- is a weapon
    version        as it is stored, counted from 1
    event type     the stored name; `record.retracted` in a weapon's stream is `weapon.retracted`,
                   and what a correction records ends in `.correction`
    occurred       whole seconds, not before 1970; the exact time is the field `occurred`
    fields         every fact and every part of the envelope, so that no byte changes unseen
    personal       commitments of the vault, as they stand in the event

What belongs together is one field, shown or hidden as one: a weapon's `description`, its `place`,
its `holder`, the `trust` it is held in. `version` is the event taken back,
and like every number in an entry's bytes it is written from 0.

The stored facts are read as they are, never brought to a newer shape: an entry stays the same for
ever, whatever this program learns later.

Example:
    >>> row = ("W-000418-Y", 1, "weapon.declared", b'{"as_described":"rifle","occurred_at":0,'
    ...        b'"recorded_at":1000000,"seed":"' + b"A" * 43 + b'"}')
    >>> fact = fact_of(*row)
    >>> fact.version, fact.event_type, fact.fields["recorded_at"]
    (1, 'weapon.declared', '1970-01-01T00:00:01Z')
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

import orjson

from application.store.interface import Readable
from application.store.mapper import Facts
from domain import ids, times
from domain.errors import CustodyError
from domain.person import PERSONAL
from transparency.body import Fact
from transparency.encoding import JSON, b64url, unb64url
from transparency.entries import KEY_BYTES, MAX_SECONDS, WRITTEN_LOWER
from transparency.errors import MalformedError, ProofError

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "description": (
        "category", "make", "model", "calibre", "country", "year", "serial_raw", "serial",
        "serial_status", "marks", "accessories",
    ),
    "place": ("site", "place", "container"),
    "holder": ("person", "unit"),
    "trust": ("receipt", "trustee", "beneficiary", "terms"),
}  # fmt: skip
"""A weapon's value objects: each is one field."""
NAMES = frozenset(PERSONAL)
"""Of personal values: the only names under which their commitments are stored."""
TIME = ("occurred_at", "occurred_until", "precision")
LONGEST = 40_000
"""Bytes of a value's JSON that one field holds; of a longer one, its SHA-256 is committed."""


class UnreadableEventError(MalformedError):
    """A stored row is not an event as this program writes it.

    Args:
        stream_id: the row's stream. version: its version, counted from 1.
        cause: what does not fit, where that is known.
    """

    def __init__(self, stream_id: str, version: int, cause: str = "") -> None:
        name, self.text = f"{stream_id}:{version}", cause or "is not an event as it was stored"
        super().__init__(f"{name}: {cause}" if cause else f"{name} {self.text}")
        self.stream_id, self.version = stream_id, version


_SELECT = "SELECT position, originator_id, originator_version, topic, state FROM stored_events"


def count(ledger: Readable, after: int = 0) -> int:
    """Return how many events are stored after a position."""
    row = ledger.one("SELECT count(*) FROM stored_events WHERE position > ?", (after,))
    return int(row[0]) if row else 0


def after(ledger: Readable, position: int, limit: int) -> list[tuple[int, Fact]]:
    """Return the next stored events of the ledger with their positions, as facts.

    Raises:
        UnreadableEventError: a row that this program did not write; it names the event.
    """
    query = f"{_SELECT} WHERE position > ? ORDER BY position LIMIT ?"
    return [(at, fact_of(*row)) for at, *row in ledger.fetch(query, (position, limit))]


def at(ledger: Readable, position: int) -> Fact | None:
    """Return the stored event at one position, None where there is none."""
    row = ledger.one(f"{_SELECT} WHERE position = ?", (position,))
    return fact_of(*row[1:]) if row else None


def stream(ledger: Readable, stream_id: str) -> list[Fact]:
    """Return every stored event of one stream, oldest first."""
    query = f"{_SELECT} WHERE originator_id = ? ORDER BY originator_version"
    return [fact_of(*row[1:]) for row in ledger.fetch(query, (stream_id,))]


def every(ledger: Readable) -> Iterator[tuple[int, Fact | UnreadableEventError]]:
    """Yield every stored event with its position; for a row that is none, why not."""
    for position, *row in ledger.fetch(f"{_SELECT} ORDER BY position"):
        read: Fact | UnreadableEventError
        try:
            read = fact_of(*row)
        except UnreadableEventError as error:
            read = error
        yield position, read


def fact_of(stream_id: str, version: int, topic: str, state: bytes) -> Fact:
    """Return a stored row as the log needs it.

    Raises:
        UnreadableEventError: the row is not one that this program wrote.
    """
    try:
        stored: Facts = dict(orjson.loads(state))
        kind = ids.kind_of(stream_id)
        occurred, recorded = stored["occurred_at"], stored["recorded_at"]
        text = times.iso(recorded).replace("+00:00", "Z")
        fields = _fields(kind, stored)
        fields["recorded_at"] = text
        seed = unb64url(stored["seed"])
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError, ProofError) as error:
        raise UnreadableEventError(stream_id, version) from error
    except CustodyError as error:
        raise UnreadableEventError(stream_id, version, str(error)) from error
    if version < 1 or len(seed) != KEY_BYTES or b64url(seed) != stored["seed"]:  # unused bits too
        raise UnreadableEventError(stream_id, version)
    personal = _personal(fields)
    if (
        not personal.keys() <= NAMES
    ):  # the entry commits to the values' digests, which hold the names
        raise UnreadableEventError(stream_id, version)
    seconds = min(max(occurred // times.SECOND, 0), MAX_SECONDS)
    kept = {field: _fitting(value) for field, value in fields.items()}
    return Fact(kind, stream_id, version, _type(kind, topic, stored), seconds, kept, personal, seed)


def _type(kind: str, topic: str, stored: Facts) -> str:
    if topic.startswith("record."):
        return f"{kind}.{topic.removeprefix('record.')}"
    return f"{topic}.correction" if stored.get("corrects") is not None else topic


def _fields(kind: str, stored: Facts) -> Facts:
    """Return every stored fact by the name it is committed under, but for the seed."""
    rest = {name: value for name, value in stored.items() if name != "seed"}
    if rest.get("schema") == 1:
        del rest["schema"]
    if (corrects := rest.pop("corrects", None)) is not None:
        rest["version"] = corrects - WRITTEN_LOWER
    found = {"occurred": {name: _time(rest.pop(name)) for name in TIME if name in rest}}
    for name, members in TOGETHER.items() if kind == "weapon" else ():
        if inside := {member: rest.pop(member) for member in members if member in rest}:
            found[name] = inside
    return {**found, **rest}


def _time(value: object) -> object:
    return times.iso(value).replace("+00:00", "Z") if isinstance(value, int) else value


def _personal(fields: Facts) -> dict[str, str]:
    """Take the vault's commitments out of the fields: they are digests already."""
    if isinstance(fields.get("identity"), dict):
        return dict(fields.pop("identity"))
    if fields.get("field") is not None and isinstance(fields.get("value"), str):
        return {fields["field"]: fields.pop("value")}
    return {}


def _fitting(value: JSON) -> JSON:
    if isinstance(value, int) or (isinstance(value, str) and len(value) < LONGEST // 8):
        return value
    text = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    return value if len(text) <= LONGEST else {"sha256": hashlib.sha256(text).hexdigest()}
