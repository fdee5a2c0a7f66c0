"""The editor of code: static/js/code-editor.mjs over a field, under the page's policy."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.blank import open_blank

TYPED, RUN, LETTER = ({"type": name} for name in ("Typed", "Run", "Letter"))
BEGUN = "def f():"


def quoted(value: object) -> str:
    return json.dumps(value).replace('"', "&quot;")


def drawing(text: str = BEGUN, rev: int = 1, more: str = "") -> str:
    """An editor between two controls, in a page that means something by Ctrl+Enter in it and by a letter anywhere."""
    return (
        f'<main data-page-key="{quoted({"x": LETTER})}"><label for="code">Code</label>'
        f'<code-editor data-rev="{rev}" data-hint="Escape, then Tab." data-key="{quoted({"Ctrl+Enter": RUN})}" {more}>'
        f'<textarea id="code" data-value-rev="{rev}" maxlength="60" data-input="{quoted(TYPED)}">{text}</textarea></code-editor>'
        '<button id="after">after</button></main>'
    )


@pytest.fixture
def page(context: BrowserContext, site: str) -> Page:
    """An empty page with drawing and listening set up."""
    page = open_blank(context, site)
    page.evaluate(
        """async () => {
          globalThis.ui = await import('/static/js/page.mjs');
          globalThis.heard = [];
          ui.listen((text) => heard.push(JSON.parse(text)));
        }"""
    )
    return page


def patch(page: Page, html: str) -> None:
    page.evaluate("(html) => ui.patch(html)", html)


def stands(page: Page) -> None:
    page.wait_for_function("() => document.querySelector('code-editor').shadowRoot?.querySelector('.cm-content')")


def shown(page: Page) -> str:
    """What the editor shows."""
    lines: list[str] = page.locator(".cm-line").all_inner_texts()
    return "\n".join("" if line == "\n" else line for line in lines)


def test_code_is_written_and_left_by_keys(page: Page) -> None:
    """Lines are indented, brackets closed, nothing typed is lost in a drawing that knows less; Tab indents until Escape sets it free, and
    the page hears what is typed and Ctrl+Enter, but no letter."""
    patch(page, drawing())
    stands(page)
    page.get_by_text("Code", exact=True).click()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("x = (")
    written = "def f():\n    x = ()"
    assert page.evaluate("() => document.querySelector('#code').value") == written
    heard = page.evaluate("() => heard.splice(0)")
    assert {one["action"]["type"] for one in heard} == {"Typed"}
    assert heard[-1]["value"] == written
    patch(page, drawing("def f():\n"))
    assert shown(page) == written
    page.keyboard.press("Tab")
    assert shown(page) == "def f():\n        x = ()"
    page.keyboard.press("Control+Enter")
    assert page.evaluate("() => heard.pop().action") == RUN
    assert shown(page) == "def f():\n        x = ()"
    box = page.get_by_role("textbox", name="Code")
    assert (
        box.evaluate("(one) => one.getRootNode().getElementById(one.getAttribute('aria-describedby')).textContent") == "Escape, then Tab."
    )
    page.keyboard.press("Escape")
    assert "Tab leaves the editor now." in page.locator(".cm-announced").inner_text()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "after"
    box.focus()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.localName") == "code-editor"
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text("def h():\n    return 1\n")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("(")
    assert shown(page) == "(def h():\n    return 1\n)"  # brackets go around what is selected
    page.evaluate("() => heard.splice(0)")
    page.keyboard.press("End")
    page.keyboard.insert_text("y" * 60)
    (told,) = page.evaluate("() => heard.splice(0)")
    assert (told["notice"], told["value"]["name"]) == ("toolong", "Code")


def test_the_editor_follows_what_is_drawn(page: Page) -> None:
    """Another text comes with another rev, marks stand at their lines, what is locked can only be read, the editor goes with its element.
    What was typed into the field before it came stays, and so does the focus."""
    page.route(
        "**/vendor/code-editor.mjs", lambda route: route.fulfill(body="throw new Error('no')", content_type="text/javascript"), times=1
    )
    patch(page, drawing())
    page.locator("#code").fill("def g():")
    assert page.evaluate("() => document.querySelector('code-editor').shadowRoot") is None
    patch(page, "<p>closed</p>")
    page.reload()
    page.evaluate("async () => { globalThis.ui = await import('/static/js/page.mjs'); globalThis.heard = []; }")
    page.evaluate(
        """(html) => {
          ui.patch(html);
          const field = document.querySelector('#code');
          field.focus();
          field.value = 'def g():';
          field.setSelectionRange(4, 5);
        }""",
        drawing(),
    )
    stands(page)
    page.keyboard.type("h")
    assert shown(page) == "def h():"
    patch(page, drawing("a = 1\nb = c\n", 2, f'data-marks="{quoted([[2, "NameError: c"], [9, "gone"]])}"'))
    page.wait_for_function("() => document.querySelector('code-editor').shadowRoot.querySelector('.cm-line.cm-wrong')")
    assert shown(page) == "a = 1\nb = c\n"
    assert page.locator(".cm-line.cm-wrong").get_attribute("title") == "NameError: c"
    page.keyboard.press("ControlOrMeta+z")
    assert shown(page) == "a = 1\nb = c\n"
    patch(page, drawing("a = 1\nb = c\n", 2, 'data-locked="" data-marks=""'))
    page.wait_for_function("() => !document.querySelector('code-editor').shadowRoot.querySelector('.cm-wrong')")
    page.keyboard.type("z")
    assert shown(page) == "a = 1\nb = c\n"
    patch(page, "<p>closed</p>")
    patch(page, drawing("d = 1"))
    stands(page)
    assert shown(page) == "d = 1"
