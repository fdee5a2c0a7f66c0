"""From a table and a template to requests in the queue, with what can go wrong on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from app.core.bodies import requests
from app.core.datasets import storage
from app.core.model import keys
from app.core.model.datasets import Dataset, PlannedRows, RowFilter, RowSelection
from app.core.model.lanes import CHAT, EMBEDDINGS, Lane
from app.core.model.providers import Limits, Profile
from app.core.model.segments import Segment
from app.core.model.sendings import QueuedRows, QueueingRows
from app.core.model.templates import PromptContent, PromptMessage, Template, TemplateVersion
from app.core.openai.encodings import Encoding
from app.core.openai.wire import Blob, BytesBlob
from app.core.planning.rowrequests import PlanOrder, Unplannable
from app.core.prices.estimates import expected_output
from app.core.templates.compiling import Row
from app.core.templates.sensitive import SensitiveScan
from app.ports import LibraryMissing, StorageFull
from app.ports.compute import Finished, JobFailed, JobKind, unheard
from app.services.compute.carrier import JobPlace, RunningJob
from app.services.compute.in_page import PageCompute
from app.services.compute.jobs import JOBS
from app.services.datasets.datasets import Datasets, Source
from app.services.datasets.rows import RowsMissing
from app.services.planning import check_job, row_source, texts_job
from app.services.planning.counting import uncounted
from app.services.planning.planning import Planning
from app.services.planning.pricing import priced
from app.services.programs.waiting import WaitingMessages
from app.services.queue.queue import Queue
from app.services.runtime import byteruns
from app.services.runtime.runtime import Runtime
from app.services.runtime.tasks import Tasks
from app.wiring.ports import InstalledLibraries
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.platform import FakeClock, MemoryFiles, MemoryLocks, SeededRandom

OPENAI = Profile(id="openai", name="OpenAI")
CSV = b"sku,text\nA1,red shoes\nA2,write to ann@example.org\nA1,blue hat\nA4,\n"
ASK = PromptContent(
    fields={"model": "gpt-4o-mini"},
    messages=(PromptMessage("m1", "system", "Sort it."), PromptMessage("m2", "user", "{{text}}")),
)


class WordTokenizers:
    """The Tokenizers port: a token a word. ``missing``: it did not load."""

    def __init__(self) -> None:
        self.missing = ""
        self.asked: list[tuple[Encoding, int]] = []
        self.prepared: list[Encoding] = []

    def prepare(self, encoding: Encoding) -> None:
        self.prepared.append(encoding)

    async def counts(self, encoding: Encoding, texts: Sequence[str]) -> list[int]:
        if self.missing:
            raise LibraryMissing(self.missing)
        self.asked.append((encoding, len(texts)))
        return [len(one.split()) for one in texts]

    async def counts_in(self, encoding: Encoding, texts: Blob, ends: Sequence[int]) -> list[int]:
        data = await texts.read()
        return await self.counts(encoding, [data[start:end].decode() for start, end in pairwise((0, *ends))])

    def close(self) -> None:
        """Nothing runs."""


class Tab:
    """A tab with tables, plans and a queue. ``held``: its jobs wait for it; ``slice``: seconds of a job between two rests."""

    def __init__(self, disk: MemoryDisk, locks: MemoryLocks | None = None, seed: int = 1) -> None:
        self.store = MemoryStore({}, disk)
        clock, random = FakeClock(auto=True), SeededRandom(seed)
        self.told: list[BaseException] = []
        runtime = Runtime.over(self.store, clock, random, Tasks(lambda _name, error: self.told.append(error)))
        self.records, self.tokenizers = runtime.records, WordTokenizers()

        async def opened() -> MemoryStore:
            return self.store

        self.here = PageCompute(JOBS, JobPlace(opened, MemoryFiles(), InstalledLibraries(), clock, random, 0.0))
        shared = locks or MemoryLocks()
        self.datasets = Datasets(runtime, self, shared)
        self.planning = Planning(runtime, self, shared, lambda: self.tokenizers)
        self.queue = Queue(self.records, clock, random, WaitingMessages(self.records, clock).given_up)

    async def run(
        self, kind: JobKind[Any, Any], arguments: object, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = unheard
    ) -> Finished[Any]:
        """The Compute port."""
        return await self.here.run(kind, arguments, files=files, moved=moved)

    def leave(self, place: str) -> None:
        """The KeepingCompute port."""
        self.here.leave(place)

    def end_fenced(self) -> None:
        """Likewise."""
        self.here.end_fenced()

    async def bring(self, data: bytes = CSV) -> Dataset:
        source = Source(BytesBlob(data), "shop.csv")
        found = await self.datasets.examine(source)
        return (await self.datasets.bring(source, found.dialect)).dataset

    async def order(self, content: PromptContent = ASK, data: bytes = CSV, profile: Profile = OPENAI, **more: Any) -> PlanOrder:
        return self.planning.order(await self.bring(data), content, profile, **more)

    async def lines(self, model: str = "gpt-4o-mini", endpoint: str = CHAT) -> list[tuple[str, dict[str, Any]]]:
        """The requests in a lane's queue: id and body."""
        found = []
        for one in (await self.queue.lane(Lane("openai", endpoint, model))).segments:
            segment = await self.queue.segment(one)
            assert segment is not None
            for id, line in requests.lines_of(await self.queue.run(segment)):
                assert requests.decode(line).custom_id == id
                found.append((id, json.loads(bytes(requests.decode(line).body))))
        return found


@pytest.fixture
def disk() -> MemoryDisk:
    return MemoryDisk()


@pytest.fixture
def tab(disk: MemoryDisk) -> Tab:
    return Tab(disk)


def template(content: PromptContent = ASK) -> Template:
    return Template(id="t-1", content=content)


async def test_every_row_is_looked_at_and_counted(tab: Tab) -> None:
    """What stands against rows is said by kind with their numbers, and what would go is added up."""
    plan = await tab.planning.check(await tab.order())
    report = plan.report
    assert (report.rows, report.requests, report.left_out) == (4, 4, 0)
    (email,) = [one for one in report.found if one.key.startswith("sensitive email")]
    assert (email.rows, email.column, email.severity) == ((1,), "text", "advice")
    (lane,) = report.lanes
    assert (lane.model, lane.sums.requests, lane.cut, lane.waves) == ("gpt-4o-mini", 4, 1, 1)
    (counted,) = plan.counted
    # words, 4 around each of two messages and 3 before the answer
    assert counted.tokens == tuple(2 + words + 11 for words in (2, 3, 2, 0))
    assert counted.by == "exact"
    assert tab.tokenizers.asked == [("o200k_base", 4)]


async def test_rows_at_fault_are_left_out_and_the_others_go(tab: Tab) -> None:
    """A cell that is no value of its parameter keeps its own row from going and no other."""
    content = msgspec.structs.replace(ASK, fields={"model": "gpt-4o-mini", "temperature": "{{heat}}"})
    order = await tab.order(content, b"text,heat\na,1\nb,hot\nc,9\nd,\n")
    report = (await tab.planning.check(order)).report
    assert (report.rows, report.requests, report.left_out) == (4, 2, 2)
    assert sorted((one.rows, one.count) for one in report.blocked) == [((1,), 1), ((2,), 1)]
    assert sorted(one.numbers for one in report.blocked) == [(3,), (4,)]  # as they stand beside the rows: the header is counted
    assert any("Temperature takes a number" in one.sentence for one in report.blocked)
    added = await tab.planning.add(order, template(content))
    assert [body["messages"][1]["content"] for _, body in await tab.lines()] == ["a", "d"]
    assert (added.record.requests, added.record.left_out, sum(one.count for one in added.found)) == (2, 2, 2)


async def test_what_is_queued_says_of_which_row_and_which_version_it_is(tab: Tab) -> None:
    """The id names the row, what is kept names the table's version and the template's; the same rows may be queued again."""
    order = await tab.order()
    first = (await tab.planning.add(order, template())).record
    second = (await tab.planning.add(order, template())).record
    lines = await tab.lines()
    assert [id for id, _ in lines] == [f"{run.id}-{row}" for run in (first, second) for row in (1, 2, 3, 4)]
    assert len({id for id, _ in lines}) == 8
    (version,) = [one.value for one in await tab.records.all(TemplateVersion)]
    assert {one.template_version for one in await tab.planning.queued(order.dataset)} == {version.id}
    assert (version.number, version.content, first.dataset_version) == (1, ASK, 1)
    await tab.planning.add(msgspec.structs.replace(order, content=(other := msgspec.structs.replace(ASK, inputs=("x",)))), template(ASK))
    assert sorted(one.value.number for one in await tab.records.all(TemplateVersion)) == [1, 2]
    assert {one.value.number: one.value.content for one in await tab.records.all(TemplateVersion)}[2] == other


async def test_ids_of_a_template_never_collide(tab: Tab) -> None:
    """Neither with another row's nor with those of requests that are there already; which row is whose is kept."""
    content = msgspec.structs.replace(ASK, custom_id="{{sku}}")
    order = await tab.order(content)
    report = (await tab.planning.check(order)).report
    (repeated,) = [one for one in report.found if one.key == "custom_id repeated"]
    assert (repeated.rows, repeated.severity) == ((2,), "advice")
    assert "sent as “A1-2”" in repeated.sentence
    first = (await tab.planning.add(order, template(content))).record
    second = (await tab.planning.add(order, template(content))).record
    assert [id for id, _ in await tab.lines()] == ["A1", "A2", "A1-2", "A4", "A1-3", "A2-2", "A1-4", "A4-2"]
    (data,) = await tab.store.load([keys.sent_rows_id(second.id)])
    assert json.loads(data or b"") == [[1, "A1-3"], [2, "A2-2"], [3, "A1-4"], [4, "A4-2"]]
    assert first.named


async def test_a_column_may_say_the_model(tab: Tab) -> None:
    """Each model has its queue."""
    content = msgspec.structs.replace(ASK, fields={"model": "{{model}}"})
    order = await tab.order(content, b"text,model\na,gpt-4o\nb,gpt-4.1\nc,gpt-4o\n")
    report = (await tab.planning.check(order)).report
    assert [(one.model, one.sums.requests) for one in report.lanes] == [("gpt-4o", 2), ("gpt-4.1", 1)]
    added = await tab.planning.add(order, template(content))
    assert sorted(added.lanes.values()) == [1, 2]
    assert len(await tab.lines("gpt-4o")) == 2
    assert len(await tab.lines("gpt-4.1")) == 1


async def test_rows_that_share_a_request(tab: Tab) -> None:
    """Embeddings take several inputs; a row at fault is left out of its group."""
    content = PromptContent(EMBEDDINGS, {"model": "text-embedding-3-small"}, inputs=("{{text}}",), rows_per_request=3)
    data = b"text\n" + b"\n".join(b"row %d" % n for n in range(7)) + b"\n"
    order = await tab.order(content, data)
    report = (await tab.planning.check(order)).report
    assert (report.rows, report.requests, report.lanes[0].sums.inputs) == (7, 3, 7)
    await tab.planning.add(order, template(content))
    assert [body["input"] for _, body in await tab.lines("text-embedding-3-small", EMBEDDINGS)] == [
        ["row 0", "row 1", "row 2"],
        ["row 3", "row 4", "row 5"],
        ["row 6"],
    ]


async def test_what_is_cut_is_what_is_queued(tab: Tab) -> None:
    """Batches by the provider's limits, waves by the model's room, and each batch as the file that it would be."""
    profile = msgspec.structs.replace(OPENAI, max_requests=3)
    data = b"text\n" + b"\n".join(b"row %d" % n for n in range(10)) + b"\n"
    order = await tab.order(ASK, data, profile, limits=Limits(id="openai", own={"gpt-4o-mini": 350}))
    plan = await tab.planning.check(order)
    (lane,) = plan.report.lanes
    assert [one.sums.requests for one in lane.batches] == [3, 3, 3, 1]
    assert lane.room == 350
    assert sum(one.sums.size for one in lane.batches) == plan.report.size
    for wave in range(1, lane.waves + 1):
        assert sum(one.sums.tokens for one in lane.batches if one.wave == wave) <= 350
    assert lane.waves > 1
    files = [await tab.planning.file(plan, lane, n) for n in range(4)]
    whole = b"".join([await one.read() for one in files if one is not None])
    assert len(whole) == plan.report.size
    assert [json.loads(line)["body"]["messages"][1]["content"] for line in whole.splitlines()] == [f"row {n}" for n in range(10)]


async def test_a_row_that_no_batch_can_hold_is_left_out(tab: Tab) -> None:
    """Of which there is no way to send it."""
    order = await tab.order(ASK, b"text\nshort\n" + b"x" * 5_000 + b"\n", msgspec.structs.replace(OPENAI, max_bytes=2_000))
    report = (await tab.planning.check(order)).report
    assert (report.requests, report.left_out) == (1, 1)
    assert report.blocked[0].rows == (1,)
    assert "a batch file of this provider takes" in report.blocked[0].sentence


async def test_what_is_said_of_all_rows_names_those_that_are_chosen(tab: Tab) -> None:
    """Not the first ones of the table."""
    long = PromptMessage("m1", "user", "{{sku}} " + "Be kind. " * 600)
    order = await tab.order(PromptContent(fields={"model": "gpt-5-mini"}, messages=(long,)))
    only = PlannedRows(RowSelection(filters=(RowFilter("sku", "equals", "A4"),)), 1, 1)
    report = (await tab.planning.check(msgspec.structs.replace(order, only=only))).report
    (said,) = [one for one in report.found if "provider's cache" in one.sentence]
    assert (said.count, said.rows, said.numbers) == (1, (3,), (5,))


async def test_a_large_table_is_counted_by_a_sample(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spread over all rows; how far it may be off is said, and the truth lies within."""
    monkeypatch.setattr(check_job, "SAMPLE", 50)
    rows = [("word " * (n % 7)).strip() for n in range(1_000)]
    order = await tab.order(ASK, b"id,text\n" + b"\n".join(f"{n},{row}".encode() for n, row in enumerate(rows)) + b"\n")
    plan = await tab.planning.check(order)
    (counted,) = plan.counted
    assert len(counted.tokens) == plan.report.sampled == 50
    assert tab.tokenizers.prepared == ["o200k_base"]
    price = priced(counted, 0, expected_output([], None), OPENAI.base_url)
    truth = sum(2 + len(row.split()) + 11 for row in rows)
    assert price.batch.input_error > 0
    assert abs(price.batch.input_tokens - truth) <= price.batch.input_error
    # half price for batches: input 0.075 and output 0.30 dollars a million, 300 tokens of output assumed
    assert price.batch.cost == price.batch.input_tokens * 75_000 + 1_000 * 300 * 300_000
    assert price.standard.cost == 2 * price.batch.cost == price.batch.cost + (price.batch.saving or 0)


def rows_of(count: int, words: int = 1) -> bytes:
    """A table whose rows have 0 to 6 words, each ``words`` long."""
    return b"id,text\n" + b"\n".join(f"{n},{('word' * words + ' ') * (n % 7)}".encode() for n in range(count)) + b"\n"


@pytest.mark.slow
async def test_all_tokens_are_counted_behind_the_sample(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Part by part, whatever the parts are; then there is no error any more, and the price is that of each row."""
    monkeypatch.setattr(check_job, "SAMPLE", 50)
    monkeypatch.setattr(texts_job, "PART_REQUESTS", 10)
    content = msgspec.structs.replace(ASK, fields={"model": "gpt-4o-mini", "temperature": "{{heat}}"})
    data = b"text,heat\n" + b"\n".join(f"{('x' * 400 + ' ') * (n % 7)},{'hot' if n % 5 == 4 else 1}".encode() for n in range(3_000)) + b"\n"
    plan = await tab.planning.check(await tab.order(content, data))
    assert uncounted(plan.counted)
    told: list[tuple[int, int]] = []
    tab.tokenizers.asked.clear()
    (counted,) = await tab.planning.count(plan, lambda done, total: told.append((done, total)))
    assert len(tab.tokenizers.asked) > 2
    assert told[-1] == (1000, 1000)
    sent = [n % 7 + 2 + 11 for n in range(3_000) if n % 5 != 4]
    assert dict(counted.spread) == {tokens: sent.count(tokens) for tokens in set(sent)}
    assert (counted.counted, counted.by) == (len(sent), "exact")
    assert not uncounted((counted,))
    price = priced(counted, 0, expected_output([], None), OPENAI.base_url)
    assert price.batch.exact
    assert (price.batch.input_tokens, price.batch.input_error, price.batch.error) == (sum(sent), 0, 0)
    assert price.batch.cost == sum(sent) * 75_000 + len(sent) * 300 * 300_000


async def test_parts_that_are_counted_read_the_index_of_their_table_once(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 4 MB for a million rows, and there are fifty parts. A later version of the table has its own."""
    monkeypatch.setattr(check_job, "SAMPLE", 5)
    monkeypatch.setattr(texts_job, "PART_REQUESTS", 10)
    monkeypatch.setattr(storage, "RUN_ROWS", 20)
    loaded: list[str] = []
    load = MemoryStore.load

    async def recorded(store: MemoryStore, ids: Sequence[str]) -> list[bytes | None]:
        loaded.extend(ids)
        return await load(store, ids)

    order = await tab.order(ASK, rows_of(100))
    plan = await tab.planning.check(order)
    monkeypatch.setattr(MemoryStore, "load", recorded)
    for _ in range(2):
        (counted,) = await tab.planning.count(plan)
        assert counted.counted == 100
    assert loaded.count(keys.dataset_index_id(order.dataset, 1)) == 2
    assert len(loaded) > 10


async def test_texts_of_a_table_that_is_counted_in_one_piece_are_written_piece_by_piece(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are chosen: what is held is about one part."""
    sizes: list[int] = []
    write = RunningJob.write

    async def recorded(job: RunningJob, data: bytes) -> None:
        sizes.append(len(data))
        await write(job, data)

    monkeypatch.setattr(row_source, "ROWS", 1_000)
    monkeypatch.setattr(texts_job, "PART_BYTES", 1_000)
    monkeypatch.setattr(RunningJob, "write", recorded)
    order = msgspec.structs.replace(await tab.order(ASK, rows_of(5_000)), reuse=True)
    plan = await tab.planning.check(order)
    sizes.clear()
    counted = await tab.planning.count(plan)
    assert sum(count for _, count in counted[0].spread) == 5_000
    assert max(sizes) < sum(sizes) / 3


async def test_each_model_is_counted_in_its_own_encoding(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """And rows that share a request are not parted."""
    monkeypatch.setattr(check_job, "SAMPLE", 5)
    content = msgspec.structs.replace(ASK, fields={"model": "{{model}}"})
    rows = b"model,text\n" + b"".join(b"%b,%b\n" % (b"gpt-4" if n % 3 else b"gpt-4o", b"a b c"[: 1 + 2 * (n % 3)]) for n in range(30))
    plan = await tab.planning.check(await tab.order(content, rows))
    tab.tokenizers.asked.clear()
    counted = {one.model: dict(one.spread) for one in await tab.planning.count(plan)}
    assert tab.tokenizers.asked == [("cl100k_base", 20), ("o200k_base", 10)]
    assert counted == {"gpt-4": {15: 10, 16: 10}, "gpt-4o": {14: 10}}
    shared = PromptContent(EMBEDDINGS, {"model": "text-embedding-3-small"}, inputs=("{{text}}",), rows_per_request=4)
    plan = await tab.planning.check(await tab.order(shared, rows_of(70)))
    (one,) = await tab.planning.count(plan)
    assert sum(requests for _, requests in one.spread) == plan.report.requests > 1


async def test_counting_all_can_be_called_off(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a table that was imported anew in between is noticed."""
    monkeypatch.setattr(check_job, "SAMPLE", 5)
    plan = await tab.planning.check(await tab.order(ASK, rows_of(100)))
    task = asyncio.ensure_future(tab.planning.count(plan))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    lane = msgspec.structs.replace(plan.counted[0], requests=99)
    with pytest.raises(JobFailed, match="have changed since"):
        await tab.planning.count(plan._replace(counted=(lane,)))


async def test_no_batch_price_is_invented(tab: Tab) -> None:
    """A model with a published price and none for batches; and one that nobody knows."""
    for model, known in (("gpt-4.5-preview", True), ("llama-of-mine", False)):
        plan = await tab.planning.check(await tab.order(msgspec.structs.replace(ASK, fields={"model": model})))
        price = priced(plan.counted[0], 0, expected_output([], None), OPENAI.base_url)
        assert price.batch.cost is None
        assert price.batch.saving is None
        assert (price.standard.cost is not None) == known
    assert plan.counted[0].by == "estimated"


async def test_where_nothing_counts_bytes_tell(tab: Tab) -> None:
    """And it is said."""
    tab.tokenizers.missing = "The tokens could not be counted."
    (counted,) = (await tab.planning.check(await tab.order())).counted
    assert (counted.by, counted.why) == ("bytes", "The tokens could not be counted.")
    assert len(counted.tokens) == 4


async def test_a_template_that_cannot_be_used_says_why(tab: Tab) -> None:
    """Before any row is looked at."""
    for content, words in (
        (msgspec.structs.replace(ASK, messages=(PromptMessage("m", "user", "{{colour}}"),)), "no column “colour”"),
        (msgspec.structs.replace(ASK, messages=(PromptMessage("m", "user", "{{text"),)), "can't be used yet"),
    ):
        with pytest.raises(Unplannable, match=words):
            await tab.planning.check(await tab.order(content))


async def nothing_left(tab: Tab) -> None:
    """Nothing of an addition that did not come to its end."""
    assert await tab.records.all(QueueingRows) == [] == await tab.records.all(QueuedRows)
    assert await tab.records.all(TemplateVersion) == [] == await tab.records.all(Segment)
    assert [one for one in tab.store.disk.bytes if one.startswith("lines:")] == []


async def test_called_off_it_leaves_nothing(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whatever moment."""
    monkeypatch.setattr(byteruns, "TOGETHER", 1)  # each run is a commit
    order = await tab.order(ASK, b"text\n" + b"\n".join(b"row %d" % n for n in range(2_500)) + b"\n")
    for commits in (0, 1, 2, 3):  # none, its note, and the first and second run of requests
        task = asyncio.ensure_future(tab.planning.add(order, template()))
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


@pytest.mark.parametrize("together", [1, byteruns.TOGETHER])
async def test_a_full_disk_leaves_nothing(tab: Tab, monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    """The queue is as it was."""
    monkeypatch.setattr(byteruns, "TOGETHER", together)
    order = await tab.order(ASK, b"text\n" + b"\n".join(b"row %d" % n for n in range(2_500)) + b"\n")
    tab.store.quota = tab.store.disk.used + 300_000  # room for one run of requests, not for three
    with pytest.raises(StorageFull):
        await tab.planning.add(order, template())
    await nothing_left(tab)


async def test_what_a_dead_page_left_is_cleared_at_the_next_start(tab: Tab, disk: MemoryDisk) -> None:
    """Its note says what it stored."""
    order = await tab.order()
    await tab.records.save(QueueingRows(id=order.run, runs=2, at=1.0))
    await Tab(disk, seed=2).planning.tidy()
    await nothing_left(tab)


async def test_rows_that_are_missing_are_said(tab: Tab) -> None:
    """Nothing is queued then."""
    order = await tab.order()
    del tab.store.disk.bytes[keys.dataset_rows_id(order.dataset, 1, 0)]
    with pytest.raises(RowsMissing, match="Import the file again"):
        await tab.planning.add(order, template())
    await nothing_left(tab)


async def test_secrets_are_looked_for_where_they_are_said(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adding and writing files do not look again: it would be half of their time, and nobody would hear of it."""
    looked: list[int] = []
    add = SensitiveScan.add

    def looking(scan: SensitiveScan, number: int, row: Row) -> None:
        looked.append(number)
        add(scan, number, row)

    monkeypatch.setattr(SensitiveScan, "add", looking)
    order = await tab.order()
    plan = await tab.planning.check(order)
    assert looked == [0, 1, 2, 3]
    await tab.planning.file(plan, plan.report.lanes[0], 0)
    await tab.planning.add(order, template())
    assert len(looked) == 4


async def test_a_plan_takes_only_the_rows_that_were_chosen(tab: Tab) -> None:
    """By a rule that is kept with the table: the look, the file and the queue agree, and positions stay those of the table."""
    dataset = await tab.bring()
    chosen = PlannedRows(RowSelection(filters=(RowFilter("sku", "equals", "A1"),)), 1, 2)
    stored = await tab.datasets.plan(dataset.id, chosen)
    assert stored is not None
    order = tab.planning.order(stored, ASK, OPENAI)
    plan = await tab.planning.check(order)
    assert (plan.report.rows, plan.report.requests) == (2, 2)
    file = await tab.planning.file(plan, plan.report.lanes[0], 0)
    assert file is not None
    assert (await file.read()).count(b"\n") == 2
    added = await tab.planning.add(order, template())
    assert added.record.requests == 2
    assert [body["messages"][1]["content"] for _, body in await tab.lines()] == ["red shoes", "blue hat"]
    assert [id.rpartition("-")[2] for id, _ in await tab.lines()] == ["1", "3"]


async def test_rows_that_cannot_be_found_are_said_before_anything_is_queued(tab: Tab) -> None:
    """A newer file may lack the column that a filter is about."""
    chosen = PlannedRows(RowSelection(filters=(RowFilter("colour", "equals", "red"),)), 1, 2)
    stored = await tab.datasets.plan((await tab.bring()).id, chosen)
    assert stored is not None
    with pytest.raises(Unplannable, match="no column “colour”"):
        await tab.planning.check(tab.planning.order(stored, ASK, OPENAI))


async def test_empty_cells_are_a_finding_with_their_rows(tab: Tab) -> None:
    """Where the prompt says nothing of them: neither a default nor a condition. They keep no row from being sent."""
    data = b"text,tone,note\na,,x\n , kind ,\nc,,\n"
    content = msgspec.structs.replace(ASK, messages=(PromptMessage("m", "user", "{{text}} {{tone}} {{#if note}}{{note}}{{/if}}"),))
    report = (await tab.planning.check(await tab.order(content, data))).report
    found = {one.column: one for one in report.found if one.key.startswith("cell empty")}
    assert [(name, one.count, one.rows, one.severity) for name, one in found.items()] == [
        ("tone", 2, (0, 2), "advice"),
        ("text", 1, (1,), "advice"),
    ]
    assert found["tone"].sentence == "tone is empty in 2 rows, and the prompt puts it in as it is."
    assert 'Write {{tone | default("…")}}, or {{#if tone}}' in found["tone"].remedy
    assert (report.requests, report.left_out) == (3, 0)
    guarded = msgspec.structs.replace(ASK, messages=(PromptMessage("m", "user", '{{text | default("none")}}'),))
    assert [one for one in (await tab.planning.check(await tab.order(guarded, data))).report.found if one.key.startswith("cell")] == []
