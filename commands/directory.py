"""`amana directory …`: sites, parties and officials."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import click

from commands.terminal.clock_options import machine
from commands.terminal.recording import Action, group
from commands.terminal.session import Session
from words.facts import label, spoken

directory = click.Group("directory", help="Sites, parties and officials, with validity.")
SITES = [
    Action("open-site", "open_site", "CAMP-R1 --kind CAMP --name 'Camp R1' --capacity 700"),
    Action("name-operator", "name_operator", "CAMP-R1 --operator PARTY-JOC"),
    Action("set-capacity", "set_capacity", "CAMP-R1 --capacity 750"),
    Action("close-site", "close_site", "CAMP-R1"),
]
PARTIES = [
    Action("name-party", "name_party", "PARTY-MOD --kind MINISTRY --name 'Ministry of Defence'"),
    Action("recognise", "recognise", "PARTY-SYR --authority 'cabinet decision 77'"),
    Action("withdraw-recognition", "withdraw_recognition", "PARTY-SYR --reason 'revoked'"),
]
OFFICIALS = [
    Action("appoint", "appoint", "OFF-012 --party PARTY-MOD --role STOREKEEPER --role RELEASING"),
    Action("grant-role", "grant_role", "OFF-012 --role ACCEPTING --valid-until 2025-01-31", "role"),
    Action("end-role", "end_role", "OFF-012 --role ACCEPTING", "role"),
    Action("register-key", "register_key", "OFF-012 --public-key MCowBQ…="),
    Action("revoke-key", "revoke_key", "OFF-012 --reason 'lost'"),
    Action("dismiss", "dismiss", "OFF-012 --reason 'left the post'"),
]
for _kind, _rows in (("site", SITES), ("party", PARTIES), ("official", OFFICIALS)):
    for _command in group("directory", "", _kind, _rows).commands.values():
        directory.add_command(_command)


COLUMNS = {
    "sites": ("kind", "name", "name_ar", "capacity", "crossing", "operator", "closed", "since"),
    "parties": ("kind", "name", "name_ar", "security", "recognised", "since"),
    "officials": ("party", "post", "roles", "key", "dismissed", "since"),
}


@directory.command("list", epilog="Example: amana directory list officials")
@click.argument("what", type=click.Choice(list(COLUMNS)))
@click.pass_obj
def list_(session: Session, /, what: str) -> None:
    """List what the directory holds now."""
    from application.answers.directory import listed

    columns = COLUMNS[what]
    states = listed(session.custody, what)
    if session.out.mode == "json":
        told = [
            {name: value for name, value in state._asdict().items() if name != "operators"}
            for state in states
        ]
        session.out.document({what: [machine(session, one) for one in told]})
        return
    session.out.table(
        ["code", *(label(column, what.removesuffix("s")) for column in columns)],
        [
            [
                state.id.removeprefix("SITE-"),
                *(spoken(column, getattr(state, column), session.zone) for column in columns),
            ]
            for state in states
        ],
    )
