"""A watched folder: a file of requests is dropped in, its results appear beside it.

No program can press the browser's dialog that asks for a folder, so that alone is replaced: what it gives is a real folder of the
browser's private file system, with the same handles, files and writing as one on the disk.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.kit.journey import AT_ONCE, Journey

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.only("served", "static")

PATIENCE = 60.0
FOLDER = """
const folderOf = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('orders', { create: true });
globalThis.showDirectoryPicker = folderOf;
globalThis.drop = async (name, text) => {
  const stream = await (await (await folderOf()).getFileHandle(name, { create: true })).createWritable();
  await stream.write(text);
  await stream.close();
};
globalThis.read = async (name) => {
  try {
    return await (await (await (await folderOf()).getFileHandle(name)).getFile()).text();
  } catch {
    return '';
  }
};
"""
LOCKED = """
FileSystemHandle.prototype.queryPermission = async () => (globalThis.allowed ? 'granted' : 'prompt');
FileSystemHandle.prototype.requestPermission = async () => {
  globalThis.allowed = true;
  return 'granted';
};
"""


def lines(*ids: str) -> str:
    """A batch's input file."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}
    return "".join(json.dumps({"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": body}) + "\n" for id in ids)


def results(page: Page, name: str, count: int) -> list[dict[str, Any]]:
    """The lines of a file of results, once there are so many."""
    end = time.monotonic() + PATIENCE
    while len(found := page.evaluate("(name) => read(name)", name).splitlines()) < count:
        assert time.monotonic() < end, found
        page.wait_for_timeout(100)
    return [json.loads(line) for line in found]


@pytest.fixture
def watching(context: BrowserContext, address: str) -> Journey:
    """A page that practises and watches a folder, in a tab of its own: what runs before the page cannot be taken back."""
    page = context.new_page()
    page.add_init_script(FOLDER)
    one = Journey(page, address).open()
    one.practise(AT_ONCE)
    one.go("Integrations")
    one.press("Choose a folder…")
    one.main.get_by_text("Folder watched").wait_for()
    return one


def test_a_file_is_dropped_in_and_its_results_appear_beside_it(watching: Journey) -> None:
    """Lines that are none are told in a file beside it too; after a reload it goes on, also when the browser wants to be asked again."""
    page = watching.page
    page.evaluate("([name, text]) => drop(name, text)", ["march.jsonl", lines("m-1", "m-2") + "no request\n"])
    file = watching.main.get_by_role("row", name="march.jsonl")
    file.get_by_text("march.problems.jsonl").wait_for()
    assert [(one["line"], one["code"]) for one in results(page, "march.problems.jsonl", 1)] == [(3, "invalid_json")]
    watching.go("Queue")
    watching.waiting(2)
    watching.submit_lane()
    found = results(page, "march.results.jsonl", 2)
    assert {one["custom_id"]: one["response"]["status_code"] for one in found} == {"m-1": 200, "m-2": 200}

    page.add_init_script(LOCKED)
    watching.reload()
    watching.go("Integrations")
    watching.main.get_by_text("Folder locked").wait_for()
    page.evaluate("([name, text]) => drop(name, text)", ["april.jsonl", lines("a-1")])
    watching.press("Allow it")
    watching.main.get_by_role("row", name="april.jsonl").wait_for()
    watching.go("Queue")
    watching.waiting(1)
    watching.submit_lane()
    assert [one["custom_id"] for one in results(page, "april.results.jsonl", 1)] == ["a-1"]
    assert len(results(page, "march.results.jsonl", 2)) == 2


def test_on_a_phone_the_list_of_files_fits(watching: Journey) -> None:
    """The name of a file is long, and so is what is said of it; nothing of the list scrolls sideways, and the numbers say what they are."""
    name = "requests-of-the-whole-month-of-march-of-every-team-that-has-a-budget"
    watching.page.evaluate("([name, text]) => drop(name, text)", [f"{name}.jsonl", lines("m-1", "m-2") + "no request\n"])
    watching.main.get_by_text(f"{name}.problems.jsonl").wait_for()
    files = watching.main.get_by_label("Files of the folder")
    for width in (360, 390, 1280):
        watching.page.set_viewport_size({"width": width, "height": 780})
        watching.drawn()
        assert files.locator(".scroll-x").evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0, width
        assert files.locator("table").evaluate("(one) => one.getBoundingClientRect().right - innerWidth") <= 0, width


ODD = """async () => {
  const folder = await showDirectoryPicker();
  for (const name of ['folder.jsonl', 'b.results.jsonl']) await folder.getDirectoryHandle(name, { create: true });
  const stream = await (await folder.getFileHandle('big.jsonl', { create: true })).createWritable();
  await stream.truncate(300_000_000);
  await stream.close();
}"""


def test_folders_with_a_files_name_and_300_mb_without_a_line_end_hold_up_nothing(watching: Journey) -> None:
    """The line that is too large is told beside its file, the folder in place of results in the page; the other file is answered."""
    page = watching.page
    page.evaluate(ODD)
    page.evaluate("(text) => drop('b.jsonl', text)", lines("b"))
    page.evaluate("(text) => drop('a.jsonl', text)", lines("a"))
    (told,) = results(page, "big.problems.jsonl", 1)
    assert (told["line"], told["code"]) == (1, "too_large")
    watching.main.get_by_text("The file b.results.jsonl: A folder has that name.", exact=False).wait_for()
    watching.go("Queue")
    watching.submit_lane()
    assert [one["custom_id"] for one in results(page, "a.results.jsonl", 1)] == ["a"]
