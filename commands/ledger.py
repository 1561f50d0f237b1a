"""`amana init`: make a ledger."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import click

from commands.terminal.session import Session


@click.command(
    short_help="Make a ledger, its key and its first official.",
    epilog="Example: amana --ledger camp.amana init --chair OFF-001 --tz Asia/Baghdad",
)
@click.option("--tz", "zone", default="Asia/Baghdad", show_default=True, help="The site's zone.")
@click.option("--chair", default="OFF-001", show_default=True, help="The first official.")
@click.option("--party", default="PARTY-COMMITTEE", show_default=True, help="The chair's party.")
@click.option("--existing-key", is_flag=True, help="Use the key file that is there already.")
@click.pass_obj
def init(session: Session, /, zone: str, chair: str, party: str, existing_key: bool) -> None:
    """Make a ledger, its key, and its first official, who may direct the directory."""
    from application.decisions.open import create
    from domain import ids

    path, key_file = session.ledger_path, session.key_file
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    custody = create(
        path,
        key_file,
        zone=zone,
        chair=ids.parse_code(chair, "official"),
        party=ids.parse_code(party, "party"),
        new_key=not existing_key,
    )
    custody.close()
    if session.out.mode == "json":
        session.out.document({"ledger": str(path), "key_file": str(key_file), "zone": zone})
        return
    session.out.facts({"ledger": path, "key": key_file, "zone": zone, "chair": chair})
    session.out.say("Keep the key file elsewhere too: without it no personal value can be read.")
    first = ("directory", "open-site", "CAMP-R1", "--kind", "CAMP", "--name", "Camp R1")
    session.name("ledger", str(path))
    session.name("by", chair)
    session.out.say(f"next: {session.command(*first)}")
