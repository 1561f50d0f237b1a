"""The tables of a ledger, once. What cannot be rebuilt, and the register, which can.

    stored_events   the library's table; `position` is the place in the log, never used twice
    idempotency     what a command that was sent twice has recorded the first time
    control_number  the last number given out, per prefix
    register        (name, key) → subjects: serials, containers, who is housed where, open lines
    vault, vault_index, access_log                                     see `vault.py`
    import_batch, import_row, import_pair    sheets taken in, and who looks alike, see `imports/`
    ledger          settings of this ledger

The register is written in the events' own transaction, so that a decision may trust it.

Another engine differs in three words alone: BLOB, INTEGER (64 bits) and AUTOINCREMENT, the order of
positions; WITHOUT ROWID falls away.
"""

from __future__ import annotations

FORMAT = 2
"""Raised when the tables change: another format is refused, never read half."""
TABLES = (
    """CREATE TABLE stored_events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    originator_id TEXT NOT NULL, originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL, state BLOB NOT NULL,
    UNIQUE (originator_id, originator_version))""",
    """CREATE TABLE idempotency (
    key TEXT PRIMARY KEY, command BLOB NOT NULL, subject TEXT NOT NULL, version INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE TABLE control_number (prefix TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE register (
    name TEXT, key TEXT, subject TEXT, PRIMARY KEY (name, key, subject)) WITHOUT ROWID""",
    """CREATE TABLE vault (
    subject TEXT, digest TEXT, field TEXT NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (subject, digest)) WITHOUT ROWID""",
    """CREATE TABLE vault_index (
    key BLOB, subject TEXT, PRIMARY KEY (key, subject)) WITHOUT ROWID""",
    """CREATE TABLE access_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, official TEXT NOT NULL,
    subject TEXT NOT NULL, fields TEXT NOT NULL, purpose TEXT NOT NULL)""",
    """CREATE TABLE import_batch (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL,
    content TEXT NOT NULL, sheet TEXT NOT NULL, attempt INTEGER NOT NULL,
    total INTEGER NOT NULL, titles TEXT NOT NULL,
    left_out TEXT NOT NULL, document TEXT NOT NULL, mends TEXT NOT NULL, official TEXT NOT NULL,
    recorded_at INTEGER NOT NULL, status TEXT NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE import_row (
    batch TEXT, row INTEGER, verdict TEXT NOT NULL, codes TEXT NOT NULL, subject TEXT,
    digest TEXT NOT NULL, of_row INTEGER, mends INTEGER, PRIMARY KEY (batch, row)) WITHOUT ROWID""",
    "CREATE INDEX import_subject ON import_row (subject) WHERE subject IS NOT NULL",
    """CREATE TABLE import_pair (
    one TEXT, other TEXT, batch TEXT NOT NULL, score INTEGER NOT NULL, why TEXT NOT NULL,
    decision TEXT NOT NULL, official TEXT NOT NULL, decided_at INTEGER NOT NULL,
    PRIMARY KEY (one, other)) WITHOUT ROWID""",
    "CREATE TABLE ledger (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)
KEY_TABLES = ("CREATE TABLE subject_key (subject TEXT PRIMARY KEY, wrapped BLOB NOT NULL)",)
"""Of the file of wrapped subject keys, which has a back-up of its own."""
