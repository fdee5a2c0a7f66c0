"""A watched folder with links, a pipe, folders that have a file's name, and a file of 300 MB: said in words, and the rest is read."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from app.core.programs.folder import MAX_LINE
from tests.fakes.disk_folder import DiskFolder
from tests.kit.world import World
from tests.unit.services.programs.test_folder_watcher import line, queued, rig_of, text

SPARSE = 300_000_000


@pytest.mark.parametrize("links", [True, False])
async def test_links_a_pipe_and_folders_keep_no_file_from_being_read(world: World, tmp_path: Path, links: bool) -> None:
    """What can be read is read; what the browser cannot open is named in the page, and nothing waits for a pipe."""
    here, outside = tmp_path / "in", tmp_path / "outside.jsonl"
    here.mkdir()
    outside.write_bytes(text(line("outside")))
    (here / "linked.jsonl").symlink_to(outside)
    (here / "nowhere.jsonl").symlink_to(tmp_path / "gone")
    (here / "circle.jsonl").symlink_to(here / "circle.jsonl")
    (here / "folder.jsonl").mkdir()
    os.mkfifo(here / "pipe.jsonl")
    (here / "good.jsonl").write_bytes(text(line("good")))
    rig = await rig_of(world, DiskFolder(here, links=links))
    expected = ["good", "outside"] if links else ["good"]
    await world.until(lambda: sorted(queued(world)) == expected and bool(rig.tab.failures))
    said = str(rig.tab.failures[-1][1])
    assert {name for name, _ in rig.tab.failures} == {"files"}
    assert "“pipe.jsonl”" in said
    assert ("“circle.jsonl”" in said) == links
    assert outside.read_bytes() == text(line("outside"))
    assert not (tmp_path / "outside.results.jsonl").exists()
    rig.tab.failures.clear()


async def test_a_folder_in_place_of_the_results_is_told_and_holds_up_no_other_file(world: World, tmp_path: Path) -> None:
    """Nothing of that file is read, for its results could go nowhere; the person is told which it is."""
    (tmp_path / "a.results.jsonl").mkdir()
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_bytes(text(line(name)))
    rig = await rig_of(world, DiskFolder(tmp_path, links=False))
    await world.until(lambda: queued(world) == ["b"])
    assert (await rig.watcher.view()).fault == "The file a.results.jsonl: A folder has that name."
    (tmp_path / "a.results.jsonl").rmdir()
    await world.until(lambda: sorted(queued(world)) == ["a", "b"])


@pytest.mark.slow
async def test_a_file_of_300_mb_without_a_line_end_takes_a_bounded_room(world: World, tmp_path: Path) -> None:
    """Its one line is told as too large, with its number; the line behind it is queued; never more than a few lines' room is held."""
    with (tmp_path / "big.jsonl").open("wb") as file:
        file.truncate(SPARSE)
        file.seek(SPARSE)
        file.write(b"\n" + text(line("behind")))
    folder = DiskFolder(tmp_path, links=False)
    await rig_of(world, folder)
    tracemalloc.start()
    try:
        await world.until(lambda: queued(world) == ["behind"])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert max(stop - start for _, start, stop in folder.reads) <= 1_000_000
    assert peak < 4 * MAX_LINE, peak
    (told,) = [json.loads(one) for one in (tmp_path / "big.problems.jsonl").read_bytes().splitlines()]
    assert (told["line"], told["code"]) == (1, "too_large")
    assert "longer than" in told["detail"]
