"""`amana diff`: what changed between two answers, made by which event, recorded by whom and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import click

from application.answers.two_clocks import Clocks, echo
from commands.diff_words import field, print_changes
from commands.status import readable, stream_of
from commands.terminal.clock_options import instant, known_instant, machine
from commands.terminal.session import Session
from domain import ids
from domain.errors import BadInputError, UnknownError
from projections.facets import INTENT, MAIN, PLEDGE
from words.cells import cell
from words.instants import to_the_second


class Ends(NamedTuple):
    """The two answers compared: by knowledge (one instant, two known) or by time (the reverse)."""

    by: str  # knowledge | time
    fixed: int
    since: int
    until: int

    @property
    def answers(self) -> tuple[Clocks, Clocks]:
        """Both clocks of either answer."""
        if self.by == "knowledge":
            return Clocks(self.fixed, self.since), Clocks(self.fixed, self.until)
        return Clocks(self.since, self.fixed), Clocks(self.until, self.fixed)


@click.command(
    epilog="Example: amana diff P-000873-X --as-of '12 Dec 2024 12:00' --known-at "
    "'15 Dec 2024 18:00' now   ·   amana diff --site CAMP-R1 --as-of '12 Dec 2024 12:00' "
    "--as-of now"
)
@click.argument("words_", nargs=-1, metavar="[ID] [TIME]")
@click.option("--site", metavar="SITE", help="Everybody and everything at a site.")
@click.option("--everybody", is_flag=True, help="All persons and weapons.")
@click.option("--as-of", multiple=True, metavar="TIME", help="The instant asked about; or two.")
@click.option("--known-at", multiple=True, metavar="TIME|@POSITION", help="As known then; or two.")
@click.pass_obj
def diff(
    session: Session,
    /,
    words_: tuple[str, ...],
    site: str | None,
    everybody: bool,
    as_of: tuple[str, ...],
    known_at: tuple[str, ...],
) -> None:
    """Show what changed between two answers: which event, who recorded it, and why.

    Two knowledge times compare what was known of one instant; two instants compare what was true. A
    second time may follow the first: `--known-at A B`.
    """
    named = list(words_)
    subject = None if site or everybody else (named.pop(0) if named else None)
    if subject is None and not site and not everybody:
        msg = "what is compared? name an id, --site SITE or --everybody"
        raise BadInputError(msg)
    ends = _ends(session, [*as_of], [*known_at], named)
    if subject:
        _one(session, subject, ends)
    else:
        _many(session, ids.parse_code(site, "site") if site else None, ends)


def _ends(session: Session, as_of: list[str], known_at: list[str], more: list[str]) -> Ends:
    (known_at if known_at else as_of).extend(more)
    now = session.custody.clock()
    instants = [instant(session, typed, now) for typed in as_of]
    known = [known_instant(session, typed, now) for typed in known_at]
    if len(known) == 2 and len(instants) < 2:  # noqa: PLR2004 -- two ends
        ends = Ends("knowledge", (instants or [now])[0], *known)
    elif len(instants) == 2 and len(known) < 2:  # noqa: PLR2004
        ends = Ends("time", (known or [now])[0], *instants)
    else:
        msg = "two answers are compared: give two times to --known-at, or two to --as-of"
        raise BadInputError(msg)
    if ends.since > ends.until:
        msg = "the first time lies after the second: turn them round"
        raise BadInputError(msg)
    return ends


def _one(session: Session, typed: str, ends: Ends) -> None:
    from application.decisions.access import PROTECTED_FACETS
    from projections import changes

    stream = stream_of(session, typed)
    known = session.views.load([stream])[stream]
    if not known.events:
        msg = f"{stream} is not in this ledger"
        raise UnknownError(msg)
    compare = changes.learned if ends.by == "knowledge" else changes.happened
    found = compare(known, ends.fixed, ends.since, ends.until)
    found = [one for one in found if cell(one.before) != cell(one.after)]  # absent is absent
    if not readable(session, stream):
        found = [change for change in found if change.field not in PROTECTED_FACETS]
    title = f"{stream}  {_differ(len(found), 'fact')}"
    if session.out.mode == "json":
        document = {**_echo(session, ends), "changes": [field(session, c) for c in found]}
        session.out.document({"id": stream, **document})
        return
    if session.out.mode == "plain":
        _plain(session, title, ends, [(stream, found)])
        return
    _title(session, title, ends)
    print_changes(session, found)


def _many(session: Session, site: str | None, ends: Ends) -> None:
    from projections import changes

    if site is not None and not session.views.load([f"SITE-{site}"])[f"SITE-{site}"].events:
        msg = f"the site {site} is not in the directory"
        raise UnknownError(msg)
    compare = changes.learned_of_all if ends.by == "knowledge" else changes.happened_to_all
    connection, load = session.views.connection, session.views.load
    found = compare(connection, ends.fixed, ends.since, ends.until, load, site=site)
    subjects = _by_subject(
        one for one in found if one.facet == MAIN or readable(session, one.subject)
    )
    if session.out.mode == "json":
        rows = [
            {"id": subject, "changes": [field(session, c) for c in changed]}
            for subject, changed in subjects.items()
        ]
        session.out.document(
            {"site": site, **_echo(session, ends), "count": len(rows), "subjects": rows}
        )
        return
    title = f"{site or 'everybody'}  {_differ(len(subjects), 'subject')}"
    if session.out.mode == "plain":
        _plain(session, title, ends, [*subjects.items()])
        return
    _title(session, title, ends)
    for subject, changed in subjects.items():
        session.out.line(subject)
        print_changes(session, changed)


def _by_subject(found: Iterable[Any]) -> dict[str, list[Any]]:
    """Return the facts of each subject that differ, each named after its facet.

    The read model calls every facet's word `status`, and since when a weapon is in trust `since`.
    """
    subjects: dict[str, list[Any]] = {}
    for one in found:
        names = {"status": _facet(one.subject, one.facet), "since": "in_trust_since"}
        subjects.setdefault(one.subject, []).extend(
            change._replace(field=names.get(change.field, change.field)) for change in one.fields
        )
    return subjects


def _facet(subject: str, facet: int) -> str:
    """Return what a facet is called: custody, intent, pledge; of other kinds their status."""
    main = "custody" if ids.kind_of(subject) in {"person", "weapon"} else "status"
    return {MAIN: main, INTENT: "intent", PLEDGE: "pledge"}[facet]


def _differ(count: int, what: str) -> str:
    return f"1 {what} differs" if count == 1 else f"{count:,} {what}s differ"


def _plain(session: Session, title: str, ends: Ends, found: list[tuple[str, Any]]) -> None:
    if not session.quiet:
        session.out.say(f"{title}: {_spoken(session, ends)}")
    rows = [
        [
            subject,
            change.field,
            *machine(session, {change.field: change.before}).values(),
            *machine(session, {change.field: change.after}).values(),
            " ".join(str(step.event.originator_version) for step in change.steps),
        ]
        for subject, changes in found
        for change in changes
    ]
    session.out.table(["subject", "fact", "before", "after", "events"], rows)


def _echo(session: Session, ends: Ends) -> dict[str, Any]:
    """Return both clocks of both answers, each with the position of the log it was made from.

    `true_at` holds the two instants answered: nothing is known of what lies after a known one.
    """
    fixed, moving = ("as_of", "known_at") if ends.by == "knowledge" else ("known_at", "as_of")
    found = [echo(session.views, one).position for one in ends.answers]
    return {
        fixed: to_the_second(ends.fixed, session.zone),
        moving: [to_the_second(at, session.zone) for at in (ends.since, ends.until)],
        "true_at": [to_the_second(one.true_at, session.zone) for one in ends.answers],
        "position": found if ends.by == "knowledge" else found[0],
    }


def _title(session: Session, title: str, ends: Ends) -> None:
    session.out.line(title, bold=True)
    session.out.line(f"  {_spoken(session, ends)}")


def _spoken(session: Session, ends: Ends) -> str:
    said = _echo(session, ends)
    first, second = said["true_at"]
    if ends.by == "knowledge":
        known = [
            f"at {known} (position {number:,})"
            for known, number in zip(said["known_at"], said["position"], strict=True)
        ]
        true = said["as_of"] if first == second else f"{first} and at {second}"
        return f"true at {true} · as known {known[0]} and {known[1]}"
    return (
        f"true at {first} and at {second} · as known at {said['known_at']} "
        f"(position {said['position']:,})"
    )
