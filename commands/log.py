"""`amana log …`: the log of proofs: sign checkpoints, take cosignatures in, hand entries out.

A folder carries everything between the log and its witnesses, on a USB stick for instance:

    checkpoint              the newest note
    old-<n>.add-checkpoint  what a witness that knows n entries is asked (C2SP tlog-witness)
    entries                 65 bytes for each entry, for a witness that replays them
    policy                  the log's and the witnesses' keys
    <name>.cosignature      what a witness answered; `amana log collect` takes it in
"""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from pathlib import Path
from typing import TYPE_CHECKING

import click

from application.store.files import write_new, write_whole
from commands.terminal.guarded import Guarded
from commands.terminal.session import Session
from domain.errors import BadInputError, CannotTellError, StorageError

if TYPE_CHECKING:
    from application.proofs.proof_log import ProofLog

OLDS = 32
"""How many former checkpoints a folder has a question for; a witness further behind begins at 0."""
_LONGEST = 131_072


@click.group(cls=Guarded)
def log() -> None:
    """The log of proofs: checkpoints that witnesses sign, and what they are asked."""


def opened(session: Session, **settings: str | Path | None) -> ProofLog:
    """Open the ledger's log; it is closed when the command ends."""
    from application.proofs.proof_log import ProofLog

    given = {name: value for name, value in settings.items() if value}
    proofs = ProofLog(session.custody, **given)  # type: ignore[arg-type]  # by the options' own names
    click.get_current_context().call_on_close(proofs.close)
    return proofs


@log.command("status", epilog="Example: amana log status")
@click.pass_obj
def status(session: Session, /) -> None:
    """Show how far the log has come: read, signed, witnessed, and with which keys."""
    proofs = opened(session)
    found = proofs.progress()
    keys = [f"{key.name}+{key.key_id.hex()}" for key in proofs.keys]
    witnesses = {name: key.name for name, key in proofs.witnesses.items()}
    if session.out.mode == "json":
        files = {"file": proofs.path, "last_note": proofs.note_copy, "key_file": proofs.key_path}
        named = {name: str(path) for name, path in files.items()}
        told = {**found._asdict(), "keys": keys, "witnesses": witnesses, **named}
        session.out.document(told)
        return
    session.out.facts(
        {
            "log": found.origin,
            "entries": f"{found.size:,}, of them {found.events:,} events",
            "not read yet": f"{found.unread:,} events" if found.unread else "",
            "signed": f"{found.signed:,} entries",
            "witnessed": f"{found.witnessed:,} entries",
            "keys": keys,
            "witnesses": witnesses,
            "file": proofs.path,
            "last note": proofs.note_copy,
            "key file": proofs.key_path,
        }
    )


@log.command(
    "checkpoint", epilog="Example: amana log checkpoint   ·   amana log checkpoint --to /media/usb"
)
@click.option("--to", metavar="FOLDER", help="Write what witnesses are asked into this folder.")
@click.option("--entries", "with_entries", is_flag=True, help="With --to: write the entries, too.")
@click.option("--origin", metavar="NAME", help="The log's name, before its first checkpoint.")
@click.option(
    "--note-copy",
    metavar="FILE",
    help="Where the copy of the last note is kept from now on; best on another disk.",
)
@click.pass_obj
def checkpoint(
    session: Session,
    /,
    to: str | None,
    with_entries: bool,
    origin: str | None,
    note_copy: str | None,
) -> None:
    """Read what is new, sign the log as it stands, and print the signed note.

    Nothing is signed that is not a continuation of what was signed before, by the log's own memory
    and by the copy of the last note outside it.
    """
    proofs = opened(session, origin=origin, note_copy=Path(note_copy) if note_copy else None)
    first = not proofs.keys
    with session.out.progress("reading events into the log", quiet=session.quiet) as advance:
        proofs.catch_up(advance)
    note = proofs.checkpoint()
    if first and not session.quiet:
        session.out.say(f"made the log's keys: {proofs.key_path}; keep a copy elsewhere")
    if to is not None:
        write_folder(proofs, Path(to), with_entries=with_entries)
    if session.out.mode == "json":
        session.out.document({**proofs.progress()._asdict(), "note": note})
        return
    click.echo(note, nl=False)


def write_folder(proofs: ProofLog, folder: Path, *, with_entries: bool) -> None:
    """Write what witnesses are asked about the newest checkpoint.

    Raises:
        StorageError: the folder cannot be written.
    """
    size, sizes = proofs.log.signed.size, proofs.log.sizes()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stale in (*folder.glob("old-*.add-checkpoint"), folder / "entries"):
            stale.unlink(missing_ok=True)
        write_whole(folder / "checkpoint", proofs.log.note(size))
        write_whole(folder / "policy", proofs.policy())
        for old in {0, *sizes[-OLDS:]}:
            body = proofs.log.submission(old, size)
            write_whole(folder / f"old-{old}.add-checkpoint", body)
        if with_entries:
            write_whole(folder / "entries", proofs.log.entries(size))
    except OSError as error:
        msg = f"{error.filename or folder} cannot be written: {error.strerror}"
        raise StorageError(msg) from error


@log.command("collect", epilog="Example: amana log collect /media/usb")
@click.argument("folder", metavar="FOLDER")
@click.pass_obj
def collect(session: Session, /, folder: str) -> None:
    """Take in what witnesses answered; each signature is checked before it is kept."""
    from application.proofs.proof_log import worded
    from transparency.checkpoint import Checkpoint
    from transparency.signed_note import SignedNote

    proofs = opened(session)
    answers = sorted(Path(folder).glob("*.cosignature"))
    if not answers:
        msg = f"no witness has answered in {folder}: amana witness cosign DIR {folder}"
        raise CannotTellError(msg)
    with worded():
        size = Checkpoint.parse(SignedNote.parse(small(Path(folder) / "checkpoint")).text).size
    kept = [name for path in answers for name in proofs.collect(size, small(path))]
    if session.out.mode == "json":
        session.out.document({"size": size, "kept": kept})
    else:
        session.out.line(f"size {size:,}: {len(kept)} cosignatures kept: {', '.join(kept)}")
    if not kept:
        msg = "no answer comes from a witness this log knows: amana log add-witness NAME KEY"
        raise CannotTellError(msg)


@log.command("add-witness", epilog="Example: amana log add-witness north /media/usb/north.vkey")
@click.argument("name", metavar="NAME")
@click.argument("key", metavar="KEY|FILE")
@click.pass_obj
def add_witness(session: Session, /, name: str, key: str) -> None:
    """Know a witness by a short name; its verifier key as text, or the file that holds it."""
    proofs = opened(session)
    proofs.add_witness(name, key if "+" in key else small(Path(key)))
    session.out.line(f"{name}  {proofs.witnesses[name].name}")


@log.command("export-entries", epilog="Example: amana log export-entries -o entries")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to; a new file.")
@click.pass_obj
def export_entries(session: Session, /, output: str) -> None:
    """Write the entries of the newest checkpoint, 65 random-looking bytes each, for a replay."""
    proofs = opened(session)
    size = proofs.log.signed.size
    if not size:
        msg = "the log has no checkpoint yet: amana log checkpoint"
        raise CannotTellError(msg)
    write_new(Path(output), proofs.log.entries(size))
    session.out.line(f"{size:,} entries, {size * 65:,} bytes, in {output}")


@log.command("rotate-key", epilog="Example: amana log rotate-key")
@click.pass_obj
def rotate_key(session: Session, /) -> None:
    """Make new signing keys; the log says so itself, and readers add them to their policies."""
    proofs = opened(session)
    proofs.rotate()
    for key in proofs.keys:
        click.echo(f"log {key}")


@log.command("policy", epilog="Example: amana log policy --needed 2 > policy.txt")
@click.option(
    "--needed",
    default="all",
    show_default=True,
    metavar="all|any|N",
    help="How many of the witnesses a reader asks for.",
)
@click.pass_obj
def policy(session: Session, /, needed: str) -> None:
    """Print a policy naming this log and its witnesses, for a reader to compare and keep."""
    proofs = opened(session)
    if not proofs.keys:
        msg = "the log has no keys yet: amana log checkpoint"
        raise CannotTellError(msg)
    click.echo(proofs.policy(needed), nl=False)


@log.command("begin-anew", epilog="Example: amana log begin-anew --yes")
@click.option(
    "--yes", is_flag=True, help="Confirm: readers must add the new log to their policies."
)
@click.pass_obj
def begin_anew(session: Session, /, yes: bool) -> None:
    """Put a log that may sign no more aside, and begin another that anchors its last note.

    For a ledger or a log restored from an old backup. Old proofs stay as good as they were.
    """
    from application.proofs.begin_anew import begin

    if not yes:
        msg = "the new log gets another name and other keys: confirm with --yes"
        raise BadInputError(msg)
    aside, name = begin(session.custody)
    session.out.line(f"{name} begins; the former log lies in {aside}")


def small(path: Path) -> str:
    """Return a short text file.

    Raises:
        BadInputError: it is not there, too long, or no UTF-8 text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
        if len(data) > _LONGEST:
            msg = f"{path} is longer than {_LONGEST:,} bytes: it is not a policy or a keys file"
            raise BadInputError(msg)
        return data.decode("utf-8")
    except FileNotFoundError as error:
        msg = f"there is no file {path}"
        raise BadInputError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 text"
        raise BadInputError(msg) from error
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise BadInputError(msg) from error
