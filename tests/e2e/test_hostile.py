"""What comes from outside, and what people type, is shown as text: it can neither run nor call anybody.

The page's watch fails each test on any dialog, script error, policy complaint or request to a host that nobody named.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.browser.test_hostile_texts import PHONE, REST, STRANGE, WORD
from tests.hostile.corpus import MARKUP, SAMPLE
from tests.kit.journey import Journey

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE = [
    '<img src="https://evil.example/x.png" onerror="alert(1)">',
    "</textarea><script>alert(1)</script>",
    "\"'><svg onload=alert(1)> & &lt;b&gt; {{x}} ${y} `z`",
    "rtl \u202e gnp.exe, zero\u200bwidth, U+2028\u2028end, 😀👩‍👩‍👧, \u0301accents, 漢字",
    "\n\n  leading lines and spaces\n\ttab\n",
]


def test_hostile_text_stays_text_all_the_way(desk: Journey) -> None:
    """As a message, a thread's name, a model's name, a queued request, a batch's name, and in the answer that repeats it."""
    for text in HOSTILE:
        desk.write(text, model=f"gpt-4o-mini {text}".replace("\n", " "))
        desk.name().fill(text)
        desk.saved()
        assert desk.texts() == [text]
        desk.reload()
        assert desk.texts() == [text]
        desk.option("model").fill("gpt-4o-mini")
        desk.saved()
        desk.enqueue()
    desk.go("Prompts")
    desk.main.get_by_text(HOSTILE[0]).first.wait_for()
    desk.waiting(len(HOSTILE))
    for n in range(len(HOSTILE)):
        desk.rows.nth(n).get_by_role("button", name="Edit").last.click()
        desk.dialog.locator("#request-text").wait_for()
        close(desk)
    desk.submit_lane()
    desk.wait_for_state("completed")
    for n, text in enumerate(HOSTILE):
        asked = desk.open_as_text(n).locator(".turn").first.locator(".prose")
        assert asked.evaluate("(one) => one.textContent") == text
        assert asked.locator("*").count() == 0
        close(desk)


def close(desk: Journey) -> None:
    desk.page.keyboard.press("Escape")
    desk.dialog.wait_for(state="detached")


def test_a_hostile_answer_from_the_provider_stays_text(desk: Journey) -> None:
    """What the provider says about a model that it does not know holds the model's name; it is shown as text, everywhere."""
    name = '<img src=x onerror="alert(1)">'
    desk.write("Hello", model=name)
    desk.submit_at_once()
    desk.wait_for_state("failed")
    desk.main.get_by_text(name, exact=False).first.wait_for()
    assert desk.page.locator("main img").count() == 0


def test_a_sample_of_the_hostile_corpus_is_kept_as_it_was_typed(desk: Journey) -> None:
    """Some texts of every kind (tests/hostile/corpus.py) as the messages of one thread: shown, stored and there again after a reload."""
    texts = [one for one in SAMPLE if "\ud83d" not in one and one.encode("utf-8", "ignore").decode() == one][:16]
    desk.write(texts[0])
    for n, text in enumerate(texts[1:], 2):
        desk.main.get_by_role("button", name="Add message").click()
        desk.main.get_by_label(f"Text of message {n}", exact=True).fill(text)
    desk.saved()
    assert desk.texts() == texts
    desk.reload()
    assert desk.texts() == texts


# --- Results

BEACON: Final = "https://evil.example/x.png"
LINKS: Final = f"**b** [here](javascript:alert(1)) ![x]({BEACON}) {WORD}"
TEXTS: Final = tuple(dict.fromkeys((WORD, LINKS, REST, *MARKUP[:12], *SAMPLE)))
WAYS: Final = ("plain", MARKUP[3], WORD[:60])
"""A text is asked in three ways: the answer repeats it; it is in the names and values of a structured answer; an error answers it."""
MODELS: Final = (f"ft:gpt-4o-mini:{MARKUP[2]}", f"ft:text-embedding-3-small:{MARKUP[3]}{WORD[:60]}")
"""The second takes no conversation, and the error of each of its rows says so with its name."""
WIDER: Final = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.right > innerWidth + 1;
}).slice(0, 3).map((one) => one.outerHTML.slice(0, 200))"""
"""What makes the page wider than the screen."""


def request(n: int, text: str, way: int) -> dict[str, Any]:
    """One line of the file: the n-th text, asked in one way."""
    said = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": BEACON}}]
    messages = [{"role": "system", "content": text}, {"role": "user", "content": said}]
    body: dict[str, Any] = {"model": MODELS[way == 2], "messages": messages}
    if way == 1:
        value = {"enum": [text, f"{text}{text}", MARKUP[n % len(MARKUP)]]}
        nested = {"type": "object", "properties": {text[:60]: value}}
        fields = {"label": value, MARKUP[2]: value, "__proto__": nested, "list": {"type": "array", "items": value}}
        schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    return {"custom_id": f"{n}{text[:200]}~{WAYS[way]}", "method": "POST", "url": "/v1/chat/completions", "body": body}


class Walk:
    """A person on a phone who looks around at every stop."""

    def __init__(self, desk: Journey) -> None:
        self.desk, self.page = desk, desk.page
        self.peek = self.page.locator(".peek")
        self.problems: list[tuple[str, object]] = []

    def look(self, where: str) -> None:
        """Is there anything that no view has, or that is wider than the screen?"""
        self.desk.drawn()
        self.problems += [(where, one) for one in (self.page.evaluate(STRANGE), self.page.evaluate(WIDER)) if one]

    def press(self, name: str, shown: str) -> None:
        """Press a button, and look at what it shows."""
        self.desk.press(name, within=self.desk.main)
        self.page.locator(shown).first.wait_for()
        self.look(name)

    def close(self) -> None:
        """Close the dialog."""
        close(self.desk)

    def clear(self) -> None:
        """No filter, and no words."""
        self.desk.press("Clear all")
        self.page.get_by_label("Filters", exact=True).wait_for(state="detached")
        self.page.locator("#result-0").wait_for()

    def file(self) -> list[str]:
        """The requests come from a file and are answered; the ids of their batches."""
        lines = [json.dumps(request(n, text, way)) for n, text in enumerate(TEXTS) for way in range(len(WAYS))]
        file = {"name": f"{MARKUP[2]}{WORD[:90]}.jsonl", "mimeType": "application/jsonl", "buffer": "\n".join(lines).encode()}
        self.desk.go("Data")
        self.page.locator("#table-file").set_input_files(file)  # type: ignore[arg-type]  # as Playwright takes it
        self.desk.press("Queue these requests as they are")
        self.page.get_by_text(f"Added {len(lines)} requests").wait_for()
        self.look("file")
        batches = []
        for _ in MODELS:
            self.desk.go("Queue")
            self.look("queue")
            self.page.locator("section.lane > header").get_by_role("button", name=re.compile(r"^Submit [\d,]+$")).first.click()
            batches.append(self.desk.batch_id())
            self.desk.wait_for_state("completed")
            self.look("batch")
        return batches

    def columns(self) -> None:
        """Fields of the answers as columns, their values, and a filter by one of these."""
        self.press("Columns", ".column-choice")
        for name in ("label", MARKUP[2]):
            self.page.locator(".column-choice").get_by_label(name, exact=True).click()
            self.page.locator(".column-line").get_by_label(name, exact=True).wait_for()
        self.look("columns")
        self.desk.press("Close", within=self.page.get_by_role("region", name="Columns"))
        self.press(f"Values of {MARKUP[2]}", ".facet .value")
        self.press("Values of label", ".facet[aria-label='Values of label'] .value")
        self.page.locator(".facet .value", has_text="<").first.click()
        self.page.get_by_label("Filters", exact=True).wait_for()
        self.look("filter")
        self.desk.press("Close the list of values")
        self.clear()
        self.page.get_by_label("Search prompts and answers").fill(MARKUP[2])
        self.page.locator("mark").first.wait_for()
        self.look("search")
        self.clear()

    def panel(self) -> None:
        """Requests of all kinds beside the table; a tag and a note on one."""
        self.page.locator("#result-0 button").first.click()
        for n in range(6):
            self.peek.locator("h2:focus", has_text=re.compile(f"^Request {n + 1}$")).wait_for()
            self.look(f"request {n + 1}")
            self.page.keyboard.press("Alt+ArrowDown")
        self.peek.locator("h2:focus", has_text=re.compile("^Request 7$")).wait_for()
        self.page.keyboard.press("t")
        self.page.locator("#tags:focus").wait_for()
        self.page.keyboard.insert_text(f"{MARKUP[2]},{WORD}")
        self.page.keyboard.press("Enter")
        self.peek.locator("[aria-label=Tags] .chip").nth(1).wait_for()
        self.page.keyboard.press("Escape")
        self.peek.locator("h2:focus").wait_for()
        self.page.keyboard.press("n")
        self.page.locator("#annotation-note:focus").wait_for()
        self.page.keyboard.insert_text(REST)
        self.page.keyboard.press("Escape")
        self.peek.locator("h2:focus").wait_for()
        self.peek.get_by_text("saving …").wait_for(state="detached")
        self.look("tags and note")
        for name in ("Raw request", "Raw response"):
            self.peek.locator("summary", has_text=name).click()
        self.peek.locator("summary", has_text="As a tree").first.click()
        self.look("raw")
        self.away()

    def away(self) -> None:
        """Close the side panel."""
        self.page.keyboard.press("Escape")
        self.peek.wait_for(state="detached")

    def errors(self) -> None:
        """The rows that failed, and one of them."""
        self.page.get_by_role("button", name=re.compile("^Show these rows")).first.click()
        self.page.get_by_label("Filters", exact=True).wait_for()
        self.page.get_by_text(f"{len(TEXTS)} of {len(TEXTS) * len(WAYS)} rows").wait_for()
        self.look("errors")
        self.page.locator("#result-0 button").first.click()
        self.peek.get_by_text("cannot be used with").first.wait_for()
        self.look("an error")
        self.away()
        self.clear()

    def agreement(self) -> None:
        """Label against label."""
        self.press("Agreement", "#agree-one")
        self.page.locator("#agree-one").select_option("field:label")
        self.page.locator("#agree-other").select_option(f"field:{MARKUP[2]}")
        self.page.locator(".matrix").wait_for()
        self.look("matrix")
        self.desk.press("Agreement")

    def pictures(self) -> None:
        """Charts, and the report, which opens by itself."""
        self.press("Charts", ".chart")
        self.page.locator("#chart-column").select_option("field:label")
        self.page.locator(".chart figcaption", has_text="label").wait_for()
        self.look("chart of labels")
        with self.page.expect_download() as saved:
            self.desk.press("Report (HTML)")
        self.desk.press("Close the charts")
        report = self.page.context.new_page()
        report.set_viewport_size({"width": PHONE, "height": 844})
        report.set_content(Path(saved.value.path()).read_text("utf-8"))
        report.get_by_text(f"{len(TEXTS) * len(WAYS)} requests").first.wait_for()
        self.problems += [("report", one) for one in report.evaluate(WIDER)]
        report.close()

    def dialogs(self) -> None:
        """What is judged, followed up and taken away."""
        self.press("Judge …", "dialog[open]")
        self.close()
        self.desk.press("Carry on")
        self.press("Follow up …", "dialog[open]")
        self.close()
        self.press("Download …", "#take-format")
        with self.page.expect_download():
            self.desk.press("Download", within=self.desk.dialog)
        self.desk.dialog.get_by_text("Saved.").wait_for()
        self.look("saved")
        self.close()

    def comparison(self) -> None:
        """The ways beside each other, one row of them, and votes that do not see which is which."""
        self.press("Compare", ".compare-line")
        self.page.locator('[data-click*="OpenItem"]').first.click()
        self.peek.locator(".compared-text").first.wait_for()
        self.look("compared row")
        self.away()
        self.press("Vote blind", ".blind .two-even")
        for n in range(3):
            self.page.locator(".blind").get_by_text(f"Row {n + 1} of").wait_for()
            self.look(f"vote {n + 1}")
            self.page.keyboard.press("1")
        self.page.locator(".blind").get_by_text("Row 4 of").wait_for()
        self.press("Show the verdict", ".blind [role=status] b")
        self.page.keyboard.press("Escape")
        self.page.locator(".blind").wait_for(state="detached")
        self.press("As a table", "#result-0")


@pytest.fixture
def phone(desk: Journey) -> Iterator[Journey]:
    """The shared page on a phone."""
    desk.page.set_viewport_size({"width": PHONE, "height": 844})
    yield desk
    desk.page.set_viewport_size({"width": 1280, "height": 720})


def test_a_hostile_batch_goes_through_every_view_of_results(phone: Journey) -> None:
    """Ids, ways, prompts, answers, names and values of structured answers, errors, models, tags and notes: from the file to the report."""
    walk = Walk(phone)
    batches = walk.file()
    phone.measure("(to) => { location.hash = to; }", f"#/results/batches/{'.'.join(batches)}")
    phone.page.get_by_text(f"{len(TEXTS) * len(WAYS)} rows", exact=True).wait_for()
    phone.page.locator("#result-0").wait_for()
    walk.look("table")
    for stop in (walk.columns, walk.panel, walk.errors, walk.agreement, walk.pictures, walk.dialogs, walk.comparison):
        stop()
    for view in ("Home", "Batches", "Activity"):
        phone.go(view)
        walk.look(view)
    assert walk.problems == []
