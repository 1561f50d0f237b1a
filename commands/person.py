"""`amana person …`: one sheltered person's episode."""

from __future__ import annotations

from typing import Any

import click

from commands.terminal.recording import Row, acknowledge, group, with_note
from commands.terminal.session import Session
from domain.errors import BadInputError
from domain.person import PERSONAL, Category, PersonalField

person = group("person", "Sheltered persons: from seeking refuge to the end of custody.", "person", [
    Row("seek-refuge", "seek_refuge", "--site CP-AQ --group 3 --by OFF-002"),
    Row("authorise-entry", "authorise_entry", "P-000873-X --authority 'decree 41' --by OFF-001"),
    Row("admit", "admit", "P-000873-X --site CP-AQ --receiving-party PARTY-JOC"),
    Row("confirm", "confirm_identity", "P-000873-X --document 'military card'"),
    Row("dispute", "dispute_identity", "P-000873-X --by-whom 'liaison group'"),
    Row("flag-duplicate", "flag_duplicate", "P-000873-X --other P-000874-V --score 93"),
    Row("dismiss-duplicate", "dismiss_duplicate", "P-000873-X --other P-000874-V"),
    Row("merge", "merge", "P-000874-V --survivor P-000873-X --reason 'same card'"),
    Row("house", "house", "P-000873-X --site CAMP-R1 --place T-07/12 --at '9 Dec 2024 14:00'"),
    Row("move", "move", "P-000873-X --site CAMP-R2 --place T-01/03"),
    Row("refer-to-care", "refer_to_care", "P-000873-X --site HOSP-1"),
    Row("return-from-care", "return_from_care", "P-000873-X --site CAMP-R1 --place T-07/12"),
    Row("deposit-effects", "deposit_effects", "P-000873-X --receipt E-12 --items 3"),
    Row("return-effects", "return_effects", "P-000873-X --receipt E-12"),
    Row("state-intent", "state_intent", "P-000873-X --intent RETURN --interviewer OFF-020"),
    Row("sign-pledge", "sign_pledge", "P-000873-X --pledgor SELF --document PL-17"),
    Row("withdraw-pledge", "withdraw_pledge", "P-000873-X --pledgor SELF"),
    Row("record-assurance", "record_assurance",
        "P-000873-X --giver PARTY-SYR --kind amnesty --status ISSUED"),
    Row("report-absence", "report_absence", "P-000873-X"),
    Row("find-again", "find_again", "P-000873-X --site CAMP-R1"),
    Row("record-death", "record_death", "P-000873-X --site HOSP-1 --certificate DC-3"),
    Row("release-otherwise", "release_otherwise",
        "P-000873-X --basis 'court order' --destination 'relatives'"),
    Row("hand-over", "hand_over",
        "P-000873-X --transfer T-000047-X --receiving-party PARTY-SYR --site CP-AQ"),
])  # fmt: skip


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
    type=click.File("r", encoding="utf-8"),
    metavar="FILE|-",
    help="Personal values as JSON from a file or '-', so that none stands in an argument list.",
)
@_personal
@with_note
@click.pass_obj
def register(
    session: Session,
    /,
    subject: str | None,
    category: Category,
    liaison: str | None,
    values: Any,
    **options: Any,
) -> None:
    """Register a person: declared values are sealed, the event holds their commitments.

    Without a person, a new one gets the next control number.
    """
    personal: dict[str, str] = {field: value for field in PERSONAL if (value := options.pop(field))}
    if values is not None:
        personal.update(_values(values))
    "".join(personal.values()).encode()  # what cannot be sealed is refused before it is tried
    done = session.custody.register(
        session.stream(subject, "person") if subject else None,
        session.note(**options),
        category=category,
        personal=personal,
        **({"liaison": session.stream(liaison, "official")} if liaison else {}),
    )
    acknowledge(session, "register", [done])


def _values(file: Any) -> dict[str, str]:
    import json

    try:
        values = json.load(file)
    except (ValueError, RecursionError) as error:
        msg = f"{file.name} is not JSON: {str(error).splitlines()[0]}"
        raise BadInputError(msg) from error
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        msg = f'{file.name} must hold one object of texts, like {{"declared_name": "…"}}'
        raise BadInputError(msg)
    return values


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
    session: Session, /, subject: str, field: PersonalField, value: str, **options: Any
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
@click.pass_obj
def find(session: Session, /, **options: Any) -> None:
    """Find a person by two values at least; nobody is ever listed.

    Values are compared whole, without case, spaces and Arabic vowel marks.
    """
    from application.decisions.access import find_person

    wanted = {field: value for field, value in options.items() if value}
    found = find_person(session.custody, session.official, wanted)
    if session.out.mode == "json":
        session.out.document({"found": found})
        return
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
    values = open_values(session.custody, session.official, stream, reason)
    if session.out.mode == "json":
        session.out.document({"id": stream, "values": values})
        return
    session.out.line(stream, bold=True)
    session.out.facts({name.replace("_", " "): value for name, value in values.items()})
