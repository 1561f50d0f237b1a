"""`amana diff`: what changed between two answers, made by which event, recorded by whom and why."""

from __future__ import annotations

from typing import Any

import click

from application.answers import diff as answers
from application.answers.diff import Changed, Diff, Ends
from application.answers.last_change import of_subject
from application.answers.two_clocks import knowledge
from commands import diff_since
from commands.diff_words import both, event_said, field, print_changes
from commands.terminal.clock_options import instant, known_instant, present
from commands.terminal.session import Session
from commands.terminal.typed import stream_of
from domain import ids
from domain.errors import BadInputError
from words.facts import label
from words.instants import to_the_second


@click.command(
    epilog="Example: amana diff P-000873-X --as-of '12 Dec 2024 12:00' --known-at "
    "'15 Dec 2024 18:00' now   ·   amana diff --site CAMP-R1 --as-of '12 Dec 2024 12:00' "
    "--as-of now   ·   amana diff --since last"
)
@click.argument("words_", nargs=-1, metavar="[ID] [TIME]")
@click.option("--site", metavar="SITE", help="Everybody and everything at a site.")
@click.option("--everybody", is_flag=True, help="All persons and weapons.")
@click.option(
    "--as-of", multiple=True, metavar="TIME", help="The instant asked about; twice to compare two."
)
@click.option(
    "--known-at",
    multiple=True,
    metavar="TIME|@POSITION",
    help="As the ledger knew it then; twice to compare two.",
)
@click.option(
    "--since",
    metavar="last|TIME|@POSITION",
    help="Everything recorded since you asked so last, or since then, and what it changed now.",
)
@click.pass_obj
def diff(
    session: Session,
    /,
    words_: tuple[str, ...],
    site: str | None,
    everybody: bool,
    as_of: tuple[str, ...],
    known_at: tuple[str, ...],
    since: str | None,
) -> None:
    """Show what changed between two answers: which event, who recorded it, and why.

    Two knowledge times compare what was known of one instant; two instants compare what was true. A
    second time may follow the first: `--known-at A B`. With `--since last` it shows what was recorded
    since this official asked so last, on this machine, and remembers that they did.
    """
    if since is not None:
        if words_ or site or everybody or as_of or known_at:
            msg = "--since is about the whole ledger, then and now: leave the rest out"
            raise BadInputError(msg)
        diff_since.since(session, since)
        return
    named = list(words_)
    subject = None if site or everybody else (named.pop(0) if named else None)
    if subject is None and not site and not everybody:
        msg = "say what to compare: an id, --site SITE or --everybody"
        raise BadInputError(msg)
    stream = stream_of(session, subject) if subject else None
    ends = _ends(session, [*as_of], [*known_at], named, stream)
    if stream:
        _one(session, stream, ends)
    else:
        _many(session, ids.parse_code(site, "site") if site else None, ends)


def _ends(
    session: Session, as_of: list[str], known_at: list[str], more: list[str], subject: str | None
) -> Ends:
    (known_at if known_at else as_of).extend(more)
    now = present(session)
    about = None if subject is None else of_subject(session.custody.streams, subject)
    instants = [instant(session, typed, now) for typed in as_of]
    known = [known_instant(session, typed, now, about) for typed in known_at]
    if len(known) == 2 and len(instants) < 2:  # noqa: PLR2004 -- two ends
        ends = Ends("knowledge", (instants or [now])[0], *known)
    elif len(instants) == 2 and len(known) < 2:  # noqa: PLR2004
        ends = Ends("time", (known or [knowledge(session.views, now)])[0], *instants)
    else:
        msg = "two answers are compared: give two times to --known-at, or two to --as-of"
        raise BadInputError(msg)
    if ends.since > ends.until:
        msg = "the first time lies after the second: swap them"
        raise BadInputError(msg)
    return ends


def _one(session: Session, stream: str, ends: Ends) -> None:
    views, streams = session.views, session.custody.streams
    found = answers.subject(views, streams, ends, lambda: session.reader, stream)
    (changed,) = found.subjects
    if session.out.mode == "json":
        session.out.document(
            {"id": stream, **_echoed(session, found), "changes": _changes(session, changed)}
        )
        return
    _title(session, f"{stream}  {_differ(len(changed.facts), 'fact')}", found)
    if session.out.mode == "plain":
        _plain(session, found)
    else:
        print_changes(session, changed.facts)


def _many(session: Session, site: str | None, ends: Ends) -> None:
    views, streams = session.views, session.custody.streams
    found = answers.everybody(views, streams, ends, lambda: session.reader, site=site)
    if session.out.mode == "json":
        rows = [{"id": one.stream, "changes": _changes(session, one)} for one in found.subjects]
        session.out.document(
            {"site": site, **_echoed(session, found), "count": len(rows), "subjects": rows}
        )
        return
    _title(session, f"{site or 'everybody'}  {_differ(len(found.subjects), 'subject')}", found)
    if session.out.mode == "plain":
        _plain(session, found)
        return
    for one in found.subjects:
        session.out.line(one.stream)
        print_changes(session, one.facts)


def _changes(session: Session, changed: Changed) -> list[dict[str, object]]:
    return [field(session, fact) for fact in changed.facts]


def _differ(count: int, what: str) -> str:
    return f"1 {what} differs" if count == 1 else f"{count:,} {what}s differ"


def _plain(session: Session, found: Diff) -> None:
    rows = [
        [
            subject.stream,
            label(change.fact),
            *("" if value == "none" else value for value in both(session, change)),
            " ".join(str(step.event.version) for step in change.steps),
            "; ".join(event_said(session, step.event) for step in change.steps),
        ]
        for subject in found.subjects
        for change in subject.facts
    ]
    session.out.table(["subject", "fact", "before", "after", "events", "how"], rows)


# ── both clocks of both answers ─────────────────────────────────────────────


def _echoed(session: Session, found: Diff) -> dict[str, Any]:
    """Return both clocks of both answers, each with the position of the log it was made from.

    `true_at` holds the two instants answered: nothing is known of what lies after a known one.
    """
    ends, positions = found.ends, [one.position for one in found.echoes]
    fixed, moving = ("as_of", "known_at") if ends.by == "knowledge" else ("known_at", "as_of")
    return {
        fixed: to_the_second(ends.fixed, session.zone),
        moving: [to_the_second(at, session.zone) for at in (ends.since, ends.until)],
        "true_at": [to_the_second(one.true_at, session.zone) for one in found.echoes],
        "position": positions if ends.by == "knowledge" else positions[0],
    }


def _title(session: Session, title: str, found: Diff) -> None:
    """Write what is compared, and both clocks: on stderr beside `--plain` lines."""
    if session.out.mode == "text":
        session.out.line(title, bold=True)
        session.out.line(f"  {_spoken(session, found)}")
    elif not session.quiet:
        session.out.say(f"{title}: {_spoken(session, found)}")


def _spoken(session: Session, found: Diff) -> str:
    said = _echoed(session, found)
    first, second = said["true_at"]
    if found.ends.by == "knowledge":
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
