"""Writing: threads, messages, options, paste, JSON by hand, and the way into the queue."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from app.core.json import jsontext
from app.core.model.threads import Thread
from app.ports import StorageFull, StorageLost
from tests.fakes.platform import FakePage
from tests.kit.screen import RIGHT_KEY, WRONG_KEY, Visit
from tests.unit.ui.conftest import Open

PNG = "data:image/png;base64,iVBORw0KGgo="


def kept(visit: Visit) -> list[Thread]:
    """The threads as another look at the state shows them, newest first."""
    return visit.state.threads.all


def words(visit: Visit) -> list[tuple[str, str]]:
    """Role and text of every message that is drawn."""
    dom = visit.dom
    return [
        (dom.by_id(one["id"].replace("message-", "role-")).value, dom.by_id(one["id"].replace("message-", "text-")).value)
        for one in dom.classed("msg")
    ]


async def three(visit: Visit) -> list[tuple[str, str]]:
    """A thread of three messages."""
    await visit.write("one")
    for n, text in ((2, "two"), (3, "three")):
        await visit.click("Add message")
        await visit.type(f"Text of message {n}", text)
    return [("user", "one"), ("assistant", "two"), ("user", "three")]


# --- messages


async def test_typing_is_saved(visit: Visit) -> None:
    """What is typed is stored at once, said so, and there after a reload."""
    assert "Empty draft" in visit.text
    await visit.write("Hello")
    await visit.type("Prompt name", "Greeting")
    assert visit.dom.root.text.count("saved just now") == 1
    again = await visit.other_tab()
    assert words(again) == [("user", "Hello")]
    assert again.field("Prompt name").value == "Greeting"
    assert again.field("Model").value == "gpt-4o-mini"
    await again.close()


async def test_messages_are_edited(visit: Visit) -> None:
    """Messages are added with the role that follows, moved by button and key, duplicated, and change their role."""
    said = await three(visit)
    assert words(visit) == said
    await visit.click("Move up (Alt+↑)", 2)
    assert [text for _, text in words(visit)] == ["one", "three", "two"]
    await visit.press(visit.field("Text of message 2"), "Alt+ArrowDown")
    assert words(visit) == said
    await visit.press(visit.field("Text of message 1"), "Alt+ArrowUp")
    assert words(visit) == said
    await visit.click("Duplicate message", 1)
    assert [text for _, text in words(visit)] == ["one", "two", "two", "three"]
    await visit.choose("Role of message 1", "system")
    assert words(visit)[0] == ("system", "one")
    assert "disabled" in visit.button("Move up (Alt+↑)", 0).attributes
    assert "disabled" in visit.button("Move down (Alt+↓)", 3).attributes


@pytest.mark.slow
@pytest.mark.parametrize("n", [0, 1, 2])
async def test_delete_message_undone(visit: Visit, n: int) -> None:
    """A deleted message comes back at its place."""
    said = await three(visit)
    await visit.click("Delete message", n)
    assert words(visit) == said[:n] + said[n + 1 :]
    assert visit.toasts == ["Message deleted."]
    await visit.click("Undo")
    assert words(visit) == said
    assert visit.toasts == []


async def test_several_deletions_undone(visit: Visit) -> None:
    """Each of several deletions can be undone, the latest first, although only one toast is shown for them."""
    said = await three(visit)
    for _ in range(3):
        await visit.click("Delete message", 0)
    assert words(visit) == []
    for left in (2, 1, 0):
        assert visit.toasts == ["Message deleted."]
        await visit.click("Undo")
        assert words(visit) == said[left:]
    assert visit.toasts == []


async def test_undo_in_another_thread(visit: Visit) -> None:
    """Undo restores the message in its own thread, also when another one is open by then."""
    await three(visit)
    old = visit.state.compose.thread.id
    await visit.click("Delete message", 1)
    await visit.click("New")
    await visit.click("Undo")
    assert words(visit) == [("user", "")]
    await visit.go(f"#/compose/{old}")
    assert [text for _, text in words(visit)] == ["one", "two", "three"]


# --- images


async def test_image_by_address(visit: Visit) -> None:
    """An image is added by its address; what is no address is refused below the field; removing it can be undone."""
    await visit.write("Look")
    await visit.click("Add an image")
    assert "disabled" in visit.button("Add").attributes
    await visit.type("Address of the image", "ftp://example.org/cat.png")
    await visit.click("Add")
    assert "begins with https://" in visit.reach.text
    await visit.type("Address of the image", "https://example.org/cat.png")
    assert "begins with https://" not in visit.reach.text
    await visit.press(visit.field("Address of the image"), "Enter")
    assert visit.dialog is None
    assert "cat.png" in visit.text
    await visit.choose("Detail of the image", "low")
    (before,) = visit.state.compose.thread.messages
    await visit.click("Remove image")
    assert "cat.png" not in visit.text
    await visit.click("Undo")
    assert visit.state.compose.thread.messages == (before,)


async def test_image_by_file(visit: Visit) -> None:
    """Files become data URLs; a file that is no image, or too large, is named and left out."""
    await visit.write("Look")
    await visit.click("Add an image")
    files = [
        {"name": "cat.png", "type": "image/png", "size": 9, "data": PNG},
        {"name": "page.html", "type": "text/html", "size": 9, "data": "data:text/html,<script>"},
        {"name": "huge.png", "type": "image/png", "size": 99, "error": "too_big"},
        {"name": "gone.png", "type": "image/png", "size": 9, "error": "unreadable"},
    ]
    await visit.emit(visit.field("Image file"), "change", files)
    assert [one.name for one in visit.state.compose.thread.messages[0].images] == ["cat.png"]
    assert visit.dom.of("img")[0]["src"] == PNG
    assert [one.text for one in visit.state.toasts] == [
        "page.html is not a PNG, JPEG, WebP or GIF image.",
        "huge.png is too large for a request.",
        "gone.png is not a PNG, JPEG, WebP or GIF image.",
    ]


@pytest.mark.parametrize("way", ["drop", "paste"])
async def test_images_dropped_or_pasted(visit: Visit, way: str) -> None:
    """An image that is dropped or pasted onto a message is added to that message."""
    await three(visit)
    await visit.emit(visit.dom.by_id(visit.dom.classed("msg")[1]["id"]), way, [{"name": "cat.png", "type": "image/png", "data": PNG}])
    assert [[one.name for one in message.images] for message in visit.state.compose.thread.messages] == [[], ["cat.png"], []]


# --- threads


async def test_new_keeps_the_options(visit: Visit) -> None:
    """A new thread is empty, has the model of the one before, and an untouched one is not piled up."""
    await visit.write("Hello", "gpt-4.1")
    await visit.click("New")
    await visit.click("New")
    assert words(visit) == [("user", "")]
    assert visit.field("Model").value == "gpt-4.1"
    assert len(kept(visit)) == 1


async def test_duplicate_thread(visit: Visit) -> None:
    """A copy is opened; editing it leaves the first one alone."""
    await visit.write("Hello")
    first = visit.state.compose.thread
    await visit.click("Duplicate")
    await visit.type("Text of message 1", "Changed")
    assert {one.messages[0].text for one in kept(visit)} == {"Hello", "Changed"}
    await visit.go(f"#/compose/{first.id}")
    assert words(visit) == [("user", "Hello")]


async def test_delete_thread_undone(visit: Visit) -> None:
    """A deleted thread leaves the list and the editor; undo brings both back as they were."""
    await three(visit)
    before = visit.state.compose.thread
    await visit.go("#/threads")
    await visit.click("Delete prompt")
    assert "No prompts yet" in visit.text
    await visit.click("Undo")
    assert visit.state.compose.thread == before
    assert kept(visit) == [before]


@pytest.mark.slow
async def test_bin(visit: Visit) -> None:
    """The bin gives a thread back, or loses it for good."""
    await visit.write("First")
    await visit.write("Second")
    await visit.go("#/threads")
    await visit.click("Delete prompt", 0)
    await visit.click("Delete prompt", 0)
    await visit.click("Restore", 0)
    assert "1 conversation" in visit.text
    await visit.click("Delete permanently …")
    assert visit.state.dialog is not None
    await visit.click("Delete permanently")
    assert visit.state.dialog is None
    assert len(kept(visit)) == 1
    assert not visit.has("Restore")
    await visit.click("Undo", 0)
    await visit.click("Undo")
    assert "That prompt was deleted permanently." in visit.toasts
    assert "1 conversation" in visit.text


async def test_search(visit: Visit) -> None:
    """Threads are found by words of their texts; without a match the page says so."""
    await visit.write("a poem about rivers")
    await visit.write("a list of mountains")
    await visit.go("#/threads")
    await visit.type("Search prompts", "RIVERS poem")
    assert "rivers" in visit.text
    assert "mountains" not in visit.text
    await visit.type("Search prompts", "sea")
    assert "No prompts match." in visit.text


# --- findings


async def test_findings_wait_until_they_matter(visit: Visit) -> None:
    """Nothing is held against a field that was not filled in, until it is to be sent; what was typed wrong is said at its field at once."""
    await visit.go("#/compose")
    assert not visit.dom.classed("fault")
    await visit.type("Temperature", "hot")
    (fault,) = visit.dom.classed("fault")
    assert "hot" in fault.text
    field = fault.root.by_id("o-temperature")
    assert field["aria-invalid"] == "true"
    assert fault.parent is fault.root.by_id(field["aria-describedby"])
    assert fault.parent.parent is field.parent
    await visit.type("Temperature", "0.5")
    assert not visit.dom.classed("fault")


async def test_enqueue_is_blocked(visit: Visit) -> None:
    """What cannot be sent is not queued: every error is listed above and stands at its field, until it is mended."""
    await visit.go("#/compose")
    await visit.type("Temperature", "9")
    await visit.click("Add to queue")
    blocked = visit.dom.by_id("blocked").text
    for word in ("No model is chosen.", "Message 1 (user) is empty.", "temperature 9"):
        assert word in blocked
        assert len([one for one in visit.dom.classed("fault") if word in one.text]) == 1
    assert visit.state.queue.lanes == []
    await visit.type("Temperature", "")
    await visit.type("Model", "gpt-4o-mini")
    await visit.type("Text of message 1", "Hello")
    assert not [one for one in visit.dom if one.get("id") == "blocked"]
    await visit.click("Add to queue")
    assert visit.state.queue.lanes[0].requests == 1


async def test_schema(visit: Visit) -> None:
    """A schema's fields come with its box; a fault in it is shown with its place; tidying indents it."""
    await visit.write("Hello")
    assert not visit.has("JSON schema")
    await visit.check("Structured output", True)
    assert not visit.dom.classed("fault")
    await visit.type("JSON schema", '{"type": "object",')
    assert "Line 1" in visit.dom.classed("fault")[0].text
    await visit.type("JSON schema", '{"type":"object","properties":{},"required":[],"additionalProperties":false}')
    assert not visit.dom.classed("fault")
    await visit.click("Format")
    assert visit.field("JSON schema").value.startswith('{\n  "type": "object"')
    await visit.check("Structured output", False)
    assert not visit.has("JSON schema")


async def test_endpoint_changes_the_lane(visit: Visit) -> None:
    """What will be sent follows the form: lane, size, and the models that fit."""
    await visit.write("Hello", "gpt-4.1")
    await visit.choose("Endpoint", "/v1/responses")
    assert "responses · gpt-4.1" in visit.text
    assert visit.state.compose.lane.endpoint == "/v1/responses"
    assert visit.state.compose.size > 60
    await visit.choose("Provider", "openai")
    assert visit.state.compose.lane.profile == "openai"
    assert "half the normal price" in visit.text


# --- JSON by hand


async def test_json_by_hand(visit: Visit) -> None:
    """The body follows the form until it is edited; then it is sent as it stands, which can be taken back and undone."""
    await visit.write("Hello")
    await visit.click("Raw JSON")
    body = json.loads(visit.field("Raw JSON of the request").value)
    assert body["messages"] == [{"role": "user", "content": "Hello"}]
    assert not visit.has("Discard JSON edits")
    edited = json.dumps({**body, "seed": 7})
    await visit.type("Raw JSON of the request", edited)
    assert "sent as typed JSON" in visit.text
    await visit.type("Raw JSON of the request", edited[:-1])
    assert "Line 1" in visit.dom.classed("fault")[0].text
    await visit.type("Raw JSON of the request", edited)
    assert not visit.dom.classed("fault")
    await visit.click("Format")
    tidy = visit.field("Raw JSON of the request").value
    assert json.loads(tidy) == json.loads(edited)
    assert "\n" in tidy
    await visit.click("Conversation")
    assert "It is sent as it is" in visit.text
    await visit.click("Discard JSON edits")
    assert visit.state.compose.thread.raw is None
    await visit.click("Undo")
    assert visit.state.compose.thread.raw == tidy
    await visit.click("Add to queue")
    lane = visit.state.queue.lanes[0]
    (row,) = visit.state.queue.lines[lane.lane.key][1]
    assert b'"seed":7' in await visit.app.services.queue.line(lane.lane, row.id)


# --- paste


async def test_paste(visit: Visit) -> None:
    """A pasted conversation becomes a thread of its own; the one before stays."""
    await visit.write("Kept")
    await visit.click("Import from text")
    assert "disabled" in visit.button("Import prompt").attributes
    await visit.type("Conversation as text", "User: Hi\nAssistant: Hello\nUser: Bye")
    await visit.click("Import prompt")
    assert words(visit) == [("user", "Hi"), ("assistant", "Hello"), ("user", "Bye")]
    assert len(kept(visit)) == 2
    assert (await visit.app.services.drafts.get(visit.state.compose.thread.id)) == visit.state.compose.thread


async def test_paste_refused(visit: Visit) -> None:
    """What cannot be read is said with its place, and the text stays to be mended."""
    await visit.go("#/compose")
    await visit.click("Import from text")
    await visit.type("Conversation as text", '[{"role": "user",}]')
    await visit.click("Import prompt")
    assert "Line 1" in visit.reach.classed("fault")[0].text
    await visit.type("Conversation as text", '[{"role": "user", "content": "x"}]')
    assert not visit.reach.classed("fault")


async def test_paste_that_the_form_cannot_hold(visit: Visit) -> None:
    """A body with more than the form holds is kept as JSON and shown so, with a sentence."""
    await visit.go("#/compose")
    await visit.click("Import from text")
    await visit.type("Conversation as text", '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "x"}], "logprobs": true}')
    await visit.click("Import prompt")
    assert "logprobs" in visit.field("Raw JSON of the request").value
    assert "raw JSON" in visit.toasts[0]


async def test_paste_put_aside(visit: Visit) -> None:
    """A pasted text is not lost by closing its dialog."""
    await visit.go("#/compose")
    await visit.click("Import from text")
    await visit.escape()
    assert visit.toasts == []
    await visit.click("Import from text")
    await visit.type("Conversation as text", "half a thought")
    await visit.escape()
    assert visit.dialog is None
    await visit.click("Undo")
    assert visit.field("Conversation as text").value == "half a thought"


# --- to the queue


async def test_enqueue_undone(visit: Visit) -> None:
    """A queued request is taken back by undo, each by its own."""
    await visit.write("Hello")
    await visit.click("Add to queue")
    await visit.click("Add to queue")
    assert visit.state.queue.lanes[0].requests == 2
    await visit.click("Undo")
    await visit.click("Undo")
    assert visit.state.queue.lanes[0].requests == 0


async def test_undo_after_submit(visit: Visit) -> None:
    """Undo after the request was submitted says that it is too late."""
    await visit.write("Hello")
    await visit.click("Add to queue")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.click("Undo")
    assert visit.toasts == ["It was submitted already."]
    assert visit.state.batches.all[0].requests == 1


async def test_queue_and_submit(visit: Visit) -> None:
    """«Queue and submit» sends this request alone and opens its batch."""
    await visit.queue("Waits")
    await visit.write("Goes")
    await visit.click("Submit now")
    (batch,) = visit.state.batches.all
    assert visit.page.route == f"#/batches/{batch.id}"
    assert batch.requests == 1
    assert batch.name == "Goes"
    assert visit.state.queue.lanes[0].requests == 1


async def test_no_key(visit: Visit) -> None:
    """Without a key «Queue and submit» does neither: the key's field is there and takes the focus, and no copy is left in the queue."""
    await visit.write("Hello")
    await visit.choose("Provider", "openai")
    assert "No key for OpenAI yet. Submitting needs one; adding to the queue does not." in visit.text
    await visit.click("Submit now")
    first = visit.field("API key")["data-autofocus"]
    await visit.click("Submit now")
    assert visit.field("API key")["data-autofocus"] != first
    assert visit.notes == []
    assert visit.state.queue.lanes == []
    assert visit.state.batches.all == []
    assert visit.out.asked == []


async def test_a_key_that_is_entered_where_it_is_needed(visit: Visit) -> None:
    """It is tested at once; one that does not work is said there, and the next one does what was wanted, once."""
    await visit.write("Hello")
    await visit.choose("Provider", "openai")
    await visit.click("Submit now")
    assert "Then this continues: Submit now." in visit.text
    await visit.type("API key", WRONG_KEY)
    await visit.click("Save the key")
    assert visit.notes == ["wrong_key"]
    assert visit.state.batches.all == []
    await visit.type("Another API key", RIGHT_KEY)
    await visit.click("Save the key")
    (batch,) = visit.state.batches.all
    assert visit.page.route == f"#/batches/{batch.id}"
    assert batch.lane.profile == "openai"
    assert visit.state.provider.wanted is None


async def test_what_was_wanted_is_forgotten_with_the_view(visit: Visit) -> None:
    """A key that is entered later, elsewhere, submits nothing."""
    await visit.write("Hello")
    await visit.choose("Provider", "openai")
    await visit.click("Submit now")
    await visit.use_openai()
    await visit.go("#/compose")
    assert visit.state.batches.all == []
    assert "No key for OpenAI yet." not in visit.text


async def test_queue_and_submit_once(visit: Visit) -> None:
    """While «Queue and submit» works both buttons are busy and further presses do nothing, by key as well."""
    await visit.write("Hello")
    both, add = visit.button("Submit now"), visit.button("Add to queue")
    for _ in range(3):
        visit.page.emit(both["data-click"], "")
    visit.page.emit(add["data-click"], "")
    await visit.until(lambda: visit.dom.by_id("enqueue-submit").get("aria-busy") == "true")
    assert visit.dom.by_id("enqueue").get("aria-busy") == "true"
    await visit.rest()
    assert [one.requests for one in visit.state.batches.all] == [1]
    assert visit.state.queue.lanes == []


async def test_rapid_adds(visit: Visit) -> None:
    """Each press of «Add to queue» is one request, also while the one before is being stored."""
    await visit.write("Hello")
    add = visit.button("Add to queue")
    for _ in range(3):
        visit.page.emit(add["data-click"], "")
    await visit.rest()
    assert visit.state.queue.lanes[0].requests == 3


async def test_keeping_is_asked_for_at_the_first_submission(visit: Visit) -> None:
    """The browser is asked without a word to keep the data once something was submitted, not before."""
    await visit.queue("Hello")
    assert not visit.store.disk.persisted
    await visit.go("#/queue")
    await visit.click("Submit 1")
    assert visit.store.disk.persisted
    assert visit.state.browser.usage is not None
    assert visit.state.browser.usage.persisted


@pytest.mark.parametrize(
    ("error", "words_of_it"), [(StorageFull("no room"), "no space for this"), (StorageLost("closed"), "not available")]
)
async def test_paste_that_the_disk_refuses(visit: Visit, error: Exception, words_of_it: str) -> None:
    """A pasted conversation with a large image that cannot be kept stays in its dialog, with the reason; trying again works."""
    image = "data:image/png;base64," + "A" * 200_000
    said = json.dumps([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": image}}]}])
    await visit.go("#/compose")
    await visit.click("Import from text")
    await visit.type("Conversation as text", said)
    visit.store.fail_next = error
    await visit.click("Import prompt")
    assert visit.field("Conversation as text").value == said
    assert words_of_it in visit.reach.classed("fault")[0].text
    await visit.click("Import prompt")
    assert visit.dialog is None
    assert visit.state.compose.thread.messages[0].images[0].size > 100_000


# --- the disk


async def test_storage_full(tabs: Open) -> None:
    """A thread that the browser has no room for is kept in the tab, said so, and saved when there is room."""
    visit = await tabs()
    await visit.write("Hello")
    visit.store.quota = 1
    await visit.type("Text of message 1", "More")
    assert "The browser has no space left." in visit.text
    assert words(visit) == [("user", "More")]
    visit.store.quota = 0
    await visit.click("Save again")
    assert "saved just now" in visit.text
    again = await tabs(beside=visit)
    assert words(again) == [("user", "More")]


async def test_storage_lost(visit: Visit) -> None:
    """A database that is gone is said so; what is typed stays in the tab."""
    await visit.write("Hello")
    visit.store.fail_next = StorageLost("closed")
    await visit.type("Text of message 1", "More")
    assert "The browser's database is not available." in visit.text
    assert words(visit) == [("user", "More")]


async def test_a_reload_keeps_what_could_not_be_saved(tabs: Open) -> None:
    """What the disk refused is in the editor again after a reload of the tab, and then saved."""
    visit = await tabs()
    await visit.write("Hello")
    visit.store.fail_next = StorageLost("closed")
    await visit.type("Text of message 1", "Hello, typed too late")
    assert "over a reload too" in visit.text
    again = await tabs(beside=visit, page=visit.page)
    assert words(again) == [("user", "Hello, typed too late")]
    assert "What could not be saved before the reload is back." in again.text
    assert "saved just now" in again.text
    assert visit.page.held == ""
    assert words(await tabs(beside=visit)) == [("user", "Hello, typed too late")]


async def test_what_could_not_be_saved_overwrites_nothing(tabs: Open) -> None:
    """What another tab wrote meanwhile is met as any conflict: the person chooses."""
    visit = await tabs()
    other = await tabs(beside=visit)
    await conflict(visit, other)
    loser = visit if "changed in another tab" in visit.text else other
    mine = words(loser)
    again = await tabs(beside=loser, page=loser.page)
    assert words(again) == mine
    assert "changed in another tab" in again.text
    await again.click("Take theirs")
    assert {one.messages[0].text for one in kept(again)} == {"mine", "theirs"}
    assert loser.page.held == ""


async def test_a_tab_that_keeps_nothing_says_copy_it(tabs: Open) -> None:
    """Where the browser has no storage for the tab either, the words are others."""
    visit = await tabs()
    await visit.write("Hello")
    visit.page.holds = False
    visit.store.fail_next = StorageLost("closed")
    await visit.type("Text of message 1", "More")
    assert "Copy it, then reload the page." in visit.text


@pytest.mark.parametrize("held", ["{", "[1]", '[{"thread":{"id":7},"rev":"x"}]', '{"a":1}'])
async def test_a_damaged_hold_is_ignored(tabs: Open, held: str) -> None:
    """What the tab's storage holds comes from outside: what cannot be read does not stop the start."""
    page = FakePage()
    page.held = held
    assert words(await tabs(page=page)) == [("user", "")]


# --- another tab


async def test_two_tabs_at_one_thread(tabs: Open) -> None:
    """What another tab writes appears here while nothing is unsaved here."""
    visit = await tabs()
    await visit.write("Hello")
    other = await tabs(beside=visit)
    await other.type("Text of message 1", "Changed there")
    await visit.rest()
    assert words(visit) == [("user", "Changed there")]
    await visit.type("Text of message 1", "and here")
    await other.rest()
    assert words(other) == [("user", "and here")]


async def conflict(visit: Visit, other: Visit) -> None:
    """Both tabs write the same thread at the same moment."""
    await visit.write("Hello")
    await other.go(f"#/compose/{visit.state.compose.thread.id}")
    field, theirs = visit.field("Text of message 1"), other.field("Text of message 1")
    visit.page.emit(field["data-input"], "mine")
    other.page.emit(theirs["data-input"], "theirs")
    await visit.rest()


async def test_conflict_keep_mine(tabs: Open) -> None:
    """Of two texts written at once neither is lost unseen: «Keep mine» writes this tab's."""
    visit = await tabs()
    other = await tabs(beside=visit)
    await conflict(visit, other)
    loser = visit if "changed in another tab" in visit.text else other
    mine = words(loser)
    await loser.click("Keep mine")
    assert words(loser) == mine
    assert (await tabs(beside=visit)).state.threads.all[0].messages[0].text == mine[0][1]


async def test_conflict_take_theirs(tabs: Open) -> None:
    """«Take theirs» shows the other tab's text and keeps this tab's as a copy."""
    visit = await tabs()
    other = await tabs(beside=visit)
    await conflict(visit, other)
    loser = visit if "changed in another tab" in visit.text else other
    await loser.click("Take theirs")
    assert {one.messages[0].text for one in kept(loser)} == {"mine", "theirs"}
    assert "changed in another tab" not in loser.text


async def test_deleted_in_another_tab(tabs: Open) -> None:
    """A thread that another tab deleted stays in sight here; writing brings it back, so that no text goes to the bin unseen."""
    visit = await tabs()
    await visit.write("Hello")
    other = await tabs(beside=visit)
    await other.go("#/threads")
    await other.click("Delete prompt")
    await visit.rest()
    assert visit.toasts == ["Another tab deleted this prompt. Typing here restores it."]
    await visit.type("Text of message 1", "Still needed")
    await other.rest()
    assert [one.deleted for one in kept(other)] == [0.0]


TEXT_FIELDS = ("Text of message 1", "Prompt name", "Model", "Temperature")


async def test_text_of_another_tab_replaces_what_stands_in_a_field(tabs: Open) -> None:
    """A text that came from another tab replaces the one in a field that has the focus here; what is typed here never does."""
    visit = await tabs()
    await visit.write("Hello")
    other = await tabs(beside=visit)
    before = [visit.field(one)["data-value-rev"] for one in TEXT_FIELDS]
    await visit.type("Text of message 1", "typed here")
    assert [visit.field(one)["data-value-rev"] for one in TEXT_FIELDS] == before
    await other.rest()
    await other.type("Text of message 1", "Changed there")
    await visit.rest()
    assert words(visit) == [("user", "Changed there")]
    assert all(visit.field(one)["data-value-rev"] != rev for one, rev in zip(TEXT_FIELDS, before, strict=True))


@pytest.mark.parametrize("where", ["JSON schema", "Raw JSON of the request"])
async def test_tidied_text_replaces_what_stands_in_the_field(visit: Visit, where: str) -> None:
    """Tidied JSON is shown also while its field has the focus."""
    await visit.write("Hello")
    if where == "JSON schema":
        await visit.check("Structured output", True)
    else:
        await visit.click("Raw JSON")
    await visit.type(where, '{"model":"m"}')
    before = visit.field(where)["data-value-rev"]
    await visit.click("Format")
    assert visit.field(where)["data-value-rev"] != before


@pytest.mark.slow
async def test_a_large_body_is_checked_at_a_pause(visit: Visit) -> None:
    """A large body is saved at every key stroke and checked when typing pauses, or when it is to be queued."""
    await visit.write("Hello")
    await visit.click("Raw JSON")
    good = json.dumps({"model": "m", "messages": [{"role": "user", "content": "<x>&" * 50_000}]})
    await visit.type("Raw JSON of the request", good[:-1])
    assert not visit.dom.classed("fault")
    assert (await visit.app.services.drafts.get(visit.state.compose.thread.id)).raw == good[:-1]  # type: ignore[union-attr]  # it is there
    await visit.wait(0.5)
    assert visit.dom.classed("fault")
    await visit.type("Raw JSON of the request", good)
    await visit.click("Add to queue")
    assert visit.state.queue.lanes[0].requests == 1
    assert visit.field("Raw JSON of the request").value == good


async def test_a_large_request_is_checked_at_a_pause(visit: Visit) -> None:
    """The text of a large queued request is checked when typing pauses."""
    await visit.queue("x" * 150_000)
    await visit.go("#/queue")
    await visit.click("Edit", 0)
    body = visit.field("Body of the request").value
    await visit.type("Body of the request", body[:-2])
    assert not visit.reach.classed("fault")
    await visit.wait(0.5)
    assert visit.reach.classed("fault")


async def test_a_body_by_hand_is_parsed_once(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key stroke in the JSON body reads it once."""
    await visit.write("Hello")
    await visit.click("Raw JSON")
    parsed: list[str] = []
    parse = jsontext.parse

    def counted(text: str) -> jsontext.Parsed:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr(jsontext, "parse", counted)
    await visit.type("Raw JSON of the request", '{"model": "m", "messages": [{"role": "user", "content": "x"}]}')
    assert len(parsed) == 1


async def test_size_with_stored_images(visit: Visit) -> None:
    """What will be sent counts images that are kept apart; more than the provider takes is said there and not queued."""
    await visit.write("Look")
    data = "data:image/png;base64," + "A" * 400_000
    await visit.emit(visit.dom.classed("msg")[0], "drop", [{"name": "cat.png", "type": "image/png", "data": data}])
    assert 400_000 < visit.state.compose.size < 401_000
    visit.state.provider.profiles["practice"] = replace(visit.state.profile, max_bytes=300_000)
    await visit.type("Text of message 1", "Look here")
    await visit.click("Add to queue")
    assert "takes 300 kB a batch at most" in visit.dom.by_id("blocked").text
    assert visit.state.queue.lanes == []
