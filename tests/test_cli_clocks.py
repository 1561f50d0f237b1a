"""The two clocks on the command line: what is asked, what is answered, and what may not be guessed."""

from __future__ import annotations

import shlex

import pytest

from tests.terminal import Terminal

PERSON, WEAPON, SPANNED = "P-000001-I", "W-000001-A", "W-000002-8"
ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+03:00"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A ledger whose facts were learned late, mended, and once of an uncertain time; questions only."""
    t = Terminal(tmp_path_factory.mktemp("asked")).begin_ledger()
    t.person()
    t("person", "move", PERSON, "--site", "CAMP-R1", "--place", "T-2", "--at", "9 Dec 2024 14:00")
    t("person", "move", PERSON, "--site", "CAMP-R1", "--place", "T-3", "--at", "10 Dec 2024 14:00")
    t("retract", f"{PERSON}:4", "--why", "wrong_subject", "--reason", "somebody else moved")
    t("approve", f"{PERSON}:5", "--by", "OFF-003")
    t(
        "weapon",
        "receive",
        "--person",
        PERSON,
        "--site",
        "DEPOT-1",
        "--receiver",
        "OFF-002",
        "--made-safe",
        "--at",
        "7 Dec 2024 18:00",
    )
    t(
        "weapon",
        "inventory",
        WEAPON,
        "--category",
        "RIFLE",
        "--model",
        "AKM",
        "--serial-status",
        "ABSENT",
        "--at",
        "8 Dec 2024 10:00",
    )
    t("weapon", "record-damage", WEAPON, "--damage", "stock cracked")
    t("retract", f"{WEAPON}:3", "--why", "wrong_subject", "--reason", "the other rifle")
    t("approve", f"{WEAPON}:4", "--by", "OFF-003")
    t(
        "weapon",
        "receive",
        "--person",
        PERSON,
        "--site",
        "DEPOT-1",
        "--receiver",
        "OFF-002",
        "--made-safe",
        "--at",
        "7 Dec 2024 10:00",
        "--until",
        "8 Dec 2024 10:00:01",
    )
    t("weapon", "store", SPANNED, "--site", "DEPOT-1", "--place", "R-1", "--crate", "C-020")
    return t


# ── what is asked ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
@pytest.mark.parametrize("question", ["status", f"status {PERSON}", "report in-trust"])
def test_an_empty_clock_is_refused_and_never_means_now(
    asked: Terminal, question: str, option: str
) -> None:
    answer = asked(*question.split(), option, "", code=2)
    assert answer.sentence == (
        f"{option} is empty (an unset shell variable?): give a time, or leave it out for now"
    )


@pytest.mark.parametrize(
    "question",
    [
        "history P-000001-I --known-at ''",
        "diff P-000001-I --as-of now --known-at '' now",
        "report statements --known-at ''",
    ],
)
def test_an_empty_knowledge_is_refused_everywhere(asked: Terminal, question: str) -> None:
    assert asked(*shlex.split(question), code=2).sentence.startswith("--known-at is empty")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("~12 Dec 2024 12:00 ±2h", "is a range, no instant to ask about"),
        ("12 Dec 2024", "is not an instant: add the hour"),
        ("12 Dec 24 12:00", "has a year of two digits"),
        ("2024/12/12 12:00", "write 2024-12-12"),
    ],
)
def test_a_time_that_is_no_instant_is_refused_with_its_own_reason(
    asked: Terminal, typed: str, why: str
) -> None:
    assert why in asked("status", "--as-of", typed, code=2).sentence


def test_a_position_is_read_in_any_digits(asked: Terminal) -> None:
    assert asked("status", "--known-at", "@١٠").out == asked("status", "--known-at", "@10").out


@pytest.mark.parametrize("relative", ["now", "-2d"])
def test_both_clocks_of_an_answer_share_one_now(asked: Terminal, relative: str) -> None:
    out = asked("status", "--as-of", relative, "--known-at", relative).out
    assert "lies after" not in out


# ── what is answered ─────────────────────────────────────────────────────────


def test_an_instant_after_what_was_known_is_said_to_be_answered_earlier(asked: Terminal) -> None:
    later = ("status", "--as-of", "20 Dec 2024 12:00", "--known-at", "15 Dec 2024 18:00")
    line = asked(*later).out.splitlines()[1].strip()
    assert line.startswith(
        "true at 2024-12-15T18:00:59+03:00 (asked about 2024-12-20T12:00:00+03:00, which lies after"
    )
    document = asked.document(*later)
    assert document["as_of"] == "2024-12-20T12:00:00+03:00"
    assert document["true_at"] == "2024-12-15T18:00:59+03:00"
    assert document["known_at"] == "2024-12-15T18:00:59+03:00"


def test_the_hint_compares_what_diff_compares_and_names_it(asked: Terminal) -> None:
    said = asked.document("history", PERSON)["events"][1]["position"]
    now = asked.document("status", PERSON, "--as-of", "9 Dec 2024 14:00", "--known-at", f"@{said}")[
        "now"
    ]
    amana, *words = shlex.split(now["command"])
    assert amana == "amana"
    compared = asked.document(*words)["changes"]
    assert [change["fact"] for change in compared] == now["differs"] != []
    text = asked("status", PERSON, "--as-of", "9 Dec 2024 14:00", "--known-at", f"@{said}").out
    assert f"differs in {len(compared)} fact" in text
    assert now["command"] in text


def test_an_answer_that_nothing_was_learned_about_gives_no_hint(asked: Terminal) -> None:
    assert asked.document("status", PERSON)["now"] == {"differs": [], "command": None}
    assert "differs in" not in asked("status", PERSON).out


def test_an_answer_that_rests_on_an_uncertain_time_is_only_possible(asked: Terminal) -> None:
    spanned = ("status", SPANNED, "--as-of", "7 Dec 2024 12:00")
    out = asked(*spanned).out
    assert "only possible" in out
    assert "event 1 (~07 Dec 2024 22:00 ±12h)" in out
    assert asked.document(*spanned)["certain"] is False
    assert asked.document("status", SPANNED)["certain"] is True
    assert "only possible" not in asked("status", SPANNED).out


def test_an_uncertain_time_is_shown_as_uncertain_wherever_it_is_named(asked: Terminal) -> None:
    for question in (f"status {SPANNED}", f"status {SPANNED} --why", f"history {SPANNED} --gaps"):
        assert "~07 Dec 2024 22:00 ±12h" in asked(*question.split()).out, question


def test_a_table_for_pipes_has_its_clocks_beside_it(asked: Terminal) -> None:
    for question in ("status", "status --site CAMP-R1", "report weapons --same-serial"):
        answer = asked("--plain", *question.split())
        assert "as known at" not in answer.out
        assert " (position " in answer.err
        assert not asked("--plain", "--quiet", *question.split()).err


@pytest.mark.parametrize(
    "question",
    [
        "irregularity list",
        "irregularity list --rule 4",
        "stocktake list",
        "stocktake show last",
        "audit late",
    ],
)
def test_an_answer_that_is_always_about_now_prints_both_clocks_all_the_same(
    counted: Terminal, question: str
) -> None:
    words = question.split()
    last = counted.document("status")["position"]
    assert counted.document(*words)["position"] == last
    text = counted(*words).out
    assert f" · as known at {counted.document(*words)['known_at']} (position {last})" in text
    assert text == counted(*words).out, "asked twice, it reads the same"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A ledger with one count that was closed; questions only."""
    t = Terminal(tmp_path_factory.mktemp("counted")).begin_ledger()
    person = t.person()
    t("stocktake", "open", "--kind", "PERSONS", "--site", "CAMP-R1", "--by", "OFF-003")
    t("stocktake", "scan", "S-000001-4", person, "--by", "OFF-003")
    t("stocktake", "countersign", "S-000001-4", "--by", "OFF-002")
    t("stocktake", "close", "S-000001-4", "--by", "OFF-003")
    return t


def test_events_of_a_kind_are_asked_for_in_the_words_of_the_history(counted: Terminal) -> None:
    for typed in ("Admitted", "admitted"):
        (event,) = counted.document("irregularity", "list", "--of", typed)["events"]
        assert event["rule"] == 4
    assert (
        "no event is called 'admit'" in counted("irregularity", "list", "--of", "admit", code=2).err
    )


# ── names ────────────────────────────────────────────────────────────────────


def test_a_crate_is_found_in_either_case_and_an_unknown_one_is_no_empty_crate(
    asked: Terminal,
) -> None:
    found = asked.document("status", "--crate", "c-020")
    assert found["container"] == "C-020"
    assert [one["id"] for one in found["there"]] == [SPANNED]
    assert "crate 'C-999'" in asked("status", "--crate", "C-999", code=5).sentence


def test_since_and_unchanged_since_are_two_names_for_two_facts(asked: Terminal) -> None:
    assert "since" in asked.document("status", PERSON)
    (there,) = asked.document("status", "--site", "CAMP-R1")["there"]
    assert "since" not in there
    assert there["unchanged_since"] == "2024-12-09T14:00:00+03:00"


def test_the_party_of_an_official_keeps_nobody(asked: Terminal) -> None:
    out = asked("status", "OFF-002").out
    assert "kept by" not in out
    assert "belongs to" in out


def test_programs_get_every_instant_as_the_clocks_are(asked: Terminal) -> None:
    import re

    for question in (f"status {WEAPON}", f"status {PERSON}", "status OFF-002", f"history {WEAPON}"):
        assert not re.search(r"\b1[0-9]{15}\b", asked("--json", *question.split()).out), question
    assert re.fullmatch(ISO, asked.document("status", PERSON)["since"])
    (row,) = asked.document("report", "persons", "--site", "CAMP-R1")["rows"]
    assert row["since"] == asked.document("status", PERSON)["since"]
    first, _ = asked.document("history", SPANNED)["events"]
    assert first["occurred_until"] == "2024-12-08T10:00:01+03:00"


def test_the_end_of_what_lasts_is_called_now_only_when_now_was_asked_about(asked: Terminal) -> None:
    gaps = ("history", SPANNED, "--gaps")
    assert " – now  held by" in asked(*gaps).out
    then = asked(*gaps, "--known-at", "now").out
    assert " – now" not in then
    assert " – no end known by then  held by" in then


def test_a_keeper_who_stays_is_one_line_however_custody_changed(asked: Terminal) -> None:
    out = asked("history", WEAPON, "--gaps").out
    assert out.partition("Who held it:")[2].count("held by the receiver") == 1
    assert len(asked.document("history", WEAPON, "--gaps")["holdings"]) == 2


def test_plain_history_is_for_people_who_pipe_not_for_the_program_that_wrote_it(
    asked: Terminal,
) -> None:
    head, *lines = asked("--plain", "history", WEAPON).out.splitlines()
    cells = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    assert cells[5]["reason"] == "the other rifle"
    assert cells[5]["mark"] == "takes back 3"
    assert not any("{" in cell["facts"] or "_" in cell["facts"].split()[0] for cell in cells)


def test_a_retraction_takes_back_wherever_it_is_told(asked: Terminal) -> None:
    assert "taken back by 6: the other rifle" in asked("status", WEAPON, "--why").out
    before = asked.document("history", PERSON)["events"][3]["position"]
    compared = asked("diff", PERSON, "--as-of", "now", "--known-at", f"@{before}", "now").out
    assert "place: T-3 → T-2" in compared
    assert "takes back 4" in compared
    assert "replaces" not in compared


# ── words that are none ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("question", "code", "said"),
    [
        ("report persons --custody FOO", 2, "there is no custody 'FOO': write one of EXPECTED,"),
        ("report persons --category X", 2, "there is no category 'X': write one of MILITARY,"),
        ("report handovers --category X", 2, "there is no category 'X': write one of MILITARY,"),
        ("report persons --site NOWHERE", 5, "the site NOWHERE is not in the directory"),
        ("irregularity list --rule 99", 5, "there is no rule 99: `amana rules` prints the book"),
        ("irregularity list --of nonsense", 2, "no event is called 'nonsense': write one of "),
        ("report weapons --unit NOBODY", 5, "the party PARTY-NOBODY is not in the directory"),
    ],
)
def test_a_typo_is_refused_and_never_answered_with_nothing(
    asked: Terminal, question: str, code: int, said: str
) -> None:
    assert asked(*question.split(), code=code).sentence.startswith(said)


def test_every_custody_a_person_can_have_may_be_asked_for() -> None:
    import ast
    from pathlib import Path

    from domain.person import CUSTODIES

    source = ast.parse((Path(__file__).parent.parent / "domain" / "person.py").read_text("utf-8"))
    made = {
        keyword.value.value
        for node in ast.walk(source)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "custody" and isinstance(keyword.value, ast.Constant)
    }
    assert made | {"EXPECTED"} == set(CUSTODIES)


# ── what changed ─────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A person whose custody, intent and pledge changed in two days, and one who only moved."""
    t = Terminal(tmp_path_factory.mktemp("changed")).begin_ledger()
    t.person()
    t.person()
    for person, place in ((PERSON, "T-2"), ("P-000002-G", "T-3")):
        t(
            "person",
            "move",
            person,
            "--site",
            "CAMP-R1",
            "--place",
            place,
            "--at",
            "9 Dec 2024 14:00",
        )
    t(
        "person",
        "state-intent",
        PERSON,
        "--intent",
        "RETURN",
        "--interviewer",
        "OFF-002",
        "--at",
        "9 Dec 2024 15:00",
    )
    t(
        "person",
        "sign-pledge",
        PERSON,
        "--pledgor",
        "SELF",
        "--document",
        "D-1",
        "--at",
        "~9 Dec 2024 16:00 ±2h",
    )
    return t


BETWEEN = ("--as-of", "8 Dec 2024 12:00", "--as-of", "10 Dec 2024 12:00")


@pytest.mark.parametrize("whom", [("--site", "CAMP-R1"), ("--everybody",)])
def test_a_comparison_of_many_names_each_facet_under_its_one_subject(
    changed: Terminal, whom: tuple[str, ...]
) -> None:
    out = changed("diff", *whom, *BETWEEN).out
    assert "2 subjects differ" in out
    assert out.count(f"\n{PERSON}\n") == 1
    for line in ("  place: T-1 → T-2", "  intent: none → RETURN", "  pledge: none → SIGNED"):
        assert line in out, out
    assert "status" not in out
    document = changed.document("diff", *whom, *BETWEEN)
    first, second = document["subjects"]
    assert document["count"] == 2
    assert [change["fact"] for change in first["changes"]] == ["place", "intent", "pledge"]
    assert [change["fact"] for change in second["changes"]] == ["place"]
    assert "intent\t\tRETURN" in changed("--plain", "diff", *whom, *BETWEEN).out


def test_a_comparison_shows_an_uncertain_time_as_uncertain(changed: Terminal) -> None:
    out = changed("diff", PERSON, *BETWEEN).out
    assert "(pledge signed, ~09 Dec 2024 16:00 ±2h)" in out
    (pledge,) = [
        c for c in changed.document("diff", PERSON, *BETWEEN)["changes"] if c["fact"] == "pledges"
    ]
    assert pledge["events"][0]["occurred_until"] == "2024-12-09T18:00:00+03:00"


def test_a_comparison_says_the_positions_it_was_made_from(changed: Terminal) -> None:
    by_knowledge = ("diff", PERSON, "--as-of", "now", "--known-at", "@9", "now")
    last = changed.document("status", PERSON)["position"]
    assert changed.document(*by_knowledge)["position"] == [9, last]
    assert "(position 9) and at" in changed(*by_knowledge).out
    assert changed.document("diff", PERSON, *BETWEEN)["position"] == last
    assert f"(position {last})" in changed("diff", PERSON, *BETWEEN).out
    assert f"(position {last})" in changed("--plain", "diff", PERSON, *BETWEEN).err


def test_a_comparison_with_now_is_read_to_the_second_and_up_to_what_was_known(
    changed: Terminal,
) -> None:
    document = changed.document("diff", PERSON, "--as-of", "8 Dec 2024 12:00", "--as-of", "now")
    assert document["as_of"][1] == document["known_at"] == document["true_at"][1]
    assert "." not in document["known_at"]
    later = changed.document("diff", PERSON, "--as-of", "now", "--known-at", "@9", "now")
    assert later["true_at"] == later["known_at"]


def test_what_is_absent_on_both_sides_is_no_difference(asked: Terminal) -> None:
    said = asked("diff", PERSON, "--as-of", "1 Dec 2024 00:00", "--as-of", "now").out
    assert " → " in said
    assert "none → none" not in said
