"""Numbers, sizes and times as text, in the person's locale where a person reads them (core.base.locale)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import Final

from app.core.base.locale import current, localised, to_the_second
from app.core.base.locale import moment as _written
from app.core.base.patterns import pattern

_IRREGULAR = {"batch": "batches", "reply": "replies", "query": "queries", "body": "bodies", "entry": "entries"}


def number(n: int) -> str:
    """``12480`` -> ``12,480``."""
    return localised(f"{n:,}")


def decimal(value: float, places: int) -> str:
    """``decimal(1234.56, 1)`` -> ``1,234.6``."""
    return localised(f"{value:,.{places}f}")


def percent(value: float, places: int = 0) -> str:
    """``percent(12.34, 1)`` -> ``12.3 %``: the value is in percent."""
    before, behind = current().percent
    return f"{before}{decimal(value, places)}{behind}"


def plural(n: int, noun: str) -> str:
    """The noun alone: ``request`` for 1, ``requests`` for any other number. The last word is the one that changes."""
    if n == 1:
        return noun
    head, _, last = noun.rpartition(" ")
    word = _IRREGULAR.get(last) or last + "s"
    return f"{head} {word}" if head else word


def verb(n: int, words: str) -> str:
    """A sentence's end that begins with a verb for several things (``were not asked``), for ``n`` of them."""
    if n == 1:
        for several, single in (("have ", "has "), ("are ", "is "), ("were ", "was "), ("hold ", "holds ")):
            if words.startswith(several):
                return single + words.removeprefix(several)
    return words


def count(n: int, noun: str) -> str:
    """``count(12480, "request")`` -> ``12,480 requests``; ``no requests`` for 0."""
    return f"{number(n) if n else 'no'} {plural(n, noun)}"


def size(n: int) -> str:
    """Bytes in decimal units, as providers count them: ``940 B``, ``1.2 kB``, ``61 MB``, ``1.5 GB``."""
    if n < 1000:
        return f"{n} B"
    value = float(n)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        # 999.6 would be rounded to 1000 of this unit: it is 1.0 of the next
        if value < 999.5 or unit == "TB":
            break
    return f"{decimal(value, 1 if value < 9.95 else 0)} {unit}"


def span(seconds: float) -> str:
    """A length of time in its two largest units: ``8 s``, ``4 min``, ``1 h 12 min``, ``3 d 4 h``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, s = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {s} s" if minutes < 10 and s else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def ago(seconds: float) -> str:
    """How long ago, in one unit: ``just now``, ``5 min ago``, ``3 h ago``, ``2 d ago``. What lies ahead (clocks differ) is just now."""
    if seconds < 45:
        return "just now"
    for limit, unit, name in ((3_570, 60, "min"), (84_600, 3_600, "h"), (float("inf"), 86_400, "d")):
        if seconds < limit:
            return f"{max(1, round(seconds / unit))} {name} ago"
    return "long ago"


def clock(ts: float, *, offset: float = 0, now: float | None = None) -> str:
    """A moment as ``2026-08-14 09:05``, or ``09:05`` when it is the day of ``now``. ``offset`` is the local zone in seconds east of UTC;
    0 (also: no time known) gives an empty text."""
    when, today = _local(ts, offset, now)
    return "" if when is None else _written(when, "time" if today else "both")


def stamp(ts: float, *, offset: float = 0, now: float) -> str:
    """The same to the second: ``09:05:12``, and ``08-14 09:05:12`` on another day than that of ``now``."""
    when, today = _local(ts, offset, now)
    return "" if when is None else to_the_second(when, day=not today)


def _local(ts: float, offset: float, now: float | None) -> tuple[datetime | None, bool]:
    """A moment in the local zone, and whether it is of the day of ``now``."""
    if ts <= 0:
        return None, False
    epoch = datetime(1970, 1, 1, tzinfo=timezone(timedelta(seconds=offset))) + timedelta(seconds=offset)
    try:
        when = epoch + timedelta(seconds=ts)
        return when, now is not None and (epoch + timedelta(seconds=now)).date() == when.date()
    except OverflowError:
        return None, False


def instant(ts: float) -> str:
    """A moment for machines, as HTML's ``time`` has it: ``2026-08-14T07:05:09Z``; empty where none is known."""
    try:
        return f"{datetime(1970, 1, 1) + timedelta(seconds=ts):%Y-%m-%dT%H:%M:%SZ}" if ts > 0 else ""
    except OverflowError:
        return ""


WORDS: Final = 40
"""Words that something is searched for at most: who pastes a page into a field for words waits for no list."""


def words(typed: str) -> list[str]:
    """What was typed into a search, as different words whatever their case, :data:`WORDS` at most."""
    return list(islice(dict.fromkeys(typed[: 100 * WORDS].casefold().split()), WORDS))


def head(text: str, most: int) -> str:
    """The first ``most`` characters, or some fewer: a character that is made of several (a letter with its accents, a family of emoji) is
    not cut in two. Costs no more for a text of a hundred megabytes. Of a pile of more than 64 accents some stay behind."""
    if len(text) <= most:
        return text
    for end in range(most, max(0, most - 64), -1):
        if not _joined(text[end - 1], text[end]):
            return text[:end]
    return text[:most]


def _joined(before: str, after: str) -> bool:
    """Whether two code points belong to one character, as far as it can be said without Unicode's tables of grapheme clusters."""
    if after < "\u0300":
        return False
    import unicodedata  # only texts that are cut need it

    return (
        before == _JOINER
        or after in (_JOINER, "\ufe0f", "\ufe0e", "\u20e3")
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # skin tones
        or unicodedata.combining(after) != 0
    )


_JOINER = "\u200d"


def pieces(text: str, most: int) -> Iterator[str]:
    """The text in parts of at most ``most`` characters, cut at ends of lines where there are some in the last half of a part, else at a
    space, else anywhere between two characters. Together they are the text."""
    at = 0
    while len(text) - at > most:
        part = text[at : at + most]
        end = part.rfind("\n", most // 2) + 1 or part.rfind(" ", most // 2) + 1 or len(head(text[at : at + most + 1], most))
        yield part[:end]
        at += end
    yield text[at:]


def shorten(text: str, length: int) -> str:
    """The text on one line, cut at a word where it is longer."""
    line = " ".join(text[: length * 8].split())
    if len(line) <= length:
        return line
    head = line[:length]
    word, _, _ = head.rpartition(" ")
    return (word if len(word) > length // 2 else head).rstrip() + "…"


def ungrouped(said: str) -> str:
    """A typed number without what sets its thousands apart: ``1,234.5`` and ``1 234.5`` are ``1234.5``. A comma that stands elsewhere is
    left, so that ``12,50`` is no number to who reads on: as 1250 it would be a hundred times what was meant."""
    said = said.strip()
    return _GROUP.sub("", said) if _GROUPED.fullmatch(said) else said


_GROUPED = pattern(r"[0-9]{1,3}(?:[, _][0-9]{3})+(?:\.[0-9]*)?")
_GROUP = pattern(r"[, _]")


def whole_number(said: str, least: int, most: int) -> int | None:
    """A whole number that someone wrote in ASCII digits, ``least`` to ``most``; None for anything else. However long it is: Python refuses
    to read more than 4,300 digits (``sys.set_int_max_str_digits``)."""
    if not (said.isascii() and said.isdecimal()):
        return None
    digits = said.lstrip("0") or "0"
    return value if len(digits) <= len(str(most)) and least <= (value := int(digits)) <= most else None
