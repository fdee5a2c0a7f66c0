"""The tabs that these tests are lent (tests/kit/lending.py): nothing of one test is there for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import profile
from tests.kit.lending import LASTING

if TYPE_CHECKING:
    from tests.kit.setting import Setting

pytestmark = pytest.mark.only("served")
STORES = {
    "local": "localStorage.setItem('local', '1')",
    "cookie=1": "document.cookie = 'cookie=1'",
    "database": "new Promise((resolve) => { indexedDB.open('database').onsuccess = ({ target }) => resolve(target.result.close()); })",
    "folder": "navigator.storage.getDirectory().then((root) => root.getDirectoryHandle('folder', { create: true })).then(() => {})",
}
PERMITTED = "navigator.permissions.query({ name: 'clipboard-read' }).then(({ state }) => state)"


def test_a_lent_tab_is_empty_each_time_and_what_is_left_is_found(setting: Setting) -> None:
    """Whatever a page can store, its tabs, size, permissions and routes are gone with the next lending; each thing that was left by itself
    is named in the place of a tab; what cannot be taken back is refused."""
    with profile(setting) as lent:
        first = lent.lend()
        with pytest.raises(AssertionError, match="two at once"):
            lent.lend()
        lent.take_back(set())
        page = lent.lend()
        assert page == first
        for store in STORES.values():
            page.evaluate(store)
        page.evaluate("sessionStorage.setItem('session', '1')")
        page.context.grant_permissions(["clipboard-read"])
        page.context.route("**/worker.js", lambda route: route.abort())
        page.set_viewport_size({"width": 390, "height": 800})
        page.context.new_page()
        for name in LASTING:
            for owner in (page, page.context):
                with pytest.raises(AssertionError, match="mark the test cold"):
                    getattr(owner, name)("x", "y")
        lent.take_back(set())
        page = lent.lend()
        assert page.context.pages == [page]
        assert page.viewport_size == {"width": 1280, "height": 720}
        assert page.evaluate("sessionStorage.length") == 0
        assert page.evaluate(PERMITTED) != "granted"
        lent.take_back(set())
        for left, store in STORES.items():
            page = lent.lend()
            lent.take_back(set())
            page.goto(f"{setting.address}worker.js")
            page.evaluate(store)
            with pytest.raises(AssertionError, match=left):
                lent.lend()
