"""The vault: personal values, sealed under each subject's own key. Events hold commitments only.

    disclosure   base64url(JSON [salt, field, value])                RFC 9901 §4.2.1
    commitment   base64url(SHA-256(disclosure)), stands in the event RFC 9901 §4.2.3
    sealed       nonce (12) ‖ AES-256-GCM(subject key, disclosure, associated data = commitment)

Subject keys are random, wrapped with AES-256-GCM by the ledger key (associated data = the subject's
id) and live in a file of their own beside the ledger, `<ledger>.keys`, with its own backup: a copy of
the ledger alone reveals no one. The ledger key is a file of mode 0600 outside both. From it, by
HKDF-SHA256 (RFC 5869), come the wrapping key, the key of the blind index and the log's secret.

A person is found by two fields at least, through HMAC-SHA256 of the folded value (`intake/personal.py`
says how; a date is found by its month and year, too): nobody is listed. What ledgers of before sealed
is found under the plainer fold of then.
Whoever opens personal values is recorded: who, whose, why.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import sqlite3
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from application.store import files
from application.store.interface import Store
from application.store.sqlite_file import connect, transaction, translated
from domain.errors import BadInputError, CannotTellError
from intake.personal import keys as index_keys
from transparency import disclosure

KEY_HEADER = "amana-ledger-key/v1 "
KEY_BYTES, NONCE_BYTES, SALT_BYTES = 32, 12, 16
Mark = tuple[int, int, int, int]
"""How much waits: keys, values, subjects to be shredded, entries of the index."""
_ARABIC_MARKS = dict.fromkeys([0x0640, 0x0670, *range(0x064B, 0x0660)])


def new_key_file(path: Path) -> None:
    """Write a fresh ledger key, mode 0600. An existing file is never overwritten.

    Raises:
        BadInputError: there is a file of that name. StorageError: it cannot be written.
    """
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    files.new_key_file(path, f"{KEY_HEADER}{key}\n")


def read_key_file(path: Path) -> bytes:
    """Return the ledger key's 32 bytes.

    Raises:
        BadInputError: others may read the file, or it does not hold a key.
        CannotTellError: there is no such file.
    """
    missing = f"the ledger key {path} is not there: name it with --key-file or AMANA_KEY_FILE"
    text = files.read_key_file(path, "a ledger key", missing, encoding="ascii")
    try:
        key = base64.b64decode(text.removeprefix(KEY_HEADER).strip(), validate=True)
    except ValueError:
        key = b""
    if not text.startswith(KEY_HEADER) or len(key) != KEY_BYTES:
        msg = f"{path} does not hold a ledger key: put the copy of the ledger's key back"
        raise BadInputError(msg)
    return key


def derive(ledger_key: bytes, purpose: str) -> bytes:
    """Return 32 bytes for one purpose (HKDF-SHA256, RFC 5869, no salt)."""
    return HKDF(SHA256(), KEY_BYTES, None, f"amana/{purpose}/v1".encode()).derive(ledger_key)


def fingerprint(ledger_key: bytes) -> str:
    """Return what the ledger remembers of its key to recognise it: 16 hex characters."""
    return derive(ledger_key, "fingerprint").hex()[:16]


def folded(value: str) -> str:
    """Return a name without case, Arabic marks and spaces (NFKC).

    The blind index compared by it once; names of sites and parties in sheets are.
    """
    plain = unicodedata.normalize("NFKC", value).casefold().translate(_ARABIC_MARKS)
    return "".join(plain.split())


class Vault:
    """Seals and opens personal values; its rows are written in the events' own transaction."""

    def __init__(
        self,
        store: Store,
        keys_path: Path,
        ledger_key: bytes,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._store = store
        self._keys_path = keys_path
        self._entropy = entropy
        self._wrap = AESGCM(derive(ledger_key, "wrap"))
        self._index_key = derive(ledger_key, "index")
        self._ciphers: dict[str, AESGCM] = {}
        self._new_keys: list[tuple[str, bytes]] = []
        self._rows: list[tuple[str, str, str, bytes]] = []
        self._index: list[tuple[bytes, str]] = []
        self._shredded: list[str] = []
        self._keys: sqlite3.Connection | None = None

    def seal(self, subject: str, values: Mapping[str, str]) -> dict[str, str]:
        """Seal a subject's values and return each field's commitment, for the event to hold."""
        cipher = self._cipher(subject, make=True)
        commitments = {}
        for field, value in values.items():
            text = disclosure.disclose(self._entropy(SALT_BYTES), field, value)
            digest = disclosure.digest(text)
            nonce = self._entropy(NONCE_BYTES)
            sealed = nonce + cipher.encrypt(nonce, text.encode(), digest.encode())
            self._rows.append((subject, digest, field, sealed))
            self._index += [(entry, subject) for entry in self._entries(field, value)]
            commitments[field] = digest
        return commitments

    def write(self) -> None:
        """Write what was sealed: keys first and durably, then rows in the caller's transaction.

        A key without rows, left by a crash in between, opens nothing and harms nothing.
        """
        if self._rows:
            self._write_sealed()
        for subject in self._shredded:
            self._destroy(subject)
        self._shredded.clear()

    def _write_sealed(self) -> None:
        if self._new_keys:
            with translated(self._keys_path), transaction(self.keys):
                self.keys.executemany(
                    "INSERT INTO subject_key (subject, wrapped) VALUES (?, ?)"
                    " ON CONFLICT (subject) DO UPDATE SET wrapped = excluded.wrapped",
                    self._new_keys,
                )
        self._store.executemany(
            "INSERT INTO vault (subject, digest, field, sealed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            self._rows,
        )
        self._store.executemany(
            "INSERT INTO vault_index (key, subject) VALUES (?, ?) ON CONFLICT DO NOTHING",
            self._index,
        )
        self._new_keys.clear()
        self._rows.clear()
        self._index.clear()

    def mark(self) -> Mark:
        """Return how much waits to be written, for `undo`."""
        return len(self._new_keys), len(self._rows), len(self._shredded), len(self._index)

    def undo(self, mark: Mark | None = None) -> None:
        """Drop what was sealed or shredded since a mark and is not written: it was refused, or failed.

        Without a mark, drop every key in memory too: another process may have destroyed it.
        """
        keys, rows, shredded, index = mark or (0, 0, 0, 0)
        for subject, _ in self._new_keys[keys:]:
            self._ciphers.pop(subject, None)
        if mark is None:
            self._ciphers.clear()
        del self._new_keys[keys:], self._rows[rows:], self._index[index:]
        del self._shredded[shredded:]

    def opened(self, subject: str, commitments: Mapping[str, str]) -> dict[str, str]:
        """Return the values behind a subject's commitments.

        Raises:
            CannotTellError: the key was erased, or is not the one they were sealed under.
        """
        cipher = self._cipher(subject, make=False)
        values = {}
        for field, digest in commitments.items():
            row = self._store.one(
                "SELECT sealed FROM vault WHERE subject = ? AND digest = ?", (subject, digest)
            )
            if row is None:
                continue
            sealed = row[0]
            try:
                text = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], digest.encode())
            except InvalidTag as error:
                msg = f"{subject}: the value of {field} does not open: the vault was altered"
                raise CannotTellError(msg) from error
            values[field] = str(disclosure.read(text.decode())[2])
        return values

    def find(self, values: Mapping[str, str]) -> list[str]:
        """Return the subjects whose every given field has the given value.

        Raises:
            BadInputError: fewer than two fields were given.
        """
        if len(values) < 2:  # noqa: PLR2004 -- the rule says two
            msg = "a person is found by two fields at least, for example a name and a year of birth"
            raise BadInputError(msg)
        found: set[str] | None = None
        for field, value in values.items():
            subjects = self._bearing(field, value)
            found = subjects if found is None else found & subjects
        return sorted(found or ())

    def linked(self, field: str, value: str) -> list[str]:
        """Return the subjects that a document names by one value, such as a service number.

        For linking records while a sheet is taken in, never for a search: see `find`.
        """
        return sorted(self._bearing(field, value))

    def _bearing(self, field: str, value: str) -> set[str]:
        """Return the subjects with a value of a field, or with one that is more exact."""
        wanted = (
            self._entry(field, index_keys(field, value)[0]),
            self._entry(field, folded(value)),
        )
        rows = self._store.fetch("SELECT subject FROM vault_index WHERE key IN (?, ?)", wanted)
        return {subject for (subject,) in rows}

    def keyless(self, subject: str) -> bool:
        """Return whether a subject has no key here: erased, or the file of keys is of another day."""
        return self._wrapped(subject) is None

    def lost(self) -> list[str]:
        """Return the subjects whose values are here while their key is not: none of them is erased.

        An erased subject's values are destroyed with its key.
        """
        with translated(self._keys_path):
            keyed = {subject for (subject,) in self.keys.execute("SELECT subject FROM subject_key")}
        rows = self._store.fetch("SELECT DISTINCT subject FROM vault ORDER BY subject")
        return [subject for (subject,) in rows if subject not in keyed]

    def shut(self) -> list[str]:
        """Return the subjects whose key is here and is not opened by the ledger key, in order."""
        with translated(self._keys_path):
            query = "SELECT subject, wrapped FROM subject_key ORDER BY subject"
            rows = self.keys.execute(query).fetchall()
        found = []
        for subject, wrapped in rows:
            try:
                self._unwrapped(subject, wrapped)
            except CannotTellError:
                found.append(subject)
        return found

    def shred(self, subject: str) -> None:
        """Destroy a subject's key and sealed values, so that no backup of the ledger reveals them.

        It happens at the end of the unit: a command that is refused after it destroys nothing.
        """
        self._shredded.append(subject)

    def _destroy(self, subject: str) -> None:
        with translated(self._keys_path):
            self.keys.execute("PRAGMA secure_delete=ON")
            self.keys.execute("DELETE FROM subject_key WHERE subject = ?", (subject,))
            self.keys.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._store.execute("DELETE FROM vault WHERE subject = ?", (subject,))
        self._store.execute("DELETE FROM vault_index WHERE subject = ?", (subject,))
        self._ciphers.pop(subject, None)

    @property
    def keys(self) -> sqlite3.Connection:
        """The file of wrapped subject keys."""
        if self._keys is None:
            self._keys = connect(self._keys_path)
        return self._keys

    def close(self) -> None:
        """Close the file of keys."""
        if self._keys is not None:
            self._keys.close()
            self._keys = None

    def _cipher(self, subject: str, *, make: bool) -> AESGCM:
        if cipher := self._ciphers.get(subject):
            return cipher
        wrapped = self._wrapped(subject)
        if wrapped is None and not make:
            msg = f"{subject}: its key is erased or not here: its personal values cannot be read"
            raise CannotTellError(msg)
        key = self._new_key(subject) if wrapped is None else self._unwrapped(subject, wrapped)
        self._ciphers[subject] = cipher = AESGCM(key)
        return cipher

    def _wrapped(self, subject: str) -> bytes | None:
        with translated(self._keys_path):
            query = "SELECT wrapped FROM subject_key WHERE subject = ?"
            row = self.keys.execute(query, (subject,)).fetchone()
        return None if row is None else bytes(row[0])

    def _new_key(self, subject: str) -> bytes:
        key, nonce = self._entropy(KEY_BYTES), self._entropy(NONCE_BYTES)
        self._new_keys.append((subject, nonce + self._wrap.encrypt(nonce, key, subject.encode())))
        return key

    def _unwrapped(self, subject: str, wrapped: bytes) -> bytes:
        try:
            return self._wrap.decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], subject.encode()
            )
        except InvalidTag as error:
            msg = (
                f"{subject}: the ledger key does not open its key: "
                "is it the right key file, and the file of keys of the same day?"
            )
            raise CannotTellError(msg) from error

    def _entries(self, field: str, value: str) -> list[bytes]:
        return [self._entry(field, key) for key in index_keys(field, value)]

    def _entry(self, field: str, key: str) -> bytes:
        text = f"{field}\0{key}".encode()
        return hmac.digest(self._index_key, text, "sha256")
