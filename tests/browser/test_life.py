"""When Python dies the page says so at once, gives up what it held, and the next start passes over what killed it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.kit import killing
from tests.kit.altered import ARCHIVE, alter
from tests.kit.browser import START_MILLISECONDS, Watch, loads_again, place, wait_ready
from tests.kit.journey import Journey
from tests.kit.room import Room

ROOT = Path(__file__).resolve().parents[2]
WITHIN = 50
"""Tenths of a second in which a death must be noticed. A timer counts them in the page, as life.mjs has one: what holds up its looks on
a busy machine holds up the count."""
COUNT = """() => {
  globalThis.tenths = 0;
  const timer = setInterval(() => { tenths += 1; }, 100);
  addEventListener('nightshift:died', () => clearInterval(timer));
}"""
ENGINE = "Active in this tab"
KILLER = """

import msgspec

_read_line = read_line


def read_line(line, file):
    if b"KILL-PYTHON" in bytes(line):
        msgspec.json.decode(b"[" * 100_000)
    return _read_line(line, file)
"""
"""What stands at the end of app/core/openai/outcomes.py for a page with a line that kills, as any unknown fault might."""
LINES, RECORDS = "app/core/openai/outcomes.py", "app/services/runtime/records.py"
"""What reads a line of an answer file, and what reads a stored record."""


@pytest.fixture
def fatal(chromium: Browser, built_site: str, watch: Watch) -> Iterator[BrowserContext]:
    """A fresh profile in which the program may be altered, so without a service worker, and where Python may die."""
    watch.hosts.add(place(built_site))
    watch.expect(killing.NOISE)
    watch.expect(killing.LAST_WORDS)
    context = chromium.new_context(service_workers="block")
    watch.attach(context)
    yield context
    context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


def said(page: Page) -> str:
    """The words about the death."""
    return page.get_by_role("alert").inner_text()


def said_soon(page: Page) -> str:
    """The same, of a death in a page that counts: it was noticed in time."""
    words = said(page)
    assert page.evaluate("tenths") <= WITHIN
    return words


@pytest.mark.parametrize("setting", ["served", "file"])
def test_a_death_is_told_and_another_tab_goes_on(
    context: BrowserContext, watch: Watch, request: pytest.FixtureRequest, setting: str
) -> None:
    """Within five seconds the page says what happened, what it means and what to do, claims no engine any more, and lets another tab take
    the engine over; what was typed last is there after the reload."""
    watch.expect(killing.NOISE)
    killing.prepare(context)
    address = request.getfixturevalue("built_site" if setting == "served" else "one_file")
    watch.hosts.add(place(address))
    page, other = context.new_page(), context.new_page()
    page.goto(address)
    wait_ready(page)
    expect(page.get_by_text(ENGINE).first).to_be_visible()
    other.goto(address)
    wait_ready(other)
    page.locator("textarea").first.fill("Typed in the last second.")
    page.evaluate(COUNT)
    killing.kill(page)
    words = said_soon(page)
    assert "Nightshift has stopped in this tab" in words
    assert "nothing is paid twice" in words
    assert "What you saved is in this browser" in words
    expect(page.get_by_text(ENGINE)).to_have_count(0)
    expect(page.locator("#app")).to_have_attribute("inert", "")
    expect(other.get_by_text(ENGINE).first).to_be_visible()
    page.get_by_role("button", name="Reload the page").click()
    wait_ready(page)
    expect(page.get_by_text("the cause is not known").first).to_be_visible()
    expect(page.locator("textarea", has_text="Typed in the last second.").first).to_be_visible()


def test_a_loop_that_answers_no_more_is_a_death(context: BrowserContext, watch: Watch, built_site: str) -> None:
    """Python can be called and does nothing: its loop does not answer the page, which says so."""
    watch.expect(killing.NOISE)
    watch.hosts.add(place(built_site))
    page = context.new_page()
    page.goto(built_site)
    wait_ready(page)
    page.evaluate(COUNT)
    page.evaluate("() => { MessagePort.prototype.postMessage = () => {}; }")  # what Pyodide's loop takes its turns by
    assert "Python did not answer" in said_soon(page)


def test_a_line_that_kills_is_passed_over_by_the_next_start(fatal: BrowserContext, built_site: str, room: Room) -> None:
    """A batch has three answers, and reading one of them kills Python. After the reload the batch is done, two answers are shown, the third
    is marked and can be saved as it came, and none is sent again."""
    alter(fatal, room, LINES, (ROOT / LINES).read_text() + KILLER)
    desk = Journey(fatal.new_page(), f"{built_site}/").open()
    desk.practise()
    for text in ("One.", "Two: KILL-PYTHON.", "Three."):
        desk.write(text)
        desk.enqueue()
    desk.waiting(3)
    id = desk.submit_lane()
    assert "while it read a line of an answer file" in said(desk.page)
    desk.page.get_by_role("button", name="Reload the page").click()
    wait_ready(desk.page)
    assert desk.batch_id() == id
    desk.wait_for_state("completed")
    expect(desk.page.get_by_text("that line is not shown").first).to_be_visible()
    expect(desk.answers).to_have_count(3)
    expect(desk.open_answer(0)).to_contain_text("One.")
    desk.page.keyboard.press("Escape")
    dialog = desk.open_answer(1)
    expect(dialog).to_contain_text("Not shown: reading it stopped the page.")
    with desk.page.expect_download() as download:
        desk.press("Save the line as a file", within=dialog)
    assert b"KILL-PYTHON" in Path(download.value.path()).read_bytes()
    desk.page.keyboard.press("Escape")
    desk.waiting(0)


def test_a_record_that_kills_the_start_kills_it_once(fatal: BrowserContext, built_site: str, room: Room) -> None:
    """Reading a stored thread kills Python, before the first view is drawn. The page says so; the next start leaves that thread aside and
    lives, and “Read it again” has it read."""
    desk = Journey(fatal.new_page(), f"{built_site}/").open()
    desk.write("Kept: KILL-PYTHON.")
    source = (ROOT / RECORDS).read_text()
    read = "            value = _decoder(kind).decode(row.doc)\n"
    assert read in source
    killer = source.replace(read, f'            if "KILL-PYTHON" in row.doc:\n                msgspec.json.decode(b"[" * 100_000)\n{read}')
    alter(fatal, room, RECORDS, killer)
    desk.page.reload()
    desk.page.locator("html[data-nightshift=died]").wait_for(state="attached", timeout=START_MILLISECONDS)
    assert "while it read a stored record" in said(desk.page)
    desk.page.get_by_role("button", name="Reload the page").click()
    wait_ready(desk.page)
    expect(desk.page.get_by_text("the record is skipped").first).to_be_visible()
    fatal.unroute(ARCHIVE)
    loads_again(desk.page, lambda: desk.press("Read it again"))
    assert desk.texts() == ["Kept: KILL-PYTHON."]
