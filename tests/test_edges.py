"""Edges: the last that is allowed and the first that is not; and what lies on the far side of each."""

from __future__ import annotations

import base64
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import verify_custody
from application.answers.feed.follow import Views
from application.answers.late import late
from application.answers.statements import Facts, judge
from application.decisions import signing
from application.decisions.open import settings_of
from application.store.vault import KEY_BYTES, KEY_HEADER, new_key_file, read_key_file
from domain import history, times
from domain.errors import BadInputError, NotAllowedError, RefusedError, UnknownError
from domain.times import DAY, HOUR, INF, MINUTE, SECOND
from intake import dates
from intake.dates import Months
from intake.tables import load
from tests.report_desk import desk
from tests.vectors.world import CLAIM, START, World, custody_world, fact, signer
from transparency.bundle import Claim
from transparency.verify import verify

TABLES = load()
MONTHS = Months(TABLES.months, TABLES.hijri_months)
A_DAY = 86_400  # seconds, as proofs count


def refusing(number: int) -> Any:
    """Expect a refusal by one rule."""
    return pytest.raises(RefusedError, match=f"^rule {number}: ")


# ── rules ───────────────────────────────────────────────────────────────────


def test_rule_02_five_minutes_ahead_pass_and_a_microsecond_more_does_not(house) -> None:
    person = house.sheltered()
    now = house.clock.stand(house.clock.now + HOUR)
    with refusing(2):
        house.do("refer_to_care", person, at=now + 300_000_001, site="CLINIC")
    house.do("refer_to_care", person, at=now + 300_000_000, site="CLINIC")
    assert house.state(person).custody == "IN_CARE"


def test_rule_05_who_was_housed_this_instant_is_moved_a_microsecond_later(house) -> None:
    person = house.sheltered(at=house.dec(7, 10))
    with refusing(5):
        house.do("move", person, at=house.dec(7, 10), site="CAMP-R2")
    house.do("move", person, at=house.dec(7, 10) + 1, site="CAMP-R2")
    assert house.state(person).site == "CAMP-R2"


def test_rule_08_a_wish_of_the_moment_before_the_handover_is_critical(house) -> None:
    person = house.handed_over()
    facts = {"intent": "STAY", "interviewer": "OFF-016"}
    with refusing(1):
        house.do("state_intent", person, at=house.dec(18, 9), **facts)
    done = house.do("state_intent", person, at=house.dec(18, 9) - 1, **facts)
    assert done.irregularities == (8,)


def test_rule_13_what_was_released_is_accepted_the_same_instant_and_not_before(house) -> None:
    number = house.released("RETURN", house.willing())
    with refusing(13):
        house.accepted(number, at=house.dec(16, 9) - 1)
    house.accepted(number, at=house.dec(16, 9))
    assert house.state(number).status == "ACCEPTED"


def test_a_span_lasts_a_microsecond_at_least(house) -> None:
    at = house.dec(8, 9)
    person = house.sheltered()
    for until in (at, at - 1):
        with pytest.raises(BadInputError, match="the span of its time ends before it begins"):
            house.do("refer_to_care", person, at=at, until=until, precision="RANGE", site="CLINIC")
    house.do("refer_to_care", person, at=at, until=at + 1, precision="RANGE", site="CLINIC")


def test_a_span_without_a_beginning_ends_after_now(house) -> None:
    person = house.sheltered()
    now = house.clock.stand(house.clock.now + HOUR)
    with pytest.raises(BadInputError, match="ends before it begins"):
        house.do("refer_to_care", person, until=now, precision="RANGE", site="CLINIC")
    house.do("refer_to_care", person, until=now + 1, precision="RANGE", site="CLINIC")


def test_a_proposal_is_approved_the_instant_it_was_made_and_not_before(house) -> None:
    person = house.sheltered()
    house.do("retract", person, by="OFF-001", version=4, why="did_not_occur")
    proposed = house.read(person).events[-1].occurred_at
    with pytest.raises(BadInputError, match="was proposed after that time"):
        house.approve(person, at=proposed - 1)
    house.approve(person, at=proposed)
    assert house.state(person).pending == ()


def test_a_role_is_held_to_its_end_and_no_longer(house) -> None:
    person, other = house.sheltered(), house.sheltered()
    ends = house.clock.now + HOUR
    house.do("grant_role", "OFF-017", role="WELFARE", valid_until=ends)
    house.clock.stand(ends - 1)
    house.do("refer_to_care", person, by="OFF-017", site="CLINIC")
    house.clock.stand(ends)
    with pytest.raises(NotAllowedError):
        house.do("refer_to_care", other, by="OFF-017", site="CLINIC")


def test_the_version_after_the_last_is_not_there(house) -> None:
    person = house.sheltered()
    last = house.read(person).version
    with pytest.raises(UnknownError, match=f"{person} has no event {last + 1}"):
        house.do("retract", person, by="OFF-001", version=last + 1, why="duplicate")
    house.do("retract", person, by="OFF-001", version=last, why="duplicate")


def test_an_event_of_the_same_instant_as_the_last_is_folded_after_it(house) -> None:
    person = house.sheltered(at=house.dec(7, 10))
    known = house.read(person)
    again = known.events[-1]
    assert history.of(person, [*known.events[:-1]]).then(again) == known
    twin = house.do("find_again", person, at=house.dec(7, 10), site="CAMP-R2").version
    assert house.read(person).events[-1].originator_version == twin
    assert house.custody.streams.history(person).state.site == "CAMP-R2"


# ── numbers and serials ─────────────────────────────────────────────────────


def test_rule_23_a_number_taken_back_once_and_given_again_is_in_use(house) -> None:
    item = house.do("declare", as_described="a rifle").subject
    taken_back(house, item, 1)
    house.do("declare", item, as_described="another rifle")
    with refusing(23):
        house.do("declare", item, as_described="a third one")


def test_rule_23_a_number_whose_first_use_counts_again_is_in_use(house) -> None:
    item = house.do("declare", as_described="a rifle").subject
    gone = taken_back(house, item, 1)
    second = house.do("declare", item, as_described="another rifle").version
    taken_back(house, item, gone)
    taken_back(house, item, second)
    assert house.state(item).described == "a rifle"
    with refusing(23):
        house.do("declare", item, as_described="a third one")


def test_rule_23_a_third_weapon_of_one_serial_names_both_others(house) -> None:
    first, second, third = (house.inventoried(serial=s) for s in ("AB 12", "ab12", "A-B-1-2"))
    assert house.state(second).same_serial == (first,)
    assert house.state(third).same_serial == (first, second)
    for item in (second, third):
        assert {rule for _, rule in house.state(item).irregular} == {23}


def taken_back(house: Any, subject: str, version: int) -> int:
    """Retract an event and approve it; return the version of the retraction."""
    house.do("retract", subject, by="OFF-011", version=version, why="wrong_subject")
    done: int = house.approve(subject).version
    return done + 1 if house.read(subject).version > done else done


# ── twins in two streams ────────────────────────────────────────────────────


def test_rule_21_only_what_was_recorded_in_the_same_operation_is_a_twin(house) -> None:
    person = house.willing()
    number = house.planned("RETURN", person)
    house.do("remove_line", number, line=person)
    house.do("add_line", number, line=person)
    line = house.read(number).version
    twin = house.read(person).version
    with pytest.raises(
        RefusedError, match=rf"{number}:{line} is needed by {person}:{twin}: retract"
    ):
        house.do("retract", number, by="OFF-001", version=line, why="did_not_occur")
    together = [(person, twin)]
    house.do(
        "retract", number, by="OFF-001", version=line, why="did_not_occur", together_with=together
    )


def test_rule_21_two_commands_sent_one_after_the_other_are_no_twins(house) -> None:
    person = house.sheltered()
    number = house.released("RETURN", house.willing())
    house.accepted(number)
    house.do("record_unlisted", number, at=house.dec(18, 10), subject=person)
    facts = {"transfer": number, "receiving_party": "PARTY-SYR", "site": "GATE"}
    house.do("hand_over", person, at=house.dec(18, 11), **facts)
    assert {e.batch for e in (house.read(number).events[-1], house.read(person).events[-1])} == {""}
    last = house.read(person).version
    house.do("retract", person, by="OFF-001", version=last, why="wrong_subject")


# ── key files ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("keys", "kept"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_key_file_holds_one_key_to_four(tmp_path: Path, keys: int, kept: bool) -> None:
    path = tmp_path / "log.key"
    signing.new_key_file(path, [signer(f"key-{n}.example") for n in range(keys)])
    if kept:
        assert len(signing.read_key_file(path)) == keys
        return
    with pytest.raises(BadInputError, match="does not hold a signing key"):
        signing.read_key_file(path)


@pytest.mark.parametrize("bytes_held", [31, 32, 33, 64])
def test_a_ledger_key_file_holds_one_key_of_32_bytes(tmp_path: Path, bytes_held: int) -> None:
    path = tmp_path / "ledger.key"
    path.write_text(f"{KEY_HEADER}{base64.b64encode(bytes(bytes_held)).decode()}\n")
    path.chmod(0o600)
    if bytes_held == KEY_BYTES:
        assert read_key_file(path) == bytes(32)
        return
    with pytest.raises(BadInputError, match="does not hold a ledger key"):
        read_key_file(path)


def test_a_ledger_key_file_does_not_hold_two_keys(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    new_key_file(path)
    with path.open("a") as file:
        file.write(path.read_text())
    with pytest.raises(BadInputError, match="does not hold a ledger key"):
        read_key_file(path)


# ── answers ─────────────────────────────────────────────────────────────────


def test_a_weapon_that_was_only_declared_is_not_among_those_received(house) -> None:
    house.in_trust()
    house.do("declare", at=house.dec(8), as_described="one more, nobody has seen it")
    facts = Facts(house.custody.streams, INF)
    (claim,) = [claim for claim in judge(facts) if claim.id == "K7"]
    assert [reading.found for reading in claim.readings] == ["1 of 1", "1 of 1"]


def claimed(house: Any, query: str, operator: str, value: Any, **asked: Any) -> str:
    """Return what the ledger says to one claim with one reading."""
    reading = {"id": "r", "query": query, **asked}
    claim = {"id": "c", "metric": "m", "operator": operator, "value": value}
    statement = {"id": "s", "outlet": "o", "claims": [{**claim, "interpretations": [reading]}]}
    known_at = asked.get("known_at", INF)
    facts = Facts(house.custody.streams, known_at)
    (found,) = judge(facts, {"statements": [statement]})
    return found.readings[0].result


@pytest.mark.parametrize(
    ("operator", "value", "result"),
    [
        (">", 0, "MATCH"),
        (">", 1, "MISMATCH"),
        ("≥", 1, "MATCH"),
        ("≥", 2, "MISMATCH"),
        ("=", 1, "MATCH"),
        ("≈", 1, "MATCH"),
    ],
)
def test_a_number_is_compared_as_the_report_says(house, operator, value, result) -> None:
    house.handed_over()
    assert claimed(house, "persons_handed_over", operator, value) == result


def test_roughly_allows_five_in_a_hundred_and_no_more() -> None:
    from application.answers.statements import _number

    assert _number("r", "≈", 95, 100).result == _number("r", "≈", 105, 100).result == "MATCH"
    assert _number("r", "≈", 94, 100).result == _number("r", "≈", 106, 100).result == "MISMATCH"


def test_until_a_day_takes_the_day_itself(house) -> None:
    house.handed_over()  # on 18 December
    counted = [
        claimed(house, "persons_handed_over", "=", 1, until=f"2024-12-{day}") for day in (17, 18)
    ]
    assert counted == ["MISMATCH", "MATCH"]


def test_of_the_known_instant_itself_there_is_data(house) -> None:
    house.in_trust()
    at = times.parse("2024-12-20T12:00:00+03:00", ZoneInfo("UTC"), 0).at
    asked = {"at": "2024-12-20T12:00:00+03:00"}
    early, exact = (
        claimed(house, "weapons_in_trust", "all", None, known_at=known, **asked)
        for known in (at - 1, at)
    )
    assert (early, exact) == ("NO_DATA", "MATCH")


def test_what_is_recorded_exactly_so_late_is_not_later_than_that(house) -> None:
    person = house.do("seek_refuge", at=house.clock.now - 3 * DAY, site="GATE").subject
    (event,) = house.read(person).events
    late_by = event.recorded_at - event.occurred_at
    path = house.path.with_name("asked.views")
    ledger = settings_of(house.custody)["id"]
    with closing(Views(house.custody.streams, path, ledger)) as views:
        views.catch_up()
        assert late(views, late_by).events == ()
        (one,) = late(views, late_by - 1).events
        assert (one.subject, one.late_by) == (person, late_by)


@pytest.mark.parametrize(("over", "count"), [("30m", 1), ("90m", 0), ("1h", 0), ("1d", 0)])
def test_late_is_counted_in_minutes_hours_and_days(house, over: str, count: int) -> None:
    house.do("seek_refuge", at=house.clock.now - 45 * MINUTE, site="GATE")
    answer = desk(house).document("audit", "late", "--over", over)
    assert answer["count"] == count


@pytest.mark.parametrize(
    ("days", "code"), [(("2024-12-01", None), 0), (("2024-12-02", "2024-12-01"), 2)]
)
def test_a_span_that_ends_before_the_first_fact_is_empty_and_no_mistake(
    house, days: tuple[str, str | None], code: int
) -> None:
    house.sheltered()
    first_or_last, last = days
    words = ["--to", first_or_last] if last is None else ["--from", first_or_last, "--to", last]
    answer = desk(house)("--json", "report", "flow", *words, code=code)
    assert code or answer.document["flow"] == []


def test_a_span_of_one_day_is_a_day(house) -> None:
    house.sheltered()
    day = ("--from", "2024-12-07", "--to", "2024-12-07")
    rows = desk(house).document("report", "flow", *day)["flow"]
    assert {row["day"] for row in rows} == {"2024-12-07"}


def test_a_day_begins_at_midnight_and_ends_before_the_next(house) -> None:
    first, last = house.dec(9), house.dec(10) - 1
    for at in (first - 1, first, last, last + 1):
        house.do("seek_refuge", at=at - SECOND, site="GATE")
        person = house.do("seek_refuge", at=at, site="GATE").subject
        house.do("admit", person, at=at, site="GATE", receiving_party="PARTY-MOD")
    day = ("--from", "2024-12-09", "--to", "2024-12-09")
    (row,) = desk(house).document("report", "flow", *day)["flow"]
    assert (row["before"], row["came"], row["there"], row["adds_up"]) == (1, 2, 3, True)


# ── dates of sheets ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("05/05/2024", "2024-05-05"),
        ("12/12/2024", "2024-12-12"),
        ("13/12/2024", "2024-12-13"),
        ("12/13/2024", "2024-12-13"),
        ("13/01/2024", "2024-01-13"),
    ],
)
def test_without_a_declared_order_a_date_that_reads_in_one_way_is_read(text: str, iso: str) -> None:
    assert dates.read(text, None, MONTHS).iso() == iso


@pytest.mark.parametrize("text", ["05/06/2024", "12/11/2024", "01/12/2024", "12/01/2024"])
def test_without_a_declared_order_a_date_with_two_readings_is_refused(text: str) -> None:
    with pytest.raises(dates.DateError, match="can be read in two ways"):
        dates.read(text, None, MONTHS)


@pytest.mark.parametrize("text", ["13/13/2024", "05/05/24"])
def test_without_a_declared_order_what_has_no_reading_is_refused(text: str) -> None:
    with pytest.raises(dates.DateError):
        dates.read(text, None, MONTHS)


def test_a_range_may_be_one_day_and_never_ends_before_it_begins() -> None:
    assert dates.read("7-7/12/2024", "dmy", MONTHS).iso() == "2024-12-07/2024-12-07"
    with pytest.raises(dates.DateError, match="the range ends before it begins"):
        dates.read("8-7/12/2024", "dmy", MONTHS)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("01/01/1899", False),
        ("01/01/1900", True),
        ("31/12/2100", True),
        ("01/01/2101", False),
        ("2024-12-07T04:30+14:00", True),
        ("2024-12-07T04:30+15:00", False),
    ],
)
def test_years_and_offsets_have_their_edges(text: str, kept: bool) -> None:
    if kept:
        assert dates.read(text, "dmy", MONTHS)
        return
    with pytest.raises(dates.DateError):
        dates.read(text, "dmy", MONTHS)


# ── windows of a proof, in both verifiers ───────────────────────────────────


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A weapon seen on the days 1.5, 7, 12, 12.25 and 18, its log witnessed to day 20.5."""
    return custody_world(tmp_path_factory.mktemp("told"))


def custody(world: World, claim: Claim, delay: int | None = None) -> str:
    """Return the verdict on custody, which both verifiers give sentence for sentence."""
    data = str(world.bundle(claim)).encode()
    report = verify(data, world.policy(), delay_seconds=delay)
    assert verify_custody.verify(data, world.policy_text(), delay=delay) == report.as_json()
    return report["custody"].state.value


def day(number: float) -> int:
    return START + int(number * A_DAY)


@pytest.mark.parametrize(
    ("since", "until", "gap", "state"),
    [
        (day(1.5), day(20), 8 * A_DAY, "proven"),  # deposited that second
        (day(1.5) - 1, day(20), 8 * A_DAY, "not proven"),
        (day(2), day(20.5), 8 * A_DAY, "proven"),  # the newest checkpoint, witnessed that second
        (day(2), day(20.5) + 1, 8 * A_DAY, "not proven"),
        (day(2), day(20), int(5.75 * A_DAY), "proven"),  # from 12.25 to 18 nobody looked
        (day(2), day(20), int(5.75 * A_DAY) - 1, "not proven"),
        (day(7), day(20), int(5.75 * A_DAY), "proven"),  # seen the second the claim begins
        (
            day(1.5),
            day(13),
            int(5.5 * A_DAY),
            "proven",
        ),  # what comes after its end counts for nothing
    ],
)
def test_a_claim_of_custody_holds_to_the_second(
    told: World, since: int, until: int, gap: int, state: str
) -> None:
    assert custody(told, Claim(since, until, gap)) == state


def test_what_was_witnessed_just_in_time_counts(told: World) -> None:
    delay = int(2.5 * A_DAY)  # the look of day 18 was witnessed on day 20.5
    assert custody(told, Claim(day(2), day(20.5), 6 * A_DAY), delay) == "proven"
    assert custody(told, Claim(day(2), day(20.5), 6 * A_DAY), delay - 1) == "not proven"


@pytest.mark.parametrize(("until", "state"), [(day(19), "proven"), (day(19) + 1, "failed")])
def test_custody_that_ends_the_second_the_claim_does_was_custody_until_then(
    tmp_path: Path, until: int, state: str
) -> None:
    world = custody_world(tmp_path)
    world.record(fact(8, "missing", 19, fields={"stock_take": "S-000001-1"}))
    world.checkpoint(20.75)
    assert custody(world, Claim(day(2), until, 8 * A_DAY)) == state


@pytest.mark.parametrize(("version", "state"), [(0, "proven"), (6, "proven"), (7, "not proven")])
def test_a_retraction_names_an_earlier_version(tmp_path: Path, version: int, state: str) -> None:
    world = custody_world(tmp_path)
    world.record(fact(8, "retracted", 19, fields={"version": version}))
    world.checkpoint(20.75)
    assert custody(world, Claim(day(2), day(20), 8 * A_DAY)) == state


def test_the_claim_of_the_story_is_proven(told: World) -> None:
    assert custody(told, CLAIM) == "proven"
