"""Diff: what changed between two answers, made by which event, recorded by whom and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from application.answers.events import KnownEvent, absent, known_event
from application.answers.subjects import Asker, history_of, one_site, sight
from application.answers.two_clocks import Clocks, Echo, echo
from domain import ids
from projections import changes
from projections.changes import Change, FieldChange
from projections.facets import INTENT, MAIN, PLEDGE

if TYPE_CHECKING:
    from application.answers.feed.follow import Views
    from application.store.streams import Streams

FACT = {INTENT: "intent", PLEDGE: "pledges"}
"""Which fact of a person a facet beside the main one comes from."""


class Ends(NamedTuple):
    """The two answers compared, microseconds UTC.

    Attributes:
        by: `knowledge` compares what was known of one instant, `time` what was true at two.
        fixed: the clock that both answers share. since, until: the clock that moves.
    """

    by: Literal["knowledge", "time"]
    fixed: int
    since: int
    until: int

    @property
    def answers(self) -> tuple[Clocks, Clocks]:
        """Both clocks of either answer."""
        if self.by == "knowledge":
            return Clocks(self.fixed, self.since), Clocks(self.fixed, self.until)
        return Clocks(self.since, self.fixed), Clocks(self.until, self.fixed)


class Step(NamedTuple):
    """One event that changed a fact: from what, to what."""

    event: KnownEvent
    before: object
    after: object


class FactChange(NamedTuple):
    """A fact that differs between two answers, and the events that changed it on the way."""

    fact: str
    before: object
    after: object
    steps: tuple[Step, ...]


class Changed(NamedTuple):
    """What differs of one subject."""

    stream: str
    facts: tuple[FactChange, ...]


class Diff(NamedTuple):
    """What differs between two answers.

    Attributes:
        echoes: both clocks of either answer, with the position of the log it was made from.
        subjects: those that differ, in order of identifiers; of a question about one, that one.
    """

    ends: Ends
    echoes: tuple[Echo, Echo]
    subjects: tuple[Changed, ...]


def subject(views: Views, streams: Streams, ends: Ends, ask: Asker, stream: str) -> Diff:
    """Answer what differs of one subject.

    Args:
        views, streams: the read models and the log. ends: the two answers.
        ask: who asks. stream: the subject.

    Raises:
        UnknownError: the subject is not in this ledger.
    """
    known = history_of(streams, stream)
    compare = changes.learned if ends.by == "knowledge" else changes.happened
    found = compare(known, ends.fixed, ends.since, ends.until)
    sees = sight(ask, stream)
    facts = tuple(
        _fact(change, change.field)
        for change in found
        if sees(change.field)
        and not (absent(change.before, change.field) and absent(change.after, change.field))
    )
    return Diff(ends, _echoes(views, ends), (Changed(stream, facts),))


def everybody(
    views: Views, streams: Streams, ends: Ends, ask: Asker, *, site: str | None = None
) -> Diff:
    """Answer who and what differs, of all or of those who stood at a site in one of the answers.

    Args:
        views, streams: the read models and the log. ends: the two answers.
        ask: who asks. site: its code, as `ids.parse_code` returns it.

    Raises:
        UnknownError: the directory does not have the site.
    """
    code = one_site(streams, site)
    compare = changes.learned_of_all if ends.by == "knowledge" else changes.happened_to_all
    at = (ends.fixed, ends.since, ends.until)
    found = compare(views.connection, *at, streams.histories, site=code)
    seen = (one for one in found if one.facet == MAIN or sight(ask, one.subject)(FACT[one.facet]))
    return Diff(ends, _echoes(views, ends), _by_subject(seen))


def _by_subject(found: Iterable[Change]) -> tuple[Changed, ...]:
    """Return the facts of each subject that differ, each named after its facet.

    The read model calls every facet's word `status`, and since when a weapon is in trust `since`.
    """
    subjects: dict[str, list[FactChange]] = {}
    for one in found:
        names = {"status": _word(one.subject, one.facet), "since": "in_trust_since"}
        subjects.setdefault(one.subject, []).extend(
            _fact(change, names.get(change.field, change.field)) for change in one.fields
        )
    return tuple(Changed(stream, tuple(facts)) for stream, facts in subjects.items())


def _word(stream: str, facet: int) -> str:
    """Return what a facet is called: custody, intent, pledge; of other kinds their status."""
    main = "custody" if ids.kind_of(stream) in {"person", "weapon"} else "status"
    return {MAIN: main, INTENT: "intent", PLEDGE: "pledge"}[facet]


def _fact(change: FieldChange, name: str) -> FactChange:
    steps = (Step(known_event(one.event), one.before, one.after) for one in change.steps)
    return FactChange(name, change.before, change.after, tuple(steps))


def _echoes(views: Views, ends: Ends) -> tuple[Echo, Echo]:
    first, second = ends.answers
    before = echo(views, first)
    if first.known_at != second.known_at:
        return before, echo(views, second)
    return before, before._replace(as_of=second.as_of, true_at=second.true_at)
