"""`amana person …`: one sheltered person's episode."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from functools import partial
from typing import Any

import click

from commands.terminal.recording import Action, acknowledge, group, with_note
from commands.terminal.session import Session
from commands.terminal.typed import texts_of_file
from domain import ids
from domain.errors import BadInputError, CannotTellError
from domain.person import PERSONAL, Category, PersonalField

person = group("person", "Sheltered persons: from seeking refuge to the end of custody.", "person", [
    Action("seek-refuge", "seek_refuge", "--site CP-AQ --group 3 --by OFF-002"),
    Action("authorise-entry", "authorise_entry", "P-000873-X --authority 'decree 41' --by OFF-001"),
    Action("admit", "admit", "P-000873-X --site CP-AQ --receiving-party PARTY-JOC"),
    Action("confirm", "confirm_identity", "P-000873-X --document 'military card'"),
    Action("dispute", "dispute_identity", "P-000873-X --by-whom 'liaison group'"),
    Action("flag-duplicate", "flag_duplicate", "P-000873-X --other P-000874-V --score 93"),
    Action("dismiss-duplicate", "dismiss_duplicate", "P-000873-X --other P-000874-V"),
    Action("merge", "merge", "P-000874-V --survivor P-000873-X --reason 'same card'"),
    Action("house", "house", "P-000873-X --site CAMP-R1 --place T-07/12 --at '9 Dec 2024 14:00'"),
    Action("move", "move", "P-000873-X --site CAMP-R2 --place T-01/03"),
    Action("refer-to-care", "refer_to_care", "P-000873-X --site HOSP-1"),
    Action("return-from-care", "return_from_care", "P-000873-X --site CAMP-R1 --place T-07/12"),
    Action("deposit-effects", "deposit_effects", "P-000873-X --receipt E-12 --items 3"),
    Action("return-effects", "return_effects", "P-000873-X --receipt E-12"),
    Action("state-intent", "state_intent", "P-000873-X --intent RETURN --interviewer OFF-020"),
    Action("sign-pledge", "sign_pledge", "P-000873-X --pledgor SELF --document PL-17"),
    Action("withdraw-pledge", "withdraw_pledge", "P-000873-X --pledgor SELF"),
    Action("record-assurance", "record_assurance",
        "P-000873-X --giver PARTY-SYR --kind amnesty --status ISSUED"),
    Action("report-absence", "report_absence", "P-000873-X"),
    Action("find-again", "find_again", "P-000873-X --site CAMP-R1"),
    Action("record-death", "record_death", "P-000873-X --site HOSP-1 --certificate DC-3"),
    Action("release-otherwise", "release_otherwise",
        "P-000873-X --basis 'court order' --destination 'relatives'"),
    Action("hand-over", "hand_over",
        "P-000873-X --transfer T-000047-X --receiving-party PARTY-SYR --site CP-AQ"),
])  # fmt: skip


YEAR = 4
"""Figures of a year."""
VALUES = {
    "declared_name": "The name as declared.",
    "name_latin": "The name in Latin letters.",
    "father_name": "The father's name.",
    "birth_date": "The date of birth, or the year when only that is known.",
    "service_number": "The service number.",
    "rank": "The rank.",
    "unit": "The military unit.",
}


def _personal(command: Any) -> Any:
    for field in reversed(PERSONAL):
        flag = f"--{field.replace('_', '-')}"
        command = click.option(flag, field, metavar="VALUE", help=VALUES[field])(command)
    return command


@person.command(
    "register",
    epilog="Example: amana person register P-000873-X --category MILITARY "
    "--declared-name 'محمد يوسف' --birth-date 1985-03-12 --liaison OFF-090",
)
@click.argument("subject", required=False, metavar="[PERSON]")
@click.option(
    "--category",
    required=True,
    type=click.Choice(["MILITARY", "CROSSING_STAFF", "OTHER"], case_sensitive=False),
    help="Which category.",
)
@click.option("--liaison", metavar="OFFICIAL", help="The liaison of the person's own side.")
@click.option(
    "--values",
    metavar="FILE|-",
    help="Personal values as JSON from a file or '-', so that none stands in an argument list.",
)
@click.option("--new", is_flag=True, help="Another person than those who look alike.")
@_personal
@with_note
@click.pass_obj
def register(
    session: Session,
    /,
    subject: str | None,
    category: Category,
    liaison: str | None,
    values: str | None,
    new: bool,
    **options: Any,
) -> None:
    """Register a person: declared values are sealed, the event holds their commitments.

    Without a person, a new one gets the next control number. Who has the name and the year of birth, or
    the service number, of somebody registered is recorded with --new only.
    """
    from application.decisions.access import register_new

    personal = _given(values, {field: options.pop(field) for field in PERSONAL})
    "".join(personal.values()).encode()  # what cannot be sealed is refused before it is tried
    register = session.custody.register if new else partial(register_new, session.custody)
    done = register(
        session.stream(subject, "person") if subject else None,
        session.note(**options),
        category=category,
        personal=personal,
        liaison=session.stream(liaison, "official") if liaison else None,
    )
    acknowledge(session, "register", [done])


def _given(file: str | None, typed: dict[str, str | None]) -> dict[str, str]:
    """Return personal values of a file and of options; each stands in one of the two."""
    options = {field: value for field, value in typed.items() if value is not None}
    values = {} if file is None else texts_of_file(file)
    if twice := sorted(values.keys() & options.keys()):
        msg = f"{twice[0].replace('_', ' ')} is given twice: in {file} and as an option"
        raise BadInputError(msg)
    return values | options


@person.command(
    "correct",
    epilog="Example: amana person correct P-000873-X --field birth_date --value 1985-03-21 "
    "--reason 'misread card'",
)
@click.argument("subject", metavar="PERSON")
@click.option("--field", required=True, type=click.Choice(PERSONAL), help="The value to correct.")
@click.option("--value", required=True, metavar="VALUE", help="The correct value.")
@with_note
@click.pass_obj
def correct(
    session: Session, /, subject: str, field: PersonalField, value: str, **options: object
) -> None:
    """Propose another value for one identity field; a second official approves it."""
    value.encode()  # as above
    if not value.strip():
        msg = f"--value is empty: give the correct {field.replace('_', ' ')}"
        raise BadInputError(msg)
    stream = session.stream(subject, "person")
    done = session.custody.correct_identity(
        stream, session.note(**options), field=field, value=value
    )
    acknowledge(session, "correct identity: proposed", [done])


@person.command(
    "find", epilog="Example: amana person find --declared-name 'محمد يوسف' --birth-date 1985-03-12"
)
@_personal
@click.option("--birth-year", metavar="YEAR", help="The year of birth, where the day is not known.")
@click.pass_obj
def find(session: Session, /, birth_year: str | None, **options: Any) -> None:
    """Find a person by two values at least; nobody is ever listed.

    Values are compared whole, as sheets are: without case, blanks and vowel marks, أ as ا, ة as ه, ى as
    ي, digits of any script; a year finds every date in it.
    """
    from application.decisions.access import find_person

    wanted = {field: value for field, value in options.items() if value}
    if birth_year is not None:
        if "birth_date" in wanted:
            msg = "--birth-year and --birth-date: give one of the two"
            raise BadInputError(msg)
        year = ids.fold_digits(birth_year).strip()
        if not (len(year) == YEAR and year.isdecimal()):
            msg = f"--birth-year '{birth_year}' is no year of four figures"
            raise BadInputError(msg)
        wanted["birth_date"] = year
    found = find_person(session.custody, session.official, wanted)
    if session.out.mode == "json":
        session.out.document({"found": found})
    else:
        session.out.table(["person"], [[one] for one in found], "")
    if not found:
        session.out.say("nobody is registered with exactly these values")
        raise SystemExit(5)


@person.command(
    "show", epilog="Example: amana person show P-000873-X --reason 'family asks' --by OFF-020"
)
@click.argument("subject", metavar="PERSON")
@click.option("--reason", required=True, help="Why; it is recorded who looked, at whom and why.")
@click.pass_obj
def show(session: Session, /, subject: str, reason: str) -> None:
    """Open a person's personal values. Who looked, at whom and why is recorded."""
    from application.decisions.access import open_values

    stream = session.stream(subject, "person")
    values, missing = open_values(session.custody, session.official, stream, reason)
    if session.out.mode == "json":
        session.out.document({"id": stream, "values": values, "missing": missing})
    else:
        session.out.line(stream, bold=True)
        session.out.facts({name.replace("_", " "): value for name, value in values.items()})
    if missing:
        names = ", ".join(missing).replace("_", " ")
        msg = f"{stream}: committed to, and not here: {names}; restore the ledger from a backup"
        raise CannotTellError(msg)
