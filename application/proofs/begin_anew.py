"""Begin another log where the old one may sign no more: after a restored backup.

The old log's three files are put aside under a name with a number, never deleted. The new log has the
next name (`…/2`, behind the old one's), keys of its own, and its first entry anchors the last note of
the old one: whoever holds that note sees that the operator did not hide it.
"""

from __future__ import annotations

import re
from pathlib import Path

from application.decisions.ledger import Ledger
from application.proofs.proof_log import NOTE_SUFFIX, ProofLog, beside, worded
from domain.errors import CannotTellError
from transparency.entries import anchor_entry
from transparency.signed_note import SignedNote

NUMBERED = re.compile(r"(.+)/([1-9][0-9]{0,3})")
"""A log that was begun anew, and which one it is. A ledger's identifier is longer, also where it
happens to be of digits alone."""


def begin(custody: Ledger) -> tuple[Path, str]:
    """Put the old log aside and begin another; return where the old one lies and the new name.

    Raises:
        CannotTellError: the copy of the last note is not there: put it back first.
    """
    old = ProofLog(custody)
    origin, note_copy, keys = old.origin, old.note_copy, old.key_path
    old.file.settle()
    old.close()
    if not note_copy.exists():
        raise CannotTellError(f"the copy of the last note {note_copy} is not there: put it back")
    with worded():
        note = str(SignedNote.parse(note_copy.read_text("utf-8")))
    numbered = NUMBERED.fullmatch(origin)
    base, count = (numbered[1], int(numbered[2])) if numbered else (origin, 1)
    aside = old.path
    for path in (old.path, note_copy, keys):
        if path.exists():
            path.rename(path.with_name(f"{path.name}.{count}"))
    aside = aside.with_name(f"{aside.name}.{count}")
    copy = note_copy if note_copy != beside(custody.path, NOTE_SUFFIX) else None
    new = ProofLog(custody, origin=f"{base}/{count + 1}", note_copy=copy)
    with worded():
        new.log.append_other(anchor_entry(note, note.encode()))
    name = new.origin
    new.close()
    return aside, name
