"""Disclosures and the values derived from an event's seed and the log's secret."""

import doctest
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transparency import disclosure, encoding, entries
from transparency.encoding import b64url, parse_json
from transparency.errors import MalformedError

RFC_9901 = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
RFC_9901_DIGEST = "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
whole = st.integers(-(2**63), 2**63)
values = st.recursive(
    st.none() | st.booleans() | whole | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def test_disclosure_of_the_standards_example_has_the_standards_digest() -> None:
    assert disclosure.digest(RFC_9901) == RFC_9901_DIGEST
    assert disclosure.read(RFC_9901)[1:] == ("family_name", "Möbius")


@given(salt=st.binary(min_size=16, max_size=32), name=texts, value=values)
def test_whatever_is_disclosed_is_read_back(salt: bytes, name: str, value: encoding.JSON) -> None:
    assert disclosure.read(disclosure.disclose(salt, name, value)) == (salt, name, value)


def test_equal_values_give_equal_disclosures_whatever_their_order() -> None:
    one = disclosure.disclose(bytes(16), "place", {"site": "A", "rack": 2})
    assert one == disclosure.disclose(bytes(16), "place", {"rack": 2, "site": "A"})


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '["AAAAAAAAAAAAAAAAAAAAAA", "name"]',
        '["AAAAAAAAAAAAAAAAAAAAAA", "name", 1, 2]',
        '["AAAA", "name", 1]',
        '["AAAAAAAAAAAAAAAAAAAAAA", 7, 1]',
        '["AAAAAAAAAAAAAAAAAAAAAA", "name", {"a": 1, "a": 2}]',
        '["AAAAAAAAAAAAAAAAAAAAAA", "name", NaN]',
        '["AAAAAAAAAAAAAAAAAAAAAA", "name", 1e999]',
        '["AAAAAAAAAAAAAAAAAAAAAA", "name", "\\ud800"]',
        '["AAAAAAAAAAAAAAAAAAAAAA", "name", 99999999999999999999]',
        '["AAAAAAAAAAAAAAAAAAAAAA", "name", ' + "[" * 20 + "]" * 20 + "]",
        '["AAAAAAAAAAAAAAAAAAAAAA", "name", ' + "[" * 20_000 + "]" * 20_000 + "]",
    ],
)
def test_disclosure_in_another_shape_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        disclosure.read(b64url(text.encode()))


@pytest.mark.parametrize("text", ["", "é", "A", "AA==", "__8", "A" * 70_000])
def test_text_that_is_no_disclosure_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        disclosure.read(text)


def test_short_salts_and_values_outside_json_are_not_disclosed() -> None:
    for salt, value in ((bytes(15), 1), (bytes(16), float("nan")), (bytes(16), "x" * 70_000)):
        with pytest.raises(MalformedError):
            disclosure.disclose(salt, "name", value)
    with pytest.raises(MalformedError):
        disclosure.disclose(bytes(16), "name", object())  # type: ignore[arg-type]  # the point


def test_derivations_are_the_written_formulas() -> None:
    seed, secret = b"s" * 32, b"k" * 32

    def mac(key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, hashlib.sha256).digest()

    assert entries.nonce(seed) == mac(seed, b"custody/nonce/v1")[:16]
    assert entries.salt(seed, "place") == mac(seed, b"custody/salt/v1place")[:16]
    stream = entries.subject(secret, "W-000417-K")
    assert stream == mac(secret, b"custody/stream/v1W-000417-K")
    assert entries.label(stream, 4) == mac(stream, b"custody/label/v1" + bytes(7) + b"\x03")
    assert entries.commitment(stream) == hashlib.sha256(b"custody/subject/v1" + stream).digest()


def test_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="31 bytes instead of 32"):
        entries.subject(bytes(31), "W-000417-K")


def test_decimals_and_base64_have_one_spelling() -> None:
    for text in ("", "01", "+1", "-1", "1 ", "٣", str(1 << 63), "1" * 20):
        with pytest.raises(MalformedError):
            encoding.decimal(text)
    for text in ("AA", "AB==", "AA==\n", "é", "-_=="):
        with pytest.raises(MalformedError):
            encoding.unb64(text)
    with pytest.raises(MalformedError, match="1 bytes instead of 32"):
        encoding.unb64("AA==", 32)


def test_json_with_two_readings_is_refused() -> None:
    for text in ('{"a":1,"a":1}', "Infinity", "1" * 5000, "", '"\\udc00"'):
        with pytest.raises(MalformedError):
            parse_json(text)


@pytest.mark.parametrize("room", [disclosure, encoding, entries])
def test_examples_in_the_docstrings_hold(room: object) -> None:
    result = doctest.testmod(room)  # type: ignore[arg-type]  # a module is what it takes
    assert result.attempted
    assert not result.failed
