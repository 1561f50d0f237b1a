"""`amana status`: where somebody or something was, or who and what was at a place, in two clocks."""

from __future__ import annotations

from collections.abc import Mapping

import click

from application.answers import status as answers
from application.answers.last_change import Changes, of_place, of_subject
from application.answers.two_clocks import Clocks, knowledge
from commands import status_whereabouts, status_words
from commands.terminal.clock_options import clocks_of, present, with_clocks
from commands.terminal.session import Session
from commands.terminal.typed import stream_of
from domain import ids
from domain.errors import BadInputError


@click.command(
    epilog="Example: amana status W-000418-Y --as-of '12 Dec 2024 12:00' --known-at "
    "'15 Dec 2024 18:00'   ·   amana status --site CAMP-R1   ·   amana status"
)
@click.argument("subject", required=False, metavar="[ID]")
@click.option("--site", metavar="SITE", help="Who and what is at a site or depot.")
@click.option("--depot", metavar="SITE", help="The same as --site.")
@click.option("--crate", metavar="CRATE", help="What is packed in a crate.")
@click.option("--party", metavar="PARTY", help="What a party keeps, whom it received.")
@with_clocks
@click.option("--bounds", is_flag=True, help="What uncertain times leave open: certain, possible.")
@click.option("--why", is_flag=True, help="The events that make the answer, and those dropped.")
@click.pass_obj
def status(
    session: Session,
    /,
    subject: str | None,
    site: str | None,
    depot: str | None,
    crate: str | None,
    party: str | None,
    as_of: str | None,
    known_at: str | None,
    bounds: bool,
    why: bool,
) -> None:
    """Show where a subject stands; a site, a depot, a crate or a party; or counts over all sites.

    Now, or at any instant as the ledger knew it at any other. `irregular` names the events of the
    subject that were flagged when they were recorded, each with its rule, and are not closed; what
    later knowledge raised or cleared since is in `amana irregularity list`.
    """
    places = {"site": depot if site is None else site, "crate": crate, "party": party}
    asked = {name: value for name, value in places.items() if value is not None}
    if len(asked) + (subject is not None) > 1 or (site and depot):
        msg = "one question at a time: an id, --site, --depot, --crate or --party"
        raise BadInputError(msg)
    if why and subject is None and not asked:
        msg = "--why explains one answer: name a subject, a site, a crate or a party"
        raise BadInputError(msg)
    clocks = clocks_of(session, as_of, known_at, _changes(session, subject, asked))
    if subject is not None:
        found = _status(session, subject, clocks, why=why)
        command = _compare(session, found, as_of, known_at)
        write = status_words.document if session.out.mode == "json" else status_words.print_one
        write(session, found, command, bounds=bounds)
    elif asked:
        ((kind, typed),) = asked.items()
        status_whereabouts.of_one(session, kind, typed, clocks, bounds=bounds, why=why)
    else:
        status_whereabouts.counts(session, clocks, bounds=bounds)


def _changes(session: Session, subject: str | None, asked: Mapping[str, str]) -> Changes | None:
    """Return of what `--known-at -1c` counts the changes; None for the whole log."""
    if subject is not None:
        return of_subject(session.custody.streams, stream_of(session, subject))
    for kind, typed in asked.items():
        column = {"site": "site", "crate": "container", "party": "party"}[kind]
        return of_place(
            session.views, column, typed if kind == "crate" else ids.parse_code(typed, kind)
        )
    return None


def _status(session: Session, typed: str, clocks: Clocks, *, why: bool) -> answers.Status:
    stream = stream_of(session, typed)
    return answers.status(
        session.views,
        session.custody.streams,
        clocks,
        lambda: session.reader,
        stream,
        now=knowledge(session.views, present(session)),
        why=why,
    )


def _compare(
    session: Session, found: answers.Status, as_of: str | None, known_at: str | None
) -> str | None:
    """Return the command that shows what the ledger learned since; None when it is nothing.

    Args:
        session: this invocation. found: the answer.
        as_of, known_at: both clocks as they were typed, for they are typed again.
    """
    if not found.differs or known_at is None:
        return None
    instant = [] if as_of is None else ["--as-of", as_of]
    return session.command("diff", found.stream, *instant, "--known-at", known_at, "now")
