"""One command of the terminal for one command of the house: options follow from the event's fields.

A group is a table of rows (name, verb, example). For each row the facts are read from the event class
behind the verb, or from the function of a command that records several events: a text becomes an
option, a closed list a choice, a reference is read as a control number or code. Every recording
command has the same further options: when, on which authority, with what evidence. `HELP` says once
what each fact means to a clerk.
"""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import functools
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import click

from application.decisions.custody import Custody
from application.decisions.note import Recorded
from application.decisions.verb import Command, Verb
from commands.terminal.option_names import Listed, Named, flag_of
from commands.terminal.session import Session
from domain import ids, times
from domain.errors import BadInputError, CustodyError
from domain.event import ENVELOPE, Event, Ref, reference

HELP = {
    "accessories": "What came with it: magazine, sling, case.",
    "as_described": "What was said there is, in the words used.",
    "authorised": "Whether it was allowed to break the seal.",
    "basis": "On which basis: the document or statement it rests on.",
    "beneficiary": "For whom it is held, as the receipt says.",
    "by_whom": "Who says so: an office or a party, never a person's name.",
    "calibre": "The calibre, as in 7.62×39.",
    "capacity": "How many persons the site has places for.",
    "category": "Which category.",
    "certificate": "The death certificate's number.",
    "condition": "The condition it is in.",
    "container": "The crate's label.",
    "counted_with": "The liaison who counted along: the second signature.",
    "country": "Where it was made, as a country code.",
    "crossing": "For a crossing: the site on the other side.",
    "damage": "What is damaged, in a few words.",
    "destination": "Where to: relatives, an address kept elsewhere, a country.",
    "document": "The document's reference.",
    "giver": "The party that gives or was asked for the assurance.",
    "group": "Those who came together: a group's label.",
    "hold": "Why it may not be returned or destroyed for now.",
    "intent": "What the person wants.",
    "interviewer": "The official who asked.",
    "items": "How many pieces.",
    "kind": "Which kind.",
    "liaison": "The liaison of the person's own side.",
    "line": "The person or weapon.",
    "made_safe": "Whether it was unloaded and checked at once.",
    "make": "Who made it.",
    "marks": "A mark on it; give one option for each.",
    "method": "How: melting, cutting, crushing.",
    "model": "The model, as in AKM.",
    "name": "The name.",
    "name_ar": "The name in Arabic.",
    "official": "The official; by default the one who acts.",
    "operator": "The party that runs the site.",
    "other": "The other person.",
    "outcome": "What was found: distinct weapons, the same one, or not known.",
    "owner": "Whose it is said to be.",
    "party": "The party.",
    "person": "The person who handed it in; or give --unit.",
    "place": "Where at the site: tent and bed, rack and slot.",
    "pledgor": "Who pledges: the person, the family, an authority.",
    "post": "The official's post, in a few words.",
    "private": "Asked without others in the room.",
    "provisional_receipt": "The number of the receipt given on the spot.",
    "public_key": "Ed25519 public key, base64.",
    "purpose": "What for: another place of ours, a person's return, a weapon's.",
    "receipt": "The receipt's number.",
    "receiver": "The official who took it over.",
    "receiving_party": "The party that receives the person.",
    "role": "The role; see `amana help roles`.",
    "roles": "A role; give one option for each. See `amana help roles`.",
    "score": "How alike the two are, 0 to 100.",
    "seal": "The seal's number.",
    "security": "A security body: its members never read intent, pledges or family.",
    "serial": "The serial as read.",
    "serial_raw": "The serial as written, before reading.",
    "serial_status": "How well the serial could be read.",
    "signature": "Ed25519 signature over the manifest digest, base64.",
    "site": "The site's code.",
    "status": "How far the assurance is.",
    "stock_take": "The count that showed it.",
    "subject": "The person or weapon that was not on the list.",
    "survivor": "The record that counts from here on.",
    "terms": "What the trustee may and may not do, as the receipt says.",
    "from_party": "The party that releases.",
    "to_party": "The party that accepts.",
    "from_site": "The site it leaves from.",
    "to_site": "The site it goes to.",
    "transfer": "The transfer.",
    "transport": "What carries it: bus 12, truck 3.",
    "trustee": "The party that holds it in trust.",
    "unit": "The unit that handed it in; or give --person.",
    "valid_until": "Until when; for good unless given. See `amana help times`.",
    "why": "Why the event does not count.",
    "witness": "The official who stood by.",
    "witnesses": "An official who stood by; give one option for each.",
    "year": "The year it was made.",
}
LARGEST = 2**53
"""The largest whole number an event holds: beyond it, JSON readers disagree."""


class Whole(click.ParamType[int]):
    """A whole number that an event can hold."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number typed."""
        try:
            number = int(value)
        except ValueError:
            number = LARGEST + 1
        if abs(number) > LARGEST:
            self.fail(f"{value!r} is not a whole number", param, ctx)
        return number


WHOLE = Whole()
SERIAL_ELSEWHERE = 23
"""The rule that flags a serial seen before."""
TIMES = frozenset({"valid_until"})
"""Facts that are instants: typed as times, read in the site's zone."""


class Action(NamedTuple):
    """One command of a group.

    Attributes:
        name: of the command. verb: of `Custody`. example: its arguments.
        each: a fact that may be given several times: the command is carried out for each, or for none.
    """

    name: str
    verb: str
    example: str
    each: str = ""


class Fact(NamedTuple):
    """One option: a fact's name, its type, and whether it must be given."""

    name: str
    annotation: object
    required: bool
    default: object = None
    names: Ref | None = None


def group(name: str, help_text: str, kind: str, rows: Iterable[Action]) -> click.Group:
    """Make a group of recording commands about streams of one kind."""
    made = click.Group(name, help=help_text)
    for row in rows:
        made.add_command(recording(name, kind, row))
    return made


def recording(group_name: str, kind: str, row: Action) -> click.Command:
    """Make one recording command."""
    verb: Verb = getattr(Custody, row.verb)
    facts = facts_of(verb)
    opens = verb.event.OPENS and kind in ids.KINDS.values()
    params: list[click.Parameter] = [
        click.Argument(["subjects"], nargs=-1, required=not opens, metavar=_metavar(kind, opens))
    ]
    params += [option(fact, many=fact.name == row.each) for fact in facts]
    params += note_options()
    summary = summary_of(verb)
    new = f"\n\nWithout a {kind}, a new one gets the next control number." if opens else ""
    return click.Command(
        row.name,
        params=params,
        callback=click.pass_obj(functools.partial(_record, row, kind, facts)),
        help=f"{summary}{new}",
        short_help=summary.splitlines()[0],
        epilog=f"Example: amana {group_name} {row.name} {row.example}",
    )


def _metavar(kind: str, opens: bool) -> str:
    return f"[{kind.upper()}]..." if opens else f"{kind.upper()}..."


def summary_of(verb: Verb) -> str:
    """Return what a command does: its own words, or the meaning of the event that it records."""
    if isinstance(verb, Command):
        return inspect.cleandoc(verb.__doc__ or "")
    meaning = inspect.cleandoc(verb.event.__doc__ or "")
    return f"Record: {meaning[:1].lower()}{meaning[1:]}".replace("the envelope's `", "`--")


def _record(
    row: Action,
    kind: str,
    facts: Iterable[Fact],
    session: Session,
    /,
    subjects: tuple[str, ...],
    **options: object,
) -> None:
    taken = {fact: options.pop(fact.name) for fact in facts}
    given = {f.name: read(session, f, v) for f, v in taken.items() if v not in (None, ())}
    streams: list[str | None] = [*session.streams(subjects, kind)] if subjects else [None]
    note = session.note(**options)
    custody = session.custody
    several = dict.fromkeys(given.pop(row.each, ())) if row.each else {}
    each = [{**given, row.each: one} for one in several] or [given]
    if note.key and len(each) > 1:
        msg = f"--key marks one command: give one --{row.each} with it"
        raise BadInputError(msg)
    with custody.batch(ahead=[s for s in streams if s], whole=True):
        done = [getattr(custody, row.verb)(s, note, **facts) for s in streams for facts in each]
    acknowledge(session, click.get_current_context().info_name or row.verb, done)


def acknowledge(session: Session, verb: str, done: Iterable[Recorded]) -> None:
    """Tell what was recorded: the stream, its version, when as understood, and what was irregular."""
    from domain.rules import BOOK

    done = _told(session, list(done))
    if session.out.mode == "json":
        names = ("subject", "version", "irregularities")
        recorded = [
            {**r._asdict(), "lines": [dict(zip(names, one, strict=True)) for one in r.lines]}
            for r in done
        ]
        session.out.document(
            {"command": verb, **understood(session, session.occurred), "recorded": recorded}
        )
        return
    if session.out.mode == "plain":
        rows = [line for r in done for line in ((r.subject, r.version, r.irregularities), *r.lines)]
        session.out.table(["subject", "version", "irregularities"], rows)
        return
    for r in done:
        again = " (had been recorded before)" if r.again else ""
        when = f"  occurred {session.shown(session.occurred)}" if session.occurred else ""
        session.out.line(f"{_event_named(r)}  {verb.replace('-', ' ')}{when}{again}")
        for number in r.irregularities:
            session.out.say(f"  irregular, rule {number}: {BOOK[number][1]}")
        for stream, version, rules in r.lines:
            for number in rules:
                where = f"{stream}:{version}"
                session.out.say(f"  {where} irregular, rule {number}: {BOOK[number][1]}")
        if SERIAL_ELSEWHERE in r.irregularities and r.subject.startswith("W-"):
            _say_alike(session, r.subject)


def _say_alike(session: Session, weapon: str) -> None:
    """Say which weapons bear the same serial: it may be one of them, counted twice."""
    from application.answers.weapons import alike

    if others := alike(session.custody, weapon):
        session.out.say(f"  looks alike: {', '.join(others)}; compare them, then say which it is")
        distinct = ("weapon", "resolve-serial", weapon, "--outcome", "DISTINCT")
        session.out.say(f"  next: {session.command('status', others[0])}")
        session.out.say(f"  next: {session.command(*distinct)}  # or SAME, or UNKNOWN")


def _told(session: Session, done: list[Recorded]) -> list[Recorded]:
    """Return what was recorded, without rules that tell what this official may not read."""
    from domain.book import TELLS

    told = [rules for r in done for _, _, rules in (("", 0, r.irregularities), *r.lines)]
    if TELLS.keys().isdisjoint(number for rules in told for number in rules):
        return done
    from application.answers.reader import reader

    sees = reader(session.custody, session.official).sees_rule

    def shown(r: Recorded) -> Recorded:
        lines = tuple(
            (s, v, seen) for s, v, rules in r.lines if (seen := tuple(filter(sees, rules)))
        )
        return r._replace(irregularities=tuple(filter(sees, r.irregularities)), lines=lines)

    return [shown(r) for r in done]


def _event_named(r: Recorded) -> str:
    """Return how the last event is named; a crate is no stream, its weapons are."""
    try:
        ids.kind_of(r.subject)
    except CustodyError:
        return str(r.subject)
    return f"{r.subject}:{r.version}"


def understood(session: Session, when: times.When | None) -> dict[str, str | None]:
    """Return a time that was given as it was read; nothing when it occurs now."""
    if when is None:
        return {}
    return {
        "occurred_at": times.iso(when.at, session.zone),
        "occurred_until": times.iso(when.until, session.zone) if when.until else None,
        "precision": when.precision,
    }


# ── options ─────────────────────────────────────────────────────────────────


def facts_of(verb: Verb) -> list[Fact]:
    """Return the facts a command takes, from its event or its function."""
    if not isinstance(verb, Command):
        return _of_event(verb.event)
    signature = inspect.signature(verb.run)
    hints = typing.get_type_hints(verb.run, include_extras=True)
    facts = []
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            facts += _of_event(verb.event)
        elif parameter.kind is parameter.KEYWORD_ONLY:
            hint = hints[name]
            required = parameter.default is parameter.empty
            default = None if required else parameter.default
            facts.append(Fact(name, hint, required, default, reference(_Bare(hint))))
    return facts


class _Bare:
    """A type without a model around it, as `reference` reads it."""

    metadata: typing.ClassVar[tuple[object, ...]] = ()

    def __init__(self, annotation: object) -> None:
        self.annotation = annotation


def _of_event(cls: type[Event]) -> list[Fact]:
    return [
        Fact(
            name,
            field.annotation,
            field.is_required(),
            None if field.is_required() else field.get_default(),
            reference(field),
        )
        for name, field in cls.model_fields.items()
        if name not in ENVELOPE
    ]


def option(fact: Fact, *, many: bool = False) -> click.Option:
    """Return the option of one fact.

    Args:
        fact: the fact. many: whether it may be given several times, though the fact is one.
    """
    flag = flag_of(fact.name)
    text = HELP[fact.name]
    bare, several = _plain(fact.annotation)
    many = many or several
    if bare is bool:
        flags = [f"{flag}/--no-{flag[2:]}"]
        return click.Option(flags, default=fact.default, required=fact.required, help=text)
    settings: dict[str, Any] = {"required": fact.required, "help": text, "multiple": many}
    if typing.get_origin(bare) is Literal:
        settings["type"] = Listed(typing.get_args(bare))
    elif fact.name in TIMES:
        settings["metavar"] = "TIME"
    elif bare is int:
        settings["type"], settings["metavar"] = WHOLE, "NUMBER"
    elif fact.names:
        settings["metavar"] = fact.names.kind.upper()
    else:
        settings["metavar"] = "TEXT" if "_" in fact.name else flag[2:].upper()
    return Named([flag, fact.name], **settings)


def read(session: Session, fact: Fact, value: Any) -> Any:
    """Return an option's value as the command takes it."""
    if isinstance(value, tuple):
        return tuple(read(session, fact, one) for one in value)
    if fact.names is not None and value != "UNIDENTIFIED":
        kind = fact.names.kind
        if kind in ids.DIRECTORY.values():
            return ids.parse_code(value, kind)
        return ids.parse(value, None if kind == "subject" else kind)
    if fact.name in TIMES:
        when = session.when(value)
        return when.at if when else None
    return value


def note_options() -> list[click.Parameter]:
    """Return the options that every recording command has: the event's envelope."""
    texts: Mapping[str, str] = {
        "at": "When it happened; now unless given. See `amana help times`.",
        "until": "With --at: some time from then until this time.",
        "authority": "The document that allows it.",
        "happened": "It has happened: who saw it, or which paper says so. Recorded against a rule, too.",
        "on_behalf_of": "The committee or party it is recorded for.",
        "reason": "Why, in a sentence.",
        "batch": "A label of yours that ties the events of one operation together.",
        "key": "A label of yours for this command: sent again with it, it records once.",
    }
    metavars = {"at": "TIME", "until": "TIME", "authority": "DOCUMENT", "on_behalf_of": "PARTY"}
    made: list[click.Parameter] = [
        click.Option([f"--{name.replace('_', '-')}"], help=text, metavar=metavars.get(name, "TEXT"))
        for name, text in texts.items()
    ]
    label = "A document behind it: its digest is kept, never a copy. See `amana help files`."
    version = "Only if the record is at this version still, else exit 6."
    made.append(click.Option(["--evidence"], multiple=True, metavar="FILE[=LABEL]", help=label))
    made.append(click.Option(["--if-version", "expects"], type=WHOLE, metavar="N", help=version))
    return made


def with_note(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a hand-written recording command the options of the envelope."""
    known = getattr(command, "__click_params__", [])
    command.__click_params__ = [*reversed(note_options()), *known]  # type: ignore[attr-defined]  # click's own place
    return command


def _plain(annotation: Any) -> tuple[Any, bool]:
    """Return a type without `Annotated` and `| None`, and whether it is a list of such."""
    many = False
    while True:
        origin = typing.get_origin(annotation)
        if hasattr(annotation, "__metadata__"):
            annotation = annotation.__origin__
        elif origin in {types.UnionType, typing.Union}:
            annotation = next(a for a in typing.get_args(annotation) if a is not type(None))
        elif origin in {tuple, Sequence}:
            annotation, many = typing.get_args(annotation)[0], True
        else:
            return annotation, many
