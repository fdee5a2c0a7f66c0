"""Figures and times as people of several languages write them. What Intl says of each is in tests/data/locales.json, which
tests/js/locale.test.mjs holds to the Intl of the browser's own engine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from app.core.base import text
from app.core.base.locale import AMERICAN, PLAIN, Locale, chosen, current, localised, within
from app.core.prices.rates import PER_DOLLAR, dollars
from app.core.results.charts import figure, short

LOCALES = msgspec.json.decode(Path("tests/data/locales.json").read_bytes(), type=dict[str, Locale])
MORNING, EVENING, DAY = 1_785_747_900.0, 1_785_791_100.0, 86_400.0  # 2026-08-03, 09:05 and 21:05 UTC


@pytest.mark.parametrize(
    ("tag", "number", "decimal", "size", "money", "percent"),
    [
        ("en-US", "1,234,567", "1,234.5", "1.5 GB", "$1,234.50", "12.5%"),
        ("de-DE", "1.234.567", "1.234,5", "1,5 GB", "1.234,50\u00a0$", "12,5\u00a0%"),
        ("en-IN", "12,34,567", "1,234.5", "1.5 GB", "$1,234.50", "12.5%"),
        ("ar-EG", "1,234,567", "1,234.5", "1.5 GB", "1,234.50\u00a0US$", "12.5%"),
        ("ja-JP", "1,234,567", "1,234.5", "1.5 GB", "$1,234.50", "12.5%"),
        ("es-ES", "1.234.567", "1234,5", "1,5 GB", "1234,50\u00a0$", "12,5\u00a0%"),
        ("fr-FR", "1\u202f234\u202f567", "1\u202f234,5", "1,5 GB", "1\u202f234,50\u00a0$", "12,5\u00a0%"),
        ("tr-TR", "1.234.567", "1.234,5", "1,5 GB", "$1.234,50", "%12,5"),
        ("iso", "1,234,567", "1,234.5", "1.5 GB", "$1,234.50", "12.5 %"),
    ],
)
def test_figures_are_written_as_the_person_writes_them(tag: str, number: str, decimal: str, size: str, money: str, percent: str) -> None:
    """Separators, the size of groups, and where the signs of dollars and percent stand; money stays US dollars."""
    with within(LOCALES.get(tag, PLAIN)):
        said = text.number(1_234_567), text.decimal(1234.5, 1), text.size(1_500_000_000), dollars(1_234_500_000 * PER_DOLLAR // 10**6)
        assert (*said, text.percent(12.5, 1)) == (number, decimal, size, money, percent)


@pytest.mark.parametrize(
    ("tag", "morning", "evening", "before"),
    [
        ("en-US", "9:05 AM", "9:05 PM", "08/02/2026, 9:05 PM"),
        ("de-DE", "09:05", "21:05", "02.08.2026, 21:05"),
        ("en-IN", "9:05 am", "9:05 pm", "02/08/2026, 9:05 pm"),
        ("ar-EG", "9:05 AM", "9:05 PM", "02/08/2026, 9:05 PM"),
        ("ja-JP", "09:05", "21:05", "2026/08/02 21:05"),
        ("iso", "09:05", "21:05", "2026-08-02 21:05"),
    ],
)
def test_times_are_written_as_the_person_writes_them(tag: str, morning: str, evening: str, before: str) -> None:
    """12 or 24 hours, and the order of a date; digits are those of ASCII everywhere."""
    with within(LOCALES.get(tag, PLAIN)):
        said = text.clock(MORNING, now=EVENING), text.clock(EVENING, now=MORNING), text.clock(EVENING - DAY, now=MORNING)
    assert tuple(one.replace("\u202f", " ") for one in said) == (morning, evening, before)


@pytest.mark.parametrize(("cycle", "midnight", "noon"), [("h12", "12", "12"), ("h11", "0", "0"), ("h23", "0", "12"), ("h24", "24", "12")])
def test_midnight_and_noon_have_the_hour_of_their_cycle(cycle: str, midnight: str, noon: str) -> None:
    """As Intl defines its four cycles."""
    with within(msgspec.convert({"time": "{h}", "cycle": cycle}, Locale)):
        assert [text.clock(at, now=at) for at in (DAY, 1.5 * DAY)] == [midnight, noon]


def test_a_figure_that_is_none_is_left_alone() -> None:
    """An exponent and a word have no groups."""
    with within(LOCALES["de-DE"]):
        assert [localised(one) for one in ("1e-07", "nan", "-1,234.5", "0.25")] == ["1e-07", "nan", "-1.234,5", "0,25"]


def test_borders_of_charts_are_written_so_too() -> None:
    """Also short ones, and those of money."""
    with within(LOCALES["de-DE"]):
        assert (figure(1234.0), figure(0.25, "dollars"), short(12_500.0, ""), short(20_000.0, "dollars")) == (
            "1.234",
            "0,25\u00a0$",
            "12,5k",
            "20k\u00a0$",
        )


def test_the_choice_is_the_browsers_the_american_or_iso() -> None:
    """Only the first asks the browser."""
    german = LOCALES["de-DE"]
    assert [chosen(one, german) for one in ("browser", "en-US", "iso")] == [german, AMERICAN, PLAIN]
    assert msgspec.structs.replace(LOCALES["en-US"], time=AMERICAN.time, both=AMERICAN.both) == AMERICAN


async def test_what_runs_elsewhere_writes_figures_plainly() -> None:
    """A handler's tasks have the person's locale, others and what comes after have none of it."""

    async def said() -> str:
        await asyncio.sleep(0)
        return text.number(1234)

    before = asyncio.create_task(said())
    with within(LOCALES["de-DE"]):
        begun = asyncio.create_task(said())
        with within(PLAIN):
            assert text.number(1234) == "1,234"
    assert (await before, await begun, text.number(1234), current()) == ("1,234", "1.234", "1,234", PLAIN)


@pytest.mark.parametrize(
    ("locale", "today", "before"),
    [
        (PLAIN, "09:05:12", "08-14 09:05:12"),
        (AMERICAN, "9:05:12 AM", "08/14 9:05:12 AM"),
        (Locale("de-DE", date="{dd}.{MM}.{yyyy}"), "09:05:12", "14.08 09:05:12"),
        (Locale("ja-JP", date="{yyyy}/{MM}/{dd}", time="{h}:{mm}"), "9:05:12", "08/14 9:05:12"),
    ],
)
def test_a_time_of_the_log_has_its_seconds_and_no_year(locale: Locale, today: str, before: str) -> None:
    """In the order of the person's language; of another day with month and day."""
    when = 1_786_698_312.0
    with within(locale):
        assert text.stamp(when, now=when) == today
        assert text.stamp(when, now=when + 86_400) == before
        assert text.stamp(0, now=when) == ""
