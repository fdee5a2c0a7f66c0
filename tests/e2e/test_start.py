"""The first moments: the shell takes typing before Python runs, and hands it over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.browser import wait_ready, wait_state
from tests.kit.journey import Journey

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.cold
CARET = "() => [document.activeElement.id, document.activeElement.selectionStart, document.activeElement.selectionEnd]"
HOLD = """
  // The test lets Python go on when it has typed: WebAssembly waits for it.
  const hold = new Promise((resolve) => { globalThis.letGo = resolve; });
  for (const name of ['instantiateStreaming', 'instantiate', 'compileStreaming']) {
    const real = WebAssembly[name];
    WebAssembly[name] = async (...given) => { await hold; return real.apply(WebAssembly, given); };
  }
"""


@pytest.fixture
def shell(page: Page, address: str) -> Page:
    """The page while Python is starting, for as long as the test likes: ``letGo()`` ends it."""
    page.add_init_script(HOLD)
    page.goto(address, wait_until="commit")
    page.locator("#early").wait_for()
    return page


@pytest.mark.also("static", "firefox")
def test_typing_is_handed_over(shell: Page, address: str) -> None:
    """Text, focus and caret go from the shell to the thread's first message, and the text is saved."""
    shell.locator("#early").click()
    shell.keyboard.type("Good evening")
    shell.keyboard.press("ArrowLeft")
    shell.evaluate("letGo()")
    wait_ready(shell)
    journey = Journey(shell, address)
    journey.saved()
    field = journey.text(0)
    assert field.input_value() == "Good evening"
    assert shell.evaluate(CARET) == [field.get_attribute("id"), 11, 11]
    shell.keyboard.type("!")
    assert field.input_value() == "Good evenin!g"


def test_an_early_reload_loses_nothing(shell: Page, address: str) -> None:
    """A reload before Python ran brings the text back, and it becomes one thread."""
    shell.locator("#early").fill("Twice begun")
    shell.wait_for_function("() => sessionStorage.getItem('nightshift:early') === 'Twice begun'")
    shell.reload(wait_until="commit")
    shell.locator("#early").wait_for()
    shell.wait_for_function("() => document.querySelector('#early').value === 'Twice begun'")
    shell.evaluate("letGo()")
    wait_ready(shell)
    journey = Journey(shell, address)
    journey.saved()
    assert journey.texts() == ["Twice begun"]
    assert shell.evaluate("() => sessionStorage.length") == 0
    journey.go("Prompts")
    assert shell.locator(".thread-line").count() == 1


@pytest.mark.also("static", "file", "firefox")
def test_the_view_of_the_last_visit_stands_there_before_python_runs(page: Page, address: str) -> None:
    """Whoever opens a view for the first time sees that it is being opened, and no field to type into. The next time it stands there with
    its data, at once: what is typed and pressed in it is done when the program runs, in that order."""
    page.add_init_script(HOLD)
    page.goto(f"{address}#/queue", wait_until="commit")
    page.locator(".later").wait_for()
    assert not page.locator("#early").is_visible()
    page.evaluate("letGo()")
    assert wait_state(page) == "ready"
    journey = Journey(page, address)
    journey.write("Kept in sight")
    journey.saved()

    page.reload(wait_until="commit")
    field = page.locator("main textarea").first
    field.wait_for()
    assert page.locator("html").get_attribute("data-nightshift") == "loading"
    assert field.input_value() == "Kept in sight"
    assert page.locator("[data-engine]:visible").first.inner_text().startswith("Starting")
    field.press("End")
    page.keyboard.type(" and typed")
    page.get_by_role("button", name="Add to queue").click()
    page.evaluate("letGo()")
    wait_ready(page)
    journey.waiting(1)
    assert "Kept in sight and typed" in journey.rows.first.inner_text()
    assert page.evaluate("() => sessionStorage.length") == 0
