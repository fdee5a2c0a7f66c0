"""A look through a table for secrets and personal data that people send by mistake: a warning, never a proof, with column and rows.

What is looked for has a form that little else has: keys of well-known services by their prefixes, e-mail addresses, card numbers and IBANs
by their check digits, telephone numbers with a country's code, social security numbers of the United States. Names and addresses of streets
have no such form and are not found. Nothing of what was found is kept but its place.
"""

from __future__ import annotations

import string
from array import array
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Final, Literal

import msgspec

from app.core.base.patterns import pattern
from app.core.base.text import count, number
from app.core.bodies.bodyfindings import BodyFinding
from app.core.templates.compiling import Row

SensitiveKind = Literal["secret", "email", "card", "iban", "phone", "ssn"]
TITLES: Final[Mapping[SensitiveKind, str]] = {
    "secret": "key or password",
    "email": "e-mail address",
    "card": "card number",
    "iban": "bank account (IBAN)",
    "phone": "telephone number",
    "ssn": "social security number",
}
MAX_CELL: Final = 100_000
"""Characters of a cell that are looked at."""
MAX_TOGETHER: Final = 20_000
"""Characters of several rows that are looked at as one text."""
_PARTS: Final = 8
_FEW: Final = 4
"""Into how many parts rows are divided of which one holds something, and how many rows are looked at one by one then."""


def _classes(*classes: tuple[str, str]) -> bytes:
    """A table for :meth:`bytes.translate` that makes each of some characters the sign of its class, and any other byte a full stop."""
    signs = {ord(character): sign for characters, sign in classes for character in characters}
    return "".join(signs.get(code, ".") for code in range(256)).encode()


def _mark_of(sign: str) -> str:
    return next((mark for mark in "_-" if mark in sign), "")


_KEYS: Final = tuple(
    (sign, pattern(rf"(?<!\w){sign}{rest}"))
    for sign, rest in (
        ("sk-", r"[A-Za-z0-9_-]{20,}"),
        ("sk_live_", r"[A-Za-z0-9]{16,}"),
        ("AKIA", r"[A-Z0-9]{16}(?!\w)"),
        ("ASIA", r"[A-Z0-9]{16}(?!\w)"),
        *((f"gh{kind}_", r"[A-Za-z0-9]{30,}") for kind in "pousr"),
        ("github_pat_", r"\w{30,}"),
        *((f"xox{kind}-", r"[A-Za-z0-9-]{10,}") for kind in "abprs"),
        ("AIza", r"[A-Za-z0-9_-]{35}"),
        ("hf_", r"[A-Za-z0-9]{30,}"),
        ("glpat-", r"[A-Za-z0-9_-]{20,}"),
        ("eyJ", r"[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    )
)
"""How keys begin, and the rest of them. Looking for the beginning costs a tenth of the pattern."""
_BY_MARK: Final = tuple((mark, tuple(key for key in _KEYS if _mark_of(key[0]) == mark)) for mark in ("_", "-", ""))
"""The same by a rare character that is part of how they begin: most texts have neither, and are not looked through for those keys."""
_PRIVATE: Final = pattern(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----")
_ASSIGNED: Final = pattern(r"(?:password|passwd|api[_-]?key|secret[_-]?key|access[_-]?token)[\"']?\s{0,3}[=:]\s{0,3}[\"']?[^\s\"'{<]{8,}")
_ASSIGNED_SIGNS: Final = ("passw", "api", "secret", "access")
_EMAIL: Final = pattern(r"[A-Za-z0-9._%+-]@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}(?!\w)")
_DIGITS: Final = pattern(r"[0-9](?:[ ().-]{0,2}[0-9]){7,18}(?![0-9])")
_IBAN: Final = pattern(r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)")
_SSN: Final = pattern(r"[0-8][0-9]{2}(?<!000)(?<!666)-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![0-9-])")


class SensitiveColumn(msgspec.Struct, frozen=True):
    """What a column holds in ``count`` rows; ``rows`` are all of them, in their order."""

    column: str
    kind: SensitiveKind
    count: int
    rows: Sequence[int]

    @property
    def sentence(self) -> str:
        """For people, before anything is sent."""
        what = TITLES[self.kind]
        a = "an" if what[0] in "aeiou" else "a"
        return f"{self.column[:60]} seems to hold {a} {what} in {count(self.count, 'row')}."


def kinds_in(text: str) -> set[SensitiveKind]:
    """What a text seems to hold."""
    found: set[SensitiveKind] = set()
    text = text[:MAX_CELL]
    data = text.encode("utf-8", "replace")
    if _secret(text, data):
        found.add("secret")
    if "@" in text and _EMAIL.search(text):
        found.add("email")
    if not _NUMBER.search(data.translate(_NUMBER_CLASSES)):
        return found
    if "-" in text and any(not _part_of(text, match.start()) for match in _SSN.finditer(text)):
        found.add("ssn")
    accounts = [match for match in _IBAN.finditer(text) if not _part_of(text, match.start())]
    if any(_valid_iban(match[0]) for match in accounts):
        found.add("iban")
    for match in _DIGITS.finditer(text):
        if not any(account.start() < match.start() < account.end() for account in accounts):  # their digits are no card's
            _add_number(found, match[0], text[: match.start()][-2:])
    return found


_NUMBER: Final = pattern(rb"00[0A]{5}")
"""Two digits and five characters as numbers, accounts and the like have them, in a text whose bytes say only of which class they are: to
look for this costs a tenth of looking for the classes themselves, and nearly every text has none."""
_NUMBER_CLASSES: Final = _classes((string.digits, "0"), (" ().-" + string.ascii_uppercase, "A"))
_LONG_WORD: Final = b"w" * 13
"""What every key has at least, in the same manner."""
_WORD_CLASSES: Final = _classes((string.ascii_letters + string.digits + "_-", "w"))


def _secret(text: str, data: bytes) -> bool:
    if _LONG_WORD in data.translate(_WORD_CLASSES):
        for mark, some in _BY_MARK:
            if mark in text and any(sign in text and known.search(text) for sign, known in some):
                return True
    if "-" in text and "-----BEGIN" in text and _PRIVATE.search(text):
        return True
    if "=" not in text and ":" not in text:
        return False
    lowered = text.lower()
    return any(sign in lowered for sign in _ASSIGNED_SIGNS) and bool(_ASSIGNED.search(lowered))


def _part_of(text: str, start: int) -> bool:
    """Whether what begins here is the rest of a longer word or number."""
    return start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_-")


def _add_number(found: set[SensitiveKind], text: str, before: str) -> None:
    digits = "".join(filter(str.isdigit, text))
    if before.endswith("+") or before == "+(":
        if 8 <= len(digits) <= 15:
            found.add("phone")
    elif 13 <= len(digits) <= 19 and digits[0] in "3456" and not (before[-1:].isalnum() or before[-1:] in tuple("_.,-")) and _luhn(digits):
        found.add("card")


def _luhn(digits: str) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1); one digit repeated passes it and is none."""
    if len(set(digits)) < 2:
        return False
    doubled = [sum(divmod(2 * int(digit), 10)) if at % 2 else int(digit) for at, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _valid_iban(text: str) -> bool:
    """The check digits of an IBAN (ISO 13616)."""
    plain = text.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


class SensitiveScan:
    """Looks through rows in their order; only the columns that a template uses need to be looked at."""

    def __init__(self, columns: Sequence[str], used: Iterable[str] | None = None) -> None:
        wanted = set(columns if used is None else used)
        self._columns = [(at, name) for at, name in enumerate(columns) if name in wanted]
        self._rows: dict[tuple[int, SensitiveKind], array[int]] = {}

    def add_rows(self, numbers: Sequence[int], rows: Sequence[Row]) -> None:
        """Many rows with their numbers, as :meth:`add`. Most hold nothing: so they are looked at as one text, and one by one only where
        something is in it."""
        if not self._columns or not rows:
            return
        each = [itemgetter(at) for at, _ in self._columns]
        text = "\n".join(["\n".join(map(pick, rows)) for pick in each])
        if len(text) <= MAX_TOGETHER and not kinds_in(text):
            return
        if len(rows) <= _FEW:
            for at, row in zip(numbers, rows, strict=True):
                self.add(at, row)
            return
        step = -(-len(rows) // _PARTS)
        for at in range(0, len(rows), step):
            self.add_rows(numbers[at : at + step], rows[at : at + step])

    def add(self, row_number: int, row: Row) -> None:
        """One row, with its number from 0."""
        if len(self._columns) > 1:
            whole = "\n".join([row[at] for at, _ in self._columns])
            if len(whole) <= MAX_CELL and not kinds_in(whole):  # nearly every row: one look instead of one for each cell
                return
        for at, _name in self._columns:
            cell = row[at]
            if len(cell) > 6 and (found := kinds_in(cell)):
                for kind in found:
                    self._rows.setdefault((at, kind), array("I")).append(row_number)

    def found(self) -> list[SensitiveColumn]:
        """What was found so far, by column and kind: secrets first, then what most rows have."""
        names = dict(self._columns)
        made = [SensitiveColumn(names[at], kind, len(rows), rows) for (at, kind), rows in self._rows.items()]
        return sorted(made, key=lambda one: (one.kind != "secret", -one.count, one.column, one.kind))


def warnings(found: Iterable[SensitiveColumn]) -> list[BodyFinding]:
    """The same as findings that do not block, to stand among those of the bodies."""
    return [
        BodyFinding(
            "table",
            one.sentence,
            f"Look at row {number(one.rows[0] + 1)}. Leave the column out, or send it if that is meant.",
            "advice",
            item=one.column,
            group=f"sensitive {one.kind} {one.column}",
        )
        for one in found
    ]
