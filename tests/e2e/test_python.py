"""Python over answers in a browser, by the keys: seen, filled, in a loop without an end, and back again from the address."""

from __future__ import annotations

import pytest

from tests.kit.journey import Journey

COUNT = "def column(row, answer):\n    return row['number'] * 7\n"
LOOP = "def column(row, answer):\n    while True: pass\n"
ESCAPE = "import js\ndef column(row, answer):\n    return js.fetch('https://example.org')\n"


@pytest.mark.also("file", "firefox")
def test_a_column_is_made_by_the_keys(desk: Journey) -> None:
    """The code is typed and runs over the rows in sight; all rows are filled by Ctrl+Enter; code that wants out is told so; one without an
    end is stopped, and the page works meanwhile; a reload fills the column again."""
    page = desk.page
    desk.practise()
    for word in ("apple", "banana", "cherry"):
        desk.write(f"Say {word}")
        desk.enqueue()
    desk.go("Queue")
    desk.submit_lane()
    desk.wait_for_state("completed")
    page.get_by_role("link", name="Open in Results").click()
    page.get_by_text("3 rows", exact=True).wait_for()
    page.get_by_role("button", name="Python", exact=True).focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("region", name="Python")
    card.locator("code-editor .cm-content").wait_for()  # it comes when it is first drawn
    code = card.get_by_role("textbox", name="Code")

    def write(source: str) -> None:
        code.focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text(source)

    write(COUNT)
    card.get_by_text("21", exact=True).wait_for()
    card.get_by_label("Name of the column").focus()
    page.keyboard.type("Sevenfold")
    page.keyboard.press("Control+Enter")
    card.get_by_text("3 rows of 3 with an answer filled.").wait_for()
    page.locator("#result-2").get_by_text("21", exact=True).wait_for()
    assert "python%3ASevenfold" in page.url

    write(ESCAPE)
    card.get_by_text("“js” is not there: code in Results runs apart").wait_for()
    write(LOOP)
    card.get_by_text("it did not reach the next row").wait_for()
    page.keyboard.press("Control+Enter")
    card.get_by_role("button", name="Stop").click()
    card.get_by_text("Stopped. The column is as it was.").wait_for()
    page.get_by_text("3 rows", exact=True).wait_for()
    write(COUNT)
    page.keyboard.press("Control+Enter")
    card.get_by_text("3 rows of 3 with an answer filled.").wait_for()
    desk.reload()
    page.locator("#result-2").get_by_text("21", exact=True).wait_for()
