"""What comes in with a sheet: the file, its rows as they were judged, and what an official says of it.

Source     the file        Said       what the sheet does not say
SheetRow   one row         Taken      what it became; Refusal: why it became nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Source(NamedTuple):
    """The file that rows come from.

    Attributes:
        kind: persons or weapons. file: its name. form: xlsx, csv, …
        sha256: of its bytes, hex. content: of the rows alone, hex, the same when it is saved anew.
        titles: of its columns; "" for those never collected, which `left_out` names.
        mends: SHA-256 of the file whose rejected rows this one puts right, or "".
    """

    kind: str
    file: str
    sha256: str
    content: str
    form: str
    sheet: str
    titles: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    mends: str = ""


class SheetRow(NamedTuple):
    """One row as the intake room judged it.

    Attributes:
        number: as the spreadsheet shows it. clean: field to value; empty unless accepted.
        cells: as shown, never changed; those of columns that are not collected are empty.
        of_row: the earlier row it duplicates. mends: the row of the earlier file it puts right.
    """

    number: int
    outcome: str
    codes: tuple[str, ...]
    clean: Mapping[str, str | None]
    cells: tuple[str, ...]
    of_row: int | None = None
    mends: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether it is to be recorded."""
        return self.outcome in {"ACCEPTED", "WITH_WARNING"}


class Said(NamedTuple):
    """What the sheet does not say and the official who imports it does.

    Attributes:
        by: the official. zone: of the site, for times without an offset.
        site: where a row names none. party: who received the persons; the official's own unless
            given. receiver: the official accountable for the weapons; the importing one unless given.
        document: what the sheet was copied from.
    """

    by: str
    zone: ZoneInfo
    site: str | None = None
    party: str | None = None
    receiver: str | None = None
    document: str = ""


class Refusal(NamedTuple):
    """Why a row is not recorded: a code, the field, the reason in English and Arabic."""

    code: str
    field: str | None
    en: str
    ar: str


class RowRefusedError(Exception):
    """Ends the recording of one row; never shown as an error."""

    def __init__(self, code: str, field: str | None, en: str, ar: str) -> None:
        super().__init__(code, field, en, ar)
        self.refusal = Refusal(code, field, en, ar)


class Taken(NamedTuple):
    """What a row became: its subject, the rules it broke, the warnings found on the way."""

    subject: str
    irregularities: tuple[int, ...]
    codes: tuple[str, ...] = ()
