"""The notice of a newer version, and what the settings say about use without a network."""

from __future__ import annotations

import json

import pytest

from app.ports import StorageLost
from tests.kit.screen import Visit


async def notice(visit: Visit, name: str, value: object) -> None:
    """What static/js/updates.mjs tells."""
    await visit.send(json.dumps({"notice": name, "value": value}, separators=(",", ":")))


@pytest.mark.parametrize(
    ("update", "words"), [("ready", "A new version of Nightshift is ready."), ("elsewhere", "Another tab has switched to a newer version")]
)
async def test_an_update_is_announced_and_waits(visit: Visit, update: str, words: str) -> None:
    """It is said on every view; the page goes on until the person presses the button."""
    await notice(visit, "update", update)
    for route in ("#/compose", "#/queue", "#/settings"):
        await visit.go(route)
        assert words in visit.text
    assert visit.page.taken_over == visit.page.reloads == 0
    await visit.click("Reload now")
    assert visit.page.taken_over == 1


async def test_no_update_no_notice(visit: Visit) -> None:
    """Nothing is said when there is nothing, or nothing any more."""
    await notice(visit, "update", "ready")
    await notice(visit, "update", "")
    assert not visit.has("Reload now")


async def test_typed_text_is_saved_first(visit: Visit) -> None:
    """The page leaves only when everything typed is on disk; what cannot be saved keeps it."""
    await visit.write("Hello")
    await notice(visit, "update", "ready")
    visit.store.fail_next = StorageLost("closed")
    await visit.type("Text of message 1", "More")
    await visit.click("Reload now")
    assert visit.page.taken_over == 0
    assert "the page was not reloaded" in visit.text
    await visit.click("Save again")
    await visit.click("Reload now")
    assert visit.page.taken_over == 1


async def test_a_typed_key_keeps_the_page(visit: Visit) -> None:
    """A key that was typed and not saved would be gone after the reload."""
    await visit.go("#/settings")
    await visit.type("API key", "sk-typed")
    await notice(visit, "update", "ready")
    await visit.click("Reload now")
    assert visit.page.taken_over == 0
    assert "A key was typed and not saved." in visit.text
    await visit.type("API key", "")
    await visit.click("Reload now")
    assert visit.page.taken_over == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({"bytes": 13_300_000, "why": ""}, "This page opens without a network as well; 13 MB are kept"),
        ({"bytes": 13_300_000, "why": "a.css is damaged."}, "A newer version could not be saved: a.css is damaged."),
        ({"bytes": 0, "why": "full"}, "The browser has no space for it."),
        ({"bytes": 0, "why": "refused"}, "a private window"),
        ({"bytes": 0, "why": "gone"}, "saved again"),
        ({"bytes": 0, "why": "a.css could not be fetched."}, "does not open without a network here. a.css could not be fetched."),
        ({"bytes": 0, "why": "file"}, "Everything is in this one file."),
    ],
)
async def test_settings_say_whether_it_works_offline(visit: Visit, kept: dict[str, object], words: str) -> None:
    """One line in words, beside the build's name; before it is known, that it is on its way."""
    await visit.go("#/settings")
    assert "The browser is saving this page" in visit.text
    await notice(visit, "kept", kept)
    assert words in visit.text
    assert f"Build {visit.page.version}" in visit.text
