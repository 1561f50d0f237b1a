"""Codes of the directory as they are typed: a code that the directory does not have is refused."""

from __future__ import annotations

from application.store.streams import Streams
from domain import ids
from domain.errors import UnknownError

PLURALS = {"site": "sites", "party": "parties"}


def known_code(streams: Streams, typed: str, kind: str) -> str:
    """Read the code of a site or party; UNIDENTIFIED is one, too.

    Raises:
        BadInputError: no code is written so.
        UnknownError: the directory does not have it; the sentence says where it is shown.
    """
    code = ids.parse_code(typed, kind)
    if code != "UNIDENTIFIED" and not _stands(streams, code, kind):
        msg = (
            f"the {kind} {code} is not in the directory: "
            f"`amana directory list {PLURALS[kind]}` shows it"
        )
        raise UnknownError(msg)
    return code


def one_site(streams: Streams, typed: str | None) -> str | None:
    """Read the code of the one site a report is about; None, for all sites, stays None.

    Raises:
        BadInputError: no code is written so.
        UnknownError: the directory has no such site.
    """
    if typed is None:
        return None
    code = ids.parse_code(typed, "site")
    if not _stands(streams, code, "site"):
        msg = f"the site {code} is not in the directory"
        raise UnknownError(msg)
    return code


def _stands(streams: Streams, code: str, kind: str) -> bool:
    return bool(streams.history(ids.stream_of(code, kind)).events)
