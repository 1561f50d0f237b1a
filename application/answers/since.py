"""What changed since somebody asked last: every event recorded since then, and what it changed now.

Where somebody asked last is a position of the log, remembered for each official and ledger in a file of
the user's own, with the event that stood there: another copy of the ledger, which went on differently,
is told from this one. It is remembered after the answer was written, so that nothing is lost when that
was interrupted.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from application.answers.diff import Changed, Ends, everybody
from application.answers.recorded import Asked, Row, recorded
from application.answers.subjects import Asker
from application.answers.two_clocks import Echo, recorded_when
from application.store.files import PRIVATE, write_whole
from domain.errors import StorageError, UnknownError
from projections.index import position_by

if TYPE_CHECKING:
    from application.answers.feed.follow import Views
    from application.store.streams import Streams


class Since(NamedTuple):
    """What was recorded after a position, and the answers of now that it changed.

    Attributes:
        after: of the first answer, 0 for the empty ledger; `echo` is of this one.
        rows: every event, in the order of the log.
        changed: whose answer about now is another one than about then, as known then, and the events
            that made it so; as far as the one who asks may see it.
    """

    after: int
    echo: Echo
    rows: tuple[Row, ...]
    changed: tuple[Changed, ...]


def since(views: Views, streams: Streams, ask: Asker, after: int, now: int) -> Since:
    """Answer what became known after a position, and what it changed.

    Args:
        views, streams: the read models and the log. ask: who asks.
        after: the position. now: the recorded time that is known now, microseconds UTC.

    Raises:
        UnknownError: the log has no such position.
    """
    reached = recorded_when(views, after)
    if reached is None and after:
        msg = f"the log has no position {after}"
        raise UnknownError(msg)
    begins = -1 if reached is None else reached
    found = recorded(views, streams, Asked(begins, now))
    changed = everybody(views, streams, Ends("knowledge", now, begins, now), ask).subjects
    return Since(after, found.echo, found.rows, changed)


def position_of(views: Views, known_at: int) -> int:
    """Return the position of the last event known at a recorded time, 0 for none."""
    return position_by(views.connection, known_at)


def last_asked(streams: Streams, file: Path) -> int | None:
    """Return the position at which somebody asked last; None where nobody did.

    Args:
        streams: the log. file: what `remember` wrote.

    Raises:
        UnknownError: this ledger is another copy than was asked then.
    """
    try:
        said = file.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError):
        return None
    if len(said) != 2 or not said[0].isascii() or not said[0].isdigit():  # noqa: PLR2004 -- as remember
        return None
    position, event = int(said[0]), said[1]
    if position and _event_at(streams, position) != event:
        msg = (
            f"you asked last at position {position} of another copy of this ledger, where "
            f"{event.rpartition(':')[0]} stood: say since when, for example --since @1"
        )
        raise UnknownError(msg)
    return position


def remember(streams: Streams, file: Path, position: int) -> None:
    """Remember where somebody asked, whole or not at all, in a file that they alone may read.

    Raises:
        StorageError: it cannot be written; what was remembered stays.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{file.parent} cannot be made: {error.strerror}"
        raise StorageError(msg) from error
    write_whole(file, f"{position} {_event_at(streams, position)}\n", mode=PRIVATE)


def _event_at(streams: Streams, position: int) -> str:
    found = streams.event_at(position)
    return "nothing" if found is None else "{}:{}:{}".format(*found)
