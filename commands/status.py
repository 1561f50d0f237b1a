"""`amana status`: where somebody or something was, or who and what was at a place, in two clocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import click

from commands.clocks import Clocks, clocks_of, echoed, heading, shown, with_clocks
from commands.session import Session
from domain import ids, times
from domain.errors import BadInputError, UnknownError

HIDDEN = frozenset({"id", "irregular", "pending", "identity_fields", "since", "in_trust_since"})
FITS_A_LINE = 8
TOTALS = ("expected", "found", "missing", "unexpected")
FIRST = ("custody", "keeper", "party", "site", "place", "container", "seal")
"""What is asked first stands first."""
LABELS = {"keeper": "accountable", "party": "kept by"}


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
    session: Session, /, subject: str | None, site: str | None, depot: str | None,
    crate: str | None, party: str | None, as_of: str | None, known_at: str | None,
    bounds: bool, why: bool,
) -> None:  # fmt: skip
    """Show where a subject stands; a site, a depot, a crate or a party; or counts over all sites.

    Now, or at any instant as the ledger knew it at any other.
    """
    places = {"site": depot if site is None else site, "container": crate, "party": party}
    asked = {name: value for name, value in places.items() if value is not None}
    if len(asked) + (subject is not None) > 1 or (site and depot):
        msg = "one question at a time: an id, --site, --depot, --crate or --party"
        raise BadInputError(msg)
    if why and not subject:
        msg = "--why explains one subject: name it"
        raise BadInputError(msg)
    clocks = clocks_of(session, as_of, known_at)
    if subject is not None:
        _one(session, subject, clocks, bounds=bounds, why=why)
    elif asked:
        ((column, key),) = asked.items()
        _place(session, column, key, clocks, bounds=bounds)
    else:
        _counts(session, clocks, bounds=bounds)


def stream_of(session: Session, typed: str) -> str:
    """Read the name of any stream: a control number, or a directory code with its prefix."""
    prefix = typed.strip().partition("-")[0].upper()
    return session.stream(typed, ids.DIRECTORY.get(prefix, "subject"))


def readable(session: Session, stream: str) -> bool:
    """Return whether the official who asks may read a person's intent, pledges and family."""
    from application.access import may_read_protected

    if not stream.startswith("P-"):
        return True
    named = session.settings["by"].value
    official = ids.parse_code(named, "official") if named else None
    return may_read_protected(session.custody, official)


# ── one subject ─────────────────────────────────────────────────────────────


def _one(session: Session, typed: str, clocks: Clocks, *, bounds: bool, why: bool) -> None:
    from application.access import withheld
    from projections import belief, changes

    stream = stream_of(session, typed)
    known = session.views.load([stream])[stream]
    if not known.events:
        msg = f"{stream} is not in this ledger"
        raise UnknownError(msg)
    state = belief.belief(known, clocks.true_at, clocks.known_at)
    if state is None:
        msg = f"{stream}: nothing was recorded about that instant by then"
        raise UnknownError(msg)
    hide = (lambda facts: facts) if readable(session, stream) else withheld
    facts = hide(state._asdict())
    version = len(belief.recorded(known, clocks.known_at))
    now = session.custody.clock()
    differs = changes.learned(known, clocks.as_of, clocks.known_at, now)
    document = {"kind": ids.kind_of(stream), "version": version, **echoed(session, clocks), **facts}
    others = belief.possible(known, clocks.true_at, clocks.known_at)[1:] if bounds else []
    if bounds:
        document["certain"] = not others
        document["possible"] = [hide(o._asdict()) if o else None for o in others]
    document["learned_since"] = [change.field for change in differs]
    if why:
        document["why"] = _why(session, belief.explain(known, clocks.true_at, clocks.known_at))
    if session.out.mode == "json":
        session.out.document(document)
        return
    _print_one(session, stream, facts, clocks)
    if bounds:
        _print_bounds(session, facts, [hide(o._asdict()) if o else {} for o in others])
    if why:
        _print_why(session, document["why"])
    if differs:
        fields = ", ".join(change.field.replace("_", " ") for change in differs)
        session.out.line(f"  since then the ledger learned otherwise about: {fields}")
        session.out.line(f"  see: {_diff(session, stream, clocks)}")


def _diff(session: Session, stream: str, clocks: Clocks) -> str:
    """Return the command that says what the ledger has learned since."""
    as_of = f"{times.moment(clocks.as_of, session.zone):%Y-%m-%d %H:%M:%S}"
    position = echoed(session, clocks)["position"]
    return f"amana diff {stream} --as-of '{as_of}' --known-at @{position} now"


def _print_one(session: Session, stream: str, facts: dict[str, Any], clocks: Clocks) -> None:
    word = facts.get("custody") or facts.get("status") or ""
    heading(session, f"{stream}  {word}".rstrip(), clocks)
    first = {n: facts[n] for n in FIRST if n in facts}
    named = {LABELS.get(n, n.replace("_", " ")): _fact(session, n, v)
             for n, v in {**first, **facts}.items()
             if n not in HIDDEN}  # fmt: skip
    named["since"] = shown(session, facts["since"])
    if facts.get("in_trust_since"):
        named["in trust since"] = shown(session, facts["in_trust_since"])
    named["irregular"] = ", ".join(f"event {v}: rule {n}" for v, n in facts["irregular"])
    named["waits for approval"] = ", ".join(f"{stream}:{v}" for v in facts["pending"])
    session.out.facts(named)


def _fact(session: Session, name: str, value: Any) -> Any:
    """Return a fact as it fits a line: instants in the zone, long lists and maps as counts."""
    if isinstance(value, int) and name.endswith("_at"):
        return shown(session, value)
    if name == "roles":
        return [
            r if end is None else f"{r} until {shown(session, end)}" for r, end in value.items()
        ]
    if name == "totals":
        return [f"{count:,} {what}" for count, what in zip(value, TOTALS, strict=False)]
    if isinstance(value, Mapping) and len(value) > FITS_A_LINE:
        found = Counter(str(status) for status in value.values())
        if len(found) <= FITS_A_LINE:
            return ", ".join(f"{count} {status}" for status, count in sorted(found.items()))
        value = sorted(value)
    if isinstance(value, list | tuple) and len(value) > FITS_A_LINE:
        return f"{len(value)}, first {value[0]}"
    return value


def _print_bounds(session: Session, facts: dict[str, Any], others: list[dict[str, Any]]) -> None:
    if not others:
        session.out.line("  certain: no uncertain event spans this instant")
    for other in others:
        differing = {
            name.replace("_", " "): value
            for name, value in other.items()
            if name not in HIDDEN and value != facts.get(name)
        }
        said = ", ".join(f"{n} {v or 'none'}" for n, v in differing.items()) or "no record"
        session.out.line(f"  possible instead: {said}")


def _why(session: Session, explained: Any) -> dict[str, list[dict[str, Any]]]:
    from commands.history import words

    def event(e: Any) -> dict[str, Any]:
        return {
            "version": e.originator_version, "what": words(e.TOPIC), "by": e.recorded_by,
            "occurred_at": times.iso(e.occurred_at, session.zone),
            "recorded_at": times.iso(e.recorded_at, session.zone), "reason": e.reason,
        }  # fmt: skip

    return {
        "folded": [event(e) for e in explained.folded],
        "dropped": [
            {**event(d.event), "dropped_by": d.by.originator_version, "why": d.by.reason}
            for d in explained.dropped
        ],
        "later": [event(e) for e in explained.later],
    }


def _print_why(session: Session, why: dict[str, list[dict[str, Any]]]) -> None:
    titles = {
        "folded": "made by, in this order", "dropped": "no longer counted",
        "later": "counted, but after this instant",
    }  # fmt: skip
    for name, title in titles.items():
        if why[name]:
            session.out.line(f"  {title}:")
        for e in why[name]:
            by = (
                f"  no longer counts, see {e['dropped_by']}: {e['why']}"
                if name == "dropped"
                else ""
            )
            session.out.line(
                f"    {e['version']:>3}  {e['occurred_at']}  {e['what']}, recorded "
                f"{e['recorded_at']} by {e['by']}{by}"
            )


# ── a place, a crate, a party ───────────────────────────────────────────────


def _place(session: Session, column: Any, typed: str, clocks: Clocks, *, bounds: bool) -> None:
    from projections import population

    key = typed if column == "container" else ids.parse_code(typed, column)
    _must_exist(session, column, key)
    connection = session.views.connection
    there = population.at(connection, column, key, clocks.true_at, clocks.known_at)
    document: dict[str, Any] = {column: key, **echoed(session, clocks)}
    document["there"] = [_row(one) for one in there]
    if bounds:
        found = population.bounds(
            connection, column, key, clocks.true_at, clocks.known_at, session.views.load
        )
        document["certain"] = len(found.certain)
        document["possible"] = len(found.certain) + len(found.possible)
        document["doubtful"] = [one.subject for one in found.possible]
    if session.out.mode == "json":
        session.out.document(document)
        return
    if session.out.mode == "text":
        heading(session, f"{key}  {_summary(there)}{_capacity(session, column, key)}", clocks)
        if bounds:
            doubt = ", ".join(document["doubtful"][:FITS_A_LINE])
            session.out.line(
                f"  certain {document['certain']:,}, at most {document['possible']:,}"
                + (f"; doubtful: {doubt}" if doubt else "")
            )
    columns = ("id", "custody", "site", "place", "container", "since")
    session.out.table(
        columns,
        [[*(_row(o)[c] for c in columns[:-1]), shown(session, o.valid_from)] for o in there],
    )


def _row(one: Any) -> dict[str, Any]:
    return {
        "id": one.subject, "custody": one.status, "site": one.site, "place": one.place,
        "container": one.container, "party": one.party, "since": one.valid_from,
    }  # fmt: skip


def _must_exist(session: Session, column: str, key: str) -> None:
    if column == "container":
        return
    stream = ids.stream_of(key, column)
    if key != "UNIDENTIFIED" and not session.views.load([stream])[stream].events:
        msg = f"the {column} {key} is not in the directory"
        raise UnknownError(msg)


def _capacity(session: Session, column: str, key: str) -> str:
    if column != "site":
        return ""
    capacity = session.views.load([f"SITE-{key}"])[f"SITE-{key}"].state.capacity
    return "" if capacity is None else f", capacity {capacity:,}"


def _summary(there: Iterable[Any]) -> str:
    found = Counter(f"{one.kind}s {one.status}" for one in there)
    return ", ".join(f"{count:,} {key}" for key, count in sorted(found.items())) or "empty"


def _counts(session: Session, clocks: Clocks, *, bounds: bool) -> None:
    from projections import population

    connection = session.views.connection
    found: list[Any] = (
        population.count_bounds(connection, clocks.true_at, clocks.known_at, session.views.load)
        if bounds
        else population.counts(connection, clocks.true_at, clocks.known_at)
    )
    if session.out.mode == "json":
        rows = [one._asdict() for one in found]
        session.out.document({**echoed(session, clocks), "counts": rows})
        return
    if session.out.mode == "text":
        heading(session, "All sites", clocks)
    columns = ("what", "custody", "site", "certain", "at most") if bounds else (
        "what", "custody", "site", "count"
    )  # fmt: skip
    session.out.table(columns, found)
