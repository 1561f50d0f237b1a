"""Who asks, and what they may read: the only place where an answer withholds anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from application.decisions.access import PROTECTED_FACETS, may_read_protected
from application.decisions.ledger import Ledger
from domain.errors import NotAllowedError


class Reader(NamedTuple):
    """One who asks.

    Attributes:
        official: the code; None where nobody was named.
        protected: whether intent, protection, pledges and family may be read.
    """

    official: str | None
    protected: bool

    def need_protected(self) -> None:
        """Refuse who may not read what a person wants.

        Raises:
            NotAllowedError: this reader may not.
        """
        if not self.protected:
            msg = (
                "intent and pledges are read by welfare, interviewers, chairs and auditors only "
                "(--by)"
            )
            raise NotAllowedError(msg)

    def facts(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Return facts about a subject without those that this reader may not see."""
        if self.protected:
            return dict(facts)
        return {name: value for name, value in facts.items() if name not in PROTECTED_FACETS}

    def sees(self, fact: str) -> bool:
        """Return whether this reader may see a fact of this name."""
        return self.protected or fact not in PROTECTED_FACETS


def reader(custody: Ledger, official: str | None) -> Reader:
    """Return the reader an official is.

    Raises:
        UnknownError: the official is not in the directory.
    """
    return Reader(official, may_read_protected(custody, official))
