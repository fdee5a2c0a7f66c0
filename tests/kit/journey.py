"""The page as a person uses it: what they see, press and type. It waits for conditions, never for time.

Nothing here knows how the page is served: the address may be a server's root, a sub-path or a file.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import TimeoutError

from tests.kit.browser import loads_again, wait_ready

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

MODEL: Final = "gpt-4o-mini"
LONG: Final = 45_000.0
"""Milliseconds that a batch may stay at one step."""
AT_ONCE, TEN_SECONDS = "0", "1"
TURNS: Final = """async () => {
  for (let n = 0; n < 2; n++) {
    await new Promise(requestAnimationFrame);
    await new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  }
}"""
"""Two frames, and two turns of Python's loop."""


class Journey:
    """One tab. Methods do what a person does and return when the page shows it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    # --- the page itself

    def open(self, route: str = "") -> Journey:
        """Open the page anew."""
        self.page.goto(self.address + route)
        wait_ready(self.page)
        return self

    def reload(self) -> None:
        self.page.reload()
        wait_ready(self.page)

    def go(self, view: str) -> None:
        """Follow a link of the navigation: ``Queue``. Brings the tab to the front: behind, it draws once a second."""
        self.page.bring_to_front()
        link = self.page.locator("nav.rail > a", has_text=view)
        link.click()
        self.page.locator(f'nav.rail > a[aria-current="page"]:has-text("{view}")').wait_for()

    def leads(self) -> None:
        """Wait until the engine runs in this tab."""
        self.facts.get_by_text("Active in this tab").wait_for()

    @property
    def facts(self) -> Locator:
        """What is always in sight: engine, key, storage."""
        return self.page.locator("nav.rail footer")

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def toasts(self) -> Locator:
        return self.page.locator(".toast")

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog[open]")

    def press(self, name: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """Click the button of this name."""
        (within or self.page).get_by_role("button", name=name, exact=exact).first.click()

    def switch_on(self, words: str) -> None:
        """Tick a box that shows what is stored: it is ticked for good a moment after the click."""
        self.main.get_by_label(words).click()
        self.main.get_by_role("checkbox", name=words, checked=True).wait_for()

    def undo(self, text: str) -> None:
        """Take back what the toast with this text tells of."""
        self.toasts.filter(has_text=text).last.get_by_role("button", name="Undo").click()

    def problem(self, code: str) -> Locator:
        """The note about a problem."""
        return self.page.locator(f'[data-problem="{code}"]')

    def told(self, code: str) -> str:
        """What the page says about a problem, once it does: the sentences, without what the provider said."""
        note = self.problem(code).first
        note.wait_for(timeout=LONG)
        return note.locator("> p").inner_text()

    def dismiss_toasts(self) -> None:
        """Close all toasts, also those that wait behind others of their kind."""
        self.page.evaluate(
            """async () => {
              for (let toast; (toast = document.querySelector('.toast')); await new Promise(requestAnimationFrame)) {
                toast.querySelector('[aria-label=Dismiss]').click();
              }
            }"""
        )

    def tidy(self) -> None:
        """An empty thread in the editor, an empty queue, nothing open: what the next test can begin with."""
        if self.dialog.count():
            self.page.keyboard.press("Escape")
            self.dialog.wait_for(state="detached")
        self.empty_queue()
        self.new_thread()
        self.option("endpoint").select_option("/v1/chat/completions")
        self.dismiss_toasts()

    # --- conversations

    def new_thread(self) -> None:
        """An empty conversation in the editor."""
        self.go("Compose")
        self.press("Conversation")
        before = [one.get_attribute("id") for one in self.messages.all()]
        self.press("New", within=self.main)
        self.page.wait_for_function(
            "(before) => [...document.querySelectorAll('.msg')].length === 1 && !before.includes(document.querySelector('.msg').id)",
            arg=before,
        )

    @property
    def messages(self) -> Locator:
        return self.page.locator(".msg")

    def message(self, n: int) -> Locator:
        """The n-th message of the conversation, from 0."""
        return self.messages.nth(n)

    def text(self, n: int) -> Locator:
        return self.message(n).locator("textarea")

    def texts(self) -> list[str]:
        """The texts of all messages."""
        return [each.input_value() for each in self.messages.locator("textarea").all()]

    def roles(self) -> list[str]:
        return [each.input_value() for each in self.messages.locator(".who select").all()]

    def add_message(self, text: str, role: str | None = None) -> None:
        """A new message at the end."""
        n = self.messages.count()
        self.press("Add message")
        self.text(n).fill(text)
        if role:
            self.message(n).locator(".who select").select_option(role)

    def option(self, name: str) -> Locator:
        """The control of one option: ``model``, ``endpoint``, ``schema_text``."""
        return self.page.locator(f"#o-{name}")

    def write(self, text: str, *, model: str = MODEL, endpoint: str = "") -> None:
        """A new conversation of one user message, saved."""
        self.new_thread()
        self.text(0).fill(text)
        if endpoint:
            self.option("endpoint").select_option(endpoint)
        self.option("model").fill(model)
        self.saved()

    def drawn(self) -> None:
        """Wait until what was done so far shows. The view is drawn on the loop's next turn, which Python takes by a message to itself: ours
        comes behind it, where frames alone may come before it on a busy machine."""
        self.page.evaluate(TURNS)

    def saved(self) -> None:
        """Wait until the page says that everything typed is on disk."""
        self.drawn()
        self.page.locator("[data-saved=yes]").wait_for()

    def name(self) -> Locator:
        return self.page.locator("#thread-name")

    def enqueue(self) -> None:
        """Put the conversation into the queue."""
        count = self.page.locator("nav.rail > a", has_text="Queue").locator("b")
        before = int(count.inner_text().replace(",", "")) if count.count() else 0
        self.press("Add to queue")
        count.get_by_text(f"{before + 1:,}", exact=True).wait_for()

    def submit_at_once(self) -> str:
        """Queue and submit the conversation; the id of the batch, whose view is then open."""
        self.press("Submit now")
        return self.batch_id()

    def paste(self, text: str) -> None:
        """Give a text to «Paste conversation»."""
        self.press("Import from text")
        self.dialog.locator("#paste-text").fill(text)
        self.press("Import prompt", within=self.dialog)

    # --- queue

    @property
    def rows(self) -> Locator:
        """The requests in sight."""
        return self.page.locator(".queue-line[id]")

    def empty_queue(self) -> None:
        """Delete every request for good."""
        self.go("Queue")
        self.main.get_by_role("heading", name="Queue", exact=True).wait_for()
        while self.page.locator("section.lane").count():
            lane = self.page.locator("section.lane").first
            every = lane.get_by_label("Select all in this group")
            if every.is_enabled():  # it holds requests; their rows may still be on their way
                every.check()
                lane.get_by_role("button", name=re.compile(r"^Delete [\d,]+$")).click()
                lane.locator(".queue-line[id]").first.wait_for(state="detached")
            lanes = self.page.locator("section.lane").count()
            lane.get_by_role("button", name="Delete permanently …").click()
            self.dialog.get_by_role("button", name="Delete permanently").click()
            self.page.wait_for_function("(n) => document.querySelectorAll('section.lane').length < n", arg=lanes)

    def lane(self, words: str) -> Locator:
        """A lane's card: ``chat/completions · gpt-4o-mini``."""
        return self.page.locator("section.lane", has_text=words)

    def waiting(self, count: int) -> None:
        """Open the queue and wait until it holds so many requests."""
        self.go("Queue")
        words = "no requests" if not count else f"{count:,} request{'s' if count != 1 else ''}"
        self.main.locator("> header p", has_text=re.compile(f"^{re.escape(words)}")).wait_for()

    def submit_lane(self) -> str:
        """Submit the only lane; the id of its batch."""
        self.page.locator("section.lane > header").get_by_role("button", name=re.compile(r"^Submit [\d,]+$")).click()
        return self.batch_id()

    # --- batches

    def batch_id(self) -> str:
        """The id of the open batch, once one is open."""
        self.page.wait_for_url(re.compile(r"#/batches/b-"))
        return self.page.url.rpartition("/")[2]

    def open_batch(self, id: str) -> None:
        """Open a batch from the list."""
        self.go("Batches")
        self.page.locator(f"#batch-{id} a").first.click()
        self.batch_id()

    def wait_for_state(self, *words: str, timeout: float = LONG) -> None:
        """Wait until the open batch is in one of these states, in the page's words (``done``, ``in progress``), as long as it moves on.

        Raises:
            TimeoutError: The batch stayed at one step for ``timeout`` milliseconds.
        """
        wanted = "|".join(map(re.escape, words))
        current = self.page.locator('.steps [aria-current="step"] b')
        state = current.filter(has_text=re.compile(f"^({wanted})$"))
        step = ""
        while True:
            try:
                return state.wait_for(timeout=timeout)
            except TimeoutError:
                before, step = step, current.inner_text()
                if step == before:
                    raise

    @property
    def answers(self) -> Locator:
        """The rows of answers in sight."""
        return self.page.locator(".answer-line[id]")

    def open_answer(self, row: int) -> Locator:
        """Open one row (from 0) that is in sight; the dialog."""
        self.page.locator(f"#answer-{row} button.cell").first.click()
        self.dialog.locator(".turn").first.wait_for()
        return self.dialog

    def open_as_text(self, row: int) -> Locator:
        """Open one row, its texts as they were written; the dialog."""
        self.open_answer(row).get_by_role("button", name="Text", exact=True).click()
        self.dialog.get_by_role("button", name="Text", exact=True, pressed=True).wait_for()
        return self.dialog

    def download(self, title: str) -> tuple[str, bytes]:
        """Fetch a file of the open batch: its name and its bytes."""
        with self.page.expect_download() as download:
            self.press(f"{title} ↓")
        return download.value.suggested_filename, Path(download.value.path()).read_bytes()

    # --- settings

    def practise(self, speed: str = AT_ONCE, *traps: str) -> None:
        """How the practice provider in the page behaves: its speed and what goes wrong, in the page's words."""
        self.go("Settings")
        self.page.locator("#speed").select_option(speed)
        card = self.main.get_by_role("region", name="Practice provider")
        if traps:
            card.locator("summary").filter(has_text="Simulated failures").click()
            for trap in traps:
                card.get_by_label(trap, exact=True).check()

    def provider(self, name: str) -> Locator:
        """A provider's card in the settings."""
        return self.main.get_by_role("region", name=f"Provider {name}", exact=True)

    def add_provider(self, name: str, base_url: str) -> None:
        """Add a provider and reload the page, as it asks for where the host is new."""
        self.go("Settings")
        self.press("+ Add a provider")
        self.dialog.locator("#profile-name").fill(name)
        self.dialog.locator("#profile-base_url").fill(base_url)
        self.press("Save", within=self.dialog)
        self.dialog.wait_for(state="detached")

    def reload_for_provider(self) -> None:
        """Press the «Reload now» that a new host asks for. Its document is new then, and the policy has every host that is kept."""
        loads_again(self.page, lambda: self.press("Reload now"))
        hosts = self.page.evaluate("localStorage.getItem('nightshift:hosts')")
        policy = self.page.locator("meta[http-equiv=Content-Security-Policy]").first.get_attribute("content") or ""
        assert all(host in policy for host in json.loads(hosts or "[]")), f"the policy of this load lacks a host: {hosts} {policy}"

    def save_key(self, name: str, key: str) -> None:
        """Enter a provider's key, to be remembered; it is then tested by itself."""
        card = self.provider(name)
        card.get_by_label("Remember on this machine").check()
        card.locator("input[type=password]").fill(key)
        self.press("Save the key", within=card)
        card.get_by_role("button", name="Remove the key").wait_for()

    def change_key(self, name: str, key: str) -> None:
        """Put another key in the place of the one that is there."""
        self.go("Settings")
        self.press("Remove the key …", within=self.provider(name))
        self.press("Remove the key", within=self.dialog)
        self.save_key(name, key)

    def key_verdict(self, name: str) -> str:
        """How the test of the key ended, in the page's words."""
        note = self.provider(name).locator(".note")
        note.wait_for()
        return note.locator("> p, > .said").inner_text()

    # --- measures

    def measure(self, script: str, *more: Any) -> Any:
        """Ask the document something: a JS function."""
        return self.page.evaluate(script, *more)

    def nodes(self) -> int:
        """How many elements the document has."""
        return int(self.measure("() => document.querySelectorAll('*').length"))
