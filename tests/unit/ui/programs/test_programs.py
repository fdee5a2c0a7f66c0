"""The room of programs: what came in, what was refused, every delivery and the way to do it again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from app.core.programs.intake import Message, decode
from app.core.programs.message import DeliveryAttempt, IntakeCounters, ProgramMessage, Programs, RejectedMessage
from app.core.programs.targets import Webhook
from app.ports import Table
from app.services.programs.intake import RawMessage
from app.services.runtime.records import put
from app.ui.programs import handlers
from app.ui.programs.message_view import one_message
from tests.fakes.platform import settle
from tests.kit.programs import HOST
from tests.kit.screen import Visit
from tests.kit.stored import placed
from tests.states import drawn


def record(id: str, state: Any = "failed", **fields: Any) -> ProgramMessage:
    given = {
        "source": "http",
        "at": 1.0,
        "lane": "practice|/v1/responses|m",
        "target": Webhook(f"{HOST}/hook"),
        "key": f"d-{id}",
        "outcome": "answered",
    }
    return ProgramMessage(id=id, state=state, **{**given, **fields})


async def stored(visit: Visit, *records: ProgramMessage | IntakeCounters | Programs) -> None:
    """Put these where they belong, and go there."""
    await visit.store.commit([placed(one) if isinstance(one, ProgramMessage) else put(one, -1) for one in records])
    await visit.go("#/programs")


async def test_without_programs_it_says_how_they_come_in(visit: Visit) -> None:
    """No message, no mailbox: what to do is said."""
    await visit.go("#/programs")
    assert "No requests from programs yet" in visit.text
    assert "make run" in visit.text


async def test_where_a_server_is_a_first_request_can_be_copied(visit: Visit) -> None:
    """Both examples have this server's address; the one over HTTP is a request that is accepted as it is."""
    visit.app.services.post().mailbox_client.state = "taking"
    await visit.go("#/programs")
    await visit.click("Copy the example: OpenAI SDK")
    await visit.click("Copy the example: HTTP")
    sdk, curl = visit.page.copied[-2:]
    compile(sdk, "example", "exec")
    assert 'base_url="http://localhost:8000/v1"' in sdk
    assert "curl -X POST http://localhost:8000/api/requests" in curl
    message = decode(curl[curl.index("{") : curl.index("}}'") + 2].encode())
    assert isinstance(message, Message), message
    assert message.custom_id in curl[curl.rindex("/") :]
    await stored(visit, record("f1"))
    assert "Send a first request" not in visit.text


async def test_deliveries_are_listed_by_state_and_filtered(visit: Visit) -> None:
    """What failed first; by state, target and outcome."""
    attempts = (DeliveryAttempt(1.0, f"{HOST}/hook", "timeout", error="No answer within 30 seconds."),)
    other = Webhook("https://other.example.com/x")
    await stored(
        visit, record("f1", attempts=attempts, made=1), record("f2", target=other), record("ok", "delivered"), record("w", "waiting")
    )
    assert "failed 2" in visit.text
    assert "no answer in time" in visit.text
    assert "f2" in visit.text
    await visit.type("Target", "hooks.")
    assert "f2" not in visit.text
    await visit.click("delivered 1")
    assert "None that fit" not in visit.text


async def test_failed_ones_are_delivered_again(visit: Visit) -> None:
    """All that failed, by one press; the records say that a person asked."""
    await stored(visit, record("a"), record("b"), record("c", "delivered"))
    await visit.click("Redeliver all failed")
    rows = await visit.store.page(Table.HANDED, state="due", limit=9)
    assert sorted(row.id for row in rows) == ["a", "b"]
    assert all(json.loads(row.doc)["by_hand"] for row in rows)
    assert "2 results will be delivered again." in visit.text


async def test_one_message_shows_every_try_and_may_go_elsewhere(visit: Visit) -> None:
    """The attempts with their errors; another address is checked before it is kept."""
    attempts = tuple(DeliveryAttempt(float(n), f"{HOST}/hook", "http_status_not_2xx", 500, "Busy.", 0.2, "page") for n in range(3))
    await stored(visit, record("a", attempts=attempts, made=3))
    await visit.click("a")
    assert visit.text.count("(500)") == 3
    await visit.type("Result goes to", "ftp://example.com")
    await visit.click("Redeliver")
    assert "begins with https://" in visit.text
    await visit.type("Result goes to", "https://example.org/new")
    await visit.click("Redeliver")
    row = await visit.store.get(Table.HANDED, "a")
    assert row is not None
    assert json.loads(row.doc)["target"]["webhook_url"] == "https://example.org/new"


async def test_refused_messages_are_shown_with_reason_and_text(visit: Visit) -> None:
    """And can be forgotten; the sums stay."""
    turned = (RejectedMessage(1.0, "rabbitmq", "invalid_json", "The message isn't JSON.", text="<b>poison</b>"),)
    await stored(visit, IntakeCounters(id="programs", taken=7, refused=1, rejected=turned))
    assert "7 taken" in visit.text
    assert "The message isn't JSON." in visit.text
    assert "<b>poison</b>" in visit.text
    await visit.click("Clear these")
    assert "poison" not in visit.text
    assert "1 refused" in visit.text


async def test_what_comes_in_is_in_the_queue_and_in_sight(visit: Visit) -> None:
    """Minutes, sources, the queue's count."""
    await visit.go("#/programs")
    body = {"model": "gpt-4o-mini", "input": "Hi"}
    message = {"custom_id": "a", "url": "/v1/responses", "method": "POST", "body": body}
    await visit.app.services.post().taker.take([RawMessage(json.dumps(message).encode(), "http"), RawMessage(b"x", "rabbitmq")])
    await visit.rest()
    assert "1 taken" in visit.text
    assert "1 by HTTP" in visit.text
    await visit.go("#/queue")
    assert "a" in visit.text


async def test_a_host_is_allowed_before_it_is_called(visit: Visit) -> None:
    """What is no host is said; the page must reload; a secret is shown once."""
    attempts = (DeliveryAttempt(1.0, f"{HOST}/hook", "not_configured"),)
    await stored(visit, record("a", attempts=attempts))
    assert f"Results wait for {HOST}" in visit.text
    await visit.click("Allow it")
    assert (await visit.app.services.post().chosen()).hosts == (HOST,)
    await visit.type("Host", "not a host")
    await visit.click("Allow this host")
    assert "no spaces" in visit.text
    await visit.click("Make a secret")
    assert "whsec_" in visit.text
    assert "signed" in visit.text


async def test_a_secret_that_another_tab_made_in_the_same_instant_stays(visit: Visit) -> None:
    """It may have been given to the receiver already: this tab's is not shown, and the other one is told."""
    await visit.app.services.post().choose(lambda one: replace(one, hosts=(HOST,)))
    await visit.go("#/programs")
    real = visit.keys.get

    async def get(profile: str) -> str | None:
        found = await real(profile)
        visit.keys.sealed.setdefault(profile, "whsec_dGhlaXJz")
        return found

    button = visit.button("Make a secret")
    visit.keys.get = get  # type: ignore[method-assign]
    await visit.emit(button, "click")
    assert any(f"Another tab saved a secret for {HOST} meanwhile" in one for one in visit.toasts)
    assert visit.keys.sealed == {f"webhook:{HOST}": "whsec_dGhlaXJz"}
    assert "This secret is shown once" not in visit.text


async def test_a_batch_shows_how_its_results_were_delivered(visit: Visit) -> None:
    """The bar on the batch's page."""
    await visit.queue("one")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.rest()
    batch = visit.state.batches.all[0].id
    await visit.store.commit([placed(record("a", "delivered", batch=batch)), placed(record("b", "failed", batch=batch))])
    await visit.go(f"#/batches/{batch}")
    assert "1 delivered" in visit.text
    assert "1 failed" in visit.text


async def test_a_batch_does_not_show_another_ones_deliveries(visit: Visit) -> None:
    """Not even for the moment until its own are counted."""
    await visit.queue("one")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.rest()
    batch = visit.state.batches.all[0].id
    visit.state.programs.of_batch, visit.state.programs.counted = {"delivered": 7}, "another"
    visit.app.changed()
    await visit.rest()
    assert visit.state.route.id == batch
    assert "7 delivered" not in visit.text
    visit.state.programs.counted = batch
    visit.app.changed()
    await visit.rest()
    assert "7 delivered" in visit.text


async def test_what_is_in_sight_is_read_less_often_where_reading_takes_longer(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries wait for the database meanwhile: a fifth of the time at most is the view's, and it is never older than ten seconds."""
    await stored(visit, record("a", "delivered"))
    counts, begun, takes = visit.store.counts, list[float](), [0.0]

    async def slow(table: Table, *, owner: str | None = None) -> dict[str, int]:
        begun.append(visit.clock.now())
        visit.clock.set(visit.clock.now() + takes[0])
        return await counts(table, owner=owner)

    monkeypatch.setattr(visit.store, "counts", slow)
    for seconds, pause in ((0.0, 1.0), (0.5, 2.0), (9.0, 10.0)):
        await visit.wait(20)
        takes[0] = seconds
        begun.clear()
        for _ in range(2):
            handlers.hear(visit.app)
            await settle()
        assert len(begun) == 1
        await visit.clock.advance(pause - 0.01)
        assert len(begun) == 1
        await visit.clock.advance(0.02)
        assert len(begun) == 2


@pytest.mark.parametrize("state", ["waiting", "due", "delivered", "failed", "kept"])
def test_nothing_from_outside_becomes_markup(state: str) -> None:
    """Ids, targets, errors and refused texts are all a stranger's."""
    from app.ui.base.drawing import render

    said = "<img src=x onerror=alert(1)>"
    attempts = (DeliveryAttempt(1.0, said, "other", 500, said),)
    one = record(said, state, target=Webhook(said), attempts=attempts, made=1)
    page = drawn.everything(said, "programs")
    page.programs.rows, page.programs.counts, page.programs.which = (one,), {state: 1}, state
    page.programs.stored_intake = IntakeCounters(
        id="programs", refused=1, rejected=(RejectedMessage(1.0, "http", said, said, said, said, said),)
    )
    page.programs.typed_host = page.programs.host_fault = said
    for markup in (drawn.draw(page), render(one_message(page, one))):
        assert "<img src=x" not in markup
        assert "&lt;img" in markup
