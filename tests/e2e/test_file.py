"""What is different where the page is a file on the disk: all such files share one storage, and there is no server."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from tests.e2e.provider import KEY, Provider
from tests.e2e.test_provider import STORED
from tests.kit.browser import Watch, place
from tests.kit.journey import Journey
from tests.kit.setting import Setting

pytestmark = pytest.mark.only("file", "firefox")


def test_a_key_stays_in_memory_unless_asked_for(tab: Journey, provider: Provider) -> None:
    """Unasked, the key works, is stored nowhere, and is gone with the tab's memory: other local pages could read what is stored. The
    provider sees a page without an origin, and its answer is read all the same."""
    tab.add_provider("E2E", provider.base_url)
    tab.reload_for_provider()
    card = tab.provider("E2E")
    assert not card.get_by_label("Remember on this machine").is_checked()
    card.locator("input[type=password]").fill(KEY)
    tab.press("Save the key", within=card)
    assert "works" in tab.key_verdict("E2E")
    assert tab.page.evaluate("() => [self.origin, location.protocol]") == ["null", "file:"]
    card.get_by_text("in this tab's memory only").wait_for()
    assert KEY not in tab.page.evaluate(STORED)
    tab.reload()
    tab.provider("E2E").locator("input[type=password]").wait_for()


def test_nothing_but_the_provider_can_be_reached(tab: Journey, built_site: str, watch: Watch) -> None:
    """The setting itself: a server of this machine that the page was even told to call does not get the call."""
    watch.expect("Failed to load resource|ERR_")
    watch.hosts.add(built_site.removeprefix("http://"))
    tab.add_provider("Elsewhere", f"{built_site}/v1")
    tab.reload_for_provider()
    tab.save_key("Elsewhere", KEY)
    assert "does not answer at all" in tab.key_verdict("Elsewhere")


def test_a_copy_in_another_place_finds_the_data_in_chromium_only(tab: Journey, setting: Setting, watch: Watch, tmp_path: Path) -> None:
    """Chromium has one storage for all files, Firefox one for each place: there, what is to be found again must stay where it is."""
    tab.write("Where am I?")
    copy = Path(shutil.copy(url2pathname(urlsplit(setting.address).path), tmp_path / "copy.html"))
    watch.hosts.add(place(copy.as_uri()))
    other = Journey(tab.page.context.new_page(), copy.as_uri()).open()
    assert other.texts() == ([""] if setting.name == "firefox" else ["Where am I?"])
