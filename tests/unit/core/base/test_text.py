"""Numbers, sizes and times in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.base import text


@pytest.mark.parametrize(
    ("n", "noun", "said"),
    [
        (0, "request", "no requests"),
        (1, "request", "1 request"),
        (12480, "request", "12,480 requests"),
        (2, "batch", "2 batches"),
        (2, "queued reply", "2 queued replies"),
    ],
)
def test_counts_are_read_as_words(n, noun, said):
    """A count has thousands separators and a noun in the right number."""
    assert text.count(n, noun) == said


@pytest.mark.parametrize(
    ("n", "said"),
    [(0, "0 B"), (999, "999 B"), (1200, "1.2 kB"), (61_000_000, "61 MB"), (999_600, "1.0 MB"), (1_500_000_000, "1.5 GB"), (9_960, "10 kB")],
)
def test_sizes_have_two_digits_at_least(n, said):
    """Sizes are decimal, with one decimal below ten."""
    assert text.size(n) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (-4, "0 s"),
        (59.6, "1 min"),
        (95, "1 min 35 s"),
        (4320, "1 h 12 min"),
        (7200, "2 h"),
        (90000, "1 d 1 h"),
        (172800, "2 d"),
    ],
)
def test_spans_show_two_units(seconds, said):
    """A length of time is told in its two largest units."""
    assert text.span(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-100, "just now"),
        (10, "just now"),
        (50, "1 min ago"),
        (3569, "59 min ago"),
        (3600, "1 h ago"),
        (86_000, "1 d ago"),
        (200_000, "2 d ago"),
    ],
)
def test_ages_show_one_unit(seconds, said):
    """An age is told in one unit, and the future is just now."""
    assert text.ago(seconds) == said


def test_a_moment_of_today_is_told_by_its_time_alone():
    """A clock shows the date only when it is another day, in the zone that was asked for."""
    assert text.clock(1_786_698_300, now=1_786_700_000) == "09:05"
    assert text.clock(1_786_698_300) == "2026-08-14 09:05"
    assert text.clock(1_786_698_300, offset=7200) == "2026-08-14 11:05"
    assert text.clock(0) == ""


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_number_breaks_the_clock(ts):
    """A provider's odd timestamp never raises."""
    assert isinstance(text.clock(ts), str)
    assert isinstance(text.ago(ts), str)


@given(st.text(), st.integers(5, 80))
def test_a_shortened_text_is_one_short_line(words, length):
    """A shortened text has one line and at most one character more than asked (the ellipsis)."""
    short = text.shorten(words, length)
    assert len(short) <= length + 1
    assert "\n" not in short


@given(st.integers(0, 10**12), st.sampled_from([",", " ", "_"]), st.sampled_from(["", ".", ".5", ".25"]))
def test_thousands_that_are_set_apart_are_one_number(n: int, mark: str, rest: str) -> None:
    """However a person sets them apart."""
    assert text.ungrouped(f" {n:,}{rest} ".replace(",", mark)) == f"{n}{rest}"


@given(st.from_regex(r"[0-9]{1,3}[, _][0-9]{1,2}([, _][0-9]{3})*", fullmatch=True))
def test_a_comma_for_a_point_is_never_passed_over(typed: str) -> None:
    """12,50 is not 1250."""
    assert not text.ungrouped(typed).isdecimal()


def test_an_end_of_a_sentence_for_one_and_for_several() -> None:
    """It is written for several; what does not begin with such a verb stays."""
    assert text.verb(2, "were not asked") == "were not asked"
    assert [text.verb(1, one) for one in ("were not asked", "have none", "are stale", "hold it", "would go")] == [
        "was not asked",
        "has none",
        "is stale",
        "holds it",
        "would go",
    ]


def test_words_that_are_searched_for_are_few_and_different() -> None:
    """Who pastes a page into a field for words waits for no list: 100 kB of one letter are one word, and of many words the first count."""
    assert text.words("  Straße STRASSE (.*)+$ \\d[ ") == ["strasse", "(.*)+$", "\\d["]
    assert text.words("a " * 50_000) == ["a"]
    assert text.words(" ".join(map(str, range(50_000)))) == [str(n) for n in range(text.WORDS)]
    assert text.words("w" * 100_000) == ["w" * 100 * text.WORDS]
    assert text.words(" \n") == []
