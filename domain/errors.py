"""What the house refuses or cannot find: one tree, each sentence worded once.

    CustodyError                 anything a user is told in one sentence
    ├── BadInputError            what was typed cannot be understood                  exit 2
    ├── RefusedError             a rule of the book refuses                      exit 3
    │   └── NotAllowedError      the official lacks the role                     exit 3
    ├── LooksAlikeError          a person decides first: is it there already?    exit 3
    ├── UnknownError             there is no such thing in this ledger           exit 5
    ├── BusyError                another writer was faster; safe to retry        exit 6
    ├── DisprovedError           what was checked does not hold                  exit 1
    ├── CannotTellError          a key was erased, an anchor is missing          exit 7
    └── StorageError             the disk or the file failed; nothing was done   exit 74

Sentences are lower case without a full stop: the subject with its key first, then the fact, then
what was expected and got, then what to do. Never a person's name.
"""

from __future__ import annotations


class CustodyError(Exception):
    """What the house refuses or cannot find. Its text is shown to the user."""

    exit_code = 2


class BadInputError(CustodyError):
    """What was typed cannot be understood."""

    exit_code = 2


class RefusedError(CustodyError):
    """A rule refuses a decision. Carries the rule's number.

    Args:
        number: the rule's number in the book.
        sentence: which subject, what is the case, what would be needed.
    """

    exit_code = 3

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(f"rule {number}: {sentence}")
        self.number = number


class NotAllowedError(CustodyError):
    """The official who asks does not hold a role that may do this."""

    exit_code = 3


class LooksAlikeError(CustodyError):
    """What would be recorded looks like what is there: a person decides. Nothing was recorded.

    Args:
        alike: what is there, by control number.
    """

    exit_code = 3

    def __init__(self, alike: tuple[str, ...]) -> None:
        super().__init__(
            f"looks alike: {', '.join(alike)}, registered before, so nothing was recorded; compare the "
            "two (amana person show), then register with --new if it is another person"
        )
        self.alike = alike


class UnknownError(CustodyError):
    """There is no such person, weapon, transfer, site, party, official or event."""

    exit_code = 5


class BusyError(CustodyError):
    """Another writer holds the ledger or was faster. Nothing was recorded; safe to retry."""

    exit_code = 6


class DisprovedError(CustodyError):
    """What was checked does not hold: a hash, a signature, or one history after another."""

    exit_code = 1


class CannotTellError(CustodyError):
    """The answer cannot be known: a key was erased or an anchor is missing."""

    exit_code = 7


class StorageError(CustodyError):
    """The disk, the file or its permissions failed. Nothing was recorded."""

    exit_code = 74
