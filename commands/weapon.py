"""`amana weapon …` and `amana seal …`: one physical item, and the crates it lies in."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from typing import TYPE_CHECKING

import click

from commands.terminal.recording import Action, acknowledge, group, with_note
from commands.terminal.session import Session

if TYPE_CHECKING:
    from domain.weapon import Weapon

weapon = group("weapon", "Weapons: from being declared to being returned or destroyed.", "weapon", [
    Action("declare", "declare", "--as-described 'one rifle, left at the gate'"),
    Action("receive", "receive",
        "--person P-000873-X --site CP-AQ --receiver OFF-004 --made-safe"),
    Action("make-safe", "make_safe", "W-000418-Y"),
    Action("inventory", "inventory",
        "W-000418-Y --category RIFLE --model AKM --serial 'ГИ 3471' --serial-status READ"),
    Action("deposit", "deposit",
        "W-000418-Y --receipt R-000391 --trustee PARTY-MOD --beneficiary 'new government' "
        "--terms 'return, no use'"),
    Action("store", "store_weapon",
        "W-000418-Y --site DEPOT-M1 --place 07/13 --crate C-022 --seal 88213"),
    Action("assess-condition", "assess_condition", "W-000418-Y --condition SERVICEABLE"),
    Action("record-damage", "record_damage", "W-000418-Y --damage 'stock cracked'"),
    Action("assert-ownership", "assert_ownership",
        "W-000418-Y --owner 'Brigade K-17' --basis 'intake sheet p. 4'"),
    Action("resolve-serial", "resolve_serial", "W-000418-Y --outcome DISTINCT"),
    Action("correct", "correct_description", "W-000418-Y --model AKMS --reason 'folding stock'"),
    Action("place-hold", "place_hold", "W-000418-Y --hold COURT", "hold"),
    Action("lift-hold", "lift_hold", "W-000418-Y --hold COURT", "hold"),
    Action("locate", "locate", "W-000418-Y --site DEPOT-M1 --place 07/13"),
    Action("declare-loss", "declare_loss", "W-000418-Y --authority 'board of inquiry 3'"),
    Action("destroy", "destroy",
        "W-000418-Y --method melting --witness OFF-030 --witness OFF-031 --authority 'order 9'"),
])  # fmt: skip


@weapon.command("find", epilog="Example: amana weapon find 'ГИ 3471'")
@click.argument("serial")
@click.pass_obj
def find(session: Session, /, serial: str) -> None:
    """Find weapons by serial; letters and digits count, spaces and case do not."""
    from application.answers.weapons import with_serial

    found = with_serial(session.custody, serial)
    if session.out.mode == "json":
        names = [one.id for one in found]
        session.out.document({"found": names, "weapons": [_told(one) for one in found]})
    else:
        session.out.table(
            ["weapon", "custody", "site", "model", "serial"],
            [[w.id, w.custody, w.site, w.model, w.serial] for w in found],
            "",
        )
    if not found:
        session.out.say(f"no weapon has the serial '{serial}'")
        raise SystemExit(5)


def _told(one: Weapon) -> dict[str, str | None]:
    return {
        "id": one.id,
        "custody": one.custody,
        "site": one.site,
        "model": one.model,
        "serial": one.serial,
    }


@click.group()
def seal() -> None:
    """Seals of crates: a fact about a crate is a fact about every weapon in it."""


@seal.command("check", epilog="Example: amana seal check C-022 --seal 88213 --intact")
@click.argument("container", metavar="CRATE")
@click.option("--seal", required=True, metavar="NUMBER", help="The seal's number.")
@click.option("--intact/--not-intact", required=True, help="What was seen.")
@with_note
@click.pass_obj
def check(session: Session, /, container: str, seal: str, intact: bool, **options: object) -> None:
    """Record that a crate's seal was looked at."""
    note = session.note(**options)
    done = session.custody.check_seal(container, note, seal=seal, intact=intact)
    acknowledge(session, "check seal", [done])


@seal.command(
    "break", epilog="Example: amana seal break C-022 --seal 88213 --authorised --witness OFF-031"
)
@click.argument("container", metavar="CRATE")
@click.option("--seal", required=True, metavar="NUMBER", help="The seal's number.")
@click.option(
    "--authorised/--unauthorised",
    required=True,
    help="Without authority, every item in the crate is due for a recount.",
)
@click.option("--witness", metavar="OFFICIAL", help="The official who stood by.")
@with_note
@click.pass_obj
def break_(
    session: Session,
    /,
    container: str,
    seal: str,
    authorised: bool,
    witness: str | None,
    **options: object,
) -> None:
    """Record that a crate's seal was broken."""
    done = session.custody.break_seal(
        container,
        session.note(**options),
        seal=seal,
        authorised=authorised,
        witness=session.stream(witness, "official") if witness else None,
    )
    acknowledge(session, "break seal", [done])
