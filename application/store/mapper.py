"""Events to bytes and back: the stored bytes are ours, and they are canonical.

A stored event's state is JSON, UTF-8, no spaces, members sorted by name (code points), with a
member `schema` and without members whose fact need not be given and was not (null, "", [], {}). The
stream's id, its version and the stored name stand in columns of their own. Equal events give equal
bytes.

    {"entry_authority":"D-1","occurred_at":1733533200000000,"recorded_at":…,"schema":1,"seed":"…"}

An event class that changes its shape keeps its name with a higher schema number, and an upcaster,
bytes' facts of schema n to those of n + 1, reads the old ones for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import orjson
from eventsourcing.persistence import Mapper, StoredEvent

from domain.errors import BadInputError
from domain.event import ABSENCES, EVENTS, REPLAYED, Event

Facts: TypeAlias = dict[str, Any]
"""An event's facts and envelope as JSON holds them."""
Upcaster: TypeAlias = Callable[[Facts], Facts]
SCHEMAS: dict[str, int] = {}
"""Stored names whose shape has changed, with their present schema number; all others are at 1."""
UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""(stored name, schema number read) to the function that raises the facts by one."""


class CanonicalMapper(Mapper[str]):
    """Domain events to stored events and back. Ignores transcoder, compressor and cipher."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Return the event as it is stored. Its recorded time has been set before."""
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.TOPIC,
            state=to_bytes(domain_event),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        """Return the event, validated again.

        Raises:
            BadInputError: a stored name this version does not know.
        """
        cls = EVENTS.get(stored_event.topic)
        if cls is None:
            raise unknown_name(stored_event.topic)
        facts = facts_of(stored_event.topic, stored_event.state)
        return cls(
            originator_id=str(stored_event.originator_id),
            originator_version=stored_event.originator_version,
            **facts,
        )


def to_bytes(event: Event) -> bytes:
    """Return the canonical bytes of an event's facts and envelope."""
    absent = ABSENCES[event.TOPIC]
    facts = {k: v for k, v in event.__dict__.items() if absent.get(k, absent) != v}
    del facts["originator_id"], facts["originator_version"]
    facts["schema"] = SCHEMAS.get(event.TOPIC, 1)
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)


def facts_of(topic: str, state: bytes) -> Facts:
    """Return the facts behind stored bytes in the present shape of their class."""
    facts: Facts = orjson.loads(state)
    schema, present = facts.pop("schema"), SCHEMAS.get(topic, 1)
    return facts if schema == present else _raised(topic, facts, schema, present)


def _raised(topic: str, facts: Facts, schema: int, present: int) -> Facts:
    while schema < present:
        facts = UPCASTERS[topic, schema](facts)
        schema += 1
    if schema > present:
        msg = f"the event {topic} has schema {schema}: a newer version of this program wrote it"
        raise BadInputError(msg)
    return facts


def replayed(stream_id: str, version: int, topic: str, state: bytes) -> Event:
    """Return a stored event as its light twin (see `Replayed`), without validation.

    Raises:
        BadInputError: a stored name this version does not know.
    """
    cls = REPLAYED.get(topic)
    if cls is None:
        raise unknown_name(topic)
    facts = facts_of(topic, state)
    facts["originator_id"], facts["originator_version"] = stream_id, version
    return cast("Event", cls(facts))


def unknown_name(topic: str) -> BadInputError:
    """Return the error for a stored name that this version does not know."""
    return BadInputError(
        f"the ledger holds '{topic}' events: a newer version of this program wrote it"
    )
