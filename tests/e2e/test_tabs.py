"""Two tabs of one browser: the same data, one engine, no overwriting."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from tests.kit.journey import AT_ONCE, Journey


@pytest.fixture
def two(tab: Journey, another_tab: Callable[[], Journey]) -> tuple[Journey, Journey]:
    """Two tabs that show the same saved thread; the first leads."""
    tab.practise(AT_ONCE)
    tab.write("What do both know?")
    tab.leads()
    return tab, another_tab()


@pytest.mark.also("file", "firefox")
def test_one_engine_and_the_next_tab_takes_over_when_the_leader_is_closed(two: tuple[Journey, Journey]) -> None:
    """What one tab queues, the other shows and may submit; the work is done by the tab that leads. Closing that hands the engine over, and
    a batch on its way goes on."""
    first, second = two
    assert "another tab" in second.facts.inner_text()
    first.enqueue()
    second.waiting(1)
    second.submit_lane()
    second.wait_for_state("completed")
    first.waiting(0)

    second.go("Compose")
    second.enqueue()
    second.waiting(1)
    second.submit_lane()
    first.page.close()
    second.leads()
    second.wait_for_state("completed")


@pytest.mark.also("firefox")
def test_what_one_tab_types_appears_in_the_other(two: tuple[Journey, Journey]) -> None:
    """Also in the field that has the focus there, so that no old text is written over it."""
    first, second = two
    second.text(0).focus()
    first.text(0).fill("What do both know now?")
    first.saved()
    second.page.wait_for_function("() => document.querySelector('.msg textarea').value === 'What do both know now?'")
    second.text(0).press("End")
    second.text(0).press_sequentially(" Really.")
    second.saved()
    assert second.texts() == ["What do both know now? Really."]


PRESS_WHEN_TOLD = """() => {
  globalThis.told = new BroadcastChannel('press');
  told.onmessage = () => document.querySelector('section.lane > header button.primary')?.click();
}"""
PRESS_AND_TELL = """() => {
  new BroadcastChannel('press').postMessage('now');
  document.querySelector('section.lane > header button.primary').click();
}"""
"""Both tabs submit at the same moment, however long it takes to tell the browser."""


@pytest.mark.also("firefox")
def test_a_double_click_submits_once(two: tuple[Journey, Journey], another_tab: Callable[[], Journey]) -> None:
    """Peer A submitted twice. Here a double click makes one batch, and two tabs that submit at once make one, too."""
    first, second = two
    first.page.locator("#enqueue-submit").dblclick()
    first.batch_id()
    first.wait_for_state("completed")
    first.go("Batches")
    first.page.locator("tbody tr").first.wait_for()
    assert first.page.locator("tbody tr").count() == 1
    second.waiting(0)
    first.go("Compose")
    first.enqueue()
    first.waiting(1)
    second.waiting(1)
    second.page.evaluate(PRESS_WHEN_TOLD)
    first.page.evaluate(PRESS_AND_TELL)
    third = another_tab()  # the two may still be on their way to the batch's view
    third.go("Batches")
    third.page.locator("tbody tr").nth(1).wait_for()
    third.waiting(0)
    third.go("Batches")
    third.page.locator("tbody tr").first.wait_for()
    assert third.page.locator("tbody tr").count() == 2


TYPES_LATE = """(text) => setTimeout(() => {
  const field = document.querySelector('textarea');
  const call = new XMLHttpRequest();
  call.open('GET', 'held', false); // nothing else happens in this tab until it is answered: no notice of the other tab is heard
  call.send();
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
})"""


def test_two_tabs_that_type_at_once_lose_nothing(two: tuple[Journey, Journey]) -> None:
    """The one that comes second is shown what the other wrote; whichever text stays in the thread, the other becomes one of its own."""
    first, second = two
    held: list[Route] = []
    second.page.route("**/held", lambda route: held.append(route))
    second.page.evaluate(TYPES_LATE, "typed in the second tab")
    for _ in range(500):
        if not held:
            first.page.wait_for_timeout(20)  # routes are heard of while Playwright waits
    assert held
    first.text(0).fill("typed in the first tab")
    first.saved()
    held[0].fulfill(body="go on")
    second.page.get_by_text("This prompt was changed in another tab.").wait_for()
    second.main.get_by_text("Message 1 there: “typed in the first tab”", exact=False).wait_for()
    second.press("Keep mine")
    second.saved()
    second.toasts.get_by_text("The other tab's text is kept as a copy").wait_for()
    first.toasts.get_by_text("Another tab changed this prompt.", exact=False).wait_for()
    first.toasts.get_by_role("button", name="Undo").click()
    first.page.wait_for_function("() => document.querySelector('.msg textarea')?.value === 'typed in the first tab'")
    assert first.texts() == ["typed in the first tab"]
    assert second.texts() == ["typed in the second tab"]


def test_two_tabs_that_edit_the_same_settings_are_told_of_each_other(tab: Journey, another_tab: Callable[[], Journey]) -> None:
    """RabbitMQ's settings and a limit: what one tab saved is named before the other writes over it, and what only one changed stays."""
    first, second = tab, another_tab()
    cards = []
    for one in (first, second):
        one.go("Settings")
        cards.append(one.main.get_by_role("region", name="RabbitMQ"))
        one.press("Connect a broker", within=cards[-1])
    for card, name in zip(cards, ("first", "second"), strict=True):
        card.get_by_label("Address").fill("ws://localhost:15674/ws")
        card.get_by_label("User").fill("night")
        card.get_by_label("Queue to consume from").fill(name)
    cards[1].get_by_label("Virtual host").fill("theirs")
    second.press("Save", within=cards[1])
    second.toasts.filter(has_text="The settings of RabbitMQ are saved.").wait_for()
    first.press("Save", within=cards[0])
    cards[0].get_by_text("queue: “second”", exact=False).wait_for()
    first.press("Save", within=cards[0])
    first.toasts.filter(has_text="The settings of RabbitMQ are saved.").wait_for()
    cards[1].get_by_text("queue first", exact=False).wait_for()
    first.press("Edit", within=cards[0])
    assert cards[0].get_by_label("Virtual host").input_value() == "theirs"

    rooms = [one.provider("OpenAI").locator("details").filter(has_text="Enqueued-token limits") for one in (first, second)]
    for room, tokens in zip(rooms, ("1000", "2000"), strict=True):
        room.locator("summary").click()
        room.get_by_label("Model prefix").fill("gpt-5")
        room.get_by_label("Enqueued tokens").fill(tokens)
    second.press("Save the limit", within=rooms[1])
    rooms[1].get_by_role("cell", name="2,000", exact=True).wait_for()
    first.press("Save the limit", within=rooms[0])
    rooms[0].get_by_text("Another tab set the limit of gpt-5 to 2,000 meanwhile.", exact=False).wait_for()
    first.press("Save the limit", within=rooms[0])
    rooms[1].get_by_role("cell", name="1,000", exact=True).wait_for()
