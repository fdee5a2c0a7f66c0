"""How numbers and times are written for the person: separators, order of dates, 12 or 24 hours.

Views and handlers run :func:`within` the person's :class:`Locale` (ui.shell.loop); ``core.base.text`` asks for it. Everything else (files,
replies to programs, stored data) uses ``PLAIN`` and is the same for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import Final, Literal, ParamSpec, TypeVar

import msgspec

from app.core.base.patterns import pattern

P = ParamSpec("P")
T = TypeVar("T")
FiguresChoice = Literal["browser", "en-US", "iso"]


class Locale(msgspec.Struct, frozen=True):
    """One way to write figures and times, in ASCII digits, of the Gregorian calendar. Patterns of times have ``{yyyy}``, ``{M}`` and
    ``{MM}``, ``{d}`` and ``{dd}``, ``{h}`` and ``{hh}``, ``{mm}``, ``{p}`` (two letters: two digits) and what stands between them."""

    tag: str = "iso"
    """As of BCP 47; ``iso``: none."""
    group: str = ","
    decimal: str = "."
    last: int = 3
    """Digits of the last group before the decimal sign."""
    others: int = 3
    """Digits of the groups before it: 2 in India."""
    least: int = 1
    """Digits that must come before the first separator: ``1234`` is whole where it is 2, as in Spanish."""
    dollars: tuple[str, str] = ("$", "")
    """What comes before and behind an amount of US dollars."""
    percent: tuple[str, str] = ("", " %")
    date: str = "{yyyy}-{MM}-{dd}"
    time: str = "{hh}:{mm}"
    both: str = "{yyyy}-{MM}-{dd} {hh}:{mm}"
    cycle: Literal["h11", "h12", "h23", "h24"] = "h23"
    """What the hours are counted in, as ``Intl`` names it."""
    periods: tuple[str, str] = ("AM", "PM")


PLAIN: Final = Locale()
"""ISO dates, a comma between thousands, a point before decimals: as files, logs and programs have it."""
AMERICAN: Final = Locale(
    "en-US",
    percent=("", "%"),
    date="{MM}/{dd}/{yyyy}",
    time="{h}:{mm} {p}",
    both="{MM}/{dd}/{yyyy}, {h}:{mm} {p}",
    cycle="h12",
)
_current: ContextVar[Locale] = ContextVar("locale", default=PLAIN)


def chosen(choice: FiguresChoice, browsers: Locale) -> Locale:
    """The one to use, by what the person chose."""
    return browsers if choice == "browser" else AMERICAN if choice == "en-US" else PLAIN


def current() -> Locale:
    """The one in which figures are written now."""
    return _current.get()


@contextmanager
def within(locale: Locale) -> Iterator[None]:
    """Write figures so within the block, and in the tasks that it begins."""
    token = _current.set(locale)
    try:
        yield
    finally:
        _current.reset(token)


def plainly(make: Callable[P, T]) -> Callable[P, T]:
    """Of a function that makes words which are stored: plain figures, whoever asks for them. What is decided in a transaction is plain by
    itself (services.runtime.contention)."""

    @wraps(make)
    def made(*args: P.args, **named: P.kwargs) -> T:
        with within(PLAIN):
            return make(*args, **named)

    return made


def localised(figure: str) -> str:
    """A figure as Python writes it with ``,`` between thousands (``-1,234.50``), as the person writes it."""
    here = _current.get()
    if here.group == "," and here.decimal == "." and here.last == here.others == 3 and here.least == 1:
        return figure
    whole, point, rest = figure.partition(".")
    return _grouped(whole, here) + (here.decimal if point else "") + rest


def _grouped(whole: str, here: Locale) -> str:
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    digits = digits.replace(",", "")
    if not digits.isdecimal() or len(digits) < here.last + here.least:
        return sign + digits
    head, parts = digits[: -here.last], [digits[-here.last :]]
    while head:
        parts.append(head[-here.others :])
        head = head[: -here.others]
    return sign + here.group.join(reversed(parts))


def money(figure: str) -> str:
    """An amount of US dollars that Python wrote (``1,234.50``)."""
    before, behind = _current.get().dollars
    return f"{before}{localised(figure)}{behind}"


def moment(when: datetime, form: Literal["date", "time", "both"]) -> str:
    """A moment of the zone that it is given in."""
    return _filled(when, getattr(_current.get(), form))


def to_the_second(when: datetime, *, day: bool) -> str:
    """The same with its seconds; with a ``day`` that one before it, without its year."""
    here = _current.get()
    time = here.time.replace("{mm}", "{mm}:{ss}")
    return _filled(when, f"{_YEAR.sub('', here.date)} {time}" if day else time)


def _filled(when: datetime, form: str) -> str:
    here = _current.get()
    hour = when.hour
    if here.cycle in ("h11", "h12"):
        hour = hour % 12 or (12 if here.cycle == "h12" else 0)
    elif here.cycle == "h24":
        hour = hour or 24
    parts = {
        "yyyy": f"{when.year:04}",
        "M": str(when.month),
        "MM": f"{when.month:02}",
        "d": str(when.day),
        "dd": f"{when.day:02}",
        "h": str(hour),
        "hh": f"{hour:02}",
        "mm": f"{when.minute:02}",
        "ss": f"{when.second:02}",
        "p": here.periods[when.hour >= 12],
    }
    return _PLACE.sub(lambda found: parts[found[1]], form)


_PLACE: Final[re.Pattern[str]] = pattern(r"\{(yyyy|MM?|dd?|hh?|mm|ss|p)\}")
_YEAR: Final[re.Pattern[str]] = pattern(r"^\{yyyy\}[^{]*|[^{}]*\{yyyy\}[^{]*$")
