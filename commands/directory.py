"""`amana directory …`: sites, parties and officials."""

from __future__ import annotations

import click

from commands.terminal.recording import Row, group
from commands.terminal.session import Session

directory = click.Group("directory", help="Sites, parties and officials, with validity.")
SITES = [
    Row("open-site", "open_site", "CAMP-R1 --kind CAMP --name 'Camp R1' --capacity 700"),
    Row("name-operator", "name_operator", "CAMP-R1 --operator PARTY-JOC"),
    Row("set-capacity", "set_capacity", "CAMP-R1 --capacity 750"),
    Row("close-site", "close_site", "CAMP-R1"),
]
PARTIES = [
    Row("name-party", "name_party", "PARTY-MOD --kind MINISTRY --name 'Ministry of Defence'"),
    Row("recognise", "recognise", "PARTY-SYR --authority 'cabinet decision 77'"),
    Row("withdraw-recognition", "withdraw_recognition", "PARTY-SYR --reason 'revoked'"),
]
OFFICIALS = [
    Row("appoint", "appoint", "OFF-012 --party PARTY-MOD --role STOREKEEPER --role RELEASING"),
    Row("grant-role", "grant_role", "OFF-012 --role ACCEPTING --valid-until 2025-01-31"),
    Row("end-role", "end_role", "OFF-012 --role ACCEPTING"),
    Row("register-key", "register_key", "OFF-012 --public-key MCowBQ…="),
    Row("revoke-key", "revoke_key", "OFF-012 --reason 'lost'"),
    Row("dismiss", "dismiss", "OFF-012 --reason 'left the post'"),
]
for _kind, _rows in (("site", SITES), ("party", PARTIES), ("official", OFFICIALS)):
    for _command in group("directory", "", _kind, _rows).commands.values():
        directory.add_command(_command)


COLUMNS = {
    "sites": ("kind", "name", "name_ar", "capacity", "crossing", "closed"),
    "parties": ("kind", "name", "name_ar", "recognised"),
    "officials": ("party", "post", "roles", "key", "dismissed"),
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
        session.out.document({what: [state._asdict() for state in states]})
        return
    session.out.table(
        ["code", *columns],
        [
            [state.id.removeprefix("SITE-"), *(_shown(getattr(state, c)) for c in columns)]
            for state in states
        ],
    )


def _shown(value: object) -> object:
    """Return roles without their ends; everything else as it is."""
    return " ".join(sorted(value)) if isinstance(value, dict) else value
