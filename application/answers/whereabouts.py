"""Whereabouts: who and what was at a site, in a crate or with a party; and how many stood where."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from application.answers.events import KnownEvent
from application.answers.members import why_there
from application.answers.subjects import in_directory
from application.answers.two_clocks import Clocks, Echo, echo
from domain.errors import BadInputError, UnknownError
from projections import crates, population
from projections.population import Column, Count, CountBounds, Standing

if TYPE_CHECKING:
    from application.answers.feed.follow import Views
    from application.store.streams import Streams


class There(NamedTuple):
    """One who is there, and since when nothing about it has changed, microseconds UTC."""

    id: str
    kind: str
    custody: str
    site: str | None
    place: str | None
    container: str | None
    party: str | None
    unchanged_since: int


class Doubt(NamedTuple):
    """What uncertain times leave open: how many are there certainly, at most, and who may be."""

    certain: int
    possible: int
    doubtful: tuple[str, ...]


class Whereabouts(NamedTuple):
    """Who and what was at one of these.

    Attributes:
        column: which of them it is: site, container or party. key: its code or label.
        there: in order of identifiers. capacity: of a site that names one.
        bounds: None unless it was asked for.
        why: the event since which each is there in its custody; None unless it was asked for.
    """

    column: Column
    key: str
    echo: Echo
    there: tuple[There, ...]
    capacity: int | None
    bounds: Doubt | None
    why: dict[str, KnownEvent] | None

    @property
    def numbers(self) -> list[tuple[str, str, int]]:
        """How many of a kind are there in which custody, in order of both."""
        found = Counter((one.kind, one.custody) for one in self.there)
        return [(*key, count) for key, count in sorted(found.items())]


class Counts(NamedTuple):
    """How many stood where, over all sites: numbers, or between two numbers where asked for."""

    echo: Echo
    counts: tuple[Count, ...] | tuple[CountBounds, ...]


def site(
    views: Views,
    streams: Streams,
    clocks: Clocks,
    code: str,
    *,
    bounds: bool = False,
    why: bool = False,
) -> Whereabouts:
    """Answer who and what was at a site.

    Args:
        views, streams: the read models and the log. clocks: both instants.
        code: as `ids.parse_code` returns it. bounds: whether uncertain times are told, too.
        why: whether the events that decided are told, too.

    Raises:
        UnknownError: the directory does not have it.
    """
    known = in_directory(streams, code, "site")
    capacity = None if known is None else known.state.capacity
    return _place(views, streams, clocks, "site", code, capacity, bounds=bounds, why=why)


def party(
    views: Views,
    streams: Streams,
    clocks: Clocks,
    code: str,
    *,
    bounds: bool = False,
    why: bool = False,
) -> Whereabouts:
    """Answer what a party keeps and whom it received; arguments and errors as `site`."""
    in_directory(streams, code, "party")
    return _place(views, streams, clocks, "party", code, bounds=bounds, why=why)


def crate(
    views: Views,
    streams: Streams,
    clocks: Clocks,
    label: str,
    *,
    bounds: bool = False,
    why: bool = False,
) -> Whereabouts:
    """Answer what was packed in a crate.

    Args:
        views, streams: the read models and the log. clocks: both instants.
        label: as somebody typed it. bounds, why: as `site`.

    Raises:
        UnknownError: nothing was ever packed in such a crate.
        BadInputError: two crates are called so in another case.
    """
    key = _label(views, label)
    return _place(views, streams, clocks, "container", key, bounds=bounds, why=why)


def _place(
    views: Views,
    streams: Streams,
    clocks: Clocks,
    column: Column,
    key: str,
    capacity: int | None = None,
    *,
    bounds: bool,
    why: bool,
) -> Whereabouts:
    where = (views.connection, column, key, clocks.true_at, clocks.known_at)
    found = population.bounds(*where, streams.histories) if bounds else None
    there = population.at(*where)
    return Whereabouts(
        column,
        key,
        echo(views, clocks),
        tuple(map(_there, there)),
        capacity,
        None if found is None else _doubt(found),
        why_there(streams, there, column, clocks) if why else None,
    )


def _there(one: Standing) -> There:
    return There(
        one.subject,
        one.kind,
        one.status,
        one.site,
        one.place,
        one.container,
        one.party,
        one.valid_from,
    )


def _doubt(found: population.Bounds) -> Doubt:
    certain, doubtful = len(found.certain), tuple(one.subject for one in found.possible)
    return Doubt(certain, certain + len(doubtful), doubtful)


def _label(views: Views, typed: str) -> str:
    """Return a crate's label: as typed, or else the one label that differs in case only."""
    labels = crates.labels(views.connection, typed.strip())
    if typed.strip() in labels:
        return typed.strip()
    if len(labels) > 1:
        msg = f"crate '{typed}' is written in two ways: name one of {', '.join(labels)}"
        raise BadInputError(msg)
    if not labels:
        msg = f"nothing was ever packed in a crate '{typed}': `amana status --depot DEPOT` shows labels"
        raise UnknownError(msg)
    return labels[0]


def counts(views: Views, streams: Streams, clocks: Clocks, *, bounds: bool = False) -> Counts:
    """Answer how many stood where, over all sites; arguments as `site`."""
    when = (views.connection, clocks.true_at, clocks.known_at)
    if bounds:
        return Counts(echo(views, clocks), tuple(population.count_bounds(*when, streams.histories)))
    return Counts(echo(views, clocks), tuple(population.counts(*when)))
