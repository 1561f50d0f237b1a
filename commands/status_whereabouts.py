"""`amana status` of a site, a crate, a party or all sites: who and what was where, in two clocks."""

from __future__ import annotations

from application.answers import whereabouts as answers
from application.answers.two_clocks import Clocks
from application.answers.whereabouts import Doubt, There, Whereabouts
from commands import why as why_of
from commands.terminal.clock_options import above_table, echoed, machine, shown
from commands.terminal.session import Session
from domain import ids

FITS_A_LINE = 8
COLUMNS = ("id", "custody", "site", "place", "crate", "party", "unchanged since")


def of_one(
    session: Session, kind: str, typed: str, clocks: Clocks, *, bounds: bool, why: bool
) -> None:
    """Answer who and what was at a site, in a crate or with a party."""
    asked = {"site": answers.site, "party": answers.party, "crate": answers.crate}[kind]
    key = typed if kind == "crate" else ids.parse_code(typed, kind)
    told = bounds and session.out.mode != "plain"  # a table of tabs holds rows of one shape only
    found = asked(session.views, session.custody.streams, clocks, key, bounds=told, why=why)
    if session.out.mode == "json":
        _document(session, found)
        return
    capacity = "" if found.capacity is None else f", capacity {found.capacity:,}"
    above_table(session, f"{found.key}  {_summary(found)}{capacity}", found.echo)
    if found.bounds is not None and session.out.mode == "text":
        session.out.line(_doubt(found.bounds, FITS_A_LINE))
    elif found.bounds is not None and not session.quiet:
        session.out.say(_doubt(found.bounds, len(found.bounds.doubtful)))
    session.out.table(
        COLUMNS if found.why is None else (*COLUMNS, *why_of.COLUMNS),
        [
            (
                *(o.id, o.custody, o.site, o.place, o.container, o.party),
                _since(session, o),
                *why_of.beside(session, found.why, o.id),
            )
            for o in found.there
        ],
    )


def _document(session: Session, found: Whereabouts) -> None:
    document = {found.column: found.key, **echoed(session, found.echo)}
    document |= {"capacity": found.capacity, "counts": [_number(one) for one in found.numbers]}
    document["there"] = [
        {**machine(session, _named(one)), **why_of.named(session, found.why, one.id)}
        for one in found.there
    ]
    if found.bounds is not None:
        document |= found.bounds._asdict()
    session.out.document(document)


def _number(one: tuple[str, str, int]) -> dict[str, str | int]:
    return dict(zip(("kind", "status", "number"), one, strict=True))


def _named(one: There) -> dict[str, str | int | None]:
    return {name: value for name, value in one._asdict().items() if name != "kind"}


def _summary(found: Whereabouts) -> str:
    said = [f"{count:,} {kind}s {custody}" for kind, custody, count in found.numbers]
    return ", ".join(said) or "empty"


def _since(session: Session, one: There) -> str:
    return shown(session, one.unchanged_since)


def _doubt(found: Doubt, most: int) -> str:
    some = ", ".join(found.doubtful[:most])
    said = f"  certain {found.certain:,}, at most {found.possible:,}"
    return f"{said}; doubtful: {some}" if some else said


def counts(session: Session, clocks: Clocks, *, bounds: bool) -> None:
    """Answer how many stood where, over all sites."""
    found = answers.counts(session.views, session.custody.streams, clocks, bounds=bounds)
    if session.out.mode == "json":
        rows = [one._asdict() for one in found.counts]
        session.out.document({**echoed(session, found.echo), "counts": rows})
        return
    above_table(session, "All sites", found.echo)
    numbers = ("certain", "at most") if bounds else ("count",)
    session.out.table(("what", "custody", "site", *numbers), found.counts)
