"""`amana report ever`: who and what was at a site, in a crate, with a party at any instant of a span."""

from __future__ import annotations

from typing import get_args

import click

from application.answers.ever import Asked, Ever, Kind, Stay, Whose
from application.answers.ever import ever as ever_there
from application.answers.last_change import Changes, of_place
from commands.terminal.clock_options import happened_at, instant, knowledge_of, present
from commands.terminal.option_names import named
from commands.terminal.session import Session
from domain import ids, times
from domain.errors import BadInputError
from words.events import dated, event_name
from words.instants import echoed, spoken_between, to_the_second

COLUMNS = ("id", "from", "until", "brought by", "taken away by")
WORDS = {
    "official": "answered for by {}",
    "party": "with {}",
    "crate": "in crate {}",
    "site": "at {}",
}


@click.command(
    "ever",
    epilog="Example: amana report ever --site CAMP-R1 --from '9 Dec 2024 12:00' --until "
    "'11 Dec 2024 18:00'   ·   amana report ever --crate C-020",
)
@click.option("--site", metavar="SITE", help="At a site or depot.")
@click.option("--place", default="", metavar="PLACE", help="Only at this place of it, or below.")
@click.option("--crate", metavar="CRATE", help="In a crate.")
@click.option("--party", metavar="PARTY", help="With a party.")
@click.option("--official", metavar="OFFICIAL", help="Weapons an official was accountable for.")
@click.option(
    "--from", "first", metavar="TIME", help="Not gone by then; the first event if left out."
)
@named("--until", "last", metavar="TIME", help="There by then; the known instant if left out.")
@click.option("--kind", type=click.Choice(get_args(Kind)), help="Only persons, or only weapons.")
@click.option("--known-at", metavar="TIME|@POSITION|-1c", help="As the ledger knew it then.")
@click.pass_obj
def ever(
    session: Session,
    /,
    site: str | None,
    place: str,
    crate: str | None,
    party: str | None,
    official: str | None,
    first: str | None,
    last: str | None,
    kind: Kind | None,
    known_at: str | None,
) -> None:
    """List who and what was ever somewhere between two instants, and what brought and took them.

    A day as --from begins with it, a day as --until is included. Who came back has a row for each
    stay. There are persons from admission to their end and weapons from their holder's hand on; who is
    on the way still stands where they left from. With a party is also who was handed over to it; an
    official answers for missing weapons, too.
    """
    places: dict[Whose, str | None] = {
        "site": site,
        "crate": crate,
        "party": party,
        "official": official,
    }
    given = [(whose, typed) for whose, typed in places.items() if typed is not None]
    if len(given) != 1 or (place and site is None):
        msg = "where? name one of --site (with --place if you like), --crate, --party or --official"
        raise BadInputError(msg)
    ((whose, typed),) = given
    key = typed.strip() if whose == "crate" else ids.parse_code(typed, whose)
    known = knowledge_of(session, known_at, _changes(session, whose, key))
    since = -times.INF if first is None else _bound(session, first, "--from")
    until = known.known_at if last is None else _bound(session, last, "--until")
    if since > until:
        msg = "--from lies after --until: turn them round"
        raise BadInputError(msg)
    asked = Asked(whose, key, since, until, place.strip(), kind)
    _write(session, ever_there(session.views, session.custody.streams, known, asked))


def _changes(session: Session, whose: Whose, key: str) -> Changes | None:
    if whose == "official":
        return None
    return of_place(session.views, "container" if whose == "crate" else whose, key)


def _bound(session: Session, typed: str, option: str) -> int:
    """Read an end of the span: an instant; or a day, which is in the span from its first to its last."""
    when = session.when(typed) if typed.strip() else None
    if when is not None and when.precision == "DAY" and when.until is not None:
        return when.at if option == "--from" else when.until - 1
    at = instant(session, typed, present(session), option)
    return at // times.SECOND * times.SECOND if option == "--from" and "." not in typed else at


def _write(session: Session, found: Ever) -> None:
    if session.out.mode == "json":
        session.out.document(_document(session, found))
        return
    asked = found.asked
    since = None if asked.since == -times.INF else asked.since
    where = WORDS[asked.whose].format(asked.key + (f", {asked.place}" if asked.place else ""))
    numbers = [
        f"{found.number(k):,} {k}{'s' * (found.number(k) != 1)}"
        for k in get_args(Kind)
        if found.number(k)
    ]
    title = f"ever {where}  {', '.join(numbers) or 'nobody and nothing'}"
    if len(found.stays) > len({one.id for one in found.stays}):
        title += f", in {len(found.stays):,} stays"
    clocks = spoken_between(since, found.echo, session.zone)
    if session.out.mode == "text":
        session.out.line(title, bold=True)
        session.out.line(f"  {clocks}")
    elif not session.quiet:
        session.out.say(f"{title}: {clocks}")
    session.out.table(COLUMNS, [_row(session, one) for one in found.stays], empty="")


def _row(session: Session, one: Stay) -> list[str]:
    came, left = one.came, one.left
    return [
        one.id,
        happened_at(session, came),
        "" if left is None else happened_at(session, left),
        f"{came.version} {event_name(came.topic)}, {came.by}",
        "" if left is None else f"{left.version} {event_name(left.topic)}, {left.by}",
    ]


def _document(session: Session, found: Ever) -> dict[str, object]:
    asked, zone = found.asked, session.zone
    return {
        asked.whose: asked.key,
        "place": asked.place or None,
        "kind": asked.kind,
        "from": None if asked.since == -times.INF else times.iso(asked.since, zone),
        "until": to_the_second(asked.until, zone),
        **{n: v for n, v in echoed(found.echo, zone).items() if n in {"known_at", "position"}},
        "persons": found.number("person"),
        "weapons": found.number("weapon"),
        "count": len(found.stays),
        "stays": [
            {
                "id": one.id,
                "from": times.iso(one.came.occurred_at, zone),
                "until": None if one.left is None else times.iso(one.left.occurred_at, zone),
                "brought_by": dated(one.came, zone),
                "taken_away_by": None if one.left is None else dated(one.left, zone),
            }
            for one in found.stays
        ],
    }
