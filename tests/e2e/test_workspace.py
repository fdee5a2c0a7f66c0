"""The whole workspace in one file: out of one browser, into another, and back."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import FilePayload

from app.core.entries import Entry
from app.core.workspace import Reader
from tests.kit.browser import Watch, wait_ready
from tests.kit.journey import AT_ONCE, Journey

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
    """The content unpacked, without its first line and its last, which say when it was made."""
    data = zlib.decompress(path.read_bytes(), wbits=31)
    return data.partition(b"\n")[2].rpartition(b'{"kind":"end"')[0]


def content(path: Path) -> tuple[list[Entry], dict[str, bytes]]:
    """Its records and byte runs."""
    reader, entries, runs = Reader(), list[Entry](), dict[str, bytes]()
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
    with tab.page.expect_navigation(wait_until="commit"):
        press()
    wait_ready(tab.page)


@pytest.fixture
def elsewhere(chromium: Browser, address: str, allow_hosts: set[str]) -> Iterator[Journey]:
    """Another browser profile, opened."""
    context = chromium.new_context()
    watch = Watch(allow_hosts)
    watch.attach(context)
    context.set_default_timeout(15_000)
    yield Journey(context.new_page(), address).open()
    context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


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
    tab.wait_for_state("done")
    tab.write("This one waits.")
    tab.enqueue()


def test_a_workspace_goes_round(tab: Journey, elsewhere: Journey, tmp_path: Path) -> None:
    """Exported here, it replaces what is elsewhere: every record with its revision and every byte equals, and the other browser works on
    with it; undone there, what was there before is back, to the last byte."""
    worked(tab)
    first = exported(tab, tmp_path, "first")
    entries, runs = content(first)
    assert {one.table for one in entries} == {"settings", "threads", "segments", "batches", "practice"}
    assert {id.split(":")[0] for id in runs} == {"lines", "image", "answer", "ledger", "practice"}

    elsewhere.write("I was here before.")
    elsewhere.enqueue()
    before = exported(elsewhere, tmp_path, "before")
    chosen(elsewhere, first)
    assert "1 request in the queue" in elsewhere.dialog.inner_text()
    reloads(elsewhere, lambda: elsewhere.press("Replace what is here", within=elsewhere.dialog))
    elsewhere.toasts.filter(has_text="Imported first in the place of what was here.").wait_for()
    assert body(exported(elsewhere, tmp_path, "second")) == body(first)
    elsewhere.waiting(1)
    elsewhere.submit_lane()
    elsewhere.wait_for_state("done")

    elsewhere.go("Settings")
    reloads(elsewhere, lambda: elsewhere.press("Undo the import"))
    elsewhere.toasts.filter(has_text="The import was undone. What was made since the import is still here.").wait_for()
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
    elsewhere.wait_for_state("done")
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
    for content, words in ((data[:-30], "not complete"), (bytes(damaged), "damaged"), (b"no file of ours", "no workspace")):
        (tmp_path / "broken.nightshift").write_bytes(content)
        tab.page.get_by_label("Import a workspace file").set_input_files(tmp_path / "broken.nightshift")
        tab.main.get_by_role("region", name="Workspace").locator(".note", has_text=words).wait_for()
        assert not tab.dialog.count()
