"""The reader's policy: which logs and witnesses are believed, and how many (C2SP tlog-policy).

    log a.example/log+5c3e…+AbR2…
    witness north w.example/north+9f01…+BLg0…
    witness south w.example/south+77aa…+Bk9s…
    group both all north south
    quorum both

The policy is the reader's own and never travels inside a proof. `quorum none` believes the
operator alone, and every verdict then says so.

A cosignature proves *by when* a checkpoint existed and *until when* it was the newest. With
several witnesses both are taken with care: `by` is the earliest second at which a quorum had
signed; `since` the latest second such that a quorum signed at or after it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transparency.checkpoint import Checkpoint
from transparency.cosignature import signed
from transparency.errors import MalformedError, MismatchError
from transparency.signed_note import KeyKind, SignedNote, Verifier

MAX_BYTES = 262_144
MAX_NAMES = 64  # of logs, of witnesses and of groups
NONE = "none"
_COSIGNING = (KeyKind.ED25519_COSIGNATURE, KeyKind.ML_DSA_44_COSIGNATURE)
_LOGGING = (KeyKind.ED25519, KeyKind.ML_DSA_44_COSIGNATURE)


@dataclass(frozen=True)
class Group:
    """So many of these members, each a witness or an earlier group."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Witnessed:
    """What a quorum says of a checkpoint, in POSIX seconds.

    Args:
        by: the checkpoint existed at this second.
        since: no later checkpoint was known to a quorum at this second.
    """

    by: int
    since: int


@dataclass(frozen=True)
class Judged:
    """A checkpoint, whether a log of the policy signed it, and what a quorum says of it."""

    checkpoint: Checkpoint
    logged: bool
    witnessed: Witnessed | None


@dataclass(frozen=True)
class Policy:
    """Logs, named witnesses, groups and the quorum of a reader."""

    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, Verifier]
    groups: Mapping[str, Group]
    quorum: str

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """Every key the reader knows."""
        return (*self.logs, *self.witnesses.values())

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Read a policy file.

        Raises:
            MalformedError: with the number of the line that cannot be meant.

        Source:
            C2SP tlog-policy, with URLs after keys accepted and ignored.
        """
        return _Reader().read(text)

    def judge(self, note: SignedNote) -> Judged:
        """Return what the signatures of a checkpoint note are worth to this reader.

        Raises:
            MalformedError: not a checkpoint.
            MismatchError: a known key's signature does not verify.
        """
        checkpoint = Checkpoint.parse(note.text)
        signers = signed(note, self.verifiers)
        logged = any(key in signers and key.name == checkpoint.origin for key in self.logs)
        return Judged(checkpoint, logged, self._witnessed(signers))

    def check_log(self, note: SignedNote) -> Checkpoint:
        """Return the checkpoint of a note that a log of this policy signed.

        Raises:
            MalformedError: not a checkpoint.
            MismatchError: no log of the policy signed it, or a known signature is bad.
        """
        judged = self.judge(note)
        if not judged.logged:
            raise MismatchError(
                f"the checkpoint of size {judged.checkpoint.size} is not signed by a log"
                " of the policy"
            )
        return judged.checkpoint

    def _witnessed(self, signers: Mapping[Verifier, Sequence[int | None]]) -> Witnessed | None:
        if self.quorum == NONE:
            return None
        times = {
            name: [time for time in signers.get(key, ()) if time is not None]
            for name, key in self.witnesses.items()
        }
        seconds = sorted({time for stated in times.values() for time in stated})
        seen = {name: stated for name, stated in times.items() if stated}
        by = (t for t in seconds if self._met({n for n, x in seen.items() if min(x) <= t}))
        since = (t for t in seconds[::-1] if self._met({n for n, x in seen.items() if max(x) >= t}))
        first, last = next(by, None), next(since, None)
        return None if first is None or last is None else Witnessed(first, last)

    def _met(self, names: set[str]) -> bool:
        for name, group in self.groups.items():  # each names only what stands before it
            if sum(member in names for member in group.members) >= group.needed:
                names.add(name)
        return self.quorum in names


class _Reader:
    """Reads a policy line by line; groups and the quorum name only what stands above them."""

    def __init__(self) -> None:
        self.logs: list[Verifier] = []
        self.witnesses: dict[str, Verifier] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None

    def read(self, text: str) -> Policy:
        if len(text) > MAX_BYTES:
            raise MalformedError("the policy is too long")
        for number, line in enumerate(text.split("\n"), 1):
            words = [word for word in re.split("[ \t]+", line.rstrip("\r")) if word]
            if not words or words[0].startswith("#"):
                continue
            try:
                self._line(words)
            except MalformedError as error:
                raise MalformedError(f"policy line {number}: {error}") from None
        if self.quorum is None:
            raise MalformedError("the policy has no quorum line")
        return Policy(tuple(self.logs), self.witnesses, self.groups, self.quorum)

    def _line(self, words: Sequence[str]) -> None:
        match words:
            case ["log", key] | ["log", key, _]:
                self._log(_key(key, _LOGGING))
            case ["witness", name, key] | ["witness", name, key, _]:
                self._witness(name, _key(key, _COSIGNING))
            case ["group", name, needed, *members] if members:
                self._group(name, needed, members)
            case ["quorum", name]:
                self._quorum(name)
            case _:
                raise MalformedError("not a log, witness, group or quorum")

    def _log(self, key: Verifier) -> None:
        if any(key.public == other.public for other in self.logs) or len(self.logs) == MAX_NAMES:
            raise MalformedError("a log's key stands there twice, or there are too many")
        self.logs.append(key)

    def _witness(self, name: str, key: Verifier) -> None:
        self._new(name)
        if any(key.public == other.public for other in self.witnesses.values()):
            raise MalformedError("a witness's key stands there twice")
        self.witnesses[name] = key

    def _group(self, name: str, needed: str, members: Sequence[str]) -> None:
        self._new(name)
        if len(set(members)) != len(members) or not all(map(self._known, members)):
            raise MalformedError("a group names a member twice or one not defined above")
        count = {"all": len(members), "any": 1}.get(needed)
        if count is None and re.fullmatch("[1-9][0-9]?", needed):
            count = int(needed)
        if count is None or count > len(members):
            raise MalformedError("a group needs all, any, or a number up to its members")
        self.groups[name] = Group(count, tuple(members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise MalformedError("a second quorum")
        if name != NONE and not self._known(name):
            raise MalformedError("the quorum is not defined above")
        self.quorum = name

    def _new(self, name: str) -> None:
        if name == NONE or self._known(name):
            raise MalformedError("a name stands there twice")
        if len(self.witnesses) + len(self.groups) == MAX_NAMES:
            raise MalformedError("too many witnesses and groups")

    def _known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups


def _key(text: str, kinds: Sequence[KeyKind]) -> Verifier:
    key = Verifier.parse(text)
    if key.kind not in kinds:
        raise MalformedError("a key of a type that does not fit here")
    return key
