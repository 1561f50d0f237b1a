"""`amana witness …`: be somebody else's memory of a log. Needs no ledger and no network.

    amana witness init north --name north.example --log policy     keys and a state file, once
    amana witness cosign north /media/usb                          each time a stick comes

The folder `north` holds `witness.key` (mode 0600), `logs` (the keys of the logs it knows) and `state`
(the newest note cosigned for each log). The state is on the disk before an answer leaves; a log that
shows another history is refused, whoever asks.
"""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from application.store.files import write_whole
from commands.log import small
from commands.terminal.guarded import Guarded
from commands.terminal.session import Session
from domain.errors import BadInputError, CannotTellError, StorageError

if TYPE_CHECKING:
    from transparency.signed_note import Verifier
    from transparency.witness import Witness

ENTRY = 65


@click.group(cls=Guarded)
def witness() -> None:
    """Cosign another party's log: remember its newest checkpoint, refuse a second history."""


@witness.command(
    "init", epilog="Example: amana witness init north --name north.example --log policy"
)
@click.argument("folder", metavar="DIR")
@click.option("--name", metavar="NAME", help="The witness's name; a domain of yours is best.")
@click.option("--log", "logs", metavar="FILE", help="A policy or a file with the logs' keys.")
@click.option("--post-quantum", is_flag=True, help="Sign with ML-DSA-44 instead of Ed25519.")
@click.pass_obj
def init(
    session: Session, /, folder: str, name: str | None, logs: str | None, post_quantum: bool
) -> None:
    """Make a witness's keys, or let a witness know further logs; print its verifier key."""
    from application.decisions.signing import new_key_file, read_key_file
    from transparency.errors import ProofError
    from transparency.signed_note import KeyKind, Signer

    home = Path(folder)
    kind = KeyKind.ML_DSA_44_COSIGNATURE if post_quantum else KeyKind.ED25519_COSIGNATURE
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not (home / "witness.key").exists():
            if name is None:
                msg = "a new witness needs a name: --name north.example"
                raise BadInputError(msg)
            new_key_file(home / "witness.key", [Signer.generate(name, kind)])
        known = _known(home)
        more = [key for key in _keys(small(Path(logs))) if key not in known] if logs else []
        write_whole(home / "logs", "".join(f"{key}\n" for key in [*known, *more]))
    except ProofError as error:
        raise BadInputError(str(error)) from error
    except OSError as error:
        msg = f"{error.filename or folder} cannot be written: {error.strerror}"
        raise StorageError(msg) from error
    (signer, *_) = read_key_file(home / "witness.key")
    if session.out.mode == "json":
        session.out.document({"verifier": str(signer.verifier), "logs": len(known) + len(more)})
        return
    click.echo(str(signer.verifier))


def _keys(text: str) -> list[Verifier]:
    """Return the logs' keys of a policy, or of a file with one key a line."""
    from transparency.signed_note import Verifier

    lines = [line.split() for line in text.splitlines() if line.strip()]
    named = [words[1] for words in lines if words[0] == "log" and len(words) > 1]
    return [Verifier.parse(word) for word in named or [words[0] for words in lines]]


def _known(home: Path) -> list[Verifier]:
    path = home / "logs"
    return _keys(small(path)) if path.exists() else []


@witness.command("cosign", epilog="Example: amana witness cosign north /media/usb --replay")
@click.argument("folder", metavar="DIR")
@click.argument("stick", metavar="FOLDER")
@click.option(
    "--replay",
    is_flag=True,
    help="Read all entries first: no event may be left out of the map. Best practice.",
)
@click.pass_obj
def cosign(session: Session, /, folder: str, stick: str, replay: bool) -> None:
    """Cosign the checkpoint in a folder, where it continues the newest one known."""
    from application.proofs.proof_log import worded
    from transparency.checkpoint import Checkpoint
    from transparency.signed_note import SignedNote

    asked = Path(stick)
    with worded():
        who = _witness(Path(folder))
        checkpoint = Checkpoint.parse(SignedNote.parse(small(asked / "checkpoint")).text)
        known = who.known(checkpoint.origin)
        question = asked / f"old-{known.size}.add-checkpoint"
        if not question.exists():
            msg = (
                f"{stick} does not ask from size {known.size:,}, which this witness knows:"
                " have it written again with `amana log checkpoint --to`"
            )
            raise CannotTellError(msg)
        entries = _entries(asked / "entries") if replay else None
        answer = who.add_checkpoint(small(question), int(time.time()), entries)
    name = who.signers[0].name
    write_whole(asked / f"{name.replace('/', '-')}.cosignature", answer)
    how = ", all entries replayed" if replay else ""
    if session.out.mode == "json":
        session.out.document(
            {
                "origin": checkpoint.origin,
                "from": known.size,
                "size": checkpoint.size,
                "replayed": replay,
            }
        )
        return
    session.out.line(
        f"{name} cosigned {checkpoint.origin}: {known.size:,} → {checkpoint.size:,}{how}"
    )


def _witness(home: Path) -> Witness:
    from application.decisions.signing import read_key_file
    from transparency.witness import Witness

    known = _known(home)
    if not known:
        msg = f"{home} knows no log: amana witness init {home} --log policy"
        raise CannotTellError(msg)
    return Witness(read_key_file(home / "witness.key"), known, home / "state")


def _entries(path: Path) -> Iterator[bytes]:
    """Yield the entries of a file, a piece at a time.

    Raises:
        BadInputError: it is not there. MalformedError: it ends in the middle of an entry.
    """
    from transparency.replay import cut

    try:
        with path.open("rb") as file:
            while piece := file.read(ENTRY * 4096):
                yield from cut(piece)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise BadInputError(msg) from error
