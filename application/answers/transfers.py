"""One transfer: what was released against what was accepted, line by line, in both clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from application.answers.irregularities import of_streams
from application.answers.reader import Reader
from application.answers.two_clocks import Clocks, Echo, echo
from application.store.streams import Streams
from domain.errors import UnknownError
from domain.transfer import Transfer
from projections.belief import belief
from projections.irregular import Irregular

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


class KnownTransfer(NamedTuple):
    """A transfer at an instant, as known at another.

    Attributes:
        irregular: its events that broke a rule and are not closed, judged as known then.
    """

    echo: Echo
    transfer: Transfer
    irregular: tuple[Irregular, ...]


def transfer(
    views: Views, streams: Streams, clocks: Clocks, reader: Reader, number: str
) -> KnownTransfer:
    """Return a transfer.

    Raises:
        UnknownError: there was none of that number, or it was not known.
    """
    known = streams.history(number)
    found: Transfer | None = belief(known, clocks.true_at, clocks.known_at)
    if found is None:
        what = "was not planned by then, as known then" if known.events else "is not in this ledger"
        raise UnknownError(f"{number} {what}")
    return KnownTransfer(echo(views, clocks), found, of_streams(views, clocks, reader, [number]))
