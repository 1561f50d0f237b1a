"""The rule book: 24 agreed rules and two that the steps of transfers and counts need.

A decision can be refused; a fact never: it happened. What breaks an F or C rule is recorded with the
rule's number as an irregularity and shows in reports until an official closes it. A fact is judged
against the state at the instant it occurred, a decision against what is known now.

Rules 20 and 21 speak about records and stand in `application/decisions/review.py`; rule 24 is the
type `Text` itself. All others stand in the modules imported here, and are entered in the book when
they are.
"""

from __future__ import annotations

from domain import rules_custody, rules_persons, rules_steps
from domain.book import BOOK, RULES, Case
from domain.errors import RefusedError
from domain.event import Event, State
from domain.rules_custody import serial_key

__all__ = ["BOOK", "WRITTEN_IN", "Case", "judge", "serial_key"]

WRITTEN_IN = (rules_persons, rules_custody, rules_steps)
for _rules in RULES.values():
    _rules.sort(key=lambda r: r.number)


def judge(case: Case[State, Event]) -> tuple[int, ...]:
    """Return the numbers of the rules a fact breaks.

    Raises:
        RefusedError: an R rule refuses; the lowest number speaks.
    """
    flagged = []
    for number, severity, check in RULES[case.event.TOPIC]:
        sentence = check(case)
        if sentence is None:
            continue
        if severity == "R":
            raise RefusedError(number, sentence)
        flagged.append(number)
    return tuple(flagged)
