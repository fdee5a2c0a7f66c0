"""What ``tools.headless`` does with the page, beside what the journeys show."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import TimeoutError as NotInTime

from tools import headless


class Card:
    """A provider's card whose button goes away between a look and a press, once the page itself has taken the provider into use."""

    def __init__(self, goes_after: int) -> None:
        self.used = False
        self.looks, self.goes_after = 0, goes_after
        self.pressed = 0

    def locator(self, _selector: str) -> Part:
        return Part(self, "used")

    def get_by_role(self, _role: str, *, name: str) -> Part:
        assert name
        return Part(self, "button")


class Part:
    """The word that it is in use, or the button."""

    def __init__(self, card: Card, what: str) -> None:
        self.card, self.what = card, what

    def filter(self, **_given: str) -> Part:
        return self

    def or_(self, _other: Part) -> Part:
        return self

    @property
    def first(self) -> Part:
        return self

    async def wait_for(self) -> None:
        """One of both is always there."""

    async def count(self) -> int:
        if self.what == "used":
            return int(self.card.used)
        there = not self.card.used
        self.card.looks += 1
        if self.card.looks == self.card.goes_after:
            self.card.used = True
        return int(there)

    async def click(self, **_given: float) -> None:
        if self.card.used:
            raise NotInTime("it is gone")
        self.card.pressed += 1
        self.card.used = True


@pytest.mark.parametrize(("goes_after", "pressed"), [(1, 0), (2, 1)])
async def test_a_button_that_the_page_takes_away_ends_nothing(goes_after: int, pressed: int) -> None:
    """The page takes a first provider into use by itself: that may happen right after the button was seen."""
    card: Any = Card(goes_after)
    await headless.use(card)
    assert card.used
    assert card.pressed == pressed
