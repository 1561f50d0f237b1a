"""`--sign-with FILE` at release and acceptance: an official signs with a key of their own.

At release, and at acceptance, over the manifest digest. At acceptance each weapon's newest entry in the
log of proofs is signed, too: a proof of that weapon then shows who took it over.
"""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.log import opened
from commands.terminal.guarded import guarded
from commands.terminal.session import Session
from domain.errors import BadInputError

if TYPE_CHECKING:
    from transparency.signed_note import Signer

_OPTION = ["--sign-with"]
_SETTINGS: dict[str, Any] = {
    "metavar": "FILE",
    "help": "The official's key file, from `amana key new`: signs the manifest digest.",
}


def option(command: Callable[..., object]) -> Callable[..., object]:
    """Give a hand-written command the option."""
    return click.option(*_OPTION, **_SETTINGS)(command)


def add_to(release: click.Command) -> None:
    """Give the release command the option: it fills in the signature."""
    record = release.callback

    def signed(sign_with: str | None, **options: Any) -> Any:
        session = click.get_current_context().find_object(Session)
        if sign_with is not None and session is not None:
            if len(options["subjects"]) != 1:
                msg = "sign one transfer at a time"
                raise BadInputError(msg)
            (number,) = options["subjects"]
            options["signature"] = release_signature(
                session, number, options["official"], sign_with
            )
        return record(**options) if record else None

    release.callback = signed
    release.params.append(click.Option(_OPTION, **_SETTINGS))


def _key(session: Session, official: str | None, file: str) -> Signer:
    from application.decisions.signing import official_key

    who = session.stream(official, "official") if official else session.official
    return official_key(Path(file), who)


def release_signature(session: Session, number: str, official: str | None, file: str) -> str:
    """Return the releasing official's signature over the manifest digest, base64."""
    from application.proofs import handovers

    signer = _key(session, official, file)
    return handovers.release(session.custody, session.stream(number, "transfer"), signer)


def acceptance(session: Session, number: str, official: str | None, file: str) -> dict[str, object]:
    """Return the accepting official's signatures: over the manifest, and over each weapon's entry."""
    from application.proofs import handovers

    signer = _key(session, official, file)
    with guarded(session):
        stream = session.stream(number, "transfer")
        return handovers.acceptance(opened(session), stream, signer)._asdict()
