"""What holds for every batch: no row is lost or doubled, and a reload changes nothing."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.practice.traps import Trap
from tests.unit.practice.desk import Desk, Run, custom_ids, jsonl, request

HARMLESS = sorted(
    set(Trap)
    & {
        Trap.LINE_ERROR_NULL_STATUS_400,
        Trap.LINE_200_BODY_ERROR,
        Trap.LINE_STATUS_0,
        Trap.LINE_SERVER_ERROR,
        Trap.LINE_RATE_LIMIT,
        Trap.LINE_NO_CREDIT,
        Trap.EXPIRED_IN_ERROR_FILE,
        Trap.REFUSAL,
        Trap.CONTENT_FILTER,
        Trap.NO_TRAILING_NEWLINE,
        Trap.NO_OUTPUT_FILE,
        Trap.NO_USAGE,
        Trap.NULL_MODEL,
        Trap.UNKNOWN_FIELDS,
        Trap.EMPTY_ERROR_FILE_ID,
    }
)
"""Traps that leave every row in exactly one file."""

ids = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), min_size=1, max_size=30, unique=True)
bodies = st.fixed_dictionaries({}, optional={"temperature": st.sampled_from([0, 1, 5]), "max_tokens": st.integers(-1, 40)})
traps = st.sets(st.sampled_from(HARMLESS), max_size=4)


@pytest.mark.slow
@settings(max_examples=60)
@given(ids, st.lists(bodies, min_size=30, max_size=30), traps, st.floats(0, 1), st.integers(0, 2**32))
def test_every_line_lands_exactly_once(names: list[str], extra: list[Any], chosen: set[Trap], share: float, seed: int) -> None:
    """Every valid line stands in the output or the error file, once, unless a trap takes rows away; the counts agree."""
    data = jsonl([request(name, **more) for name, more in zip(names, extra, strict=False)])
    run = asyncio.run(Desk(*sorted(chosen), share=share, seed=seed).run(data))
    assert sorted(custom_ids(run.outputs) + custom_ids(run.errors)) == sorted(names)
    counts = run.batch["request_counts"]
    assert counts["total"] == len(names)
    expired = sum((row["error"] or {}).get("code") == "batch_expired" for row in run.errors)
    assert (counts["completed"], counts["failed"]) == (len(run.outputs), len(run.errors) - expired)


@pytest.mark.slow
@settings(max_examples=60)
@given(st.integers(1, 40), traps, st.floats(0, 12), st.none() | st.floats(0, 12), st.integers(0, 2**32))
def test_a_reload_changes_nothing(count: int, chosen: set[Trap], reload_at: float, cancel_at: float | None, seed: int) -> None:
    """Saved and loaded again at any time, the provider gives the same batch and the same files."""

    async def run(reload: bool) -> Run:
        desk = Desk(*sorted(chosen), seed=seed)
        id = await desk.create(jsonl([request(f"r{number}") for number in range(count)]))
        steps = [(reload_at, "reload"), *([(cancel_at, "cancel")] if cancel_at is not None else [])]
        start = desk.now
        for at, step in sorted(steps):
            desk.now = start + at
            if step == "cancel":
                await desk.send("POST", f"/batches/{id}/cancel")
            elif reload:
                desk.reload()
        desk.now = start
        return await desk.finish(id, after=30)

    assert asyncio.run(run(True)) == asyncio.run(run(False))


async def test_a_file_is_the_same_in_every_download() -> None:
    """Downloading twice gives the same bytes."""
    desk = Desk(share=0.5)
    batch = await desk.poll(await desk.create(jsonl([request(f"r{n}") for n in range(700)])), after=20)
    assert await desk.content(batch["output_file_id"]) == await desk.content(batch["output_file_id"])


@pytest.mark.slow
async def test_long_work_breathes() -> None:
    """Between slices the page gets its turn: with a timer that jumps, every few lines."""
    desk = Desk()
    turns = 0

    async def breathe() -> None:
        nonlocal turns
        turns += 1

    await desk.upload(b"")
    desk.brain.breathe = breathe
    desk.brain.load(desk.saved)
    await desk.create(jsonl([request(f"r{n}") for n in range(20_000)]))
    assert turns > 3
