"""`amana transfer …`, `amana handover …`, `amana restitution …`: between parties, line by line."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from typing import Any

import click

from commands import transfer_sign
from commands.terminal.clock_options import (
    above_table,
    clocks_of,
    echoed,
    happened_at,
    machine,
    shown,
    with_clocks,
)
from commands.terminal.option_names import named, word_of
from commands.terminal.recording import HELP, Action, acknowledge, group, with_note
from commands.terminal.session import Session
from domain.errors import BadInputError
from domain.transfer import Kind, Purpose
from words.cells import cell
from words.events import dated, event_name

ROUTE = "--from-party PARTY-MOD --to-party PARTY-MOD --from-site CP-AQ --to-site DEPOT-M1"
STEPS = [
    Action("add", "add_line", "T-000009-8 --line W-000418-Y", "line"),
    Action(
        "remove", "remove_line", "T-000009-8 --line W-000418-Y --reason 'kept for court'", "line"
    ),
    Action("freeze", "freeze", "T-000009-8"),
    Action("release", "release", "T-000009-8 --by OFF-012"),
    Action("depart", "depart", "T-000009-8 --transport 'bus 12'"),
    Action("arrive", "arrive", "T-000009-8"),
    Action("record-unlisted", "record_unlisted", "T-000009-8 --subject W-000420-9", "subject"),
    Action("void", "void", "T-000009-8 --reason 'road closed'"),
    Action("close", "close_transfer", "T-000009-8"),
]
transfer = group(
    "transfer", "Transfers: plan, add, freeze, release, accept line by line, close.", "transfer",
    [Action("plan", "plan", f"--kind WEAPONS {ROUTE}"), *STEPS],
)  # fmt: skip
transfer_sign.add_to(transfer.commands["release"])


def _with_crates(add: click.Command) -> None:
    """Let `transfer add` take crates, too: every weapon of each is a line."""
    record = add.callback
    for param in add.params:
        if param.name == "line":
            param.required = False
    text = "A crate: every weapon in it is put on the list; one option for each."
    add.params.insert(
        2, click.Option(["--crate", "crates"], multiple=True, metavar="CRATE", help=text)
    )

    def added(crates: tuple[str, ...], **options: Any) -> Any:
        session = click.get_current_context().find_object(Session)
        line = options.get("line")
        if not crates and line in (None, ()):
            msg = "which lines? name them with --line, or a crate with --crate"
            raise BadInputError(msg)
        if crates and session is not None:
            given = {name: value for name, value in options.items() if name != "subjects"}
            given.pop("line")
            streams = session.streams(options["subjects"], "transfer")
            note = session.note(**given)
            custody = session.custody
            with custody.batch(whole=True):
                done = [
                    custody.add_crate(one, note, crate=crate) for one in streams for crate in crates
                ]
            if line in (None, ()):
                acknowledge(session, "add", done)
                return None
        return record(**options) if record else None

    add.callback = added


_with_crates(transfer.commands["add"])
handover = click.Group("handover", help="Handovers of persons: the same steps, for a return.")
for _row in STEPS:
    handover.add_command(transfer.commands[_row.name])
restitution = click.Group("restitution", help="Return of weapons to a recognised recipient.")


def _route(command: Any) -> Any:
    for name in ("to_site", "from_site", "to_party", "from_party"):
        command = click.option(
            f"--{name.replace('_', '-')}",
            required=True,
            help=HELP[name],
            metavar=name.partition("_")[2].upper(),
        )(command)
    return command


def _plan(session: Session, kind: Kind, purpose: Purpose, **options: Any) -> None:
    route = {
        name: session.stream(options.pop(name), name.split("_")[1]).removeprefix("SITE-")
        for name in ("from_party", "to_party", "from_site", "to_site")
    }
    note = session.note(**options)
    done = session.custody.plan(None, note, kind=kind, purpose=purpose, **route)
    acknowledge(session, "plan", [done])


@handover.command(
    "plan",
    epilog="Example: amana handover plan --from-party PARTY-JOC --to-party PARTY-SYR "
    "--from-site CAMP-R1 --to-site CP-AQ",
)
@_route
@with_note
@click.pass_obj
def plan_handover(session: Session, /, **options: object) -> None:
    """Plan the return of persons over a crossing."""
    _plan(session, "PERSONS", "RETURN", **options)


@restitution.command(
    "plan",
    epilog="Example: amana restitution plan --from-party PARTY-MOD --to-party PARTY-SYR "
    "--from-site DEPOT-M1 --to-site CP-AQ",
)
@_route
@with_note
@click.pass_obj
def plan_restitution(session: Session, /, **options: object) -> None:
    """Plan the return of authorised weapons to their recipient."""
    _plan(session, "ITEMS", "RESTITUTION", **options)


@restitution.command(
    "authorise",
    epilog="Example: amana restitution authorise W-000418-Y --receiving-party PARTY-SYR "
    "--basis 'agreement 2' --authority 'cabinet 77'",
)
@click.argument("subjects", nargs=-1, required=True, metavar="WEAPON...")
@named(
    "--receiving-party",
    "recipient",
    required=True,
    metavar="PARTY",
    help="The recognised recipient.",
)
@click.option("--basis", required=True, metavar="TEXT", help=HELP["basis"])
@with_note
@click.pass_obj
def authorise(
    session: Session, /, subjects: tuple[str, ...], recipient: str, basis: str, **options: object
) -> None:
    """Propose that weapons be returned; a second official approves."""
    weapons = session.streams(subjects, "weapon")
    party = session.stream(recipient, "party")
    note = session.note(**options)
    custody = session.custody
    with custody.batch(whole=True):
        done = [
            custody.authorise_restitution(one, note, recipient=party, basis=basis)
            for one in weapons
        ]
    acknowledge(session, "authorise restitution: proposed", done)


@click.command(
    "accept",
    epilog="Example: amana transfer accept T-000009-8 --receiving-party PARTY-MOD "
    "--except W-000420-9=MISSING --by OFF-031",
)
@click.argument("number", metavar="TRANSFER")
@named(
    "--receiving-party",
    "party",
    required=True,
    metavar="PARTY",
    help="The accepting party, or UNIDENTIFIED.",
)
@click.option("--official", metavar="OFFICIAL", help="Who signs; by default the one who acts.")
@click.option("--line", "lines", multiple=True, metavar="SUBJECT", help="Accept only these lines.")
@click.option(
    "--except",
    "excepted",
    multiple=True,
    metavar="LINE=REASON",
    help="A line that is refused, with the reason, or MISSING.",
)
@click.option(
    "--sealed",
    multiple=True,
    metavar="CRATE[=SEAL]",
    help="Accept a crate by its seal, unopened: a count of it is owed. Give the seal you read.",
)
@click.option("--place", default="", metavar="PLACE", help=HELP["place"])
@click.option("--signature", default="", metavar="TEXT", help=HELP["signature"])
@transfer_sign.option
@with_note
@click.pass_obj
def accept(
    session: Session,
    /,
    number: str,
    party: str,
    official: str | None,
    lines: tuple[str, ...],
    excepted: tuple[str, ...],
    sealed: tuple[str, ...],
    place: str,
    signature: str,
    sign_with: str | None,
    **options: object,
) -> None:
    """Sign for what came, line by line: custody moves here."""
    signed: dict[str, Any] = {"signature": signature}
    if sign_with is not None:
        signed = transfer_sign.acceptance(session, number, official, sign_with)
    done = session.custody.accept(
        session.stream(number, "transfer"),
        session.note(**options),
        party=session.stream(party, "party"),
        official=session.stream(official, "official") if official else None,
        lines=tuple(session.streams(lines, "subject")),
        exceptions=dict(_exception(session, word) for word in excepted),
        place=place,
        sealed=dict(_crate_sealed(word) for word in sealed),
        **signed,
    )
    acknowledge(session, "accept", [done])


def _crate_sealed(word: str) -> tuple[str, str]:
    crate, _, seal = word.partition("=")
    return crate.strip(), seal.strip()


def _exception(session: Session, word: str) -> tuple[str, str]:
    line, _, reason = word.partition("=")
    if not reason:
        msg = f"'{word}' gives no reason: write LINE=REASON or LINE=MISSING"
        raise BadInputError(msg)
    return session.stream(line, "subject"), reason


for _group in (transfer, handover):
    _group.add_command(accept)


@click.command("show", epilog="Example: amana transfer show T-000009-8")
@click.argument("number", metavar="TRANSFER")
@with_clocks
@click.pass_obj
def show(session: Session, /, number: str, as_of: str | None, known_at: str | None) -> None:
    """Show a transfer line by line: released against accepted, by whom, for whom."""
    from application.answers.transfers import transfer as one

    stream = session.stream(number, "transfer")
    clocks = clocks_of(session, as_of, known_at)
    found = one(session.views, session.custody.streams, clocks, session.reader, stream)
    known = found.transfer
    if session.out.mode == "json":
        broken = [{"event": i.event, "rule": i.rule, "what": i.what} for i in found.irregular]
        facts = machine(session, {**known._asdict(), "unresolved": known.unresolved})
        facts["irregular"] = broken
        facts["outcomes"] = [
            {"line": line.subject, "outcome": line.outcome, **dated(line.event, session.zone)}
            for line in found.lines
        ]
        session.out.document({**facts, **echoed(session, found.echo)})
        return
    title = f"{stream}  {known.status}  {known.purpose} of {word_of(known.kind)}"
    above_table(session, title, found.echo)
    facts = {
        "from": f"{known.from_party} at {known.from_site}",
        "to": f"{known.to_party} at {known.to_site}",
        "authority": known.authority,
        "frozen": known.frozen_count,
        "digest": known.digest,
        "transport": known.transport,
        "released by": known.released_by,
        "released": shown(session, known.released_at) if known.released_at else "",
        "accepted by": known.accepted_by,
        "accepted for": known.accepted_party,
        "accepted count": known.accepted_count,
        "arrived unlisted": known.unlisted,
        "unresolved": known.unresolved,
        "irregular": [f"{i.event} {i.what}: rule {i.rule}" for i in found.irregular],
        "waits for approval": [f"{stream}:{version}" for version in known.pending],
        "since": shown(session, known.since),
    }
    if session.out.mode == "text":
        session.out.facts(facts)
    elif not session.quiet:  # a table of tabs holds rows of one shape only
        for name, value in facts.items():
            if told := cell(value):
                session.out.say(f"{name}: {told}")
    session.out.table(
        ["line", "outcome", "since", "recorded", "event", "by", "reason"],
        [
            [
                *(line.subject, line.outcome, happened_at(session, line.event)),
                shown(session, line.event.recorded_at),
                f"{line.event.version} {event_name(line.event.topic)}",
                *(line.event.by, line.event.reason),
            ]
            for line in found.lines
        ],
    )


for _group in (transfer, handover):
    _group.add_command(show)
