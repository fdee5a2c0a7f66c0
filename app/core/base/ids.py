"""Ids: sortable by time, unguessable, fit for file names, metadata values and ``custom_id``."""

from __future__ import annotations

from app.core.base.patterns import pattern

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_STAMP = 9  # base 36 milliseconds: nine digits last until the year 5188
_PREFIX = pattern(r"[a-z][a-z0-9]{0,11}")
_TOKEN = pattern(r"[0-9a-z]{1,17}")
FILE_MARK = 16
"""Hexadecimal digits that come after the ids of a file's requests, behind a ``~`` (core.programs.folder.own_id)."""
_HEX = frozenset("0123456789abcdef")


def _base36(number: int, width: int = 0) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits.rjust(width, "0")


def new_id(prefix: str, now: float, token: str) -> str:
    """``prefix-time-token``: [0-9a-z-], at most 40 characters, in the order of ``now`` (unix seconds) among ids of one prefix.

    ``token`` is random text of [0-9a-z] (``ports.Random.token``), 17 characters at most. ValueError for any other prefix or token.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"not a prefix for an id: {prefix!r}")
    if not _TOKEN.fullmatch(token):
        raise ValueError("a token for an id is 1 to 17 characters of 0-9 and a-z")
    stamp = min(max(int(now * 1000), 0), 36**_STAMP - 1)
    return f"{prefix}-{_base36(stamp, _STAMP)}-{token}"


def series(prefix: str, now: float, token: str, count: int) -> tuple[str, ...]:
    """``count`` ids made at one moment from one token of at most 12 characters, in their own order."""
    first = new_id(prefix, now, token[:12])
    width = len(_base36(max(count - 1, 0)))
    return tuple(first + _base36(number, width) for number in range(count))


def without_file(id: str) -> str:
    """The id of a request as it stands in its file: without what tells the requests of one file from those of others."""
    end = id[-FILE_MARK - 1 :]
    return id[: -FILE_MARK - 1] if len(end) > FILE_MARK and end[0] == "~" and _HEX.issuperset(end[1:]) and len(id) > len(end) else id
