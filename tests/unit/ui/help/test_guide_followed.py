"""Each page of the guide is followed: numbered steps are done as they are written, and every label in bold is pressed, filled in or seen.

The whole program is used without a browser (tests.kit.screen). A label that a page gains fails its test until somebody follows it. What
only another state shows (a newer version, a damaged record) is looked for in the drawn states of the gallery.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

import pytest

from app.practice.traps import Trap
from tests.kit.markup import Element
from tests.kit.screen import CONTROLS, RIGHT_KEY, Visit, name_of
from tests.states.drawn import draw
from tests.states.variants import shown
from tests.unit.ui.conftest import Open
from tests.unit.ui.datasets.test_data import given, seen
from tests.unit.ui.submitting import behave, submitted

GUIDE: Final = Path(__file__).resolve().parents[4] / "docs" / "guide"
BOLD: Final = re.compile(r"\*\*([^*\n]+)\*\*")
CSV: Final = b"id,review\n1,Fine\n2,Slow\n3,Good\n"
TYPED: Final = {"API key": RIGHT_KEY, "Model": "gpt-4o-mini"}
"""What is typed where a step says only what for."""
GENERATED: Final = "messages"
"""Written by tools.messages from the program's own failures; its links are tested in test_guide.py."""


def pattern(label: str) -> re.Pattern[str]:
    """A label as the page may say it: with other numbers, how many are meant, three points for a dialog, or what is set."""
    words = re.sub(r"[\d,]+", r"[\\d,]+", re.escape(label))
    return re.compile(rf"^{words}( [\d,]+)?( \w+)?( …| · .*)?$")


@cache
def drawn() -> str:
    """The markup of every state of every view."""
    return "\n".join(draw(state) for _name, state in shown("word"))


class Reader:
    """Somebody who reads one page and does what it says."""

    def __init__(self, visit: Visit, page: str) -> None:
        self.visit = visit
        self._text = (GUIDE / f"{page}.md").read_text("utf-8")
        self._left = list(dict.fromkeys(BOLD.findall(re.sub(r"```.*?```", "", self._text, flags=re.DOTALL))))

    # --- labels

    def _use(self, label: str) -> re.Pattern[str]:
        if label in self._left:
            self._left.remove(label)
        assert f"**{label}**" in self._text, f"the page does not name {label!r}"
        return pattern(label)

    def _named(self, wanted: re.Pattern[str]) -> Iterator[Element]:
        """What is called so: controls first, then headings and words."""
        everything = list(self.visit.reach)
        yield from (one for one in everything if one.tag in CONTROLS and wanted.match(name_of(one)))
        yield from (one for one in everything if one.tag not in CONTROLS and wanted.match(one.text.strip()))

    async def press(self, label: str) -> None:
        """Press the button, or follow the link, of this name."""
        found = next((one for one in self._named(self._use(label)) if one.tag in ("button", "a", "label")), None)
        assert found is not None, f"nothing to press is called {label!r}"
        if found.tag == "a":
            await self.visit.go(found["href"])
        else:
            await self.visit.emit(found, "click", "")
        await self.visit.rest()

    async def fill(self, label: str, value: str) -> None:
        """Type into the field of this name."""
        found = next((one for one in self._named(self._use(label)) if "data-input" in one.attributes), None)
        assert found is not None, f"no field is called {label!r}"
        await self.visit.emit(found, "input", value)

    def see(self, *labels: str) -> None:
        """These stand where the reader is."""
        for label in labels:
            wanted = self._use(label)
            there = any(True for _ in self._named(wanted)) or any(wanted.match(one.get("title") or "") for one in self.visit.reach)
            assert there, f"{label!r} is not here"

    def elsewhere(self, *labels: str) -> None:
        """These stand in some state of some view, as the text or the name of an element."""
        for label in labels:
            self._use(label)
            said = escape(label, quote=False)
            assert re.search(rf'[>"]\s*{re.escape(said)}( [^<">]*)?[<"]', drawn()), f"no view says {label!r}"

    async def open(self, room: str) -> None:
        """Go to a room of the navigation."""
        self._use(room)
        link = next(one for one in self.visit.dom.of("nav")[0].of("a") if one.text.startswith(room))
        await self.visit.go(link["href"])
        await self.visit.rest()

    # --- steps

    async def steps(self, heading: str) -> None:
        """Do the numbered steps under a heading: its verbs are Open, choose, Type, paste and Look at."""
        part = self._text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
        found = re.findall(r"^\d+\. (.+)$", part, re.MULTILINE)
        assert found, f"there are no steps under {heading!r}"
        for step in found:
            await self._do(step)

    async def _do(self, step: str) -> None:
        for sentence in re.split(r"(?<=[.:;])\s+", step):
            names = BOLD.findall(sentence)
            if re.match(r"Open \*\*", sentence):
                await self.open(names.pop(0))
            elif sentence.startswith("Open the"):
                await self.press(names.pop(0))
            if sentence.startswith(("Type a message", "Write the message")):
                await self.visit.type("Text of message 1", "Is this review positive?")
            elif sentence.startswith("Type a"):
                for name in re.findall(r"\*\*(Model)\*\*", sentence):
                    await self.fill(name, TYPED[name])
            else:
                await self._rest(sentence, names)
            await seen(self.visit)

    async def _rest(self, sentence: str, names: list[str]) -> None:
        for name in names:
            before = sentence.partition(f"**{name}**")[0]
            if name == "Import a table":
                self._use(name)
                await given(self.visit, CSV, "reviews.csv")
            elif before.endswith("paste your key into "):
                await self.fill(name, TYPED[name])
            elif before.endswith(("choose ", "Choose ")):
                await self.press(name)

    def end(self) -> None:
        """Every label was followed."""
        assert self._left == [], "somebody has to follow these"


async def first_batch(tabs: Open) -> Reader:
    visit = await tabs()
    reader = Reader(visit, "first-batch")
    await reader.open("Prompts")
    await visit.click("New prompt")
    reader.see("Add message", "Model", "Add to queue", "Request summary")
    await reader.steps("In practice mode")
    assert visit.page.route.startswith("#/batches/")
    await visit.wait(120)
    assert visit.state.batches.all[0].state == "done"
    for model in ("gpt-4o-mini", "gpt-4.1"):
        await visit.write("Another one", model)
        await reader.press("Add to queue")
    await reader.open("Queue")
    reader.see("Submit all")
    await visit.check("Select request 1", True, 0)
    await reader.press("Edit")
    await visit.choose("Change", "temperature")
    await visit.type("Value", "0.5")
    await visit.wait(1)
    await visit.click("Change 1 request")
    reader.see("Undo")
    await reader.press("Submit all")
    await reader.steps("With your key")
    await visit.rest()
    reader.see("Set as default", "Replace the key", "Remove the key", "+ Add a provider")
    reader.elsewhere("System", "Practice", "Practice run", "Classify", "Extract fields", "Check and price")
    return reader


async def tables(tabs: Open) -> Reader:
    visit = await tabs()
    reader = Reader(visit, "tables")
    await reader.open("Data")
    reader.see("Paste rows", "Try a sample table", "Import a folder")
    await reader.steps("Import")
    assert visit.page.route.startswith("#/data/d-")
    reader.see("Import a newer file", "Random")
    await reader.steps("Write the prompt")
    reader.see("Structured output", "Request of row")
    await visit.wait(3)
    await reader.press("Check and price")
    await reader.press("Check 2,000 rows")
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()
    await reader.press("Add 2,000 requests to queue")
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()
    await reader.open("Queue")
    assert "Is this review positive?" in visit.text
    reader.elsewhere("Row key", "Seed", "Check only these rows", "Keep as a new table", "Try", "Prompt", "Leave them out", "Submit all")
    reader.elsewhere("Queue these requests as they are", "Save answers")
    await reader.open("Settings")
    reader.see("Budget")
    return reader


async def results(tabs: Open) -> Reader:
    visit = await tabs()
    await submitted(visit, "one", "two")
    await visit.wait(300)
    reader = Reader(visit, "results")
    await reader.open("Results")
    await visit.wait(1)
    reader.see("Columns", "Views", "Charts")
    reader.elsewhere("▾", "(blank)", "(error)", "(cut)", "(refused)", "Judge …", "Agreement", "Compare", "Vote blind", "Carry on")
    reader.elsewhere("Send again …", "Raise the limit …", "Other model …", "Tell the model …")
    reader.elsewhere("Follow up …", "Next step …", "Rerun …", "Use as examples …", "Python", "Download, make a table …")
    return reader


async def integrations(tabs: Open) -> Reader:
    visit = await tabs()
    reader = Reader(visit, "integrations")
    await reader.steps("Over RabbitMQ")
    assert visit.dom.of("h1")[0].text == "Integrations"
    await reader.open("Settings")
    reader.see("Auto-submit requests from programs")
    reader.elsewhere("Choose a folder…", "Redeliver all failed", "Make a secret", "Allow this host")
    return reader


async def recovery(tabs: Open) -> Reader:
    visit = await tabs()
    reader = Reader(visit, "recovery")
    behave(visit, Trap.HANG_IN_PROGRESS)
    await submitted(visit, "one", "two")
    await visit.wait(120)
    reader.see("Rescue …", "Cancel batch")
    await reader.press("Cancel batch")
    await visit.click("Cancel the batch")
    await visit.wait(400)
    await reader.open("Batches")
    await reader.press("At the provider")
    assert visit.page.route == "#/batches/account"
    await visit.write("Gone")
    await visit.go("#/threads")
    await visit.click("Delete prompt", 0)
    reader.see("Undo", "Deleted", "Delete permanently")
    await reader.open("Settings")
    reader.see("Export")
    reader.elsewhere("Enable persistent storage", "Try now", "Download the answers again", "Stop following", "Export damaged records")
    reader.elsewhere("Set them aside", "Results")
    return reader


async def privacy(tabs: Open) -> Reader:
    visit = await tabs()
    reader = Reader(visit, "privacy")
    await visit.use_openai()
    await reader.open("Settings")
    reader.see("Remove the key", "Set the passphrase", "Delete a batch's files there once its answers are stored here")
    reader.elsewhere("Remember on this machine", "Remove passphrase and keys", "Check and price", "At the provider", "Delete permanently")
    return reader


async def faq(tabs: Open) -> Reader:
    visit = await tabs()
    reader = Reader(visit, "faq")
    await visit.use_openai()
    reader.see("Active in this tab")
    await reader.open("Settings")
    reader.see("Enqueued-token limits", "Your prices")
    await reader.open("Activity")
    reader.elsewhere("Active in another tab", "Results", "Raise the limit …", "Reload now")
    return reader


FOLLOWED: Final = {
    "first-batch": first_batch,
    "tables": tables,
    "results": results,
    "integrations": integrations,
    "recovery": recovery,
    "privacy": privacy,
    "faq": faq,
}


def test_every_page_is_followed() -> None:
    """One that is added is followed too."""
    assert {*FOLLOWED, GENERATED} == {page.stem for page in GUIDE.glob("*.md")}


@pytest.mark.parametrize("page", FOLLOWED)
async def test_a_page_of_the_guide_is_followed(page: str, tabs: Open) -> None:
    """What it says to do is done, and all that it names is there."""
    (await FOLLOWED[page](tabs)).end()


@pytest.mark.parametrize("label", ["Sbumit all", "Add 2,000 requets to queue"])
async def test_a_label_that_is_not_there_stops_the_reader(label: str, tabs: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the tests above could not fail."""
    reader = Reader(await tabs(route="#/queue"), "first-batch")
    monkeypatch.setattr(reader, "_text", f"**{label}**")
    for do in (reader.see, reader.elsewhere):
        with pytest.raises(AssertionError, match=re.escape(label)):
            do(label)
