"""A table's rows beside their answers: the right ones, in the table's order, whatever came of the requests."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.core.datasets.table import cell_text
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.prices.rates import TokenCounts, cost, rates_for
from app.core.results.joining import JoinOrder, run_of
from app.core.templates.variants import Variant, tagged
from app.ports import DropBytes
from app.ports.compute import JobFile
from app.services.compute.carrier import JobPlace, RunningJob
from app.services.datasets.rows import RowsMissing
from app.services.results.join import Join, open_join
from app.wiring.ports import InstalledLibraries
from tests.fakes.platform import FakeClock, MemoryFiles, SeededRandom
from tests.kit.answered import ASK, MODEL, PROFILE, Shop, failed, said
from tests.unit.core.results.test_parquet_file import read

CSV = b"sku,text\nA1,red shoes\nA2,blue hat\nA3,\xf0\x9f\x91\xa0 heels\nA4,socks\nA5,scarf\n"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def row_of(id: str) -> str:
    """The number behind a request's id: the id of its row."""
    return id.rpartition("-")[2]


def upper(id: str) -> bytes:
    return said(id, f"answer {row_of(id)}")


class Joined:
    """What a job that joins sees."""

    def __init__(self, shop: Shop) -> None:
        async def opened() -> object:
            return shop.store

        files: Sequence[JobFile] = ()
        place = JobPlace(opened, MemoryFiles(), InstalledLibraries(), FakeClock(auto=True), SeededRandom(2), 0.0)  # type: ignore[arg-type]  # it is a store
        self.job = RunningJob(place, files, lambda _done, _total: None)

    async def open(self, order: JoinOrder) -> Join:
        return await open_join(self.job, order)


async def shown(shop: Shop, order: JoinOrder) -> list[tuple[list[str], list[tuple[int, str, int, str]]]]:
    """Of each row its cells, and of each request: addition, outcome, attempts, and the answer's text."""
    join = await Joined(shop).open(order)
    found = []
    async for row in join.each():
        answers = []
        for one in row.requests:
            choices = json.loads(one.line)["response"]["body"].get("choices", ()) if one.line else ()
            answers.append((one.run, one.outcome, one.attempts, "".join(each["message"]["content"] or "" for each in choices)))
        found.append(([cell_text(cell) for cell in row.cells], answers))
    return found


async def test_answers_stand_beside_their_rows(shop: Shop) -> None:
    """In the table's order, though they came the other way round and in several pieces."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    await shop.batch(upper, pieces=3, backwards=True)
    rows = await shown(shop, JoinOrder(table.id))
    assert [cells[0] for cells, _ in rows] == ["A1", "A2", "A3", "A4", "A5"]
    assert [answers for _, answers in rows] == [[(0, "answered", 1, f"answer {n}")] for n in range(1, 6)]


async def test_a_part_of_the_rows_can_be_read(shop: Shop) -> None:
    """By position, as a window of a list asks for them."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    await shop.batch(upper)
    join = await Joined(shop).open(JoinOrder(table.id))
    assert [(row.position, row.number, row.requests[0].line is None) async for row in join.each(1, 3)] == [(1, 3, False), (2, 4, False)]
    assert [row.requests[0].line async for row in join.each(4, 99, lines=False)] == [None]


async def test_a_request_that_was_sent_again_has_its_best_answer(shop: Shop) -> None:
    """The good one of the second batch takes the place of a failure, a failure takes that of no answer, and sendings are counted."""
    table = await shop.bring(CSV)
    run = await shop.ask(table)
    first = await shop.batch(lambda id: failed(id) if row_of(id) in ("2", "4") else upper(id))
    await shop.again(first, [f"{run.id}-2", f"{run.id}-4"])
    waits = await shown(shop, JoinOrder(table.id))
    assert [answers[0][1] for _, answers in waits] == ["answered", "queued", "answered", "queued", "answered"]
    await shop.batch(lambda id: failed(id, "server_error") if row_of(id) == "4" else said(id, "second"))
    rows = await shown(shop, JoinOrder(table.id))
    assert [answers[0] for _, answers in rows][1] == (0, "answered", 2, "second")
    assert [answers[0] for _, answers in rows][3][:3] == (0, "failed", 2)
    only = await shown(shop, JoinOrder(table.id, batches=(first.id,)))
    assert [answers[0][:3] for _, answers in only][1] == (0, "failed", 1)


async def test_rows_asked_twice_have_two_requests(shop: Shop) -> None:
    """Each addition to the queue stands by itself, the oldest first; one under way is pending."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    await shop.batch(upper)
    await shop.ask(table, replace(ASK, custom_id="second-{{sku}}"))
    await shop.batch(None, state="in_progress")
    rows = await shown(shop, JoinOrder(table.id))
    assert rows[2][1] == [(0, "answered", 1, "answer 3"), (1, "pending", 1, "")]


async def test_ids_of_the_template_lead_to_their_rows(shop: Shop) -> None:
    """Though two rows have the same, of which the second is sent under another one."""
    table = await shop.bring(b"sku,text\nA1,red\nA1,blue\nA2,green\n")
    await shop.ask(table, replace(ASK, custom_id="{{sku}}"))
    await shop.batch(lambda id: said(id, f"for {id}"), backwards=True)
    assert [answers[0][3] for _, answers in await shown(shop, JoinOrder(table.id))] == ["for A1", "for A1-2", "for A2"]


async def test_rows_keep_their_answers_in_a_newer_version(shop: Shop) -> None:
    """Rows are known by their key: the answers go with them, and a row that is new has none."""
    table = await shop.bring(CSV)
    table = replace(table, key="sku")
    await shop.records.save(table)
    await shop.ask(table)
    await shop.batch(upper)
    newer = await shop.bring(b"sku,text\nA9,gloves\nA5,scarf\nA1,red shoes\n", into=table)
    rows = await shown(shop, JoinOrder(newer.id))
    assert [(cells[0], answers) for cells, answers in rows] == [
        ("A9", []),
        ("A5", [(0, "answered", 1, "answer 5")]),
        ("A1", [(0, "answered", 1, "answer 1")]),
    ]
    assert len(await shown(shop, JoinOrder(newer.id, version=1))) == 5


@pytest.mark.parametrize(
    ("id", "run"), [("r1-12", "r1"), ("r1-12~gpt-5-mini~2", "r1"), ("r1-12~2", "r1"), ("anything", ""), ("", ""), ("~x-1", "")]
)
def test_a_request_says_which_addition_it_is_of(id: str, run: str) -> None:
    """Whatever its variant is called."""
    assert run_of(id) == run


async def test_batches_without_a_table_stand_in_the_order_of_their_requests(shop: Shop) -> None:
    """A request that was sent again stands once, where it was first."""
    table = await shop.bring(CSV)
    run = await shop.ask(table)
    first = await shop.batch(lambda id: b"" if row_of(id) == "3" else upper(id), backwards=True)
    await shop.again(first, [f"{run.id}-3"])
    second = await shop.batch(lambda id: said(id, "late"))
    both = await shown(shop, JoinOrder(batches=(second.id, first.id)))
    assert [answers[0][3] for _, answers in both] == ["answer 1", "answer 2", "late", "answer 4", "answer 5"]
    assert [answers[0][1] for _, answers in await shown(shop, JoinOrder(batches=(first.id,)))].count("missing") == 1
    assert len(await shown(shop, JoinOrder(batches=(second.id,)))) == 1


async def test_what_is_lost_keeps_nothing_else_back(shop: Shop) -> None:
    """A piece of the answers, the ledger of one batch, a run of rows: the rest is there, and what is not is told."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    batch = await shop.batch(upper, pieces=5)
    await shop.store.commit([DropBytes(keys.answer_id(batch.id, "output", 1)), DropBytes(keys.dataset_rows_id(table.id, 1, 0))])
    seen = Joined(shop)
    join = await seen.open(JoinOrder(table.id))
    rows = [row async for row in join.each()]
    assert [row.requests[0].lost for row in rows] == [False, True, False, False, False]
    assert [list(row.cells) for row in rows] == [[]] * 5
    assert seen.job.faulty == 6
    await shop.store.commit([DropBytes(keys.ledger_id(batch.id))])
    assert {answers[0][1] for _, answers in await shown(shop, JoinOrder(table.id))} == {"unread"}


async def test_a_table_without_its_index_cannot_be_joined(shop: Shop) -> None:
    """That is said in a sentence."""
    table = await shop.bring(CSV)
    await shop.store.commit([DropBytes(keys.dataset_index_id(table.id, 1))])
    with pytest.raises(RowsMissing, match="Import the file again"):
        await Joined(shop).open(JoinOrder(table.id))
    with pytest.raises(RowsMissing, match="is no longer here"):
        await Joined(shop).open(JoinOrder("d-none"))


async def test_tokens_and_cost_are_those_of_the_answer(shop: Shop) -> None:
    """By the published batch price of the model; nothing where the batch was practice."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    batch = await shop.batch(upper)
    join = await Joined(shop).open(JoinOrder(table.id))
    (one,) = [row.requests[0] async for row in join.each(0, 1)]
    assert (one.usage.input, one.usage.cached, one.usage.output, one.id) == (10, 2, 4, f"{join.runs[0].id}-1")
    rates = rates_for(PROFILE.base_url, MODEL, "batch")
    assert rates is not None
    assert one.cost == cost(rates, TokenCounts(10, 4, cached=2))
    stored = await shop.records.get(Batch, batch.id)
    assert stored is not None
    await shop.records.save(replace(stored.value, practice=True))
    join = await Joined(shop).open(JoinOrder(table.id))
    assert [row.requests[0].cost async for row in join.each(0, 1)] == [None]


# --- files


async def cells(shop: Shop, join: JoinOrder, **choice: object) -> list[list[str]]:
    data, _ = await shop.take(join, format="csv", **choice)
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


async def test_the_table_again_with_its_answers_as_columns(shop: Shop) -> None:
    """The table's columns first, as they were; then the answers. A row without a request has none."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    await shop.batch(lambda id: failed(id) if row_of(id) == "2" else said(id, "sure,\nyes") if row_of(id) == "3" else upper(id))
    found = await cells(shop, JoinOrder(table.id), parts=("table", "answer", "outcome"))
    assert found[0] == ["sku", "text", "Answer", "Outcome", "Error", "Finish reason"]
    assert found[1] == ["A1", "red shoes", "answer 1", "answered", "", "stop"]
    assert found[2] == ["A2", "blue hat", "", "failed", "It was refused.", ""]
    assert found[3] == ["A3", "👠 heels", "sure,\nyes", "answered", "", "stop"]
    assert len(await cells(shop, JoinOrder(table.id), rows="answered")) == 1 + 4
    assert [one[0] for one in await cells(shop, JoinOrder(table.id), rows="unanswered")] == ["sku", "A2"]


async def test_samples_are_rows_of_their_own_or_columns(shop: Shop) -> None:
    """As the person chose; what they cost is counted once."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    await shop.batch(lambda id: said(id, "one", more=["two"]))
    found = await cells(shop, JoinOrder(table.id), parts=("table", "answer", "usage"))
    assert [one[2] for one in found[1:]] == ["one", "two"] * 5
    assert [one[3] for one in found[1:3]] == ["10", ""]
    found = await cells(shop, JoinOrder(table.id), parts=("table", "answer"), side_by_side=True)
    assert found[0] == ["sku", "text", "Answer 1", "Answer 2"]
    assert found[1] == ["A1", "red shoes", "one", "two"]


async def test_additions_stand_side_by_side(shop: Shop) -> None:
    """Two prompts over one table are two blocks of columns; a row that was not asked the second time has that block empty."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    await shop.batch(upper)
    await shop.ask(table)
    await shop.batch(lambda id: said(id, "again") if row_of(id) != "5" else b"")
    found = await cells(shop, JoinOrder(table.id), parts=("table", "answer", "outcome"), side_by_side=True)
    assert found[0] == [
        "sku",
        "text",
        "Answer 1",
        "Outcome 1",
        "Error 1",
        "Finish reason 1",
        "Answer 2",
        "Outcome 2",
        "Error 2",
        "Finish reason 2",
    ]
    assert found[5] == ["A5", "scarf", "answer 5", "answered", "", "stop", "", "missing", "missing", ""]
    assert len(await cells(shop, JoinOrder(table.id), parts=("table", "answer"))) == 1 + 10


async def test_structured_answers_become_columns(shop: Shop) -> None:
    """Fields by path, lists as JSON; one that breaks off stays text and is marked."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    texts = {
        "1": '{"label": "shoe", "size": {"eu": 42, "us": null}, "tags": ["a", "b"]}',
        "2": '{"label": "hat", "extra": true}',
        "3": '{"label": "heels", "size": {"eu"',
        "4": '{"label": "00123"}',
        "5": '{"label": "=1+1"}',
    }
    await shop.batch(lambda id: said(id, texts[row_of(id)]))
    data, done = await shop.take(JoinOrder(table.id), format="csv", parts=("table", "answer", "fields"))
    found = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert found[0] == ["sku", "text", "Answer", "label", "size.eu", "size.us", "tags", "extra", "Answer JSON"]
    assert found[1][3:] == ["shoe", "42", "", '["a","b"]', "", "valid"]
    assert found[2][3:] == ["hat", "", "", "", "true", "valid"]
    assert found[3][2:] == [texts["3"], "", "", "", "", "", "damaged"]
    assert found[4][3] == "00123"
    assert found[5][3] == "'=1+1"
    assert any("damaged" in one for one in done.remarks)
    assert any("formula" in one for one in done.remarks)


async def test_answers_that_are_no_objects_get_no_columns(shop: Shop) -> None:
    """One that is prose is enough, where nothing else was asked for."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    await shop.batch(lambda id: said(id, '{"a": 1}' if row_of(id) == "1" else "prose"))
    assert (await cells(shop, JoinOrder(table.id), parts=("answer", "fields")))[0] == ["Answer"]


async def test_lines_of_json_keep_types(shop: Shop) -> None:
    """Numbers are numbers, lists are lists, nothing is null."""
    table = await shop.bring(b'{"n": 1.10, "id": 12345678901234567890, "who": {"a": [1]}, "none": null}\n', name="a.jsonl")
    await shop.ask(table, replace(ASK, messages=(replace(ASK.messages[0], text="{{n}}"),)))
    await shop.batch(lambda id: said(id, '{"ok": true, "list": [1, 2]}'))
    data, done = await shop.take(JoinOrder(table.id), format="jsonl", parts=("table", "fields", "usage"))
    assert b'"n":1.10,"id":12345678901234567890,' in data
    found = json.loads(data)
    assert found["who"] == {"a": [1]}
    assert (found["none"], found["ok"], found["list"], found["Input tokens"]) == (None, True, [1, 2], 10)
    assert done.rows == 1


async def test_parquet_has_a_type_for_each_column(shop: Shop, tmp_path: Path) -> None:
    """What all cells of a column are; a field of the answers that has another name of ours is its own."""
    table = await shop.bring(b'{"n": 1, "x": 2.5, "t": "00123"}\n{"n": 2, "x": 3, "t": null}\n', name="a.jsonl")
    await shop.ask(table, replace(ASK, messages=(replace(ASK.messages[0], text="{{n}}"),)))
    await shop.batch(lambda id: said(id, '{"ok": true, "score": 7, "Attempts": "none"}'))
    data, _ = await shop.take(JoinOrder(table.id), format="parquet", parts=("table", "fields", "usage", "request"))
    ((columns, rows),) = read(tmp_path, data)
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    assert [[one[name] for name in ("n", "x", "t")] for one in found] == [[1, 2.5, "00123"], [2, 3.0, None]]
    assert [found[0][name] for name in ("ok", "score", "Attempts", "Attempts (2)", "Input tokens")] == [True, 7, "none", 1, 10]


async def test_conversations_for_fine_tuning(shop: Shop) -> None:
    """What was asked and what was answered, in the chat format; what has no good answer is left out and said."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    await shop.batch(lambda id: failed(id) if row_of(id) == "2" else upper(id))
    data, done = await shop.take(JoinOrder(table.id), format="tuning")
    lines = [json.loads(line) for line in data.splitlines()]
    assert lines[0] == {"messages": [{"role": "user", "content": "Sort this: red shoes"}, {"role": "assistant", "content": "answer 1"}]}
    assert (len(lines), done.rows) == (4, 4)
    assert "1 request left out" in done.remarks[0]


async def test_the_prompt_can_go_with_the_answer(shop: Shop) -> None:
    """As text, with roles where there are several messages."""
    table = await shop.bring(CSV)
    await shop.ask(table)
    batch = await shop.batch(upper)
    found = await cells(shop, JoinOrder(batches=(batch.id,)), parts=("prompt", "answer", "request"))
    assert found[0][:2] == ["Prompt", "Answer"]
    assert found[3][:2] == ["Sort this: 👠 heels", "answer 3"]
    assert found[1][5] == "Batch 1"


async def test_rows_asked_in_several_ways_have_a_request_for_each(shop: Shop) -> None:
    """Variants and samples stand side by side under their tags, or in rows of their own; also where the template says the ids."""
    for ids in ("", "{{sku}}"):
        shop = Shop()
        table = await shop.bring(CSV)
        content = replace(ASK, custom_id=ids)
        await shop.ask(table, content, tagged([Variant("mini", content), Variant("other", content)], 2))
        await shop.batch(lambda id: said(id, id.partition("~")[2]), backwards=True)
        rows = await shown(shop, JoinOrder(table.id))
        assert [answers for _, answers in rows] == [
            [(0, "answered", 1, one) for one in ("mini~1", "mini~2", "other~1", "other~2")] for _ in range(5)
        ]
        found = await cells(shop, JoinOrder(table.id), parts=("table", "answer"))
        assert found[0] == ["sku", "text", "Variant", "Answer"]
        assert [row[2:] for row in found[1:3]] == [["mini", "mini~1"], ["mini", "mini~2"]]
        assert len(found) == 1 + 20
        found = await cells(shop, JoinOrder(table.id), parts=("table", "answer"), side_by_side=True)
        assert [name for name in found[0] if name.startswith("Answer")] == [
            "Answer 1 mini",
            "Answer 2 mini",
            "Answer 3 other",
            "Answer 4 other",
        ]
        assert len(found) == 1 + 5
