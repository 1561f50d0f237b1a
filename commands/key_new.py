"""`amana key new`: a signing key for an official; the public half is printed for the directory."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from pathlib import Path

import click

from commands.terminal.session import Session
from domain import ids


@click.command("new", epilog="Example: amana key new OFF-012 -o OFF-012.key")
@click.argument("official", metavar="OFFICIAL")
@click.option("-o", "--output", required=True, metavar="FILE", help="The key file, mode 0600.")
@click.pass_obj
def new(session: Session, /, official: str, output: str) -> None:
    """Make an official's Ed25519 signing key, and print what the directory registers.

    The file stays with the official. Afterwards: amana directory register-key OFFICIAL --public-key …
    """
    from application.decisions.signing import new_key_file, public_key
    from transparency.signed_note import Signer

    code = ids.parse_code(official, "official")
    signer = Signer.generate(code)
    new_key_file(Path(output), [signer])
    public = public_key(signer)
    if session.out.mode == "json":
        session.out.document({"official": code, "file": output, "public_key": public})
        return
    click.echo(public)
    if not session.quiet:
        register = ("directory", "register-key", code, f"--public-key={public}")
        session.out.say(f"next, as a chair: {session.command(*register, by=False)}")
