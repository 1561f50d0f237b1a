"""Text, `--plain` and `--json` of every answer carry the same facts, and leave with the same code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from application.decisions.open import zone_of
from domain import times
from domain.times import When
from tests.rich_ledger import Rich, fill
from tests.terminal import TREE, TREE_OPTIONS

ZONE = zone_of("Asia/Baghdad")
CLERK, NOBODY, STRANGER = "OFF-010", "", "OFF-999"
WELFARE, AUDITOR, SECURITY, CHAIR = "OFF-015", "OFF-019", "OFF-011", "OFF-020"


class Asked(NamedTuple):
    """A question, and the official who asks it."""

    words: str
    by: str = AUDITOR


def asked(words: tuple[str, ...], by: str = AUDITOR) -> tuple[Asked, ...]:
    """Return questions that one official asks."""
    return tuple(Asked(one, by) for one in words)


SPAN = "--from 2024-12-07 --until 2024-12-20"
QUESTIONS = {
    "status": (
        *asked((
            "status", "status --bounds", "status --known-at @60",
            "status {weapon}", "status {weapon} --why --bounds", "status {unsafe}",
            "status {declared}", "status {slip}", "status {double}", "status {survivor}",
            "status {handed}", "status {count}", "status {call}", "status {open}",
            "status {transfer}", "status {planned}", "status OFF-017", "status SITE-CAMP-R1",
            "status PARTY-MOD", "status {spanned}",
            "status {doubtful} --as-of '9 Dec 2024 09:00' --bounds --why",
            "status {person} --as-of '9 Dec 2024 12:00' --known-at '11 Dec 2024 12:00'",
            "status --site CAMP-R1", "status --site CAMP-R1 --as-of '9 Dec 2024 09:00' --bounds",
            "status --depot DEPOT-1 --known-at -1c", "status --crate CRATE-1",
            "status --party PARTY-MOD",
        )),
        Asked("status {person}", WELFARE), Asked("status {person}", SECURITY),
        Asked("status {weapon}", NOBODY),
    ),
    "history": (
        *asked((
            "history {weapon} --gaps --evidence", "history {unsafe}", "history {double}",
            "history {doubtful}", "history {spanned}", "history {count}", "history {transfer}",
            "history OFF-017", "history {person} --known-at @60",
        )),
        Asked("history {person}", WELFARE), Asked("history {person}", SECURITY),
    ),
    "diff": (
        *asked((
            "diff {weapon} --as-of '8 Dec 2024 12:00' --as-of now",
            "diff {count} --as-of '12 Dec 2024 07:00' --as-of now",
            "diff OFF-017 --as-of '19 Dec 2024 07:00' --as-of now",
            "diff --site CAMP-R1 --as-of '12 Dec 2024 12:00' --known-at @55 now",
            "diff --everybody --as-of '8 Dec 2024 12:00' --as-of '13 Dec 2024 12:00'",
        )),
        Asked("diff {person} --as-of '8 Dec 2024 12:00' --as-of '10 Dec 2024 12:00'", WELFARE),
        Asked("diff {person} --as-of '8 Dec 2024 12:00' --as-of '10 Dec 2024 12:00'", SECURITY),
    ),
    "report declined": (Asked("report declined", WELFARE),),
    "report discrepancies": asked(("report discrepancies", "report discrepancies --all")),
    "report flow": (Asked(f"report flow {SPAN}"),),
    "report handovers": (Asked("report handovers"),),
    "report headcount": asked((
        "report headcount", "report headcount --as-of '8 Dec 2024 12:00'",
    )),
    "report in-trust": asked(("report in-trust", "report in-trust --transit")),
    "report irregularities": asked((
        "report irregularities", "report irregularities --rule 22",
    )),
    "report occupancy": asked((
        f"report occupancy {SPAN}", f"report occupancy {SPAN} --kind weapon",
    )),
    "report persons": (
        Asked("report persons --site CAMP-R1"), Asked("report persons --effects"),
        Asked("report persons --declined", WELFARE),
    ),
    "report statements": (Asked("report statements"),),
    "report weapons": asked((
        "report weapons --recount-due", "report weapons --same-serial",
        "report weapons --held-up", "report weapons --seal-broken",
    )),
    "crate list": asked(("crate list", "crate list --site DEPOT-1")),
    "crate show": (Asked("crate show CRATE-1"), Asked("crate show CRATE-1 --as-of '9 Dec 2024 08:30'")),
    "transfer show": asked(("transfer show {transfer}", "transfer show {planned}")),
    "handover show": (Asked("handover show T-000001-O"),),
    "stocktake list": (Asked("stocktake list"),),
    "stocktake show": asked((
        "stocktake show {count}", "stocktake show {open}", "stocktake show last",
    )),
    "directory list": asked((
        "directory list sites", "directory list parties", "directory list officials",
    )),
    "irregularity list": asked((
        "irregularity list", "irregularity list --rule 22", "irregularity list --closed",
    )),
    "pending": (
        Asked("pending"), Asked("pending --mine", CHAIR), Asked("pending {proposal}"),
    ),
    "audit access": (Asked("audit access"),),
    "audit late": asked(("audit late", "audit late --over 3d --known-at @60")),
    "audit recorded": asked((
        "audit recorded", "audit recorded --official OFF-011 --back-dated",
    )),
    "audit slips": (Asked("audit slips"),),
    "audit verify": (Asked("audit verify"),),
    "audit replay": (Asked("audit replay"),),
    "log status": (Asked("log status"),),
    "person find": (
        Asked("person find --declared-name 'SYNTHETIC نور حسن' --birth-year 1990", CLERK),
    ),
    "person show": (Asked("person show {person} --reason 'a look'", CLERK),),
    "weapon find": (Asked("weapon find sn1"),),
    "intake batches": (Asked("intake batches"),),
    "intake show": (
        Asked("intake show {batch}", CLERK),
        Asked("intake show {batch} --row 2 --reason 'as typed'", CLERK),
    ),
    "intake review": (Asked("intake review {batch}", CLERK),),
    "intake check": (Asked("intake check sheet.csv --kind persons --dates dmy", CLERK),),
    "rules": (Asked("rules"),),
    "doctor": (Asked("doctor"),),
}  # fmt: skip
"""Every command that answers, with what is asked of it."""
OTHERS = {
    "init", "demo", "statement add", "completion", "help", "log add-witness", "log begin-anew",
    "log checkpoint", "log collect", "log export-entries", "log policy", "log rotate-key",
    "witness cosign", "witness init", "proof make", "proof page", "proof show", "proof unpack",
    "proof verify", "print certificate", "print receipt", "key new", "audit clock",
    "intake template", "intake import",
}  # fmt: skip
"""Commands that write a file, record without a note of their own, or print one text for all."""
LEFT_OUT = {
    "schema": "the number of the form itself",
}
"""What only programs get, by the name it has there, and why."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")


EVERY = [one for some in QUESTIONS.values() for one in some]


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each value of a document that says something, and the names that lead to it."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, (*path, name))
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, path)
    elif value is not None and value != "":
        yield path, value


def readings(value: Any) -> set[str]:
    """Every way in which people read one value of a document."""
    if isinstance(value, bool):
        return {"yes"} if value else {"no"}
    if isinstance(value, int | float):
        return {f"{value:,}", str(value)}
    if INSTANT.fullmatch(value):
        at = times.parse(value, ZONE, 0).at
        shown = {times.show(When(at), ZONE, to_the_second=full) for full in (True, False)}
        return {value, *shown, times.show(When(at, None, "MINUTE"), ZONE)}
    words = " ".join(value.split())
    return {words, words.replace("_", " "), words.lower().replace("_", " ")}


def missing(document: Any, said: str) -> list[tuple[str, Any]]:
    """What a document says that a text does not."""
    flat = " ".join(said.split())
    found = []
    for path, value in leaves(document):
        if LEFT_OUT.keys() & set(path):
            continue
        if not any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", flat) for one in readings(value)):
            found.append((".".join(path), value))
    return found


@pytest.mark.parametrize("question", EVERY, ids=lambda one: f"{one.words} {one.by}")
def test_three_forms_carry_the_same_facts(rich: Rich, question: Asked) -> None:
    text, plain, programs = answers(rich, question)
    document = programs.document
    for form in (text, plain):
        assert not missing(document, form.out + form.err), form.out + form.err


def answers(rich: Rich, question: Asked, code: int | None = None) -> list[Any]:
    """Ask once in each form."""
    rich.terminal.env["AMANA_BY"] = question.by
    words = rich.words(question.words)
    return [rich.terminal(*form, *words, code=code) for form in ((), ("--plain",), ("--json",))]


def test_every_command_that_answers_is_asked_here() -> None:
    records = {name for name, flags in TREE_OPTIONS.items() if "--evidence" in flags}
    assert set(TREE) - records - OTHERS == set(QUESTIONS)
