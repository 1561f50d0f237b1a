"""What a weapon's description may not be, at whichever door it is said: what a spreadsheet shows for it.

`#N/A` or TRUE where a serial should stand is a value that was lost, not one that was read; so is
`9.9E+07`, and two numbers are two weapons. A sheet quarantines such a row (E-SERIAL), a desk is asked.
"""

from __future__ import annotations

from application.decisions.note import Facts
from domain.errors import BadInputError
from intake.celltext import is_error, refuse_lost_figures, refuse_two_numbers
from intake.codes import Quarantine
from intake.fold import tidy

SERIALS = ("serial", "serial_raw")
DESCRIBED = (*SERIALS, "make", "model", "calibre", "country", "accessories")


def check(subject: str, facts: Facts) -> None:
    """Refuse a description that a spreadsheet left in place of one.

    Raises:
        BadInputError: which fact, and what to do.
    """
    for name in DESCRIBED:
        text = facts.get(name)
        if not isinstance(text, str):
            continue
        if is_error(text) and (name in SERIALS or text.strip().startswith("#")):
            said = "this is what a spreadsheet shows for a value that was lost"
            raise BadInputError(f"{subject}: {_asked(name, text, said)}")
        if name == "serial":
            _check_numbers(subject, text)


def _check_numbers(subject: str, text: str) -> None:
    try:
        refuse_lost_figures(tidy(text).text, "serial")
        refuse_two_numbers(text, "serial")
    except Quarantine as refused:
        said = _asked("serial", text, refused.note.words.en)
        raise BadInputError(f"{subject}: {said}") from None


def _asked(name: str, text: str, said: str) -> str:
    word = name.replace("_", " ")
    then = "type what is engraved, or leave it out and say --serial-status"
    return f"{word} '{text}': {said}; {then if name in SERIALS else 'type it, or leave it out'}"
