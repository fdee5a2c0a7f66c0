"""Answers under ids that the batch does not have: matched as the ids propose it or by hand, taken back, and never paid twice for it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from app.core.batches import pipeline
from app.core.model import keys
from app.core.model.batches import Batch
from app.services.batches.matching import Matched, Matcher
from tests.kit.world import Tab, World

NAMES = {"r0": "alpha", "r1": "beta", "r2": "gamma"}
"""They say nothing of the requests, and do not number them."""


def renamed(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """A file whose ids are others."""

    def file(data: bytes) -> bytes:
        lines = [json.loads(line) for line in data.splitlines()]
        return b"".join(json.dumps({**one, "custom_id": change(one["custom_id"])}).encode() + b"\n" for one in lines)

    return file


async def ended(world: World, change: Callable[[str], str], count: int = 3) -> tuple[Tab, Matcher]:
    """A batch that came back under other ids."""
    world.http.grown = renamed(change)
    tab = await world.tab()
    await tab.add(count)
    await tab.submit()
    await world.ended()
    assert (world.batch().tally.unfound, world.batch().tally.unexpected) == (count, count)
    return tab, Matcher(tab.records, tab.clock)


async def read_anew(world: World, tab: Tab) -> Batch:
    await tab.engine.command(world.batch().id, pipeline.FetchAgain(ledger=True))
    await world.ended()
    world.check_stored()
    assert (len(world.remote()), world.queued()) == (1, [])
    return world.batch()


async def strange(tab: Tab, batch: Batch) -> dict[str, int]:
    """The rows of the unexpected answers, by the ids that are shown."""
    _total, rows = await tab.review.rows(batch, "unexpected", 0, 100)
    return {row.id: row.row for row in rows}


async def test_what_the_ids_propose_is_taken_and_taken_back(world: World) -> None:
    """All answers are their requests' then, and are nobody's again when that is undone; nothing is sent anew either way."""
    tab, matcher = await ended(world, "task/{}".format)
    proposed = await matcher.propose(world.batch())
    assert proposed is not None
    done = await matcher.agree(world.batch())
    assert done is not None
    assert done.pairs == proposed.pairs == {f"task/{id}": id for id in NAMES}
    batch = await read_anew(world, tab)
    assert (batch.tally.answered, batch.tally.unfound, batch.tally.unexpected) == (3, 0, 0)
    await matcher.undo(batch, done)
    batch = await read_anew(world, tab)
    assert (batch.tally.answered, batch.tally.unfound, batch.tally.unexpected) == (0, 3, 3)
    assert keys.names_id(batch.id) not in world.disk.bytes


async def test_ids_that_cannot_be_told_apart_are_assigned_by_hand_one_by_one(world: World) -> None:
    """Each answer is shown beside its request then; the others wait, and a match that was made by hand can be taken back later."""
    tab, matcher = await ended(world, NAMES.__getitem__)
    assert await matcher.propose(world.batch()) is None
    assert await matcher.agree(world.batch()) is None
    for n, (ours, theirs) in enumerate(NAMES.items()):
        batch = world.batch()
        row = (await strange(tab, batch))[theirs]
        opened = await tab.review.open(batch, row)
        assert opened.open_ids == tuple(NAMES)[n:]
        assert isinstance(await matcher.assign(batch, row, theirs, f" {ours} "), Matched)
        batch = await read_anew(world, tab)
        assert (batch.tally.answered, batch.tally.unfound) == (n + 1, 2 - n)
    opened = await tab.review.open(batch, 1)
    assert (opened.id, opened.matched, opened.outcome) == ("r1", "beta", "answered")
    assert await matcher.release(batch, "r1") == Matched({}, {"beta": "r1"})
    batch = await read_anew(world, tab)
    assert (batch.tally.answered, batch.tally.unfound, list(await strange(tab, batch))) == (2, 1, ["beta"])
    assert await matcher.release(batch, "r1") is None


async def test_a_wrong_match_is_replaced_and_undone_to_what_was_before(world: World) -> None:
    """The last word counts; undoing it brings the earlier one back and touches no other."""
    tab, matcher = await ended(world, NAMES.__getitem__)
    batch = world.batch()
    rows = await strange(tab, batch)
    await matcher.assign(batch, rows["gamma"], "gamma", "r2")
    await matcher.assign(batch, rows["beta"], "beta", "r0")
    second = await matcher.assign(batch, rows["alpha"], "alpha", "r0")
    assert second == Matched({"alpha": "r0"}, {"beta": "r0"})
    await read_anew(world, tab)
    assert (await tab.review.open(world.batch(), 0)).matched == "alpha"
    await matcher.undo(world.batch(), second)
    await read_anew(world, tab)
    assert (await tab.review.open(world.batch(), 0)).matched == "beta"
    assert (await tab.review.open(world.batch(), 2)).matched == "gamma"


@pytest.mark.parametrize(
    ("typed", "word"), [("r9", "no request “r9”"), ("", "no request"), ("r0", "it is answered"), ("alpha", "no request")]
)
async def test_an_id_that_does_not_fit_is_said_and_stored_nowhere(world: World, typed: str, word: str) -> None:
    """One that the batch does not have, and one whose answer was found."""
    world.http.grown = renamed(lambda id: id if id == "r0" else NAMES[id])
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.ended()
    batch = world.batch()
    matcher = Matcher(tab.records, tab.clock)
    said = await matcher.assign(batch, (await strange(tab, batch))["beta"], "beta", typed)
    assert isinstance(said, str)
    assert word in said
    assert keys.names_id(batch.id) not in world.disk.bytes


async def test_another_row_than_was_shown_is_not_assigned(world: World) -> None:
    """The list may have been made anew since it was drawn."""
    tab, matcher = await ended(world, NAMES.__getitem__)
    batch = world.batch()
    rows = await strange(tab, batch)
    for row in (rows["beta"], 2, 99, -1):
        said = await matcher.assign(batch, row, "alpha", "r0")
        assert isinstance(said, str)
        assert "read again meanwhile" in said
    assert keys.names_id(batch.id) not in world.disk.bytes


async def test_an_id_of_any_length_is_assigned_whole(world: World) -> None:
    """The list shows its beginning; what is kept is all of it, else it would match nothing."""
    tab, matcher = await ended(world, lambda id: "x" * 300 + NAMES[id])
    batch = world.batch()
    opened = await tab.review.open(batch, 3)
    assert opened.id == "x" * 200
    beside = json.loads(opened.line)["custom_id"]
    ours = next(id for id, name in NAMES.items() if beside.endswith(name))
    assert await matcher.assign(batch, 3, opened.id, ours) == Matched({beside: ours}, {})
    assert (await read_anew(world, tab)).tally.answered == 1


async def test_an_answer_that_is_matched_takes_its_request_out_of_the_queue(world: World) -> None:
    """It was sent again on purpose before, and waits: it would be paid twice."""
    tab, matcher = await ended(world, NAMES.__getitem__)
    batch = world.batch()
    await tab.again.send(batch.id, [0, 1, 2], on_purpose=True)
    assert world.queued() == ["r0", "r1", "r2"]
    batch = world.batch()
    await matcher.assign(batch, (await strange(tab, batch))["beta"], "beta", "r1")
    await tab.engine.command(batch.id, pipeline.FetchAgain(ledger=True))
    await world.ended()
    assert world.queued() == ["r0", "r2"]
    world.check_stored()


async def test_a_line_that_is_gone_is_not_assigned(world: World) -> None:
    """Whose id it has cannot be read; nothing is kept."""
    tab, matcher = await ended(world, NAMES.__getitem__)
    batch = world.batch()
    rows = await strange(tab, batch)
    del world.disk.bytes[f"answer:{batch.id}:output:0"]
    said = await matcher.assign(batch, rows["beta"], "beta", "r1")
    assert isinstance(said, str)
    assert "no longer in this browser" in said
