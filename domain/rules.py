"""The rule book, and the one way to judge an event by it.

A plan, an order or a signature can be refused; what is told as having happened (`happened`: who saw it,
which paper) never, or the truth would go off the books. What breaks a rule and stands is recorded with
the rule's number as an irregularity and shows in reports until an official closes it. A fact is judged
against the state at the instant it occurred, a decision against what is known now.

    refused always      2 a date ahead of the clock, 23 a control number given out before: these are no
                        facts of the world, and 20, 21, 24 guard the record itself
    refused as a plan   every other R; told as having happened it is flagged

Rules 20 and 21 speak about records and stand in `application/decisions/review.py`; rule 24 is the
type `Text` itself. All others stand in the modules imported here, and are entered in the book when
they are.
"""

from __future__ import annotations

from domain import rules_custody, rules_papers, rules_persons, rules_record, rules_steps
from domain.book import BOOK, RULES, Case
from domain.errors import RefusedError
from domain.event import Event, State
from domain.ids import serial_key
from domain.rules_record import CLOCK_SET

__all__ = ["BOOK", "CLOCK_SET", "RULES", "WRITTEN_IN", "Case", "judge", "serial_key"]

ALWAYS = frozenset({2, 23})
"""Rules that no telling goes round: they are about the record, not about what happened."""
WRITTEN_IN = (rules_persons, rules_custody, rules_steps, rules_record, rules_papers)
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
        if severity == "R" and (number in ALWAYS or not case.event.happened):
            raise RefusedError(number, sentence)
        flagged.append(number)
    return tuple(dict.fromkeys(flagged)) if flagged else ()
