"""Files of requests that exist already, from the file to the queue, with what can go wrong on the way."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from app.core.model import keys
from app.core.model.lanes import CHAT, RESPONSES
from app.core.model.providers import Profile
from app.core.model.sendings import QueuedRows
from app.core.openai.wire import BytesBlob
from app.core.planning.rowrequests import Unplannable
from app.core.programs import folder
from app.ports import StorageFull
from app.services.datasets.datasets import Source
from app.services.planning.requestfile_job import RequestFileReport
from app.services.runtime import byteruns
from tests.fakes.memory_store import MemoryDisk
from tests.unit.services.planning.test_planning import OPENAI, Tab, nothing_left

ANTHROPIC = {"custom_id": "z", "params": {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}}


def line(id: str, model: str = "gpt-4.1", **more: Any) -> dict[str, Any]:
    return {"custom_id": id, "method": "POST", "url": "/v1/responses", "body": {"model": model, "input": f"ask {id}"} | more}


def lines(*given: Any) -> Source:
    return Source(BytesBlob(b"\n".join(json.dumps(one).encode() for one in given) + b"\n"), "work/orders.jsonl")


async def check(tab: Tab, source: Source, encoding: str = "utf-8", profile: Profile = OPENAI) -> RequestFileReport:
    return await tab.planning.files.check(source, encoding, profile)


async def add(tab: Tab, source: Source, encoding: str = "utf-8", profile: Profile = OPENAI) -> RequestFileReport:
    return await tab.planning.files.add(source, encoding, profile)


@pytest.fixture
def tab() -> Tab:
    return Tab(MemoryDisk())


async def test_good_lines_go_and_those_at_fault_are_listed(tab: Tab) -> None:
    """Each line is checked by the types and rules of its endpoint; what is looked at is what is queued."""
    given = lines(line("a"), line("b", temperature="hot"), {"x": 1}, ANTHROPIC, line("c", "gpt-4o", n_of_mine=3), line("a"))
    seen = await check(tab, given)
    await nothing_left(tab)
    assert (seen.record.requests, seen.record.left_out, seen.record.file) == (3, 3, "orders.jsonl")
    assert [one.line for one in seen.faults] == [2, 3, 6]
    assert "emperature" in seen.faults[0].sentence
    assert sorted((one.endpoint, one.model, one.requests) for one in seen.lanes) == [
        (CHAT, "m", 1),
        (RESPONSES, "gpt-4.1", 1),
        (RESPONSES, "gpt-4o", 1),
    ]
    assert list(seen.converted.values()) == [1]
    (advised,) = seen.advised
    assert (advised.lines, advised.count) == ((5,), 1)
    assert "n_of_mine" in advised.sentence
    done = await add(tab, given)
    assert (done.record.requests, done.record.left_out) == (3, 3)
    assert [body["input"] for _, body in await tab.lines("gpt-4.1", RESPONSES)] == ["ask a"]
    assert len(await tab.lines("m", CHAT)) == 1
    assert await tab.planning.files.added() == [done.record]
    assert done.record.digest == seen.record.digest


async def test_ids_belong_to_their_file(tab: Tab) -> None:
    """The same file may be queued again, and one with the same ids; each request is found again by its own id. A long one is kept whole."""
    long = "x" * 512
    first = (await add(tab, lines(line("a"), line(long)))).record
    second = (await add(tab, lines(line("a"), line("b")))).record
    found = [id for id, _ in await tab.lines("gpt-4.1", RESPONSES)]
    assert len(set(found)) == 4
    assert [folder.custom_id_in(first.id, first.file, id) for id in found[2:]] == ["", ""]
    assert [folder.custom_id_in(second.id, second.file, id) for id in found[2:]] == ["a", "b"]
    assert folder.custom_id_in(first.id, first.file, found[0]) == "a"
    (data,) = await tab.store.load([keys.sent_rows_id(first.id)])
    assert json.loads(data or b"") == [[1, long]]
    assert found[1] == folder.own_id(first.id, first.file, long)
    assert (first.named, second.named) == (True, False)


async def test_a_large_file_is_cut_into_runs_and_told_on_the_way(tab: Tab) -> None:
    """In the order of its lines, whatever their model."""
    moved: list[tuple[int, int]] = []
    given = lines(*(line(f"n{n}", "gpt-4o" if n % 3 else "gpt-4.1") for n in range(2_500)))
    done = await tab.planning.files.add(given, "utf-8", OPENAI, lambda *how: moved.append(how))
    assert [body["input"] for _, body in await tab.lines("gpt-4.1", RESPONSES)] == [f"ask n{n}" for n in range(0, 2_500, 3)]
    assert done.record.requests == 2_500
    assert moved[-1] == (given.blob.size, given.blob.size)


async def test_another_encoding_and_an_array(tab: Tab) -> None:
    """As the person said it is."""
    text = json.dumps([line("ä"), line("b")], ensure_ascii=False)
    seen = await check(tab, Source(BytesBlob(text.encode("utf-16-le")), "a.json"), "utf-16le")
    assert (seen.record.requests, seen.record.left_out) == (2, 0)


async def test_where_no_line_can_be_sent_nothing_is_queued(tab: Tab) -> None:
    """And it is said."""
    for given in (lines({"x": 1}), Source(BytesBlob(b""), "empty.jsonl"), Source(BytesBlob(b"\x00\xff" * 400), "b.jsonl")):
        assert (await check(tab, given)).record.requests == 0
        with pytest.raises(Unplannable, match="No line of this file"):
            await add(tab, given)
        await nothing_left(tab)


async def test_called_off_it_leaves_nothing(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whatever moment."""
    monkeypatch.setattr(byteruns, "TOGETHER", 1)  # each run is a commit
    given = lines(*(line(f"n{n}") for n in range(2_500)))
    for commits in (0, 1, 2, 3):  # none, its note, and the first and second run of requests
        task = asyncio.ensure_future(add(tab, given))
        before = tab.store.commits

        def called_off(_changes: object, task: asyncio.Task[Any] = task, last: int = before + commits) -> None:
            if tab.store.commits == last:
                task.cancel()

        tab.store.on_commit = called_off
        if not commits:
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        tab.store.on_commit = None
        await nothing_left(tab)


async def test_a_full_disk_leaves_nothing(tab: Tab) -> None:
    """The queue is as it was, and the file can be queued later."""
    given = lines(*(line(f"n{n}") for n in range(2_500)))
    tab.store.quota = tab.store.disk.used + 200_000  # room for one run of requests, not for three
    with pytest.raises(StorageFull):
        await add(tab, given)
    await nothing_left(tab)
    tab.store.quota = 0
    assert (await add(tab, given)).record.requests == 2_500


async def test_the_rows_of_a_table_are_not_among_the_files(tab: Tab) -> None:
    """Each is listed where it is."""
    await tab.records.save(QueuedRows(id="r-t", dataset="d", dataset_version=1, requests=3))
    done = await add(tab, lines(line("a")))
    assert await tab.planning.files.added() == [done.record]
    assert await tab.planning.queued("d") != []
