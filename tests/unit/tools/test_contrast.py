"""The table of contrasts: true, and good enough."""

from __future__ import annotations

import pytest

from tools import contrast


def test_the_table_is_that_of_the_tokens() -> None:
    """docs/contrast.md is what would be written now."""
    assert contrast.PAGE.read_text(encoding="utf-8") == contrast.drawn()


def test_every_pair_has_what_it_needs() -> None:
    """Text 4.5:1, edges of controls, focus rings and bars 3:1, in the light and in the dark."""
    assert contrast.faults() == []
    assert len(contrast.pairs()) > 60


@pytest.mark.parametrize(("one", "other", "got"), [("#000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.478), ("#123456", "#123456", 1.0)])
def test_contrast_is_that_of_wcag(one: str, other: str, got: float) -> None:
    """Black on white is the most there is; #777 on white just fails, as the standard's own examples say."""
    assert contrast.ratio(one, other) == pytest.approx(got, abs=0.001) == contrast.ratio(other, one)


def test_a_colour_that_lets_through_has_no_contrast_of_its_own() -> None:
    """What is behind it would decide."""
    with pytest.raises(ValueError, match="not an opaque colour"):
        contrast.ratio("#1b203014", "#ffffff")
