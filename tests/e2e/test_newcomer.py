"""The first minutes: a conversation goes in, a batch goes out, the answers come back. No key, no cost."""

import json
import re
import time

import pytest

from tests.kit.journey import Journey
from tests.kit.setting import ELSEWHERE
from tests.kit.waiting import alone

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "stars": {"type": "integer"}},
    "required": ["title", "stars"],
    "additionalProperties": False,
}


@pytest.mark.cold
@pytest.mark.also(*ELSEWHERE)
def test_first_batch_is_answered_within_a_minute(tab: Journey) -> None:
    """Write, choose a model, queue, submit, watch, read the answer: in under a minute with the practice provider as it comes. The list of
    batches and the document's title say that one is on its way, and when it has ended."""
    began = time.monotonic()
    assert "no key" in tab.facts.inner_text()
    tab.text(0).fill("Why is the sky blue?")
    tab.option("model").fill("gpt-4o-mini")
    tab.enqueue()
    tab.waiting(1)
    batch = tab.submit_lane()
    tab.wait_for_state("validating", "in progress")
    tab.page.wait_for_function("() => document.title.startsWith('1 batch running · Why is the sky')")
    tab.go("Batches")
    tab.page.get_by_role("heading", name="Active").wait_for()
    tab.page.get_by_role("heading", name="Finished").wait_for(timeout=45_000)
    tab.page.get_by_role("img", name=re.compile("1 of 1 answered, 0 not")).wait_for()
    assert "running" not in tab.page.title()
    tab.open_batch(batch)
    tab.wait_for_state("completed")
    said = tab.open_answer(0).inner_text()
    assert alone(time.monotonic() - began) < 60
    assert "Why is the sky blue?" in said
    assert "[simulated]" in said
    assert tab.page.evaluate("() => performance.getEntriesByType('resource').every((one) => one.name.startsWith(location.origin))")


@pytest.mark.parametrize("endpoint", [CHAT, RESPONSES])
def test_both_endpoints_answer(desk: Journey, endpoint: str) -> None:
    """The same conversation goes to either endpoint and is answered."""
    desk.write("Name a colour.", endpoint=endpoint)
    desk.submit_at_once()
    desk.wait_for_state("completed")
    desk.page.get_by_text(endpoint.removeprefix("/v1/")).first.wait_for()
    dialog = desk.open_answer(0)
    assert "[simulated]" in dialog.locator(".turn.assistant").inner_text()


@pytest.mark.parametrize("endpoint", [CHAT, RESPONSES])
def test_structured_output_is_json_of_the_schema(desk: Journey, endpoint: str) -> None:
    """With a JSON schema the answer is JSON that has what the schema asks for."""
    desk.write("Rate this film.", endpoint=endpoint)
    desk.option("schema_on").check()
    desk.option("schema_text").fill(json.dumps(SCHEMA))
    desk.submit_at_once()
    desk.wait_for_state("completed")
    answer = json.loads(desk.open_as_text(0).locator(".turn.assistant pre").inner_text())
    assert isinstance(answer["title"], str)
    assert isinstance(answer["stars"], int)


def test_models_are_offered_by_endpoint(desk: Journey) -> None:
    """The list of models holds only those that the endpoint takes; any other name can be typed."""
    desk.option("endpoint").select_option(CHAT)
    desk.page.locator("#models option").first.wait_for(state="attached")
    offered = [one.get_attribute("value") for one in desk.page.locator("#models option").all()]
    assert "gpt-4o-mini" in offered
    assert not {"text-embedding-3-small", "whisper-1", "gpt-image-1"} & set(offered)
    desk.option("model").fill("my-own-model")
    desk.page.get_by_text("chat/completions · my-own-model").wait_for()


def test_nothing_is_asked_of_the_network(desk: Journey) -> None:
    """A batch of the practice provider makes no request at all, not even to this site (but for the browser's own, for the tab's icon)."""
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url) if "/icons/" not in request.url else None)
    desk.write("Stay here.")
    desk.submit_at_once()
    desk.wait_for_state("completed")
    desk.open_answer(0)
    assert not asked
