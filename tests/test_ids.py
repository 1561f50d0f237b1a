"""Control numbers: every wrong character and every swap of neighbours is noticed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import ids
from domain.errors import BadInputError

NUMBERS = st.builds(
    lambda prefix, number: next(text for _, text in ids.control_numbers(prefix, number)),
    st.sampled_from("PWTS"),
    st.integers(0, 5_000_000),
)
SYMBOLS = ids.ALPHABET[:-1]


@pytest.mark.parametrize(
    ("body", "check"), [("G123498654321", "H"), ("W000418", "Y"), ("P000001", "I")]
)
def test_check_characters_are_those_of_iso_7064_mod_37_2(body: str, check: str) -> None:
    assert ids.check_character(body) == check


def test_the_check_character_is_that_of_the_standards_formula() -> None:
    """ISO 7064 §7: the sum of value times 2^(position from the right, check at 0) is 1 mod 37."""
    for _, text in itertools.islice(ids.control_numbers("T"), 500):
        plain = text.replace("-", "")
        total = sum(ids.ALPHABET.index(c) * 2**n for n, c in enumerate(reversed(plain)))
        assert total % 37 == 1


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"])
def test_every_digit_of_the_arabic_scripts_is_read(digits: str) -> None:
    for _, text in itertools.islice(ids.control_numbers("W", 123_450), 20):
        typed = "".join(digits[int(c)] if c.isdigit() else c for c in text)
        assert ids.parse(typed) == text


@given(NUMBERS, st.data())
def test_every_single_wrong_character_is_noticed(text: str, data) -> None:
    places = [n for n, c in enumerate(text) if c != "-"]
    place = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from([c for c in ids.ALPHABET if c != text[place]]))
    with pytest.raises(BadInputError):
        ids.parse(text[:place] + wrong + text[place + 1 :])


@given(NUMBERS, st.data())
def test_every_swap_of_neighbours_is_noticed(text: str, data) -> None:
    plain = list(text.replace("-", ""))
    place = data.draw(st.integers(0, len(plain) - 2))
    if plain[place] == plain[place + 1]:
        return
    plain[place], plain[place + 1] = plain[place + 1], plain[place]
    with pytest.raises(BadInputError):
        ids.parse("".join(plain))


@given(NUMBERS, st.data())
def test_a_missing_and_a_doubled_character_are_noticed(text: str, data) -> None:
    plain = text.replace("-", "")
    place = data.draw(st.integers(0, len(plain) - 1))
    without, doubled = (
        plain[:place] + plain[place + 1 :],
        plain[:place] + plain[place:][:1] + plain[place:],
    )
    for wrong in (without, doubled):
        try:
            found = ids.parse(wrong)
        except BadInputError:
            continue
        assert len(found) != len(text), (
            "a number of another length may be right by chance (1 in 37)"
        )


ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
LAYOUT = dict(zip("QWERTYUIOPASDFGHJKLZXCVNM", "ضصثقفغعهخحشسيبلاتنمئءؤرىة", strict=True)) | {
    "B": "لا"
}


@given(NUMBERS, st.sampled_from([None, ARABIC, PERSIAN]), st.booleans(), st.booleans())
def test_what_people_type_is_folded(text: str, digits, lower: bool, dashes: bool) -> None:
    typed = text if digits is None else text.translate(digits)
    typed = typed.lower() if lower else typed
    typed = typed if dashes else typed.replace("-", "")
    assert ids.parse(f"  {typed} ") == text


@given(NUMBERS)
def test_a_scanner_under_the_arabic_layout_is_understood(text: str) -> None:
    assert ids.parse("".join(LAYOUT.get(c, c) for c in text)) == text


def test_the_worked_example_is_true() -> None:
    assert ids.parse("ص-000418-غ") == "W-000418-Y"
    assert ids.parse("w٠٠٠٤١٨y") == "W-000418-Y"
    assert ids.parse("W\u2013000418\u2011Y") == "W-000418-Y"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            "W-000418-X",
            "'W-000418-X': the check character is 'X', expected 'Y' if the digits 000418 are right",
        ),
        (
            "W-000418",
            "'W-000418': the check character is missing, 'Y' if the digits 000418 are right",
        ),
        ("W-00O418-Y", "'W-00O418-Y': character 4 'O' is not a digit"),
        ("W-418", "'W-418': 3 digits, expected 6 and a check character"),
        ("X-000418-Y", "'X-000418-Y' is not a control number: it begins with P or W or T or S"),
        ("", "'' is not a control number: it begins with P or W or T or S"),
        ("٧", "'٧' is not a control number: it begins with P or W or T or S"),
    ],
)
def test_the_sentence_says_which_character_is_wrong(typed: str, sentence: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        ids.parse(typed)
    assert str(refusal.value) == sentence


def test_a_weapons_number_is_no_persons_number() -> None:
    with pytest.raises(BadInputError, match="it begins with P"):
        ids.parse("W-000418-Y", "person")


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_number_or_one_sentence(typed: str) -> None:
    try:
        found = ids.parse(typed)
    except BadInputError:
        return
    assert ids.parse(found) == found


def test_numbers_never_end_in_a_star_and_skip_none_else() -> None:
    given_out = dict(itertools.islice(ids.control_numbers("W"), 2_000))
    for number in range(1, max(given_out)):
        starred = ids.check_character(f"W{number:06d}") == "*"
        assert (number not in given_out) == starred
    assert {int(text.split("-")[1]) for text in given_out.values()} == set(given_out)


def test_numbers_past_six_digits_go_on() -> None:
    number, text = next(ids.control_numbers("P", 999_999))
    assert ids.parse(text.replace("-", "")) == text
    assert int(text.split("-")[1]) == number >= 1_000_000


@pytest.mark.parametrize(
    ("typed", "kind", "code"),
    [
        ("camp-r1", "site", "CAMP-R1"),
        ("SITE-CAMP-R1", "site", "CAMP-R1"),
        ("mod", "party", "PARTY-MOD"),
        ("PARTY-MOD", "party", "PARTY-MOD"),
        ("unidentified", "party", "UNIDENTIFIED"),
        ("٠١٧", "official", "OFF-017"),
        ("off-017", "official", "OFF-017"),
    ],
)
def test_codes_are_read_as_typed(typed: str, kind: str, code: str) -> None:
    assert ids.parse_code(typed, kind) == code


@pytest.mark.parametrize("typed", ["", "-A", "CAMP R1", "مخيم", "A" * 41, "A/B", "A\n"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(BadInputError, match="letters, digits and dashes, 40 at most"):
        ids.parse_code(typed.rstrip("\n") + ("/" if typed.endswith("\n") else ""), "site")


@pytest.mark.parametrize("stream", ["", "W", "X-1", "SITES-A", "OFFICE-1"])
def test_what_names_nothing_has_no_kind(stream: str) -> None:
    with pytest.raises(BadInputError, match="names nothing here"):
        ids.kind_of(stream)
