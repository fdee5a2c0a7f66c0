"""What measures Nightshift keeps: the figures of each part by themselves."""

import pytest

from tests.bench.__main__ import PAGE, PARTS
from tests.bench.kept import kept, marks


def test_every_part_has_a_place_in_the_page_about_figures() -> None:
    """One, with text in it; so any part can be measured again by itself."""
    page = PAGE.read_text()
    for part in PARTS:
        start, end = marks(part)
        assert page.count(start) == page.count(end) == 1
        assert page.partition(start)[2].partition(end)[0].strip()


def test_what_is_kept_of_a_part_replaces_that_part_alone() -> None:
    """Every other byte of the page stays, and keeping it again changes nothing."""
    page = PAGE.read_text()
    for part in PARTS:
        start, end = marks(part)
        now = kept(page, part, "\nNew figures.\n\n")
        before, _, rest = page.partition(start)
        assert now == f"{before}{start}\nNew figures.\n\n{end}{rest.partition(end)[2]}"
        assert kept(now, part, "\nNew figures.\n\n") == now


def test_a_part_without_a_place_is_told_and_nothing_is_written() -> None:
    """Also where only the end of its place is missing."""
    start, end = marks("tables")
    for page, missing in (("# How fast it is\n", start), (f"{end}text\n{start}text\n", end)):
        with pytest.raises(ValueError, match=f"no place for tables: it lacks .*{missing.strip()}"):
            kept(page, "tables", "x")
