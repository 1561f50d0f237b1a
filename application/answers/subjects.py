"""What may be asked about: a subject of this ledger, a code of its directory; or else why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from application.answers.reader import Reader
from application.store.streams import Streams
from domain import ids
from domain.errors import UnknownError
from domain.event import Event
from domain.history import History

Asker: TypeAlias = Callable[[], Reader]
"""Says who asks. Called only of a person, so that a weapon answers to whoever is not yet appointed."""
NOT_LISTED = "UNIDENTIFIED"
"""A party that nobody could name has received people, and stands in no directory."""


def history_of(streams: Streams, stream: str) -> History:
    """Return a subject's whole history.

    Raises:
        UnknownError: nothing was ever recorded of it.
    """
    known = streams.history(stream)
    if not known.events:
        msg = f"{stream} is not in this ledger"
        raise UnknownError(msg)
    return known


def in_directory(streams: Streams, code: str, kind: str) -> History | None:
    """Return the history of a site, a party or an official; None of the party nobody could name.

    Args:
        streams: the log. code: as `ids.parse_code` returns it. kind: `site`, `party` or `official`.

    Raises:
        UnknownError: the directory does not have it.
    """
    if code == NOT_LISTED:
        return None
    known = streams.history(ids.stream_of(code, kind))
    if not known.events:
        plural = {"site": "sites", "party": "parties", "official": "officials"}[kind]
        msg = f"the {kind} {code} is not in the directory: `amana directory list {plural}` shows it"
        raise UnknownError(msg)
    return known


def one_site(streams: Streams, typed: str | None) -> str | None:
    """Read the code of the one site a report is about; None, for all sites, stays None.

    Raises:
        BadInputError: no code is written so.
        UnknownError: the directory has no such site.
    """
    if typed is None:
        return None
    code = ids.parse_code(typed, "site")
    if not streams.history(ids.stream_of(code, "site")).events:
        msg = f"the site {code} is not in the directory"
        raise UnknownError(msg)
    return code


def sight(ask: Asker, stream: str) -> Callable[[str], bool]:
    """Return whether the one who asks may see a fact of some name; of other kinds than persons, all.

    Raises:
        UnknownError: the official who asks about a person is not in the directory.
    """
    return ask().sees if ids.kind_of(stream) == "person" else _everything


def sight_of_events(ask: Asker, stream: str) -> Callable[[Event], bool]:
    """Return whether the one who asks may see what an event says, or proposes; as `sight`."""
    if ids.kind_of(stream) != "person":
        return _everything
    reader = ask()
    return lambda event: all(
        map(reader.sees_event, {event.TOPIC, getattr(event, "topic", event.TOPIC)})
    )


def _everything(_: object) -> bool:
    return True
