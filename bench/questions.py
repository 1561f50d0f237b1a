"""The thirty questions users ask, each with the one command that answers it.

`python -m bench.questions LEDGER` prints `docs/questions.md` from real output: every answer on that
page was printed by the command above it, on the synthetic ledger of `amana demo`. A test runs them all.
"""

from __future__ import annotations

import io
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from scenario.sheets import write_sheets

REFERENCE = "--as-of '12 Dec 2024 12:00' --known-at '15 Dec 2024 18:00'"
THEN = "--known-at '27 Dec 2024 18:00'"
AT_THE_END = f"--as-of '27 Dec 2024 18:00' {THEN}"
LINES = 14
"""How much of an answer the page shows."""


class Question(NamedTuple):
    """A question, the command without `amana`, and the exit code of a true answer.

    Attributes:
        varies: the answer holds keys or hashes that are new in every demo, so that it is printed
            from one and compared with none.
    """

    asked: str
    command: str
    code: int = 0
    varies: bool = False


QUESTIONS = (
    Question(
        "Who was housed at site X at noon on 12 Dec, as known on 15 Dec (and as known now: leave "
        "--known-at out)?",
        f"status --site CAMP-R1 {REFERENCE}",
    ),
    Question(
        "What changed between those answers, by whom, why?",
        "diff --site CAMP-R1 --as-of '12 Dec 2024 12:00' --known-at '15 Dec 2024 18:00' "
        "'27 Dec 2024 18:00'",
    ),
    Question(
        "Where was this person at t?", "status P-000050-0 --as-of '12 Dec 2024 12:00' " + THEN
    ),
    Question("The full history of a person?", f"history P-000050-0 {THEN}"),
    Question(
        "The full history of a weapon, with every custodian and gap?",
        f"history W-000751-8 --gaps {THEN}",
    ),
    Question(
        "Who was accountable for W at t?",
        f"status W-000751-8 --as-of '11 Dec 2024 14:00' {THEN}",
    ),
    Question(
        "What was at depot D at t?", f"status --depot DEPOT-M2 --as-of '12 Dec 2024 12:00' {THEN}"
    ),
    Question("What is still in trust, for how many days?", f"report in-trust {AT_THE_END}"),
    Question(
        "Which serials are unreadable?",
        "report weapons --serial-status ILLEGIBLE --serial-status PARTIAL "
        f"--serial-status UNTRANSLATABLE {AT_THE_END}",
    ),
    Question("Which serials are duplicated?", f"report weapons --same-serial {AT_THE_END}"),
    Question("What came from unit U?", f"report weapons --unit PARTY-BRIGADE-K17 {AT_THE_END}"),
    Question("What lacks a joint count?", f"report weapons --lacking joint-count {AT_THE_END}"),
    Question("Which seals were broken?", f"report weapons --seal-broken {AT_THE_END}"),
    Question("What did the last stock-take miss or find extra?", "stocktake show S-000002-2"),
    Question(
        "A proof of custody for W that a third party verifies offline?",
        "proof verify W-001721-4.custody-proof --policy policy.txt",
        varies=True,
    ),
    Question("Was anything altered since the last checkpoint?", "audit verify", varies=True),
    Question(
        "How many entered, were sheltered, left, per day and place?",
        f"report occupancy --from 2024-12-07 --to 2024-12-20 {THEN}",
    ),
    Question("Does the head-count equal admitted minus left?", f"report flow {AT_THE_END}"),
    Question(
        "How many crossing staff returned, when, where?",
        f"report handovers --category CROSSING_STAFF {AT_THE_END}",
    ),
    Question(
        "Who had not signed, or had withdrawn?",
        "--by OFF-043 report persons --without-pledge --as-of '16 Dec 2024 14:00' " + THEN,
    ),
    Question(
        "Were all who declined kept off every manifest?",
        f"--by OFF-043 report persons --declined {AT_THE_END}",
    ),
    Question("Which handovers were irregular?", "irregularity list --of 'handed over'"),
    Question(
        "Transfer T: released against accepted, line by line? Who received, for whom?",
        "transfer show T-000050-6",
    ),
    Question(
        "Who was in care, absent, deceased?",
        "report persons --custody IN_CARE --custody ABSENT --custody DECEASED "
        f"--as-of '8 Dec 2024 12:00' {THEN}",
    ),
    Question("Are all effects returned?", f"report persons --effects {AT_THE_END}"),
    Question(
        "Which public figures agree with the ledger, under which reading?",
        f"report statements {THEN}",
    ),
    Question("What was recorded more than 24 h late, by whom?", "audit late --over 24h"),
    Question(
        "Which rows of a sheet were rejected, quarantined, changed? (Once imported: `intake show`.)",
        "intake check persons.xlsx --dates dmy",
        code=4,
        varies=True,
    ),
    Question("Are the read models what the log says?", "audit replay --sample 5%"),
    Question("Who looked at whose record, and why?", "audit access"),
)


def ask(ledger: Path, question: Question, lines: int = LINES) -> tuple[int, str]:
    """Run one question's command on a ledger and return the exit code and its output's beginning."""
    from cli import root

    out, err, code = io.StringIO(), io.StringIO(), 0
    settings = ["--config", str(ledger.with_name("amana.toml"))]
    with redirect_stdout(out), redirect_stderr(err):
        try:
            root([*settings, *shlex.split(question.command)], standalone_mode=True)
        except SystemExit as end:
            code = int(end.code or 0)
    printed = out.getvalue().rstrip("\n").split("\n")
    shown = printed[:lines]
    if len(printed) > lines:
        shown.append(f"… {len(printed) - lines:,} more lines")
    return code, "\n".join(line.rstrip() for line in (*shown, *err.getvalue().splitlines()))


def page(ledger: Path, *, varying: bool = True) -> Iterator[str]:
    """Yield the page, line by line; without answers that vary where asked."""
    yield "# Questions, and the command that answers each"
    yield ""
    yield "Every answer here was printed by the command above it, on the SYNTHETIC ledger that"
    yield "`amana demo` makes (`make questions` writes this page anew). Long answers are cut."
    for number, question in enumerate(QUESTIONS, 1):
        answer = ask(ledger, question)[1] if varying or not question.varies else None
        yield ""
        yield f"## {number}. {question.asked}"
        yield ""
        yield "```"
        yield f"$ amana {question.command}"
        if answer is not None:
            yield from answer.split("\n")
        yield "```"


if __name__ == "__main__":
    demo = Path(sys.argv[1]).absolute()
    write_sheets(demo.parent)
    os.chdir(demo.parent)
    sys.stdout.write("\n".join(page(demo)) + "\n")
