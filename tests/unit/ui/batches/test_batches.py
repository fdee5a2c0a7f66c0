"""Batches: on their way, ended, and what came back."""

from __future__ import annotations

import pytest

from app.practice.traps import Trap
from tests.fakes.platform import FakePage
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.submitting import NUMBERS, behave, ended, only, outcomes, submitted

# --- the list


async def test_no_batches(visit: Visit) -> None:
    """Without batches the view says what one is."""
    await visit.go("#/batches")
    assert "No batches yet" in visit.text


@pytest.mark.slow
async def test_list(visit: Visit) -> None:
    """Batches on their way stand above those that ended, newest first, and the title counts them."""
    behave(visit, speed=1)
    await submitted(visit, "one")
    await visit.wait(60)
    await visit.queue("two")
    await visit.go("#/queue")
    behave(visit, speed=100)
    await visit.click("Submit 1")
    await visit.go("#/batches")
    assert [one.text for one in visit.dom.of("h2")] == ["Active", "Finished"]
    assert visit.page.title == "1 batch running · Batches — Nightshift"
    first, second = visit.dom.of("tbody")
    assert [one["href"] for one in (*first.of("a"), *second.of("a"))] == [
        f"#/batches/{one.id}" for one in sorted(visit.state.batches.all, key=lambda one: one.state == "done")
    ]


# --- on its way


@pytest.mark.slow
async def test_life(visit: Visit) -> None:
    """A batch is followed through its states to its answers, without a step by the person."""
    behave(visit, speed=20)
    await submitted(visit, "one", "two")
    seen = []
    for _ in range(200):
        seen.append(only(visit).state)
        assert visit.notes == []
        await visit.wait(2)
    for state in ("validating", "in_progress", "finalizing", "done"):
        assert state in seen
    assert outcomes(visit) == ["answered", "answered"]
    assert visit.page.title == f"{only(visit).name} — Nightshift"


@pytest.mark.slow
async def test_an_unknown_status_can_be_let_go(visit: Visit) -> None:
    """It is quoted with what it means; “Stop following” ends the batch here, and the answers can be asked for again."""
    behave(visit, Trap.UNKNOWN_STATUS, speed=60)
    await submitted(visit, "one")
    while "a status that Nightshift does not know" not in visit.text:
        assert only(visit).state != "done"
        await visit.wait(10)
    assert "“reviewing”" in visit.text
    await visit.click("Stop following")
    await visit.wait(60)
    assert only(visit).state == "done"
    assert "sent again, it may be paid for twice" in visit.text
    assert not visit.has("Stop following")
    assert visit.has("Download the answers again")


@pytest.mark.slow
async def test_cancel(visit: Visit) -> None:
    """Cancelling asks first; what was not answered by then is shown as cancelled."""
    behave(visit, speed=30)
    await submitted(visit, "one", "two")
    await visit.wait(60)
    await visit.click("Cancel batch")
    assert "kept and billed" in visit.reach.text
    await visit.click("Keep running")
    assert only(visit).state in ("validating", "in_progress")
    await visit.click("Cancel batch")
    await visit.click("Cancel the batch")
    assert visit.dialog is None
    await visit.wait(500)
    assert only(visit).state == "cancelled"
    assert set(outcomes(visit)) == {"cancelled"}
    assert not visit.has("Cancel batch")


async def test_cancel_before_it_was_sent(visit: Visit) -> None:
    """A batch that was not sent yet is simply taken back: its requests wait in the queue."""
    visit.out.fault = "offline"
    await submitted(visit, "one", "two")
    await visit.click("Cancel batch")
    await visit.click("Cancel the batch")
    assert only(visit).state == "withdrawn"
    assert visit.toasts[-1] == "The batch was not sent. Its requests were returned to the queue."
    assert visit.state.queue.lanes[0].requests == 2


@pytest.mark.slow
async def test_cancel_too_late(visit: Visit) -> None:
    """Cancelling what has ended meanwhile says so."""
    behave(visit)
    await submitted(visit, "one")
    await visit.click("Cancel batch")
    await visit.wait(120)
    await visit.click("Cancel the batch")
    assert visit.toasts[-1] == "It is too late to cancel: the batch has ended."


@pytest.mark.slow
async def test_waits_and_tries_now(visit: Visit) -> None:
    """A failure that passes is shown with when it is tried again; «Try now» does not wait."""
    visit.out.fault = "unreachable"
    await submitted(visit, "one")
    assert "unreachable" in visit.notes
    assert "tries again in" in visit.text
    asked = len(visit.out.asked)
    visit.out.fault = None
    await visit.click("Try now", 0)
    assert len(visit.out.asked) > asked
    assert visit.notes == []
    await visit.wait(60)
    assert only(visit).state == "done"


@pytest.mark.slow
async def test_back_online(visit: Visit) -> None:
    """Being offline is a state of the page and no fault of a batch: it is said once, with what it means; batches go on when the network is
    back."""
    visit.out.fault = "offline"
    await submitted(visit, "one")
    visit.page.notice("offline")
    await visit.rest()
    assert "Offline: batches wait" in visit.text
    assert "You are offline. Nothing is lost" in visit.text
    assert "continues when the network is back" in visit.text
    assert visit.notes == []
    asked = len(visit.out.asked)
    await visit.wait(3_600)
    assert len(visit.out.asked) == asked
    visit.out.fault = None
    visit.page.notice("online")
    await visit.rest()
    assert "Offline" not in visit.text
    assert visit.notes == []
    await visit.wait(60)
    assert only(visit).state == "done"


@pytest.mark.slow
async def test_a_browser_that_is_wrong_about_the_network(visit: Visit) -> None:
    """It may say "offline" behind a VPN or in a virtual machine: the person knows better, and batches go on."""
    visit.page.notice("offline")
    await visit.rest()
    await submitted(visit, "one")
    assert only(visit).state == "planned"
    await visit.click("I am online")
    await visit.wait(120)
    assert "You are offline" not in visit.text
    assert only(visit).state == "done"


async def test_offline_in_practice(visit: Visit) -> None:
    """Practice needs no network: nothing waits for it, and no note stands in the way."""
    visit.page.notice("offline")
    await visit.rest()
    assert "You are offline." not in visit.text
    await visit.use_openai()
    assert "You are offline." in visit.text


@pytest.mark.slow
async def test_seen_again(visit: Visit) -> None:
    """Coming back to the tab looks at what is on its way; while it is hidden it asks less often."""
    behave(visit, speed=1_000)
    await submitted(visit, "one")
    await visit.wait(600)
    visit.page.notice("hidden")
    await visit.rest()
    before = len(visit.out.asked)
    await visit.wait(200)
    assert len(visit.out.asked) == before
    visit.page.notice("visible")
    await visit.rest()
    assert len(visit.out.asked) > before


@pytest.mark.slow
async def test_failed_validation(visit: Visit) -> None:
    """A batch that the provider's check refused shows the provider's errors, and costs nothing."""
    behave(visit, Trap.BILLING_HARD_LIMIT_REACHED)
    await submitted(visit, "one")
    await visit.wait(60)
    assert only(visit).state == "failed"
    assert "nothing is billed" in visit.text
    assert "billing_hard_limit_reached" in visit.text


# --- answers


@pytest.mark.slow
async def test_filters(visit: Visit) -> None:
    """Outcomes are counted, and each can be looked at alone."""
    await ended(visit, Trap.LINE_SERVER_ERROR)
    failed = only(visit).tally.failed
    assert 0 < failed < 6
    assert sorted(outcomes(visit)) == ["answered"] * (6 - failed) + ["failed"] * failed
    await visit.click(f"Failed {failed}")
    assert outcomes(visit) == ["failed"] * failed
    assert visit.button(f"Failed {failed}")["aria-pressed"] == "true"
    await visit.click(f"Answered {6 - failed}")
    assert outcomes(visit) == ["answered"] * (6 - failed)
    await visit.click("All 6")
    assert len(outcomes(visit)) == 6


ODD = ("LINE_", "EXPIRED", "REFUSAL", "CONTENT", "DAMAGED", "MISSING", "DUPLICATE", "UNEXPECTED", "NO_", "NULL", "UNKNOWN")


@pytest.mark.slow
@pytest.mark.parametrize("trap", [one for one in Trap if one.name.startswith(ODD)])
async def test_every_row_opens(visit: Visit, trap: Trap) -> None:
    """Whatever odd thing came back: every row is drawn under every filter, opens, and can be stepped through."""
    await ended(visit, trap)
    assert only(visit).state in ("done", "expired", "failed")
    for button in [one for one in visit.dom.of("button") if "ShowOutcomes" in one["data-click"]]:
        await visit.emit(button, "click", "")
        assert outcomes(visit)
        rows = [one for one in visit.dom.of("button", "cell") if "OpenAnswer" in one["data-click"]]
        for row in rows[::2]:
            await visit.emit(row, "click", "")
            assert visit.dialog is not None
            await visit.escape()
    assert [one for one in visit.notes if one.startswith("internal")] == []


@pytest.mark.slow
async def test_stepping(visit: Visit) -> None:
    """The open answer is stepped through under the filter, by button and key, and stops at the ends."""
    await ended(visit)
    rows = [one for one in visit.dom.of("button", "cell") if "OpenAnswer" in one["data-click"]]
    await visit.emit(rows[0], "click", "")
    titles = []
    for _ in range(6):
        titles.append(visit.reach.of("h2")[0].text.split()[1])
        await visit.click("Next request (Alt+↓)")
    assert titles == ["1", "2", "3", "4", "5", "6"]
    assert visit.reach.of("h2")[0].text.startswith("Request 6")
    assert visit.button("Next request (Alt+↓)").get("aria-disabled") == "true"
    assert visit.button("Previous request (Alt+↑)").get("aria-disabled") is None
    await visit.press(visit.button("Close"), "Alt+ArrowUp")
    assert visit.reach.of("h2")[0].text.startswith("Request 5")
    assert "five" in visit.reach.text
    await visit.escape()
    assert visit.dialog is None


@pytest.mark.slow
async def test_stepping_under_a_filter(visit: Visit) -> None:
    """Under a filter only answers of its kind are stepped through, in both directions."""
    failed = (await ended(visit, Trap.LINE_SERVER_ERROR)).tally.failed
    await visit.click(f"Failed {failed}")
    rows = [one for one in visit.dom.of("button", "cell") if "OpenAnswer" in one["data-click"]]
    await visit.emit(rows[0], "click", "")
    seen = {visit.reach.of("h2")[0].text}
    for key in ("Alt+ArrowDown", "Alt+ArrowUp"):
        for _ in range(7):
            await visit.press(visit.button("Close"), key)
            seen.add(visit.reach.of("h2")[0].text)
    assert len(seen) == failed
    assert all("failed" in one for one in seen)


@pytest.mark.slow
async def test_copy(visit: Visit) -> None:
    """An answer is copied as it was given; where the browser refuses, the page says so and claims nothing else."""
    await ended(visit)
    await visit.emit(next(one for one in visit.dom.of("button", "cell") if "OpenAnswer" in one["data-click"]), "click", "")
    await visit.click("Copy the answer")
    assert visit.page.copied[0] in visit.reach.text
    assert visit.toasts[-1] == "Copied."
    visit.page.notice("uncopied")
    await visit.rest()
    assert "Copied." not in visit.toasts
    assert "did not let" in visit.toasts[-1]


@pytest.mark.slow
async def test_downloads(visit: Visit) -> None:
    """The files are handed over as they were sent and as they came."""
    bad = (await ended(visit, Trap.LINE_SERVER_ERROR)).tally.failed
    for name in ("Requests ↓", "Answers ↓", "Errors ↓"):
        await visit.click(name)
    sent, answered, failed = visit.page.saved
    assert [one.name.rsplit("-", 1)[1] for one in visit.page.saved] == ["input.jsonl", "output.jsonl", "error.jsonl"]
    assert sent.content.count(b"\n") == 6
    assert (answered.content.count(b"\n"), failed.content.count(b"\n")) == (6 - bad, bad)
    assert sent.content == next(one.file.content.data for one in visit.out.asked if one.file)


@pytest.mark.slow
async def test_download_of_what_is_gone(visit: Visit) -> None:
    """A file of which a part is missing is not handed over in silence."""
    batch = await ended(visit)
    visit.store.disk.bytes.pop(f"answer:{batch.id}:output:0")
    await visit.click("Answers ↓")
    assert visit.page.saved == []
    assert visit.toasts[-1] == "Part of this file is no longer in the browser."


@pytest.mark.slow
async def test_requeue(visit: Visit) -> None:
    """What was not answered goes back into the queue once."""
    failed = (await ended(visit, Trap.LINE_ERROR_NULL_STATUS_400)).tally.failed
    await visit.click(f"Queue {failed} again")
    assert visit.state.queue.lanes[0].requests == failed
    assert not visit.has(f"Queue {failed} again")


@pytest.mark.slow
async def test_long_batch(visit: Visit) -> None:
    """Of a thousand answers only those in sight are drawn, at every place of the list and on every screen."""
    behave(visit, speed=0)
    await visit.use_openai()
    await visit.write("x")
    lane = visit.state.compose.lane
    lines = [(f"r-{n}", b'{"custom_id":"r-%d","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini","messages":'
              b'[{"role":"user","content":"text %d"}]}}\n' % (n, n)) for n in range(1_000)]  # fmt: skip
    await visit.app.services.queue.add(lane, lines)
    await visit.app.refresh_queue()
    await visit.go("#/queue")
    await visit.click("Submit 1,000")
    await visit.wait(120)
    assert only(visit).tally.answered == 1_000
    for top, height in ((0, 640), (0, 4_000), (18_000, 640), (36_000 - 640, 640)):
        await visit.emit(visit.dom.by_id("window-answers"), "scroll", None, scrollTop=top, clientHeight=height)
        drawn = {one["id"] for one in visit.dom.classed("answer-line") if one.get("id")}
        assert {f"answer-{n}" for n in range(top // 36, min(1_000, (top + height) // 36 + 1))} <= drawn
        assert len(drawn) < height / 36 + 40


# --- routes


@pytest.mark.slow
async def test_deep_link(tabs: Open, visit: Visit) -> None:
    """A batch's link opens it, in a new tab as well."""
    batch = await ended(visit)
    other = await tabs(beside=visit, route=f"#/batches/{batch.id}")
    assert len(outcomes(other)) == 6
    await other.go("#/batches")
    await other.go(f"#/batches/{batch.id}")
    assert len(outcomes(other)) == 6


@pytest.mark.parametrize("id", ["nobody", "%3Cscript%3E", "a/b/c", "<b>", "."])
async def test_unknown_batch(tabs: Open, id: str) -> None:
    """A link to a batch that is not in this browser says so."""
    visit = await tabs(route=f"#/batches/{id}")
    assert "Batch not found" in visit.text
    assert visit.notes == []


@pytest.mark.slow
async def test_another_batch(visit: Visit) -> None:
    """Going from one batch to another shows the other's answers, without the filter of the first."""
    first = await ended(visit, Trap.LINE_ERROR_NULL_STATUS_400)
    await visit.click(f"Failed {first.tally.failed}")
    behave(visit)
    await visit.queue("seven")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(120)
    assert outcomes(visit) == ["answered"]
    await visit.go(f"#/batches/{first.id}")
    assert len(outcomes(visit)) == 6


# --- other tabs


@pytest.mark.slow
async def test_other_tab_follows(tabs: Open) -> None:
    """A tab that does not lead shows what the leading one does, says so, and can cancel."""
    visit = await tabs()
    behave(visit, speed=30)
    batch = await submitted(visit, "one")
    other = await tabs(beside=visit, route=f"#/batches/{batch.id}", page=FakePage())
    assert "Active in another tab" in other.text
    await visit.wait(100)
    await other.rest()
    assert only(other) == only(visit)
    await other.click("Cancel batch")
    await other.click("Cancel the batch")
    await visit.wait(500)
    assert only(visit).state == "cancelled"
    assert set(outcomes(other)) == {"cancelled"}


@pytest.mark.slow
async def test_lead_is_taken_over(tabs: Open) -> None:
    """When the leading tab is closed another one carries the batch on."""
    visit = await tabs()
    behave(visit, speed=10)
    await submitted(visit, "one")
    other = await tabs(beside=visit)
    await visit.close()
    await other.rest()
    assert "Active in this tab" in other.text
    await other.wait(600)
    assert only(other).state == "done"
    assert len([one for one in visit.out.asked if one.method == "POST" and one.url.endswith("/batches")]) == 1


@pytest.mark.slow
async def test_batch_is_deleted_from_this_browser(visit: Visit) -> None:
    """An ended batch is deleted after a question that says what is lost; nothing of it is left, and one on its way cannot be."""
    behave(visit)
    await submitted(visit, *NUMBERS)
    assert not visit.has("Delete")
    await visit.wait(180)
    before = len(visit.store.disk.bytes)
    await visit.click("Delete")
    assert "can't be undone" in visit.reach.text
    await visit.click("Keep")
    assert only(visit).state == "done"
    await visit.click("Delete")
    await visit.click("Delete the batch")
    assert visit.state.batches.all == []
    assert visit.page.route == "#/batches"
    assert len(visit.store.disk.bytes) < before
    assert visit.toasts[-1] == "The batch was deleted from this browser."


@pytest.mark.slow
async def test_lost_answers_are_fetched_again(visit: Visit) -> None:
    """Answers that are not in the browser any more are fetched again on request, and shown."""
    batch = await ended(visit)
    assert not visit.has("Download the answers again")
    for id in [one for one in visit.store.disk.bytes if one.startswith((f"answer:{batch.id}", f"ledger:{batch.id}"))]:
        del visit.store.disk.bytes[id]
    again = await visit.other_tab(route=f"#/batches/{batch.id}")
    await visit.close()
    await again.wait(25)
    assert outcomes(again) == ["not yet"] * 6
    await again.click("Download the answers again")
    await again.wait(60)
    assert outcomes(again) == ["answered"] * 6
    assert not again.has("Download the answers again")
    await again.close()


@pytest.mark.slow
async def test_old_batches_leave_when_chosen_and_exported(visit: Visit) -> None:
    """Off at first. What left by itself is said on the page until it was read."""
    await submitted(visit, "one")
    await visit.wait(60)
    await visit.click("Answers ↓")
    assert only(visit).exported > 0
    await visit.go("#/settings")
    await visit.choose("Keep ended batches", "30")
    visit.clock.set(visit.clock.now() + 31 * 86_400)
    assert await visit.app.services.retention.turn() == ["one"]
    await visit.go("#/batches")
    assert "1 old batch left this browser" in visit.text
    await visit.click("Read")
    assert "old batch" not in visit.text
    assert visit.state.batches.all == []


@pytest.mark.slow
async def test_a_host_that_a_provider_redirects_to_is_allowed_with_one_click(visit: Visit) -> None:
    """It is named; the click keeps it with the provider, and the page's policy hears of it."""
    behave(visit, speed=1)
    await submitted(visit, "one")
    visit.out.fault = "redirected"
    await visit.wait(30)
    assert visit.notes == ["redirected"]
    assert visit.has("Add a host to the provider")
    visit.out.detail = "https://blob.example"
    await visit.click("Try now", nth=0)
    await visit.wait(10)
    await visit.click("Allow https://blob.example")
    assert visit.state.provider.profiles["openai"].also == ("https://blob.example",)
    assert "https://blob.example" in visit.page.next_hosts
    visit.out.fault = None
    await visit.click("Try now", nth=0)
    await visit.wait(60)
    assert only(visit).state == "done"
