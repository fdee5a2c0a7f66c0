"""Figures and times as the person's language writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.database import OPEN
from tests.kit.journey import Journey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.kit.browser import Watch
    from tests.kit.setting import Setting

KEPT = "() => localStorage.getItem('nightshift:lastview')"
STORED = f"""async (said) => {{ {OPEN}
  const db = await opened('nightshift');
  const row = await done(db.transaction('settings').objectStore('settings').get('preferences:preferences'));
  db.close();
  return row?.doc.includes(said) ?? false;
}}"""
"""Whether the preferences say this; the view shows a choice before it is stored."""


@pytest.fixture
def page(setting: Setting, watch: Watch) -> Iterator[Page]:
    """A page of a German's browser."""
    context = setting.browser.new_context(**setting.options, locale="de-DE")
    watch.attach(context)
    yield context.new_page()
    watch.detach(context)
    context.close()
    assert not watch.unexpected()


def test_a_germans_figures_are_german_until_they_choose_otherwise(page: Page, address: str) -> None:
    """What was kept of the view for the next start has the old figures, so nothing of it stays."""
    desk = Journey(page, address).open()
    desk.go("Settings")
    card = page.get_by_label("Appearance")
    card.get_by_text("1.234,5 · 1.234,50 $").wait_for()
    page.evaluate("() => dispatchEvent(new Event('pagehide'))")
    assert "1.234,5" in page.evaluate(KEPT)
    card.get_by_label("Language of numbers and dates").select_option("iso")
    card.get_by_text("1,234.5 · $1,234.50").wait_for()
    assert page.evaluate(KEPT) is None
    page.wait_for_function(STORED, arg='"figures":"iso"')
    desk.reload()
    card.get_by_text("1,234.5 · $1,234.50").wait_for()
