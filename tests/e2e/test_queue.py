"""The queue: lanes, viewing, editing, deleting, selecting, submitting."""

import json
import re

import pytest

from tests.kit.journey import MODEL, Journey


def fill(desk: Journey, *texts: str, model: str = MODEL) -> None:
    """Queue a request for each text, and open the queue."""
    for text in texts:
        desk.write(text, model=model)
        desk.enqueue()
    desk.waiting(len(texts))


def test_requests_are_grouped_by_lane(desk: Journey) -> None:
    """Endpoint and model make a lane."""
    desk.write("a", model="gpt-4o-mini")
    desk.enqueue()
    desk.write("b", model="gpt-4.1")
    desk.enqueue()
    desk.write("c", model="gpt-4.1", endpoint="/v1/responses")
    desk.enqueue()
    desk.waiting(3)
    lanes = [one.inner_text() for one in desk.page.locator("section.lane h2").all()]
    assert lanes == ["chat/completions · gpt-4.1", "chat/completions · gpt-4o-mini", "responses · gpt-4.1"]


def test_request_is_viewed_and_edited(desk: Journey) -> None:
    """The body can be changed while it waits; the list shows the new text."""
    fill(desk, "before")
    desk.rows.first.get_by_role("button", name="before").click()
    field = desk.dialog.locator("#request-text")
    body = json.loads(field.input_value())
    body["messages"][0]["content"] = "after"
    field.fill(json.dumps(body))
    desk.press("Save", within=desk.dialog)
    desk.dialog.wait_for(state="detached")
    desk.rows.first.get_by_role("button", name="after").wait_for()


def test_another_model_moves_the_request_to_its_lane(desk: Journey) -> None:
    """A request is always in the lane of its model."""
    fill(desk, "to be moved", "to stay")
    desk.rows.first.get_by_role("button", name="to be moved").click()
    field = desk.dialog.locator("#request-text")
    field.fill(field.input_value().replace(MODEL, "gpt-4.1"))
    desk.press("Save", within=desk.dialog)
    desk.lane("gpt-4.1").get_by_role("button", name="to be moved").wait_for()
    desk.lane(MODEL).get_by_role("button", name="to stay").wait_for()


def test_bad_json_shows_line_and_column_and_nothing_is_lost(desk: Journey) -> None:
    """Broken JSON is not saved and stays in the dialog; the request in the queue is as it was."""
    fill(desk, "sound")
    desk.rows.first.get_by_role("button", name="sound").click()
    broken = '{\n  "model": "gpt-4o-mini"\n  "messages": []\n}'
    desk.dialog.locator("#request-text").fill(broken)
    desk.dialog.get_by_text("Line 3, column 3").wait_for()
    desk.press("Save", within=desk.dialog)
    desk.drawn()
    assert desk.dialog.locator("#request-text").input_value() == broken
    desk.page.keyboard.press("Escape")
    desk.dialog.wait_for(state="detached")
    desk.rows.first.get_by_role("button", name="sound").wait_for()


@pytest.mark.also("firefox")
def test_request_is_deleted_and_brought_back_at_its_place(desk: Journey) -> None:
    """Undo puts it back where it stood."""
    fill(desk, "first", "second", "third")
    desk.rows.nth(1).get_by_role("button", name="Delete request").click()
    desk.waiting(2)
    desk.undo("Deleted 1 request from the queue.")
    desk.waiting(3)
    desk.rows.nth(2).wait_for()  # the rows come a moment after their number
    assert [re.sub(r"\s+", " ", one.inner_text()).split()[0] for one in desk.rows.all()] == ["first", "second", "third"]


def test_deleted_request_is_restored_after_a_reload(desk: Journey) -> None:
    """Deleting is not for good until the person says so."""
    fill(desk, "kept", "deleted")
    desk.rows.nth(1).get_by_role("button", name="Delete request").click()
    desk.waiting(1)
    desk.reload()
    desk.page.get_by_text("1 request deleted from this group.").wait_for()
    desk.press("Restore")
    desk.waiting(2)


@pytest.mark.also("firefox")
def test_only_the_selection_is_submitted(desk: Journey) -> None:
    """The selected requests become a batch; the others stay."""
    fill(desk, "goes one", "stays", "goes two")
    desk.rows.nth(0).get_by_role("checkbox").check()
    desk.rows.nth(2).get_by_role("checkbox").check()
    desk.press("Submit 2 selected")
    desk.batch_id()
    desk.wait_for_state("completed")
    desk.main.get_by_role("button", name="Answered 2").wait_for()
    desk.answers.nth(1).wait_for()
    assert [desk.answers.nth(n).inner_text().count("goes") > 0 for n in range(desk.answers.count())] == [True, True]
    desk.waiting(1)
    desk.rows.first.get_by_role("button", name="stays").wait_for()


def test_selection_is_deleted_and_brought_back(desk: Journey) -> None:
    """Several at once, and undo."""
    fill(desk, "a", "b", "c")
    desk.page.get_by_label("Select all in this group").check()
    desk.press("Delete 3")
    desk.waiting(0)
    desk.undo("Deleted 3 requests from the queue.")
    desk.waiting(3)


def test_queued_request_opens_as_a_thread(desk: Journey) -> None:
    """The thread is new; the request itself stays in the queue."""
    fill(desk, "back to the editor")
    desk.rows.first.get_by_role("button", name="back to the editor").click()
    desk.press("Open as a prompt", within=desk.dialog)
    desk.page.wait_for_function("() => document.querySelector('.msg textarea')?.value === 'back to the editor'")
    desk.waiting(1)


def test_rapid_adds_lose_nothing(desk: Journey) -> None:
    """Peers, part A: rapid adds lost requests (848 of 1,000)."""
    desk.write("again and again")
    desk.page.evaluate(
        """async () => {
          const queued = () => Number(document.querySelector('nav.rail a[href="#/queue"] b')?.textContent ?? 0);
          for (let n = 0; n < 100; n++) {
            document.querySelector('#enqueue').click();
            while (queued() === n || document.querySelector('#enqueue').disabled) await new Promise(requestAnimationFrame);
          }
        }"""
    )
    desk.waiting(100)
