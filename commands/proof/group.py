"""`amana proof …`: make a proof of custody, say what it says, hand it on. See `verify.py`."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from pathlib import Path

import click

from application.store.files import write_new, write_whole
from commands.log import opened
from commands.proof.files import read_bundle, read_policy, span
from commands.proof.verify import GAP, verify
from commands.terminal.guarded import Guarded
from commands.terminal.option_names import named
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError, StorageError


@click.group(cls=Guarded)
def proof() -> None:
    """Proofs of custody: made here, verified by anybody, offline."""


proof.add_command(verify)


@proof.command(
    "make",
    epilog="Example: amana proof make W-000418-Y --from '12 Dec 2024' --until '27 Dec 2024' "
    "-o W-000418-Y.custody-proof",
)
@click.argument("weapon", metavar="WEAPON")
@click.option("--from", "since", metavar="TIME", help="Custody from; by default its deposit.")
@named("--until", metavar="TIME", help="Custody until; by default the newest witness's time.")
@click.option("--max-gap", default=GAP, show_default=True, metavar="SPAN", help="As 12h or 31d.")
@click.option(
    "--reveal",
    multiple=True,
    metavar="FIELD",
    help="Show a field that is hidden otherwise, such as holder; all shows every one.",
)
@click.option("--policy", "policy_file", metavar="FILE", help="The reader's policy, where known.")
@click.option("-o", "--output", metavar="FILE", help="Where to; - for standard output.")
@click.pass_obj
def make(
    session: Session,
    /,
    weapon: str,
    since: str | None,
    until: str | None,
    max_gap: str,
    reveal: tuple[str, ...],
    policy_file: str | None,
    output: str | None,
) -> None:
    """Make the proof of one weapon's custody from one time to another.

    It shows the thing and its keeping; who handed it in, recorded or signed it stays hidden unless
    asked for with --reveal.
    """
    from application.proofs import claims

    stream = session.stream(weapon, "weapon")
    with session.custody.reading() as unit:
        unit.state(stream)
    proofs = opened(session)
    proofs.catch_up()
    policy = read_policy(policy_file) if policy_file else None
    begins, ends = session.when(since), session.when(until)
    claim = claims.claim(proofs, stream, begins and begins.at, ends and ends.at, span(max_gap))
    bundle = proofs.make(stream, claim, reveal, policy)
    text = str(bundle)
    if output == "-":
        click.echo(text, nl=False)
        return
    path = Path(output or f"{stream}.custody-proof")
    write_new(path, text.encode())
    session.out.line(
        f"{path}: {len(bundle.events)} events, {len(text.encode()):,} bytes, custody from"
        f" {_shown(session, claim.since)} to {_shown(session, claim.until)}"
    )
    if len(bundle.events) < claims.versions(session.custody, stream):
        session.out.say(f"  its newest events {claims.missing(proofs)}")


def _shown(session: Session, seconds: int) -> str:
    return times.iso(seconds * times.SECOND, session.zone)


@proof.command("show", epilog="Example: amana proof show W-000418-Y.custody-proof --lang ar")
@click.argument("file", metavar="FILE")
@click.option(
    "--lang",
    type=click.Choice(["en", "ar", "both"]),
    default="both",
    show_default=True,
    help="English, Arabic, or one after the other.",
)
@click.pass_obj
def show(session: Session, /, file: str, lang: str) -> None:
    """Say in plain words what a proof says. Nothing is checked: that is `proof verify`."""
    from application.proofs.proof_log import worded
    from transparency.bundle import Bundle
    from words.proofs import told

    with worded():
        bundle = Bundle.parse(read_bundle(file))
    texts = {one: told(bundle, one) for one in ("en", "ar") if lang in {one, "both"}}
    if session.out.mode == "json":
        session.out.document({"origin": bundle.origin, "told": texts})
        return
    for lines in texts.values():
        for line in lines:
            session.out.line(line)


@proof.command("unpack", epilog="Example: amana proof unpack W-000418-Y.custody-proof parts")
@click.argument("file", metavar="FILE")
@click.argument("folder", metavar="DIR")
@click.pass_obj
def unpack(session: Session, /, file: str, folder: str) -> None:
    """Take a proof apart into standard files for anybody else's tools (C2SP tlog-proof)."""
    from application.proofs.proof_log import worded
    from transparency.bundle import Bundle

    with worded():
        files = Bundle.parse(read_bundle(file)).unpack()
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        msg = f"{folder} holds other files: name an empty folder"
        raise BadInputError(msg)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            write_whole(target / name, data)
    except OSError as error:
        msg = f"{error.filename or folder} cannot be written: {error.strerror}"
        raise StorageError(msg) from error
    session.out.line(f"{len(files)} files in {folder}")


@proof.command("page", epilog="Example: amana proof page -o verify.html")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to; a new file.")
@click.pass_obj
def page(session: Session, /, output: str) -> None:
    """Write the browser's verifier: one file that works without network, for a reader to keep."""
    from transparency.page import page as whole

    data = whole().encode()
    write_new(Path(output), data)
    session.out.line(f"{output}: {len(data):,} bytes; open it in any browser, it asks nobody")
