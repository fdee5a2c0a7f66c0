"""The rows of a table asked in several ways in one go: each request says which way it is of, each way has its figures, and all come into
the queue together."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from app.core.model import keys
from app.core.model.datasets import Dataset
from app.core.model.lanes import EMBEDDINGS, RESPONSES
from app.core.model.sendings import QueuedRows, SentVariant
from app.core.model.templates import PromptContent, PromptMessage, TemplateVersion
from app.core.model.ways import Ways
from app.core.planning.rowrequests import PlanOrder, Unplannable
from app.core.prices.estimates import expected_output
from app.core.templates.ways import prompts_of
from app.services.planning import check_job
from app.services.planning.counting import uncounted
from app.services.planning.pricing import priced
from tests.fakes.memory_store import MemoryDisk
from tests.unit.services.planning.test_planning import ASK, CSV, OPENAI, Tab, nothing_left, template


@pytest.fixture
def disk() -> MemoryDisk:
    return MemoryDisk()


@pytest.fixture
def tab(disk: MemoryDisk) -> Tab:
    return Tab(disk)


def ordered(tab: Tab, dataset: Dataset, ways: Ways, content: PromptContent = ASK, *compared: TemplateVersion) -> PlanOrder:
    return tab.planning.order(dataset, content, OPENAI, None, prompts_of(content, ways, compared, 50))


async def test_models_and_samples_are_one_job(tab: Tab) -> None:
    """Rows times variants times samples: counted, priced by variant, cut by lane, and tagged; the queue has all of them or none."""
    order = ordered(tab, await tab.bring(CSV), Ways(models="gpt-4o", samples="2"))
    plan = await tab.planning.check(order)
    report = plan.report
    assert (report.rows, report.requests, report.left_out, report.partly) == (4, 16, 0, 0)
    assert [(one.model, one.sums.requests) for one in report.lanes] == [("gpt-4o", 8), ("gpt-4o-mini", 8)]
    assert [(one.tag, one.model, one.requests) for one in report.variants] == [
        ("gpt-4o-mini", "gpt-4o-mini", 8),
        ("gpt-4o", "gpt-4o", 8),
    ]
    words = [2 + n + 11 for n in (2, 3, 2, 0)]
    assert [(one.tag, one.requests, sorted(one.tokens)) for one in plan.counted] == [
        (tag, 8, sorted(words * 2)) for tag in ("gpt-4o-mini", "gpt-4o")
    ]
    mini, large = (priced(one, 0, expected_output([], None), OPENAI.base_url) for one in plan.counted)
    assert (mini.tag, large.tag) == ("gpt-4o-mini", "gpt-4o")
    # gpt-4o at 1.25 and 5.00 dollars a million in a batch, gpt-4o-mini at 0.075 and 0.30; 300 tokens of output assumed
    assert large.batch.cost == 2 * sum(words) * 1_250_000 + 8 * 300 * 5_000_000
    assert mini.batch.cost == 2 * sum(words) * 75_000 + 8 * 300 * 300_000

    record = (await tab.planning.add(order, template())).record
    assert [id for id, _ in await tab.lines("gpt-4o")] == [f"{record.id}-{row}~gpt-4o~{n}" for n in (1, 2) for row in (1, 2, 3, 4)]
    assert [body["model"] for _, body in await tab.lines()] == ["gpt-4o-mini"] * 8
    assert (record.requests, record.samples, record.variants) == (16, 2, (SentVariant("gpt-4o-mini"), SentVariant("gpt-4o")))
    assert (await tab.planning.queued(order.dataset))[0] == record


async def test_all_tokens_are_counted_way_by_way(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two versions of a prompt to one model: each has the tokens of its own requests, all samples together."""
    monkeypatch.setattr(check_job, "SAMPLE", 4)
    short = replace(ASK, messages=(PromptMessage("m", "user", "{{sku}}"),))
    version = TemplateVersion(id="v-9", template="t-1", number=3, content=short, digest="d")
    plan = await tab.planning.check(ordered(tab, await tab.bring(CSV), Ways(versions=("v-9",), samples="2"), ASK, version))
    assert uncounted(plan.counted)
    assert {one.tag: dict(one.spread) for one in await tab.planning.count(plan)} == {
        "now": {2 + 2 + 11: 4, 2 + 3 + 11: 2, 2 + 0 + 11: 2},
        "Version-3": {1 + 7: 8},
    }


async def test_one_way_is_sent_as_ever(tab: Tab) -> None:
    """No tag, no record of ways, the same order."""
    dataset = await tab.bring(CSV)
    assert ordered(tab, dataset, Ways()).prompts == ()
    record = (await tab.planning.add(ordered(tab, dataset, Ways()), template())).record
    assert (record.variants, record.samples) == ((), 0)
    assert [id for id, _ in await tab.lines()] == [f"{record.id}-{row}" for row in (1, 2, 3, 4)]


async def test_a_file_shows_them(tab: Tab) -> None:
    """As they would be uploaded: values of a parameter share a lane, each with its tag in the id and, where it is taken, in the
    metadata."""
    content = replace(ASK, endpoint=RESPONSES, custom_id="{{sku}}")
    order = ordered(tab, await tab.bring(CSV), Ways(parameter="temperature", values="0, 1"), content)
    plan = await tab.planning.check(order)
    (lane,) = plan.report.lanes
    blob = await tab.planning.file(plan, lane, 0)
    assert blob is not None
    lines = [json.loads(one) for one in (await blob.read()).splitlines()]
    assert [one["custom_id"] for one in lines[::4]] == ["A1~temperature-0", "A1~temperature-1"]
    assert [one["body"]["temperature"] for one in lines[::4]] == [0, 1]
    assert [one["body"]["metadata"] for one in lines[::4]] == [{"variant": "temperature-0"}, {"variant": "temperature-1"}]
    assert len({one["custom_id"] for one in lines}) == len(lines) == 8  # two rows have one sku
    record = (await tab.planning.add(order, template(content))).record
    (data,) = await tab.store.load([keys.sent_rows_id(record.id)])
    assert [row for row, _ in json.loads(data or b"")] == [1, 2, 3, 4, 1, 2, 3, 4]


async def test_what_stands_against_one_way_alone_is_said_so(tab: Tab) -> None:
    """The row is asked in the others; a row that no way takes is left out; each row counts once in a finding."""
    content = replace(ASK, fields={"model": "gpt-4o-mini", "top_p": "{{heat}}"})
    dataset = await tab.bring(b"text,heat\na,1\nb,hot\nc,0.5\n")
    report = (await tab.planning.check(ordered(tab, dataset, Ways(parameter="temperature", values="0, 9"), content))).report
    assert (report.requests, report.left_out, report.partly) == (2, 1, 2)
    (heat,) = [one for one in report.blocked if "temperature" in one.path.lower()]
    assert (heat.variants, heat.rows, heat.count) == (("temperature-9",), (0, 2), 2)
    (top,) = [one for one in report.blocked if one is not heat]
    assert (top.variants, top.rows, top.count) == ((), (1,), 1)
    added = await tab.planning.add(ordered(tab, dataset, Ways(parameter="temperature", values="0, 9"), content), template(content))
    assert (added.record.requests, added.record.left_out) == (2, 1)


async def test_versions_are_compared(tab: Tab) -> None:
    """Each by its own words; the record says which version a tag is of. One of another endpoint is refused before a row is looked at."""
    short = replace(ASK, messages=(PromptMessage("m", "user", "{{sku}}"),))
    dataset = await tab.bring(CSV)
    version = TemplateVersion(id="v-9", template="t-1", number=3, content=short, digest="d")
    order = ordered(tab, dataset, Ways(versions=("v-9",)), ASK, version)
    report = (await tab.planning.check(order)).report
    assert [(one.tag, one.requests) for one in report.variants] == [("now", 4), ("Version-3", 4)]
    record = (await tab.planning.add(order, template())).record
    assert record.variants == (SentVariant("now"), SentVariant("Version-3", "v-9"))
    said = [body["messages"][-1]["content"] for id, body in await tab.lines() if id.endswith("~Version-3")]
    assert said == ["A1", "A2", "A1", "A4"]
    other = replace(version, content=PromptContent(EMBEDDINGS, {"model": "text-embedding-3-small"}, inputs=("{{text}}",)))
    with pytest.raises(Unplannable, match=r"“Version-3”.* is written for /v1/embeddings"):
        await tab.planning.check(ordered(tab, dataset, Ways(versions=("v-9",)), ASK, other))


async def test_rows_that_share_a_request_share_it_in_each_way(tab: Tab) -> None:
    """Embeddings by two models: a row at fault is left out of both groups, and counts once."""
    content = PromptContent(EMBEDDINGS, {"model": "text-embedding-3-small"}, inputs=("{{text}}",), rows_per_request=2)
    data = b"text\na\n" + b"x" * 200 + b"\nc\n"
    order = ordered(tab, await tab.bring(data), Ways(models="text-embedding-3-large"), content)
    report = (await tab.planning.check(order)).report
    assert [(one.tag, one.requests) for one in report.variants] == [("text-embedding-3-small", 2), ("text-embedding-3-large", 2)]
    await tab.planning.add(order, template(content))
    for model in ("text-embedding-3-small", "text-embedding-3-large"):
        assert [len(body["input"]) for _, body in await tab.lines(model, EMBEDDINGS)] == [2, 1]


async def test_a_way_that_cannot_be_used_leaves_nothing(tab: Tab) -> None:
    """All or none."""
    wrong = replace(ASK, messages=(PromptMessage("m", "user", "{{colour}}"),))
    version = TemplateVersion(id="v-9", template="t-1", number=3, content=wrong, digest="d")
    order = ordered(tab, await tab.bring(CSV), Ways(versions=("v-9",)), ASK, version)
    with pytest.raises(Unplannable, match=r"no column “colour”.*Version-3"):
        await tab.planning.add(order, template())
    await nothing_left(tab)
    assert await tab.records.all(QueuedRows) == []
