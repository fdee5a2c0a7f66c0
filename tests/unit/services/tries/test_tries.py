"""Rows are answered at once: stored before they are asked, each by itself, and none twice."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from app.core.model import keys
from app.core.model.datasets import Dataset, Dialect
from app.core.model.templates import PromptContent, PromptMessage
from app.core.model.tries import DatasetTries, TriedRow
from app.core.openai.problems import Refused
from app.core.openai.wire import BytesBlob
from app.core.prices import rates
from app.core.results.answers import Answer, answer_of
from app.core.templates import variants, versions
from app.core.templates.variants import TaggedPrompt, Variant
from app.core.tries import tried
from app.practice.traps import Scenario, Trap
from app.services.compute.carrier import JobPlace
from app.services.compute.in_page import PageCompute
from app.services.compute.jobs import JOBS
from app.services.datasets.datasets import Datasets, Source
from app.services.runtime.records import put
from app.services.tries.tries import AT_ONCE, Tries, TryOrder, problem_of
from app.wiring.ports import InstalledLibraries
from tests.fakes.http import Answered, Dropped
from tests.fakes.platform import MemoryFiles, MemoryLocks
from tests.kit.world import KEY, Tab, World

CSV = b"name,age\nAda,36\nBob,\nCleo,5\nDan,1\nEve,2\n"
CHAT = PromptContent(fields={"model": "gpt-4o-mini"}, messages=(PromptMessage("m", "user", "Who is {{name}}?"),), custom_id="{{name}}")
RESPONSE = replace(CHAT, endpoint="/v1/responses")
EMBED = PromptContent(endpoint="/v1/embeddings", fields={"model": "text-embedding-3-small"}, inputs=("{{name}}",))
OTHERS = [
    EMBED,
    PromptContent(endpoint="/v1/moderations", fields={"model": "omni-moderation-latest"}, inputs=("{{name}}",)),
    PromptContent(endpoint="/v1/completions", fields={"model": "gpt-3.5-turbo-instruct"}, inputs=("{{name}}",)),
    PromptContent(endpoint="/v1/images/generations", fields={"model": "gpt-image-1"}, inputs=("{{name}}",)),
]


def plain(content: PromptContent) -> tuple[TaggedPrompt, ...]:
    return variants.tagged([Variant("", content)])


class Bench:
    """A table in a tab, and what its tries say."""

    def __init__(self, world: World, tab: Tab, dataset: Dataset, datasets: Datasets) -> None:
        self.world, self.tab, self.dataset, self.datasets = world, tab, dataset, datasets
        self.changes = 0
        self.tries = Tries(tab.runtime, tab.profiles, self._changed)
        self.seen: list[str] = []

    def _changed(self, dataset: str, _stored: bool) -> None:
        assert dataset == self.dataset.id
        self.changes += 1
        self.seen += [self.tries.text(id) for id in list(self.tries._calls)]

    def order(
        self, content: PromptContent = CHAT, positions: tuple[int, ...] = (0, 1, 2), profile: str = "openai", **more: Any
    ) -> TryOrder:
        return TryOrder(self.dataset, profile, more.pop("prompts", plain(content)), positions, **more)

    async def ask(self, *given: Any, **more: Any) -> tuple[TriedRow, ...]:
        """Ask, and the tries that there are then."""
        await self.world.result(self.tries.ask(self.order(*given, **more)))
        return await self.tries.of(self.dataset.id)

    async def answer(self, row: TriedRow) -> Answer:
        (line,) = await self.tries.answers(self.dataset.id, [row.id])
        assert line is not None
        return answer_of(row.endpoint, line)


@pytest.fixture
async def bench(world: World) -> Bench:
    return await opened(world, await world.tab(engine=False))


async def opened(world: World, tab: Tab) -> Bench:
    async def store() -> Any:
        return tab.store

    compute = PageCompute(JOBS, JobPlace(store, MemoryFiles(), InstalledLibraries(), tab.clock, world.random, 0.0))
    datasets = Datasets(tab.runtime, compute, MemoryLocks())
    there = await datasets.all()
    if there:
        return Bench(world, tab, there[0], datasets)
    done = await world.result(datasets.bring(Source(BytesBlob(CSV), "people.csv"), Dialect()))
    return Bench(world, tab, done.dataset, datasets)


@pytest.mark.parametrize("content", [CHAT, RESPONSE])
async def test_rows_are_answered_beside_their_rows(bench: Bench, content: PromptContent) -> None:
    """Each answer is of its row, has come in pieces, and has what it cost at the synchronous price."""
    rows = await bench.ask(content)
    assert [(one.state, one.position, one.number, one.problem) for one in rows] == [("answered", n, n + 2, None) for n in range(3)]
    answers = [await bench.answer(one) for one in rows]
    assert [name in one.text for name, one in zip(("Ada", "Bob", "Cleo"), answers, strict=True)] == [True] * 3
    assert [(one.usage.input, one.usage.output) for one in answers] == [(one.input, one.output) for one in rows]
    price = rates.rates_of("openai", "gpt-4o-mini", "standard")
    assert price is not None
    assert [one.cost for one in rows] == [rates.cost(price, rates.TokenCounts(one.input, one.output, one.cached)) for one in rows]
    assert any(0 < len(text) < len(answers[0].text) for text in bench.seen)
    assert tried.outputs(rows, versions.digest(content), "openai", "gpt-4o-mini") == [one.output for one in rows]
    assert tried.spent(rows) == (sum(one.cost or 0 for one in rows), 0)
    assert bench.tries.left(bench.dataset.id) == 0


@pytest.mark.parametrize("content", OTHERS)
async def test_every_endpoint_answers(bench: Bench, content: PromptContent) -> None:
    """Those without a stream come in one piece."""
    (row,) = await bench.ask(content, (1,))
    assert (row.state, row.problem, row.endpoint) == ("answered", None, content.endpoint)
    assert row.cost is not None
    assert (row.cost == 0) is (content.endpoint == "/v1/moderations")


async def test_what_is_asked_is_stored_before_it_is_asked(bench: Bench) -> None:
    """When the call leaves, its intent, with the line that is asked, is on the disk; a few calls at a time."""
    gate = bench.world.http.hold("answer")
    asking = asyncio.ensure_future(bench.tries.ask(bench.order(positions=(0, 1, 2, 3, 4))))
    await bench.world.until(lambda: gate.waiting == AT_ONCE)
    await bench.world.rest()
    assert gate.waiting == AT_ONCE
    rows = await bench.tries.of(bench.dataset.id)
    assert [one.state for one in rows] == ["asked"] * AT_ONCE
    assert all(bench.tries.mine(one.id) and problem_of(one, True) is None for one in rows)
    (line,) = await bench.tab.store.load([keys.try_asked_id(bench.dataset.id, rows[0].id)])
    assert msgspec.json.decode(line or b"")["custom_id"] == "Ada"
    assert bench.tries.left(bench.dataset.id) == 5
    gate.open()
    await bench.world.result(asking)
    assert [one.state for one in await bench.tries.of(bench.dataset.id)] == ["answered"] * 5


async def test_a_reload_sends_nothing_again(bench: Bench) -> None:
    """A try whose page went may have been answered: it says so, and nobody asks it again by itself."""
    bench.world.http.hold("answer")
    bench.tab.tasks.start("asking", bench.tries.ask(bench.order()))
    await bench.world.until(lambda: bench.world.http.calls["answer"] == 3)
    again = await opened(bench.world, await bench.world.reload(bench.tab))
    await bench.world.rest()
    rows = await again.tries.of(bench.dataset.id)
    assert [one.state for one in rows] == ["asked"] * 3
    problems = [problem_of(one, again.tries.mine(one.id)) for one in rows]
    assert [one is not None and one.doubtful and one.code for one in problems] == ["may_be_answered"] * 3
    assert bench.world.http.calls["answer"] == 3


async def test_each_row_fails_alone(bench: Bench) -> None:
    """One is refused, one's answer is lost, one is answered. Nothing is sent a second time."""
    bench.world.http.fail("answer", Answered(500, b'{"error":{"message":"Oh.","code":"server_error"}}'))
    bench.world.http.fail("answer", Dropped("broken", effect=True))
    rows = await bench.ask()
    assert sorted(one.state for one in rows) == ["answered", "failed", "failed"]
    found = {one.problem.code: one.problem for one in rows if one.problem is not None}
    assert set(found) == {"server_error", "broken"}
    assert all(one.doubtful and one.means and one.do for one in found.values())
    assert all("automatically" not in one.do for one in found.values())
    assert bench.world.http.calls["answer"] == 3


@pytest.mark.parametrize(
    ("status", "code", "doubtful"),
    [
        (401, "wrong_key", False),
        (404, "model_not_found", False),
        (400, "bad_request", False),
        (429, "rate_limited", False),
        (200, "unexpected_answer", True),
    ],
)
async def test_a_refusal_is_told_in_words(bench: Bench, status: int, code: str, doubtful: bool) -> None:
    """What happened, what it means for money, what to do; never the key."""
    body = {"error": {"message": f"No, {KEY}", "code": "model_not_found" if status == 404 else "x"}}
    bench.world.http.fail("answer", Answered(status, b"<html>log in</html>" if status == 200 else msgspec.json.encode(body)))
    (row,) = await bench.ask(positions=(0,))
    assert row.problem is not None
    assert (row.state, row.problem.code, row.problem.doubtful) == ("failed", code, doubtful)
    assert row.problem.what
    assert row.problem.means
    assert row.problem.do
    assert KEY not in msgspec.json.encode(row).decode()


async def test_the_key_goes_to_its_provider_and_nowhere_else(bench: Bench) -> None:
    """Nothing of it is stored, and the address is below the base URL."""
    await bench.ask()
    for request in bench.world.http.requests:
        assert request.url == "https://api.openai.com/v1/chat/completions"
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        assert KEY.encode() not in (request.body or b"")
    assert not any(KEY.encode() in data for data in bench.world.disk.bytes.values())


def trapped(world: World, *traps: Trap, share: float = 1.0) -> None:
    world.brain.set_scenario(Scenario(traps=traps, share=share))


async def test_an_account_that_may_not_stream_is_answered_in_one_piece(bench: Bench) -> None:
    """The refusal to stream cost nothing; the row is asked once more, without."""
    trapped(bench.world, Trap.STREAM_REFUSED)
    (row,) = await bench.ask(positions=(0,))
    assert (row.state, bench.world.http.calls["answer"]) == ("answered", 2)


@pytest.mark.parametrize("trap", [Trap.STREAM_BREAKS_HALFWAY, Trap.STREAM_ENDS_EARLY, Trap.STREAM_ERROR_EVENT])
@pytest.mark.parametrize("content", [CHAT, RESPONSE])
async def test_a_stream_that_ends_too_soon_keeps_what_came(bench: Bench, trap: Trap, content: PromptContent) -> None:
    """It is no answer, it may be billed, and its part can be read."""
    trapped(bench.world, trap)
    (row,) = await bench.ask(content, (0,))
    assert (row.state, row.answer) == ("failed", True)
    assert row.problem is not None
    assert row.problem.doubtful
    assert (await bench.answer(row)).text.startswith("[simulated]")
    assert bench.world.http.calls["answer"] == 1


async def test_an_answer_without_usage_has_no_price(bench: Bench) -> None:
    """None is invented, and it is counted as not known."""
    trapped(bench.world, Trap.NO_USAGE)
    (row,) = await bench.ask(positions=(0,))
    assert (row.state, row.cost) == ("answered", None)
    assert tried.spent([row]) == (0, 1)


async def test_stopping_keeps_what_came_and_asks_nothing_more(bench: Bench) -> None:
    """What is on its way is stopped and may be billed; what waited was never asked."""
    gate = bench.world.http.hold("answer")
    asking = asyncio.ensure_future(bench.tries.ask(bench.order(positions=(0, 1, 2, 3, 4))))
    await bench.world.until(lambda: gate.waiting == AT_ONCE)
    bench.tries.stop(bench.dataset.id)
    await bench.world.result(asking)
    rows = await bench.tries.of(bench.dataset.id)
    assert [(one.state, one.problem.code if one.problem else "") for one in rows] == [("stopped", "stopped")] * AT_ONCE
    assert bench.tries.left(bench.dataset.id) == 0
    assert bench.world.http.calls["answer"] == AT_ONCE


async def test_a_row_of_which_no_request_can_be_made_is_not_sent(bench: Bench) -> None:
    """Its neighbours are."""
    content = replace(CHAT, fields={"model": "gpt-4o-mini", "max_output_tokens": "{{age}}"}, custom_id="{{age}}")
    rows = await bench.ask(content)
    assert [one.state for one in rows] == ["answered", "failed", "answered"]
    assert rows[1].problem is not None
    assert (rows[1].problem.code, rows[1].problem.doubtful) == ("no_id", False)
    assert bench.world.http.calls["answer"] == 2


async def test_without_a_key_nothing_is_asked(bench: Bench) -> None:
    """It is said, and nothing is stored."""
    await bench.tab.profiles.remove_key("openai")
    with pytest.raises(Refused, match="no key"):
        await bench.ask()
    assert await bench.tries.of(bench.dataset.id) == ()


async def test_the_practice_provider_answers_in_the_page(bench: Bench) -> None:
    """Nothing leaves it; what the tries would cost is said, and that it was practice."""
    rows = await bench.ask(profile="practice")
    assert [(one.state, one.practice, one.cost is not None) for one in rows] == [("answered", True, True)] * 3
    assert bench.world.http.requests == []
    assert tried.spent(rows) == (0, 0)
    assert tried.outputs(rows, versions.digest(CHAT), "openai", "gpt-4o-mini") == []


async def test_variants_and_samples_are_tagged(bench: Bench) -> None:
    """Each row with each model, twice: the answers say which they are of."""
    prompts = variants.tagged(variants.of_field(CHAT, "model", ["gpt-4o-mini", "gpt-4.1-nano"]), samples=2)
    rows = await bench.ask(positions=(0,), prompts=prompts)
    assert [(one.model, one.tag, one.sample) for one in rows] == [
        (model, model, sample) for model in ("gpt-4o-mini", "gpt-4.1-nano") for sample in (1, 2)
    ]
    lines = await bench.tab.store.load([keys.try_asked_id(bench.dataset.id, one.id) for one in rows])
    assert [msgspec.json.decode(line or b"")["custom_id"] for line in lines][-1] == "Ada~gpt-4.1-nano~2"


async def test_what_is_cleared_can_be_had_back(bench: Bench) -> None:
    """Until its room is needed; then the oldest of it goes, with its bytes."""
    rows = await bench.ask()
    cleared = await bench.tries.clear(bench.dataset.id, [one.id for one in rows[:2]])
    assert [bool(one.cleared) for one in cleared] == [True, True, False]
    assert [bool(one.cleared) for one in await bench.tries.restore(bench.dataset.id)] == [False] * 3


async def test_there_is_no_room_for_ever(bench: Bench) -> None:
    """Tries that are shown are not dropped for new ones: nothing is sent, and it is said what to do."""
    (first,) = await bench.ask(positions=(0,))
    full = DatasetTries(id=bench.dataset.id, rows=tuple(replace(first, id=f"t-{n}") for n in range(tried.MAX_KEPT)))
    await bench.tab.records.commit([put(full, -1)])
    with pytest.raises(Refused, match="no space"):
        await bench.ask(positions=(0,))
    await bench.tries.clear(bench.dataset.id, ["t-0", "t-1"])
    rows = await bench.ask(positions=(0,))
    assert len(rows) == tried.MAX_KEPT
    assert {"t-0", "t-1"} - {one.id for one in rows} == {"t-0"}


async def test_a_table_that_goes_takes_its_tries_along(bench: Bench) -> None:
    """No byte of them is left."""
    await bench.ask()
    await bench.datasets.delete(bench.dataset.id)
    assert await bench.datasets.forget([bench.dataset.id]) == 1
    assert not [id for id in bench.world.disk.bytes if keys.dataset_of(id) == bench.dataset.id]
    assert await bench.tries.of(bench.dataset.id) == ()


async def test_a_full_disk_ends_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be stored is not asked."""
    from app.ports import StorageFull

    async def full(changes: object) -> None:
        raise StorageFull

    monkeypatch.setattr(bench.tab.store, "commit", full)
    with pytest.raises(StorageFull):
        await bench.ask()
    assert bench.world.http.calls["answer"] == 0


async def test_too_much_at_once_is_refused(bench: Bench) -> None:
    """The page offers no more; a mistake costs nothing."""
    many = variants.tagged([Variant("", CHAT)], samples=variants.MAX_SAMPLES)
    with pytest.raises(ValueError, match="more than"):
        await bench.ask(prompts=many)
    with pytest.raises(ValueError, match="at once"):
        await bench.ask(replace(CHAT, endpoint="/v1/videos"))
