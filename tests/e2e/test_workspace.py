"""The whole workspace in one file: out of one browser, into another, and back."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload

from app.core.model.entries import RecordEntry
from app.core.workspace.archive import Reader
from tests.e2e.conftest import profile
from tests.kit.browser import Watch, loads_again
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.lending import Profile
from tests.kit.setting import Setting

_EVENTS = re.compile(rb'\{"kind":"record"[^\n]*"table":"events"[^\n]*\n[^\n]*\n')
PNG = b"\x89PNG\r\n\x1a\n" + bytes(150_000)


def exported(tab: Journey, folder: Path, name: str) -> Path:
    """Press «Export»; the file."""
    tab.go("Settings")
    with tab.page.expect_download() as download:
        tab.press("Export")
    assert re.fullmatch(r"nightshift-\d{4}-\d\d-\d\d\.nightshift", download.value.suggested_filename)
    path = folder / name
    download.value.save_as(path)
    return path


def body(path: Path) -> bytes:
    """The content unpacked, without its first line and its last, which say when it was made, and without the log, to which all adds."""
    data = _EVENTS.sub(b"", zlib.decompress(path.read_bytes(), wbits=31))
    return data.partition(b"\n")[2].rpartition(b'{"kind":"end"')[0]


def content(path: Path) -> tuple[list[RecordEntry], dict[str, bytes]]:
    """Its records and byte runs."""
    reader, entries, runs = Reader(), list[RecordEntry](), dict[str, bytes]()
    for frame in reader.feed(zlib.decompress(path.read_bytes(), wbits=31)):
        if frame.facts.kind == "record":
            entries.append(frame.entry)
        else:
            runs[frame.facts.id] = frame.content
    reader.close()
    return entries, runs


def chosen(tab: Journey, path: Path) -> None:
    """Choose a file to import, and wait for what is said of it."""
    tab.go("Settings")
    tab.page.get_by_label("Import a workspace file").set_input_files(path)
    tab.dialog.get_by_role("heading", name="Import a workspace").wait_for()


def reloads(tab: Journey, press: Callable[[], None]) -> None:
    """Press something after which the page loads itself again."""
    loads_again(tab.page, press)


@contextmanager
def another_profile(setting: Setting, lent: Profile) -> Iterator[Journey]:
    """The page of a setting in another profile; fails at the end when something unexpected happened in it."""
    page = lent.lend()
    watch = Watch(setting.hosts)
    watch.attach(page.context)
    try:
        yield Journey(page, setting.address).open()
    except BaseException:
        lent.drop()
        raise
    watch.detach(page.context)
    lent.take_back(watch.hosts)
    assert not watch.unexpected(), "\n".join(watch.unexpected())


@pytest.fixture
def elsewhere(setting: Setting, practising: Profile) -> Iterator[Journey]:
    """Another browser profile, opened: that of ``desk``, which no test here asks for."""
    with another_profile(setting, practising) as journey:
        yield journey


def worked(tab: Journey) -> None:
    """Threads, an image, a batch with its answers, and a queue."""
    tab.practise(AT_ONCE)
    tab.write("What is in the file?")
    tab.message(0).get_by_role("button", name="Add an image").click()
    tab.dialog.get_by_label("Image file").set_input_files(FilePayload(name="big.png", mimeType="image/png", buffer=PNG))
    tab.dialog.wait_for(state="detached")
    tab.saved()
    tab.write("Does all of it come along?")
    tab.submit_at_once()
    tab.wait_for_state("completed")
    tab.write("This one waits.")
    tab.enqueue()


@pytest.mark.also("static", "firefox")
def test_a_workspace_goes_round(tab: Journey, elsewhere: Journey, tmp_path: Path) -> None:
    """Exported here, it replaces what is elsewhere: every record with its revision and every byte equals, and the other browser works on
    with it; undone there, what was there before is back, to the last byte."""
    worked(tab)
    first = exported(tab, tmp_path, "first")
    entries, runs = content(first)
    assert {one.table for one in entries} == {"settings", "threads", "segments", "batches", "practice", "events"}
    assert {id.split(":")[0] for id in runs} == {"lines", "image", "answer", "ledger", "practice", "rows"}

    elsewhere.write("I was here before.")
    elsewhere.enqueue()
    before = exported(elsewhere, tmp_path, "before")
    chosen(elsewhere, first)
    assert "1 request in the queue" in elsewhere.dialog.inner_text()
    reloads(elsewhere, lambda: elsewhere.press("Replace what is here", within=elsewhere.dialog))
    elsewhere.toasts.filter(has_text="Imported first in place of what was here.").wait_for()
    second = exported(elsewhere, tmp_path, "second")
    assert body(second) == body(first)
    assert {one.key for one in entries} <= {one.key for one in content(second)[0]}
    elsewhere.waiting(1)
    elsewhere.submit_lane()
    elsewhere.wait_for_state("completed")

    elsewhere.go("Settings")
    reloads(elsewhere, lambda: elsewhere.press("Undo the import"))
    elsewhere.toasts.filter(has_text="The import was undone. What you created since the import is still here.").wait_for()
    chosen(elsewhere, before)
    reloads(elsewhere, lambda: elsewhere.press("Replace what is here", within=elsewhere.dialog))
    assert body(exported(elsewhere, tmp_path, "again")) == body(before)


def test_two_workspaces_become_one(tab: Journey, elsewhere: Journey, tmp_path: Path) -> None:
    """Merged, threads, queues and batches of both are there; undone, it is as it was; kept, the undo is gone."""
    worked(tab)
    file = exported(tab, tmp_path, "file")
    elsewhere.practise(AT_ONCE)
    elsewhere.write("I was here before.")
    elsewhere.enqueue()
    before = body(exported(elsewhere, tmp_path, "before"))
    chosen(elsewhere, file)
    reloads(elsewhere, lambda: elsewhere.press("Merge with what is here", within=elsewhere.dialog))
    elsewhere.waiting(2)
    elsewhere.go("Batches")
    assert elsewhere.page.locator("tbody tr").count() == 1
    elsewhere.page.locator("tbody tr a").first.click()
    elsewhere.wait_for_state("completed")
    elsewhere.answers.first.wait_for()
    elsewhere.go("Settings")
    reloads(elsewhere, lambda: elsewhere.press("Undo the import"))
    assert body(exported(elsewhere, tmp_path, "undone")) == before
    chosen(elsewhere, file)
    reloads(elsewhere, lambda: elsewhere.press("Merge with what is here", within=elsewhere.dialog))
    elsewhere.go("Settings")
    elsewhere.press("Keep the import")
    elsewhere.page.get_by_role("button", name="Undo the import").wait_for(state="detached")
    elsewhere.waiting(2)


def test_a_damaged_file_is_told_in_words(tab: Journey, tmp_path: Path) -> None:
    """Cut, changed, or something else: no dialog opens, and the page says what is wrong."""
    tab.write("Kept.")
    data = exported(tab, tmp_path, "whole").read_bytes()
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 255
    for content, words in ((data[:-30], "not complete"), (bytes(damaged), "damaged"), (b"no file of ours", "not a workspace")):
        (tmp_path / "broken.nightshift").write_bytes(content)
        tab.page.get_by_label("Import a workspace file").set_input_files(tmp_path / "broken.nightshift")
        tab.main.get_by_role("region", name="Workspace").locator(".note", has_text=words).wait_for()
        assert not tab.dialog.count()


@pytest.mark.only("file")
def test_from_the_served_page_to_the_file_and_back(tab: Journey, served: Setting, tmp_path: Path) -> None:
    """What was made in the served page goes on in the one file, and comes back: every record and every byte equals at each step."""
    with profile(served) as one, another_profile(served, one) as page:
        worked(page)
        first = exported(page, tmp_path, "served")

        chosen(tab, first)
        reloads(tab, lambda: tab.press("Replace what is here", within=tab.dialog))
        assert body(exported(tab, tmp_path, "file")) == body(first)
        tab.waiting(1)
        tab.submit_lane()
        tab.wait_for_state("completed")
        later = exported(tab, tmp_path, "later")
        assert body(later) != body(first)

        chosen(page, later)
        reloads(page, lambda: page.press("Replace what is here", within=page.dialog))
        assert body(exported(page, tmp_path, "back")) == body(later)
        page.go("Batches")
        assert page.page.locator("tbody tr").count() == 2
