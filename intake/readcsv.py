"""A csv file: its encoding said or proved, its delimiter the one that shows a header.

UTF-8 proves itself and a byte order mark says so; any other encoding must be named. What
charset-normalizer and the words of the header make likely is proposed, never taken.
"""

from __future__ import annotations

# Imports inside functions: charset-normalizer is of the extra `intake` and may be missing.
import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from intake import limits
from intake.errors import IntakeError
from intake.readfile import Merged, Value
from intake.when import EPOCH

DELIMITERS = ",;\t|"
CANDIDATES = ("cp1256", "iso8859_6", "utf_16_le", "utf_16_be", "cp1252", "cp1251", "cp720")
SHOWN = 3  # proposals in the sentence
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SAMPLE_ROWS, _SAMPLE_BYTES, _BINARY, _PIECE = 60, 20_000, 0.1, 1 << 20
Score = Callable[[Sequence[Sequence[Value]]], int]  # how much of a header the first rows hold


@dataclass(slots=True)
class CsvBook:
    """A csv file: one sheet without a name."""

    data: bytes
    delimiter: str
    encoding: str | None
    form: str = "csv"
    epoch: datetime = EPOCH

    @property
    def names(self) -> list[str]:
        """The one sheet."""
        return ["csv"]

    def rows(self, name: str) -> Iterator[list[Value]]:  # noqa: ARG002 - there is one sheet only
        """Every row; a blank line is a row of nothing."""
        return _rows(self.data, self.encoding or "utf-8", self.delimiter)

    def merged(self, name: str) -> Sequence[Merged]:  # noqa: ARG002 - a csv merges nothing
        """Return nothing."""
        return ()


def open_csv(data: bytes, encoding: str | None, score: Score) -> CsvBook:
    """Decode a csv file and find its delimiter.

    Args:
        data: the file.
        encoding: the encoding the user named, which decides; None where nobody said.
        score: tells how well the first rows show a header.

    Raises:
        IntakeError: no text, another encoding, or quotes that never close.
    """
    name = _named(encoding) if encoding else _proved(data, score)
    if encoding:
        _check(data, name, encoding)
    sample = data[:_SAMPLE_BYTES].decode(name, errors="ignore")
    return CsvBook(data, _delimiter(sample, score), name)


def _check(data: bytes, name: str, said: str) -> None:
    """Decode all of a file piece by piece, keeping nothing."""
    decoder, at = codecs.getincrementaldecoder(name)(), 0
    try:
        while at < len(data):
            decoder.decode(data[at : at + _PIECE], at + _PIECE >= len(data))
            at += _PIECE
    except UnicodeDecodeError as error:
        raise IntakeError("encoding_wrong", encoding=said, position=at + error.start) from None
    except UnicodeError:
        raise IntakeError("encoding_wrong", encoding=said, position=at) from None


def _named(encoding: str) -> str:
    try:
        info = codecs.lookup(encoding)
    except (LookupError, ValueError):
        raise IntakeError("encoding_unknown", encoding=repr(encoding)) from None
    if not info._is_text_encoding:
        raise IntakeError("encoding_unknown", encoding=repr(encoding))
    return "utf-8-sig" if info.name == "utf-8" else info.name


def _proved(data: bytes, score: Score) -> str:
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            _check(data, name, name)
            return name
    try:
        _check(data, "utf-8", "utf-8")
    except IntakeError:
        raise _unproved(data, score) from None
    if data.count(0) > _BINARY * len(data):
        raise _unproved(data, score)
    return "utf-8"


def _unproved(data: bytes, score: Score) -> IntakeError:
    sample = data[:_SAMPLE_BYTES]
    found = proposals(sample, score)
    controls = sum(1 for byte in sample if byte < 9 or 13 < byte < 32)  # noqa: PLR2004 - not tab, CR, LF
    if not found or (controls > _BINARY * len(sample) and not found[0].startswith("utf")):
        return IntakeError("type", found="no text")
    return IntakeError("encoding", proposals=" or ".join(found[:SHOWN]))


def proposals(sample: bytes, score: Score) -> list[str]:
    """Return likely encodings, best first: those that show a header, then by their letters.

    Args:
        sample: the first bytes of the file.
        score: tells how well rows show a header.
    """
    from charset_normalizer import from_bytes

    sample = sample[: len(sample) // 4 * 4]
    matches = from_bytes(sample, cp_isolation=list(CANDIDATES), threshold=0.5)
    likely = [match.encoding for match in matches]
    decoded = {}
    for name in dict.fromkeys([*likely, *CANDIDATES]):
        text = sample.decode(name, errors="ignore")
        decoded[name] = max(score(_sample(text, delimiter)) for delimiter in DELIMITERS)
    shown = [name for name in decoded if decoded[name]]
    return sorted(shown, key=lambda name: -decoded[name]) or likely


def _delimiter(sample: str, score: Score) -> str:
    return max(DELIMITERS, key=lambda delimiter: score(_sample(sample, delimiter)))


def _sample(text: str, delimiter: str) -> list[list[Value]]:
    try:
        return list(islice(_parsed(io.StringIO(text, newline=""), delimiter), _SAMPLE_ROWS))
    except IntakeError:
        return []


def _rows(data: bytes, encoding: str, delimiter: str) -> Iterator[list[Value]]:
    text = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    if text.read(1) != "\ufeff":
        text.seek(0)
    return _parsed(text, delimiter)


def _parsed(text: Iterable[str], delimiter: str) -> Iterator[list[Value]]:
    reader = csv.reader(text, delimiter=delimiter)
    try:
        for number, row in enumerate(reader):
            limits.check_size(number, len(row) - 1)
            yield list(row)
    except csv.Error as error:
        raise IntakeError("quotes", detail=str(error).rstrip(".")) from None
    except UnicodeError:
        raise IntakeError("damaged", found="csv") from None
