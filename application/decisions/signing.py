"""Keys of Ed25519 and ML-DSA-44 in files of mode 0600, and what officials sign with theirs.

    OFF-031.key            PRIVATE+KEY+OFF-031+…     one line: an official's Ed25519 key
    ledger.log.key         two lines: the log's Ed25519 and ML-DSA-44 keys, beside the ledger key
    witness.key            a witness's keys

An official signs what both sides of a transfer sign, its manifest digest, and at acceptance each
weapon's previous entry in the log, so that a proof can show who took it over:

    manifest   Ed25519("custody-manifest/v1" LF ‖ digest in lower-case hex ‖ LF)
    handover   Ed25519("custody/handover/v1" LF ‖ leaf hash of the version before)

The directory holds the public half (`amana directory register-key`). A signature that the registered
key does not verify is refused when it is recorded; so is one by an official without a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from application.store import files
from domain.errors import BadInputError, DisprovedError
from transparency.encoding import b64, unb64
from transparency.entries import handover_message
from transparency.errors import MalformedError, MismatchError, ProofError
from transparency.signed_note import KeyKind, Signer, Verifier

_MOST = 4


def new_key_file(path: Path, signers: Sequence[Signer]) -> None:
    """Write keys to a file of mode 0600. An existing file is never overwritten.

    Raises:
        BadInputError: there is a file of that name. StorageError: it cannot be written.
    """
    files.new_key_file(path, _text(signers))


def replace_key_file(path: Path, signers: Sequence[Signer]) -> None:
    """Put other keys in the place of a key file's, in one step, mode 0600.

    Raises:
        StorageError: it cannot be written.
    """
    files.replace_key_file(path, _text(signers))


def read_key_file(path: Path) -> list[Signer]:
    """Return the signing keys of a file.

    Raises:
        BadInputError: others may read the file, or it does not hold keys.
        CannotTellError: there is no such file.
    """
    text = files.read_key_file(path, "a key file", f"the key file {path} is not there")
    try:
        signers = [Signer.parse(line) for line in text.splitlines()]
    except ProofError as error:
        msg = f"{path} does not hold a signing key: {error}"
        raise BadInputError(msg) from error
    if not 0 < len(signers) <= _MOST:
        msg = f"{path} does not hold a signing key"
        raise BadInputError(msg)
    return signers


def _text(signers: Sequence[Signer]) -> str:
    return "".join(f"{signer.secret}\n" for signer in signers)


# ── officials ───────────────────────────────────────────────────────────────


def official_key(path: Path, official: str) -> Signer:
    """Return an official's own signing key.

    Raises:
        BadInputError: the file holds another official's key, or none of type Ed25519.
        CannotTellError: there is no such file.
    """
    (signer, *_) = read_key_file(path)
    if signer.name != official or signer.kind is not KeyKind.ED25519:
        msg = f"{path} holds the key of {signer.name}, not the Ed25519 key of {official}"
        raise BadInputError(msg)
    return signer


def public_key(signer: Signer) -> str:
    """Return what the directory registers: base64 of the 32-byte public key."""
    return b64(signer.verifier.public)


def manifest_message(digest: str) -> bytes:
    """Return the bytes an official signs for a manifest digest in lower-case hex."""
    return f"custody-manifest/v1\n{digest}\n".encode("ascii")


def sign_manifest(signer: Signer, digest: str) -> str:
    """Return an official's signature over a manifest digest, base64."""
    return b64(signer.raw(manifest_message(digest)))


class Handover(NamedTuple):
    """A receiving official's signature over one weapon's newest entry in the log.

    Attributes:
        version: the weapon's version signed over, counted from 1.
        leaf: that entry's 32-byte leaf hash.
        key: verifier key. signature: base64.
    """

    version: int
    leaf: bytes
    key: str
    signature: str


def sign_handover(signer: Signer, version: int, leaf: bytes) -> Handover:
    """Sign for one weapon, over the 32-byte leaf hash of its newest version in the log."""
    signature = b64(signer.raw(handover_message(leaf)))
    return Handover(version, leaf, str(signer.verifier), signature)


def check_manifest(official: str, registered: str, digest: str, signature: str) -> None:
    """Refuse a signature over a manifest that is not the official's own.

    Args:
        official: who is said to have signed. registered: their public key, base64; "" for none.
        digest: of the frozen manifest. signature: base64.

    Raises:
        DisprovedError: no key is registered, or it does not verify the signature.
    """
    _check(official, registered, manifest_message(digest), signature, "the manifest's digest")


def check_handover(official: str, registered: str, signed: Handover) -> None:
    """Refuse a handover that is not signed with the official's registered key.

    Raises:
        DisprovedError: it is another key, or the signature is not over the entry.
    """
    if signed.key != _named(official, registered):
        msg = f"the handover is not signed with the key registered for {official}"
        raise DisprovedError(msg)
    message = handover_message(signed.leaf)
    _check(official, registered, message, signed.signature, "the weapon's entry before")


def _named(official: str, registered: str) -> str:
    try:
        return str(Verifier(official, KeyKind.ED25519, unb64(registered)))
    except MalformedError:
        return ""


def _check(official: str, registered: str, message: bytes, signature: str, what: str) -> None:
    if not registered:
        msg = (
            f"{official} has no key in the directory: register it with `amana directory"
            " register-key`, or leave the signature out"
        )
        raise DisprovedError(msg)
    try:
        Verifier(official, KeyKind.ED25519, unb64(registered)).check(message, unb64(signature))
    except (MalformedError, MismatchError):
        msg = f"the signature is not {official}'s over {what}"
        raise DisprovedError(msg) from None
