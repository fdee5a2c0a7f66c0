"""The thread editor: messages, images, options, the JSON body, paste, and the list of threads."""

import base64
import json

import pytest
from playwright.sync_api import FilePayload

from tests.kit.journey import MODEL, Journey

PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
ADDRESS = "https://images.example.org/a/cat.png"


def three(desk: Journey) -> None:
    """A conversation of three messages."""
    desk.text(0).fill("one")
    desk.add_message("two", "assistant")
    desk.add_message("three", "user")
    desk.saved()


def texts_become(desk: Journey, *texts: str) -> None:
    """Wait until the messages read so."""
    script = (
        """(texts) => JSON.stringify([...document.querySelectorAll('.msg textarea')].map((one) => one.value)) === JSON.stringify(texts)"""
    )
    desk.page.wait_for_function(script, arg=list(texts))


# --- messages


def test_messages_are_added_and_edited_in_place(desk: Journey) -> None:
    """Messages come in turn, any can be changed, roles can be chosen, and all of it is there after a reload."""
    three(desk)
    assert desk.roles() == ["user", "assistant", "user"]
    desk.text(1).fill("two, mended")
    desk.message(0).locator("select").select_option("system")
    desk.saved()
    desk.reload()
    assert desk.texts() == ["one", "two, mended", "three"]
    assert desk.roles() == ["system", "assistant", "user"]


def test_messages_are_reordered_by_buttons(desk: Journey) -> None:
    """Up and down move a message; the ends stop."""
    three(desk)
    desk.message(2).get_by_role("button", name="Move up").click()
    texts_become(desk, "one", "three", "two")
    desk.message(0).get_by_role("button", name="Move down").click()
    texts_become(desk, "three", "one", "two")
    assert desk.message(0).get_by_role("button", name="Move up").is_disabled()
    assert desk.message(2).get_by_role("button", name="Move down").is_disabled()


def test_messages_are_reordered_by_keyboard_with_the_focus_kept(desk: Journey) -> None:
    """Alt with an arrow moves the message that is being typed in; the cursor stays in it."""
    three(desk)
    desk.text(2).focus()
    desk.page.keyboard.press("Alt+ArrowUp")
    texts_become(desk, "one", "three", "two")
    desk.page.keyboard.press("Alt+ArrowUp")
    texts_become(desk, "three", "one", "two")
    desk.page.keyboard.press("End")
    desk.page.keyboard.type("!")
    texts_become(desk, "three!", "one", "two")
    desk.page.keyboard.press("Alt+ArrowDown")
    texts_become(desk, "one", "three!", "two")


def test_messages_are_duplicated_deleted_and_brought_back(desk: Journey) -> None:
    """A copy stands right after its message; what is deleted comes back at its place by undo."""
    three(desk)
    desk.message(1).get_by_role("button", name="Duplicate message").click()
    texts_become(desk, "one", "two", "two", "three")
    desk.message(0).get_by_role("button", name="Delete message").click()
    texts_become(desk, "two", "two", "three")
    desk.undo("Message deleted.")
    texts_become(desk, "one", "two", "two", "three")
    desk.saved()


def test_the_last_message_can_be_deleted_and_another_added(desk: Journey) -> None:
    """A conversation without messages says so when it is queued, and can be filled again."""
    desk.option("model").fill(MODEL)
    desk.message(0).get_by_role("button", name="Delete message").click()
    texts_become(desk)
    desk.press("Add to queue")
    desk.page.get_by_text("There is no message yet.").first.wait_for()
    desk.add_message("again")
    desk.enqueue()


# --- images


def test_images_come_by_address_and_by_file(desk: Journey) -> None:
    """Both stand in the request as the provider takes them; the page itself fetches no image."""
    desk.text(0).fill("What is on these?")
    desk.option("model").fill(MODEL)
    desk.message(0).get_by_role("button", name="Add an image").click()
    desk.dialog.locator("#image-address").fill("ftp://nowhere")
    desk.press("Add", within=desk.dialog)
    desk.dialog.get_by_text("An address begins with https://").wait_for()
    desk.dialog.locator("#image-address").fill(ADDRESS)
    desk.page.keyboard.press("Enter")
    desk.message(0).get_by_text("cat.png").wait_for()
    desk.message(0).get_by_role("button", name="Add an image").click()
    desk.dialog.get_by_label("Image file").set_input_files(FilePayload(name="dot.png", mimeType="image/png", buffer=PIXEL))
    desk.message(0).get_by_text("dot.png").wait_for()
    desk.dialog.wait_for(state="detached")
    desk.message(0).get_by_label("Detail of the image").first.select_option("low")
    desk.press("Raw JSON")
    content = json.loads(desk.page.locator("#raw").input_value())["messages"][0]["content"]
    assert [part["type"] for part in content] == ["text", "image_url", "image_url"]
    assert content[1]["image_url"] == {"url": ADDRESS, "detail": "low"}
    assert base64.b64decode(content[2]["image_url"]["url"].partition("base64,")[2]) == PIXEL


def test_image_is_removed_and_brought_back(desk: Journey) -> None:
    """An image that was taken out comes back by undo."""
    desk.message(0).get_by_role("button", name="Add an image").click()
    desk.dialog.locator("#image-address").fill(ADDRESS)
    desk.press("Add", within=desk.dialog)
    desk.message(0).get_by_role("button", name="Remove image").click()
    desk.message(0).get_by_text("cat.png").wait_for(state="detached")
    desk.undo("Image removed.")
    desk.message(0).get_by_text("cat.png").wait_for()


def test_file_that_is_no_image_is_refused(desk: Journey) -> None:
    """A file of another kind is named and not taken."""
    desk.message(0).get_by_role("button", name="Add an image").click()
    desk.dialog.get_by_label("Image file").set_input_files(FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"no"))
    desk.toasts.get_by_text("notes.txt is not a PNG").wait_for()
    assert desk.message(0).locator(".image").count() == 0


# --- options


def test_wrong_options_are_said_and_not_queued(desk: Journey) -> None:
    """Peers, part A: any model name, negative max tokens and mixed models were accepted."""
    desk.text(0).fill("hello")
    desk.option("model").fill(MODEL)
    for option, typed, sentence in (
        ("max_output_tokens", "-5", "An answer can't have -5 tokens."),
        ("max_output_tokens", "many", "isn't a number of tokens"),
        ("temperature", "3", "isn't between 0 and 2"),
        ("model", "", "No model is chosen."),
    ):
        right = desk.option(option).input_value()
        desk.option(option).fill(typed)
        desk.press("Add to queue")
        desk.page.locator("#blocked").get_by_text(sentence).wait_for()
        desk.option(option).fill(right)
    desk.waiting(0)


def test_models_are_not_mixed_in_a_batch(desk: Journey) -> None:
    """Peers, part A: mixed models were accepted. Here each model has its lane, and each lane its batch."""
    for model in ("gpt-4o-mini", "gpt-4.1-nano"):
        desk.write("hello", model=model)
        desk.enqueue()
    desk.waiting(2)
    assert desk.page.locator("section.lane").count() == 2
    desk.press("Submit all 2")
    desk.page.get_by_role("heading", name="Batches").wait_for()
    desk.page.locator("tr[id]", has_text="gpt-4o-mini").first.wait_for()
    desk.page.locator("tr[id]", has_text="gpt-4.1-nano").first.wait_for()
    desk.waiting(0)


def test_schema_is_checked_as_it_is_typed(desk: Journey) -> None:
    """A schema that is no JSON is told with line and column, at once; what was typed stays."""
    desk.option("schema_on").check()
    broken = '{\n  "type": "object",\n  "properties": {,}\n}'
    desk.option("schema_text").fill(broken)
    desk.page.locator(".fault", has_text="Line 3, column 18").wait_for()
    desk.saved()
    desk.reload()
    assert desk.option("schema_text").input_value() == broken


# --- the JSON body


def test_body_edited_by_hand_wins_and_can_be_dropped(desk: Journey) -> None:
    """What was typed as JSON is sent as it stands; dropping it brings the form back, and undo the JSON."""
    desk.write("from the form")
    desk.press("Raw JSON")
    by_hand = {"model": MODEL, "messages": [{"role": "user", "content": "by hand"}], "seed": 7}
    desk.page.locator("#raw").fill(json.dumps(by_hand))
    desk.press("Conversation")
    desk.page.get_by_text("The Raw JSON was edited by hand.").wait_for()
    desk.enqueue()
    desk.press("Discard JSON edits", within=desk.main)
    texts_become(desk, "from the form")
    desk.page.get_by_text("The Raw JSON was edited by hand.").wait_for(state="detached")
    desk.undo("Your JSON edits were discarded.")
    desk.press("Raw JSON")
    desk.page.wait_for_function("() => document.querySelector('#raw')?.value.includes('by hand')")
    desk.waiting(1)
    desk.rows.first.get_by_role("button", name="Edit").first.click()
    assert json.loads(desk.dialog.locator("#request-text").input_value()) == by_hand


def test_malformed_body_shows_line_and_column_and_loses_nothing(desk: Journey) -> None:
    """Broken JSON stays as typed over a reload, says where it is broken, and is not queued."""
    desk.write("hello")
    desk.press("Raw JSON")
    broken = '{\n  "model": "gpt-4o-mini",\n  "messages": [}\n}'
    desk.page.locator("#raw").fill(broken)
    desk.page.get_by_text("Line 3, column 16").wait_for()
    desk.saved()
    desk.press("Add to queue")
    desk.page.locator("#blocked").wait_for()
    desk.reload()
    desk.press("Raw JSON")
    assert desk.page.locator("#raw").input_value() == broken
    desk.waiting(0)


# --- paste

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello — 你好"}]
BODY = {"model": "gpt-4.1-mini", "messages": MESSAGES, "temperature": 0.5}
LINE = {"custom_id": "mine-1", "method": "POST", "url": "/v1/chat/completions", "body": BODY}
RESPONSE = {"model": "gpt-4.1-mini", "instructions": "Be brief.", "input": "Hello — 你好"}


@pytest.mark.parametrize(
    ("pasted", "texts"),
    [
        (json.dumps(MESSAGES), ["Be brief.", "Hello — 你好"]),
        (json.dumps(BODY, indent=2), ["Be brief.", "Hello — 你好"]),
        (json.dumps(LINE, ensure_ascii=False), ["Be brief.", "Hello — 你好"]),
        (f"{json.dumps(LINE)}\n{json.dumps(LINE)}\n", ["Be brief.", "Hello — 你好"]),
        ("User: Hello\nAssistant: Hi.\nUser: Bye", ["Hello", "Hi.", "Bye"]),
    ],
    ids=["messages", "body", "batch line", "JSONL", "speech"],
)
def test_pasted_conversation_becomes_a_thread(desk: Journey, pasted: str, texts: list[str]) -> None:
    """A list of messages, a body, a batch line, several lines, or speech: a new thread, and the old one stays."""
    desk.text(0).fill("the thread before")
    desk.saved()
    desk.paste(pasted)
    texts_become(desk, *texts)
    desk.go("Prompts")
    desk.page.get_by_role("link", name="the thread before").first.wait_for()


def test_pasted_body_brings_its_options(desk: Journey) -> None:
    """Model, temperature and endpoint come along."""
    desk.paste(json.dumps(BODY))
    texts_become(desk, "Be brief.", "Hello — 你好")
    assert desk.option("model").input_value() == "gpt-4.1-mini"
    assert desk.option("temperature").input_value() == "0.5"
    desk.paste(json.dumps(RESPONSE))
    desk.page.wait_for_function("() => document.querySelector('#o-endpoint').value === '/v1/responses'")


def test_fault_in_pasted_text_has_line_and_column(desk: Journey) -> None:
    """The dialog stays open with the text as it was pasted; put aside, it comes back by undo."""
    broken = '[\n  {"role": "user", "content": "a"},\n  {"role": "user" "content": "b"}\n]'
    desk.paste(broken)
    desk.dialog.get_by_text("Line 3, column 19").wait_for()
    assert desk.dialog.locator("#paste-text").input_value() == broken
    desk.page.keyboard.press("Escape")
    desk.dialog.wait_for(state="detached")
    desk.undo("The pasted text was discarded.")
    assert desk.dialog.locator("#paste-text").input_value() == broken


# --- threads


def test_threads_are_named_searched_and_reopened(desk: Journey) -> None:
    """A thread is found by its name and by its text, all words wherever they stand; a click opens it."""
    desk.text(0).fill("the owl at midnight")
    desk.name().fill("Zoology 101")
    desk.saved()
    desk.new_thread()
    desk.text(0).fill("another matter")
    desk.saved()
    desk.go("Prompts")
    lines = desk.page.locator(".thread-line:has(a)")
    for words in ("zoology", "midnight owl"):
        desk.page.locator("#search").fill(words)
        desk.page.wait_for_function("() => document.querySelectorAll('.thread-line a').length === 1")
        assert "Zoology 101" in lines.first.inner_text()
    desk.page.locator("#search").fill("no such words")
    desk.page.get_by_text("No prompts match.").wait_for()
    desk.page.locator("#search").fill("zoology")
    desk.page.get_by_role("link", name="Zoology 101").click()
    texts_become(desk, "the owl at midnight")
    assert desk.name().input_value() == "Zoology 101"
    desk.go("Prompts")
    desk.page.locator("#search").fill("")


def test_threads_are_duplicated_deleted_and_restored(desk: Journey) -> None:
    """A copy is a thread of its own; a deleted thread comes back by undo, or from the bin until that is emptied."""
    desk.text(0).fill("to be copied")
    desk.name().fill("Original 77")
    desk.saved()
    desk.press("Duplicate", within=desk.main)
    desk.page.wait_for_function("() => document.querySelector('#thread-name').value === 'Original 77 (copy)'")
    desk.text(0).fill("changed in the copy")
    desk.saved()
    desk.go("Prompts")
    line = desk.page.locator(".thread-line", has=desk.page.get_by_role("link", name="Original 77", exact=True))
    line.get_by_role("button", name="Delete prompt").click()
    line.wait_for(state="detached")
    desk.undo("Deleted “Original 77”.")
    line.wait_for()
    line.get_by_role("button", name="Delete prompt").click()
    desk.page.locator(".thread-line", has_text="Original 77").get_by_role("button", name="Restore").click()
    line.wait_for()
    line.get_by_role("link").click()
    texts_become(desk, "to be copied")


def test_bin_is_emptied_for_good(desk: Journey) -> None:
    """What was deleted for good is not restored, not even by a reload."""
    desk.text(0).fill("not needed")
    desk.name().fill("Rubbish 5")
    desk.saved()
    desk.go("Prompts")
    line = desk.page.locator(".thread-line", has_text="Rubbish 5")
    line.get_by_role("button", name="Delete prompt").click()
    line.get_by_role("button", name="Restore").wait_for()
    desk.press("Delete permanently …")
    desk.dialog.get_by_role("listitem").get_by_text("Rubbish 5").wait_for()
    desk.press("Delete permanently", within=desk.dialog)
    line.wait_for(state="detached")
    desk.reload()
    desk.go("Prompts")
    assert line.count() == 0
