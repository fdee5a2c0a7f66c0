"""What is stored says figures as files and programs have them, whatever the language of whoever made it."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.base import locale
from app.core.base.locale import AMERICAN, Locale, plainly
from app.core.datasets.filerows import GivenFile
from app.core.datasets.selection import words
from app.core.model.datasets import RowSelection
from app.ports import Change
from app.services.workspace.bring import ImportResult
from app.ui.datasets.gathered import name_of
from app.ui.workspace.handlers import _also
from tests.fakes.memory_store import MemoryStore
from tests.fakes.platform import FakePage
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open

MARK = "\u2051"
GERMAN = Locale("de-DE", group=".", decimal=",", dollars=("", " $"))


class Stored:
    """What of all that is committed has a figure of somebody's own: each is marked where it is made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: list[str] = []
        for name in ("localised", "money", "moment"):
            self._mark(monkeypatch, name)
        real = MemoryStore.commit

        async def commit(store: MemoryStore, changes: Any) -> None:
            self.found += [said for one in changes if MARK in (said := _text(one))]
            await real(store, changes)

        monkeypatch.setattr(MemoryStore, "commit", commit)

    def _mark(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        real = getattr(locale, name)

        def marked(*given: Any) -> str:
            return f"{real(*given)}{MARK if locale.current() == GERMAN else ''}"

        from app.core.base import text

        for module in (locale, text):
            for known, value in list(vars(module).items()):
                if value is real:
                    monkeypatch.setattr(module, known, marked)


def _text(change: Change) -> str:
    doc, data = getattr(change, "doc", ""), getattr(change, "data", b"")
    return doc or (data.decode("utf-8", "replace") if isinstance(data, bytes) else "")


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Stored:
    return Stored(monkeypatch)


@pytest.fixture
async def german(tabs: Open) -> Visit:
    """A tab whose person reads figures as in Germany."""
    page = FakePage()
    page.locale = GERMAN
    return await tabs(page=page)


def button(visit: Visit, begins: str) -> str:
    """The whole name of the button that begins so."""
    return next(one.text for one in visit.reach.of("button") if one.text.startswith(begins))


async def test_a_batch_is_called_the_same_for_everybody(german: Visit, stored: Stored) -> None:
    """Submitted by hand, sent again, cancelled: its name, its times and its reasons."""
    await german.queue("one", "two", "three")
    await german.go("#/queue")
    await german.click(button(german, "Submit 3"))
    assert MARK in german.page.html, "the page itself has the person's figures"
    assert [one.name for one in german.state.batches.all] == ["one + 2 more"]
    await german.wait(400)
    await german.queue("four", "five")
    await german.go("#/queue")
    await german.check("Select all in this group", True)
    await german.click(button(german, "Edit 2"))
    await german.choose("Change", "seed")
    await german.type("Value", "12345")
    await german.wait(1)
    await german.click(button(german, "Change 2"))
    await german.click(button(german, "Submit 2"))
    await german.click("Cancel batch")
    await german.click("Cancel the batch")
    await german.wait(400)
    assert stored.found == []


async def test_a_table_is_called_the_same_for_everybody(german: Visit, stored: Stored) -> None:
    """Brought, asked about, tried and queued; a part of it kept as another."""
    await german.go("#/data")
    await german.click("Try a sample table")
    await german.until(lambda: german.state.data.draft is None or not german.state.data.draft.doing)
    await german.click("Import")
    await german.until(lambda: german.state.data.draft is None)
    await german.rest()
    id = german.state.route.id
    await german.emit(german.field("Search all columns"), "change", "the")
    await german.wait(2)
    await german.click("Keep as a new table")
    await german.wait(2)
    await german.go(f"#/data/{id}/prompt")
    await german.type("Text of message 1", "Is it good?")
    await german.type("Model", "gpt-4o-mini")
    await german.wait(2)
    await german.click(button(german, "Try "))
    await german.wait(30)
    assert stored.found == []


def test_words_that_are_stored_are_plain_before_they_are() -> None:
    """The name of a table of several files, of which rows a table is, and what is said of an import after the page began anew."""
    with locale.within(GERMAN):
        assert name_of([GivenFile(f"{n}.txt", 1, n) for n in range(1_999)]) == "1,999 files"
        assert plainly(words)(RowSelection(take="first", count=1_999)) == "the first 1,999 rows"
        assert "1,999 requests" in _also(ImportResult(twice=1_999))


def test_the_mark_is_found(stored: Stored) -> None:
    """Else the tests above could not fail."""
    from app.core.base import text

    with locale.within(GERMAN):
        assert MARK in text.number(1_999)
    with locale.within(AMERICAN):
        assert MARK not in text.number(1_999)
