"""The first moments: the shell takes typing before Python runs, and hands it over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.corpus import CORPUS
from tests.kit.browser import wait_ready, wait_state
from tests.kit.journey import Journey

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.kit.browser import Watch

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
PASSED = "#app ~ script ~ *"
"""Stands in the document once lastview.js has looked for a kept view: what is planted before that is shown by this start already."""
PLANT = """(markup) => {
  const { build } = document.documentElement.dataset;
  const place = { path: location.pathname, route: location.hash, language: navigator.language };
  const view = { build, ...place, written: '1+', at: 0, scrolled: [], html: markup };
  localStorage.setItem('nightshift:lastview', JSON.stringify([view]));
}"""
"""Lays down a kept view of the open address, as whoever can write this browser's storage could."""
ACTIVE = """() => [...document.querySelectorAll('#app *')].filter((one) =>
    one.matches('script, style, link, base, meta, iframe, object, embed, form, video, template, dialog, math, use, image, animate')
    || [...one.attributes].some(({ name, value }) => name.startsWith('on') || name === 'style' || name === 'action' || name === 'srcdoc'
        || (['href', 'src'].includes(name) && !value.startsWith('#') && !value.startsWith('data:image/png')))
    || ['early', 'app'].includes(one.id)
).map((one) => one.outerHTML.slice(0, 200))"""
"""What of it could run, load, lead elsewhere, or be taken for the page's own."""


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
def test_the_view_of_the_last_visit_stands_there_before_python_runs(page: Page, address: str, watch: Watch) -> None:
    """Whoever opens a view for the first time sees that it is being opened, and no field to type into. The next time it stands there with
    its data, at once: what is typed and pressed in it is done when the program runs, in that order, and once where it was pressed
    twice. Of a view that somebody else laid down nothing runs or loads; and after a start that did not end with one comes one without."""
    page.add_init_script(HOLD)
    page.goto(f"{address}#/queue", wait_until="commit")
    page.locator(PASSED).first.wait_for(state="attached")
    watch.expect("inline event handler")  # Chromium's policy says so already of what DOMParser reads, where none can run
    hostile = "".join(f'<div id=app><p id=early>{one}</p><input value="{one}"><a href="{one}">a</a>' for one in CORPUS if len(one) < 900)
    page.evaluate(PLANT, f"<main class=view id=main><h1>Planted</h1></main>{hostile}")
    page.reload(wait_until="commit")
    page.get_by_role("heading", name="Planted").wait_for()
    assert page.evaluate(ACTIVE) == []
    page.reload(wait_until="commit")
    page.locator(".later").wait_for()
    assert not page.locator("#early").is_visible()
    page.evaluate("letGo()")
    assert wait_state(page) == "ready"
    journey = Journey(page, address)
    journey.write("\nKept in sight")
    journey.saved()

    page.reload(wait_until="commit")
    field = page.locator("main textarea").first
    field.wait_for()
    assert page.locator("html").get_attribute("data-nightshift") == "loading"
    assert field.input_value() == "\nKept in sight"
    assert page.locator("[data-engine]:visible").first.inner_text().startswith("Starting")
    field.press("Control+End")
    page.keyboard.type(" and typed")
    for _ in range(2):
        page.get_by_role("button", name="Add to queue").click()
    page.evaluate("letGo()")
    wait_ready(page)
    journey.waiting(1)
    assert "Kept in sight and typed" in journey.rows.first.inner_text()
    assert page.evaluate("() => sessionStorage.length") == 0
