"""What ends an intake at once: one sentence about the file, never a traceback.

Whatever is wrong with one row is no error but that row's outcome; see `codes.py`.
"""

from __future__ import annotations

SENTENCES = {
    "empty": "the file is empty",
    "changed": "the file changed while it was read: {detail}",
    "too_big": "the file has {found} MB, more than {limit} MB: split it",
    "too_big_inside": "the file unpacks to more than {limit} MB: it was not opened",
    "too_many_rows": "the sheet has more than {limit} rows: split it",
    "too_wide": "the sheet reaches beyond column {limit}: delete what is not part of the table",
    "too_full": "the sheet has more than {limit} cells: split it",
    "too_long": "cells of the sheet hold more than {limit} MB of text: it was not opened",
    "password": "the file is protected by a password: save it without one",
    "type": "the file is {found}: expected xlsx, xls, ods or csv",
    "damaged": "the file is damaged and cannot be read as {found}",
    "encoding": "the file is not UTF-8: name its encoding, most likely {proposals}",
    "encoding_unknown": "there is no encoding named {encoding}",
    "encoding_wrong": "the file is not {encoding}: byte {position} cannot be read",
    "quotes": "the file is no readable csv: {detail}",
    "sheet": "there is no sheet {sheet}: the file has {found}",
    "sheets": "several sheets look like {kind}: name one of {found}",
    "header": "no header row for {kind} was recognised in the first {limit} rows: "
    "name the columns in a column map",
    "missing": "no column was recognised for {fields}: name it in a column map",
    "twice": "columns {columns} both mean {field}: name one of them in a column map",
    "map": "the column map is not usable: {detail}",
    "table": "the table of terms is not usable: {detail}",
    "forbidden": "column {column} is not collected here: take it out of the column map",
    "dates": "the order of dates is dmy, mdy, ymd or hijri, not {dates}",
    "kind": "a sheet holds persons or weapons, not {kind}",
}


class IntakeError(Exception):
    """The file as a whole cannot be taken in. `code` is a key of SENTENCES."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(SENTENCES[code].format(**facts))
        self.code = code
        self.facts = facts
