"""The open irregularities of one rule, to be closed together with one reason."""

from __future__ import annotations

from application.decisions.ledger import Ledger
from domain.book import BOOK
from domain.errors import RefusedError, UnknownError


def closable(custody: Ledger, rule: int, batch: str | None = None) -> tuple[tuple[str, int], ...]:
    """Return the events with an open irregularity by a rule, of one operation where it is named.

    Raises:
        RefusedError: the rule is critical: such are closed singly. UnknownError: none is open.
    """
    if rule not in BOOK:
        msg = f"there is no rule {rule}: `amana rules` prints the book"
        raise UnknownError(msg)
    if "C" in BOOK[rule][0]:
        msg = "what breaks it is critical and is closed singly: amana irregularity close EVENT RULE"
        raise RefusedError(rule, msg)
    found = tuple(
        (known.id, version)
        for known in custody.streams.every()
        for version, number in known.state.irregular
        if number == rule and batch in {None, known.events[version - 1].batch}
    )
    if not found:
        where = "" if batch is None else f" in {batch}"
        msg = f"no irregularity by rule {rule} is open{where}"
        raise UnknownError(msg)
    return found
