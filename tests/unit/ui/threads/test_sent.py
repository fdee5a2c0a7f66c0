"""From a prompt to its batches and answers, and back."""

from __future__ import annotations

from app.ui.base.state import Route
from tests.kit.screen import Visit
from tests.unit.ui.submitting import only


def links(visit: Visit) -> dict[str, str]:
    """The links of the view, by their words."""
    return {one.text: one["href"] for one in visit.reach.of("a") if "href" in one.attributes}


async def test_a_prompt_leads_to_its_batches_and_they_lead_back(visit: Visit) -> None:
    """The request's own id says of which prompt it is: no batch has to be read for it."""
    await visit.write("Say hello")
    await visit.type("Prompt name", "Greetings")
    prompt = visit.state.compose.thread.id
    assert "Sent in" not in visit.text
    await visit.click("Submit now")
    batch = only(visit)
    assert batch.prompts == (prompt,)
    await visit.wait(300)
    assert links(visit)["Greetings"] == f"#/compose/{prompt}"
    await visit.press(visit.dom.by_id("main"), "r")
    assert links(visit)["Open its prompt"] == f"#/compose/{prompt}"
    await visit.escape()
    await visit.go(f"#/compose/{prompt}")
    assert links(visit)["Greetings"] == f"#/batches/{batch.id}"
    await visit.go(links(visit)["Open the answers"])
    assert visit.state.route == Route("results", f"batches/{batch.id}")
    await visit.go("#/threads")
    await visit.click("Delete prompt")
    await visit.go(f"#/batches/{batch.id}")
    assert "Of the prompt" not in visit.text


async def test_a_batch_of_some_requests_names_their_prompts_only(visit: Visit) -> None:
    """What stays in the queue is of no batch."""
    prompts = []
    for text in ("one", "two", "three"):
        await visit.queue(text)
        prompts.append(visit.state.compose.thread.id)
    await visit.go("#/queue")
    await visit.check("Select request 1", on=True)
    await visit.check("Select request 3", on=True)
    await visit.click("Submit 2 selected")
    assert only(visit).prompts == (prompts[0], prompts[2])
