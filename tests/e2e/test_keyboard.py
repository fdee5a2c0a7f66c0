"""Without a mouse, and with a screen reader's eyes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.kit.journey import Journey
from tests.kit.spoken import Ears, reads

VIEWS = ("Compose", "Home", "Prompts", "Queue", "Batches", "Settings")


def tab_to(journey: Journey, selector: str, limit: int = 60) -> None:
    """Press Tab until the focus is on what the selector finds."""
    for _ in range(limit):
        if journey.measure(f"() => document.activeElement?.matches({selector!r}) ?? false"):
            return
        journey.page.keyboard.press("Tab")
    raise AssertionError(f"{limit} presses of Tab did not reach {selector}")


def test_a_whole_journey_by_keyboard(desk: Journey) -> None:
    """A conversation is written, sent and read without touching the mouse."""
    desk.new_thread()
    desk.page.locator("#thread-name").focus()
    tab_to(desk, ".msg textarea")
    desk.page.keyboard.type("Say hello.")
    tab_to(desk, "#o-model")
    desk.page.keyboard.type("gpt-4o-mini")
    desk.page.keyboard.press("Escape")
    desk.saved()
    desk.page.locator("#thread-name").focus()
    tab_to(desk, "#enqueue-submit")
    desk.page.keyboard.press("Enter")
    desk.batch_id()
    desk.wait_for_state("completed")
    desk.page.locator(".rail a").first.focus()
    tab_to(desk, ".answer-line button.cell")
    desk.page.keyboard.press("Enter")
    desk.dialog.locator(".turn.assistant").wait_for()
    assert desk.measure("() => document.querySelector('dialog').contains(document.activeElement)")
    desk.page.keyboard.press("Escape")
    desk.dialog.wait_for(state="detached")


MOST_PRESSES = 35
"""Keys for three requests, their answers and a file of them; a field of typed text counts as one. Without shortcuts they were 74."""


class Keys:
    """What a person presses, counted. After each the focus is somewhere."""

    def __init__(self, journey: Journey) -> None:
        self._journey = journey
        self.pressed = 0

    def press(self, *combinations: str, until: str) -> None:
        """Press these; ``until``: what then has the focus, as a selector."""
        for one in combinations:
            self._journey.page.keyboard.press(one)
        self.pressed += len(combinations)
        self._journey.page.wait_for_function("(wanted) => document.activeElement?.matches(wanted)", arg=until)

    def type(self, text: str) -> None:
        """Type a text into the field that has the focus."""
        self._journey.page.keyboard.type(text)
        self.pressed += 1


PAGE = """
- navigation "Views":
  - button "Skip to the view"
  - link "Compose"
  - link "Home"
  - link /Prompts/
  - link "Data"
  - link /Queue/
  - link /Batches/
  - link "Results"
  - link "Settings"
  - button /Commands/
- main
- status
"""
PROMPT = """
- main:
  - navigation "Breadcrumb"
  - heading "Compose" [level=1]
  - textbox "Prompt name"
  - button "Add to queue"
  - button "Submit now"
  - region "Conversation":
    - group "Edit as":
      - button "Conversation" [pressed]
    - group "Message 1":
      - combobox "Role of message 1"
      - textbox "Text of message 1"
    - button "Add message"
  - complementary "Request":
    - region "Options":
      - combobox "Provider"
      - combobox "Endpoint"
      - combobox "Model"
      - checkbox "Structured output"
    - region "Request summary":
      - heading "Request summary" [level=2]
"""
QUEUE = """
- main:
  - heading "Queue" [level=1]
  - paragraph: /3 requests · .+/
  - region /Queue group .+chat.completions gpt-4o-mini/:
    - checkbox "Select all in this group"
    - heading /gpt-4o-mini/ [level=2]
    - button "Submit 3"
    - table "Requests in this group":
      - row:
        - columnheader "Selected"
        - columnheader "Request"
        - columnheader "Id"
        - columnheader "Actions"
      - rowgroup:
        - row:
          - cell "Select request 1":
            - checkbox "Select request 1"
          - cell "Say one."
"""
BATCH = """
- main:
  - navigation "Breadcrumb"
  - heading [level=1]
  - button "Name and tags"
  - button "Download answers"
  - list "Timeline":
    - listitem: /prepared/
    - listitem: /completed/
  - status: completed
  - region "Answers":
    - heading "Answers" [level=2]
    - table "Requests and answers":
      - row:
        - columnheader "Outcome"
        - columnheader "Asked"
        - columnheader "Answered"
      - rowgroup:
        - row:
          - cell "answered"
  - region "Activity":
    - table "Activity":
      - row:
        - columnheader "Time"
        - columnheader "What happened"
"""
ANSWER = """
- dialog "Request 1 answered":
  - heading "Request 1 answered" [level=2]
  - button /Previous request/ [disabled]
  - button /Next request/
  - button "Close"
  - button "Copy the answer"
"""


def test_three_requests_their_answers_and_a_file(desk: Journey) -> None:
    """Everything that a person does every day, without a mouse and with few keys: each step leaves the focus where the next one begins. At
    each, a screen reader finds the headings, landmarks and names, and says aloud what was done and how the batch goes on."""
    ears, body = Ears(desk.page), desk.page.locator("body")
    desk.option("model").fill("")
    desk.saved()
    desk.page.locator("main").focus()
    keys, waiting = Keys(desk), desk.page.locator("nav.rail > a", has_text="Queue").locator("b")
    keys.press("p", until=".msg textarea")
    keys.type("Say one.")
    keys.press("Control+Enter", until="#o-model")  # what is missing
    keys.type("gpt-4o-mini")
    keys.press("Control+Enter", until=".msg textarea")
    waiting.get_by_text("1", exact=True).wait_for()
    ears.hears("Added to the queue")
    reads(body, PAGE)
    reads(body, PROMPT)
    for n, text in enumerate(("Say two.", "Say three."), 2):
        keys.press("Control+a", until=".msg textarea")
        keys.type(text)
        keys.press("Control+Enter", until=".msg textarea")
        waiting.get_by_text(f"{n}", exact=True).wait_for()
    keys.press("Control+k", until="#palette-words")
    keys.type("queue")
    desk.page.wait_for_function("() => document.querySelector('[role=option][aria-selected=true]')?.innerText.startsWith('Go to Queue')")
    keys.press("Enter", until="main, main *")
    desk.main.get_by_role("button", name="Submit 3", exact=True).wait_for()
    reads(body, QUEUE)
    keys.press("Control+Enter", until="main, main *")
    desk.batch_id()
    desk.wait_for_state("completed")
    desk.answers.nth(2).wait_for()
    ears.hears("completed")
    reads(body, BATCH)
    keys.press("r", until="dialog, dialog *")
    for text in ("Say one.", "Say two.", "Say three."):
        desk.dialog.locator(".turn.user", has_text=text).wait_for()
        desk.dialog.locator(".turn.assistant").wait_for()
        if text == "Say one.":
            reads(body, ANSWER)
        if text != "Say three.":
            keys.press("Alt+ArrowDown", until="dialog, dialog *")
    keys.press("Escape", until="main, main *")
    desk.dialog.wait_for(state="detached")
    keys.press("d", until="#take-format")
    with desk.page.expect_download() as download:
        keys.press("Control+Enter", until="dialog, dialog *")
    rows = [*csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"), newline=""))]
    assert len(rows) == 3
    assert all("".join(row.values()) for row in rows)
    assert keys.pressed <= MOST_PRESSES
    assert ears.heard.count("completed") == 1, ears.heard


def focused(journey: Journey) -> str:
    """The id of the element with the focus."""
    return str(journey.measure("() => document.activeElement?.id ?? ''"))


def test_commands_and_shortcuts_by_keyboard(desk: Journey) -> None:
    """Ctrl+K lists what can be done: typing filters, Enter runs, Escape gives the focus back. «?» shows the shortcuts, and is text while
    somebody types."""
    desk.new_thread()
    desk.text(0).focus()
    field = focused(desk)
    desk.page.keyboard.type("Why?")
    desk.page.keyboard.press("Control+k")
    desk.page.wait_for_function("() => document.activeElement?.id === 'palette-words'")
    assert desk.text(0).input_value() == "Why?"
    options = desk.dialog.get_by_role("option")
    desk.page.keyboard.press("ArrowUp")
    desk.dialog.locator('[role="option"]:last-child[aria-selected="true"]').wait_for()
    assert desk.measure(
        """() => {
            const [list, last] = ['.commands', '.commands li:last-child'].map((one) => document.querySelector(one).getBoundingClientRect());
            return last.bottom <= list.bottom + 1;
        }"""
    )
    desk.page.keyboard.press("Escape")
    desk.dialog.wait_for(state="detached")
    assert focused(desk) == field
    desk.page.keyboard.press("Control+k")
    desk.page.wait_for_function("() => document.activeElement?.id === 'palette-words'")
    desk.page.keyboard.type("to queue")
    desk.page.wait_for_function("() => document.querySelector('[role=option][aria-selected=true] span')?.innerText === 'Go to Queue'")
    assert options.first.get_attribute("id") == desk.dialog.get_by_role("combobox").get_attribute("aria-activedescendant")
    desk.page.keyboard.press("Enter")
    desk.dialog.wait_for(state="detached")
    desk.page.locator('nav.rail > a[aria-current="page"]:has-text("Queue")').wait_for()
    desk.page.keyboard.press("?")
    desk.dialog.get_by_role("heading", name="Keyboard shortcuts").wait_for()
    desk.page.keyboard.press("Escape")
    desk.dialog.wait_for(state="detached")


def test_every_control_has_a_name(desk: Journey) -> None:
    """Whatever can be focused says what it is: by its text, its label or its aria-label."""
    desk.write("Hello")
    desk.enqueue()
    for view in VIEWS:
        desk.go(view)
        nameless = desk.measure(
            """() => [...document.querySelectorAll('button, a[href], input, select, textarea, summary')]
                .filter((one) => one.checkVisibility())
                .filter((one) => !(one.innerText?.trim() || one.getAttribute('aria-label') || one.title
                    || [...(one.labels ?? [])].some((label) => label.innerText.trim())))
                .map((one) => one.outerHTML.slice(0, 160))"""
        )
        assert nameless == [], view


def test_the_title_says_where_one_is(desk: Journey) -> None:
    """Peer A's page had no title. Here it names the view, and how many batches are on their way; the focus is on the view's heading, and
    the browser's own way back leads through the views."""
    there = "(name) => document.title === `${name} — Nightshift` && document.activeElement.matches('h1')"
    desk.go("Data")
    for view in VIEWS:
        desk.go(view)
        desk.page.wait_for_function(there, arg=view)
    for view in VIEWS[-2::-1]:
        desk.page.go_back()
        desk.page.wait_for_function(there, arg=view)
