"""The prompt of a table: written by keyboard and mouse beside a row, and there after a reload."""

from __future__ import annotations

from tests.kit.journey import Journey

REVIEWS = b"id,review,stars\na,Fine,5\nb,,1\nc,Too long,3\n"


def test_a_prompt_is_written_beside_a_row(desk: Journey) -> None:
    """Columns from the list and from a button land where the caret is; the row follows each key; what was typed stays."""
    page = desk.page
    desk.go("Data")
    page.locator("#table-file").set_input_files({"name": "reviews.csv", "mimeType": "text/csv", "buffer": REVIEWS})
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("link", name="Prompt", exact=True).click()
    text = page.get_by_label("Text of message 1")
    text.click()
    page.keyboard.type("Rate {{re")
    page.get_by_role("option", name="review").wait_for()
    page.keyboard.press("Enter")
    row = page.get_by_role("group", name="Messages of this row")
    row.get_by_text("Rate Fine").wait_for()
    assert text.input_value() == "Rate {{review}}"
    page.keyboard.type("!")
    row.get_by_text("Rate Fine!", exact=True).wait_for()
    for _ in range(len("{{review}}!")):
        page.keyboard.press("ArrowLeft")
    page.get_by_role("group", name="Insert a column").get_by_role("button", name="stars").click()
    row.get_by_text("Rate 5Fine!", exact=True).wait_for()
    page.keyboard.type(" for ")
    row.get_by_text("Rate 5 for Fine!", exact=True).wait_for()
    assert text.input_value() == "Rate {{stars}} for {{review}}!"
    page.get_by_text("review is empty in 1 row of 3.").wait_for()
    page.get_by_role("button", name="Next row").click()
    row.get_by_text("Rate 1 for !", exact=True).wait_for()
    page.get_by_role("button", name="Add a default for review").click()
    row.get_by_text("Rate 1 for n/a!", exact=True).wait_for()
    page.get_by_label("Model", exact=True).fill("gpt-4o-mini")
    desk.saved()
    desk.reload()
    row.get_by_text("Rate 5 for Fine!", exact=True).wait_for()
    assert text.input_value() == 'Rate {{stars}} for {{review | default("n/a")}}!'


def test_a_schema_and_a_version_on_a_phone(desk: Journey) -> None:
    """At 390 px nothing lies beside the page; a field is added and named, a version kept and compared, all by keys."""
    page = desk.page
    page.set_viewport_size({"width": 390, "height": 800})
    desk.go("Data")
    page.locator("#table-file").set_input_files({"name": "reviews.csv", "mimeType": "text/csv", "buffer": REVIEWS})
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("link", name="Prompt", exact=True).click()
    page.get_by_label("Text of message 1").fill("Rate {{review}}")
    page.locator("#prompt-structured").press("Space")
    page.get_by_role("button", name="Add field", exact=True).press("Enter")
    page.get_by_label("Name of field_1").fill("mood")
    page.get_by_text("mood · text").wait_for()
    page.get_by_role("button", name="Save version").press("Enter")
    page.get_by_role("button", name="Compare Version 1").press("Enter")
    page.get_by_text("The current prompt is the same.").wait_for()
    page.get_by_label("Text of message 1").fill("Rate {{review}} kindly")
    page.locator("ins", has_text="Rate {{review}} kindly").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
