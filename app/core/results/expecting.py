"""Whether an answer is what a column of the table expects: exactly, normalised, as a number, or as JSON. Pure."""

from __future__ import annotations

import json
import unicodedata
import zlib
from math import isfinite
from typing import Any, Final

from app.core.base.patterns import pattern
from app.core.json import jsonread
from app.core.model.judging import Expectation

MATCH: Final = "match"
DIFFERS: Final = "differs"
_NUMBER: Final = pattern(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_GROUPED: Final = pattern(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL_COMMA: Final = pattern(r"[-+]?\d+,\d+")
_LONGEST: Final = 60
"""Characters of a text that may be a number."""
_FORM: Final = 240
"""Characters of a form that is kept as it is."""
_EXACT: Final = 2.0**53
_ROUNDING: Final = 1e-12
"""Of a number; so much is lost when decimal fractions are made binary ones."""
_AROUND: Final = " \t\r\n$€£¥%"


def wanted(answer: str, expectation: Expectation) -> str | None:
    """What of an answer is compared: all of it, or a field of a structured one; None where it does not have the field."""
    if not expectation.field:
        return answer
    try:
        value = jsonread.value(answer.strip())
    except jsonread.Unreadable:
        return None
    return field_of(value, expectation.field)


def field_of(value: Any, path: str) -> str | None:
    """A field of a JSON object as a text, by its name or by ``outer.inner``: a text as it is, anything else as JSON; None where it is not
    there or null."""
    if not isinstance(value, dict):
        return None
    outer, _, inner = path.partition(".")
    found = value[path] if path in value else value.get(outer, {}).get(inner) if inner and isinstance(value.get(outer), dict) else None
    return found if found is None or isinstance(found, str) else _compact(found)


def form_of(text: str, expectation: Expectation) -> str | float | None:
    """What a text is held to be, so that two that are the same under an expectation have the same form, or numbers that are near enough
    (:func:`same`); None where it is not part of the kind: no number, no JSON. A long form is shortened to what tells it apart."""
    match expectation.how:
        case "exact":
            return _short(text)
        case "normalised":
            return _short(normalised(text))
        case "number":
            return number_in(text)
        case "json":
            try:
                return _short(_compact(_plain(jsonread.value(text.strip()))))
            except jsonread.Unreadable:
                return None


def same(answer: str | float | None, expected: str | float | None, expectation: Expectation) -> bool:
    """Whether the forms of an answer and of what is expected are the same."""
    if answer is None or expected is None:
        return False
    if isinstance(answer, float) and isinstance(expected, float):
        return abs(answer - expected) <= expectation.tolerance + _ROUNDING * max(abs(answer), abs(expected))
    return answer == expected


def _short(text: str) -> str:
    """Of a long text its beginning and end, its length and two sums over all of it."""
    if len(text) <= _FORM:
        return text
    data = text.encode("utf-8", "surrogatepass")
    return f"{text[: _FORM // 2]}\0{len(data)}\0{zlib.crc32(data):x}\0{zlib.adler32(data):x}\0{text[-_FORM // 4 :]}"


def normalised(text: str) -> str:
    """A text without what people do not mean by it: case, width and form of letters, white space and punctuation at its ends, runs of
    white space within."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    start, end = 0, len(folded)
    while start < end and not _counts(folded[start]):
        start += 1
    while end > start and not _counts(folded[end - 1]):
        end -= 1
    return folded[start:end] or folded


def _counts(character: str) -> bool:
    """Whether it is more than punctuation or a blank."""
    return unicodedata.category(character)[0] not in "PZ"


def number_in(text: str) -> float | None:
    """The number that a text is: ``3``, ``-3.5``, ``3,5``, ``1,234.5``, ``1e3``, with a sign of a currency or a percent sign around it;
    None for any other text. ``1,234`` is one thousand two hundred and thirty-four."""
    plain = text.strip(_AROUND)
    if len(plain) > _LONGEST:
        return None
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    elif not _NUMBER.fullmatch(plain):
        return None
    found = float(plain)
    return found if isfinite(found) else None


def _plain(value: Any) -> Any:
    """A value of JSON in one of the ways to write it: names in order, whole numbers without a fraction."""
    match value:
        case dict():
            return {name: _plain(value[name]) for name in sorted(value)}
        case list():
            return [_plain(one) for one in value]
        case float() if value.is_integer() and abs(value) < _EXACT:
            return int(value)
        case _:
            return value


def _compact(value: Any) -> str:
    """A value of JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
