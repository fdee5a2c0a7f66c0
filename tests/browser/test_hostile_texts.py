"""Hostile texts in every place of every view, on a phone: nothing is wider than the window, nothing loads or runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from tests.hostile.corpus import MARKUP
from tests.kit.browser import shell_launch
from tests.kit.stage import Stage
from tests.states.drawn import draw
from tests.states.variants import variants

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

PHONE: Final = 390
WORD: Final = "w" * 300
"""A word without a blank: it breaks, and widens nothing."""
REST: Final = "".join(("\u202e", "א" * 40, "zero\u200bwidth\u2060" * 10, "a" + "\u0301" * 100, "漢" * 120, "a_b/c?d=e&" * 30, *MARKUP))
"""Right to left, zero width, combining marks, a script without blanks, an address, and all markup of the corpus."""
STRANGE: Final = """() => [...document.querySelectorAll('#app *')].filter((one) =>
    one.matches('script, style, link, base, meta, iframe, object, embed, form, video, math, use, template')
    || [...one.attributes].some(({ name, value }) => name.startsWith('on')
        || (['href', 'src'].includes(name) && /^(javascript:|data:text|\\/\\/)/i.test(value)))
).map((one) => one.outerHTML.slice(0, 200))"""
"""Elements and attributes that no view has."""


@pytest.fixture(scope="module")
def stage(playwright: Playwright) -> Iterator[Stage]:
    """The page that states are shown on."""
    shell = playwright.chromium.launch(**shell_launch())
    yield Stage(shell.new_page())
    shell.close()


def test_no_view_is_wider_than_a_phone_or_loads_anything(stage: Stage) -> None:
    """Every view, dialog and state, with the text in each place that a text from outside can stand in."""
    happened: list[str] = []
    stage.page.on("request", lambda one: happened.append(one.url))
    stage.page.on("pageerror", lambda one: happened.append(str(one)))
    stage.wide(PHONE)
    wide: list[tuple[str, str]] = []
    for name, state in variants(f"{WORD} {REST}"):
        stage.show(draw(state))
        if stage.page.evaluate("document.documentElement.scrollWidth") > PHONE:
            wide += [(name, words) for kind, words in stage.layout() if kind == "sideways"][:3]
        assert stage.page.evaluate(STRANGE) == [], name
    assert wide == []
    assert [one for one in happened if not one.startswith(("data:", "blob:"))] == []
