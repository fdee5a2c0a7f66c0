"""From the queue to the last outcome, with a provider far away and with the one in the page."""

from __future__ import annotations

import pytest

from app.core.model.lanes import Lane
from tests.kit.world import LANE, PRACTICE_LANE, RESPONSES, World


@pytest.mark.parametrize(
    "lane",
    [LANE, Lane("openai", RESPONSES, "gpt-4o-mini"), PRACTICE_LANE, Lane("practice", RESPONSES, "gpt-4o-mini")],
    ids=lambda lane: f"{lane.profile}-{lane.endpoint.rsplit('/', 1)[-1]}",
)
async def test_a_batch_goes_from_the_queue_to_its_answers(world: World, lane: Lane) -> None:
    """What was queued is answered, row by row, at either endpoint and at either provider."""
    tab = await world.tab()
    ids = await tab.add(5, lane)
    made = await tab.submit(lane)
    assert [one.requests for one in made.batches] == [5]
    (batch,) = await world.ended()
    assert (batch.state, batch.tally.answered, batch.problem) == ("done", 5, None)
    assert batch.tally.input_tokens > 0
    total, rows = await tab.review.rows(batch, "all", 0, 10)
    assert total == 5
    assert [(row.id, row.outcome) for row in rows] == [(id, "answered") for id in ids]
    assert all("[simulated]" in row.answered for row in rows)
    assert world.queued() == []
    world.check_stored()
