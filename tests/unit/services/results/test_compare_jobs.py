"""The same rows asked in several ways, as jobs find them: arms, their figures, items in order, and one of them in full."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec.structs import replace

from app.core.programs.folder import own_id
from app.core.results.joining import JoinOrder
from app.core.results.layout import MOST_ARMS, Comparison
from app.core.results.query import ColumnFilter, TableQuery
from app.core.templates.variants import Variant, tagged, told_apart
from app.services.results.compare_arms import MOST_KNOWN, PART, parts
from app.services.results.compare_jobs import COMPARED, ITEM, ComparedAsked, ComparedWindow, ItemAsked, OpenedItem
from app.services.results.table_jobs import ROWS, RowsAsked, TableAsked, TableWindow
from tests.kit.answered import ASK, Shop, failed, said

if TYPE_CHECKING:
    from app.ports.compute import Job

CSV = b"n,text\n1,apple\n2,pear\n3,plum\n4,fig\n"
SCORES = {"small": (5, 5, 5, 5), "large": (5, 3, 9, 0)}


def answers(id: str) -> bytes:
    """Scores by the variant; the large one fails at the last row."""
    base, _, behind = id.partition("~")
    row, tag = int(base.rpartition("-")[2]), behind.partition("~")[0]
    if tag == "large" and row == 4:
        return failed(id)
    return said(id, json.dumps({"score": SCORES[tag][row - 1], "why": f"the {tag} one says {row}"}))


@pytest.fixture
async def shop() -> tuple[Shop, JoinOrder]:
    shop = Shop()
    table = await shop.bring(CSV)
    ways = tagged([Variant("small", ASK), Variant("large", replace(ASK, fields={"model": "gpt-4o-mini", "temperature": "1"}))])
    await shop.ask(table, ASK, ways)
    await shop.batch(answers)
    return shop, JoinOrder(dataset=table.id)


async def compared(shop: Shop, of: JoinOrder, compare: Comparison, query: TableQuery | None = None, **more: Any) -> ComparedWindow:
    asked = ComparedAsked(TableAsked(of, "1", query or TableQuery()), compare, 0, 50, **more)
    found: ComparedWindow = (await shop.compute.run(COMPARED, asked)).value
    return found


async def test_arms_are_told_apart_and_counted(shop: tuple[Shop, JoinOrder]) -> None:
    """The baseline first; the other with what is better, worse and the same, over the rows that both answered."""
    one, of = shop
    found = await compared(one, of, Comparison(metric="field:score"))
    assert [(arm.title, arm.rows, arm.answers, arm.mean) for arm in found.arms] == [("small", 4, 4, 5.0), ("large", 3, 4, 17 / 3)]
    assert [(arm.better, arm.worse, arm.same) for arm in found.arms] == [(0, 0, 4), (1, 1, 1)]
    assert found.arms[1].delta == 2 / 3
    assert (found.total, found.found, found.lines) == (4, 4, (1, 1))
    assert [item.cells for item in found.items] == [("1", "apple"), ("2", "pear"), ("3", "plum"), ("4", "fig")]
    assert [[(line.arm, line.outcome, line.value, line.delta) for line in item.lines] for item in found.items][1:] == [
        [(0, "answered", "5", None), (1, "answered", "3", -2.0)],
        [(0, "answered", "5", None), (1, "answered", "9", 4.0)],
        [(0, "answered", "5", None), (1, "failed", "", None)],
    ]


async def test_regressions_are_looked_at_first_and_alone(shop: tuple[Shop, JoinOrder]) -> None:
    """Also with the other arm as the baseline, with less as better, and under the filters of the table."""
    one, of = shop
    score = Comparison(metric="field:score", order="worse")
    assert [item.number for item in (await compared(one, of, score)).items] == [2, 1, 3, 4]
    assert [item.number for item in (await compared(one, of, replace(score, only="worse"))).items] == [2]
    large = next(name for name, title in (await compared(one, of, score)).every if title == "large")
    small = next(name for name, title in (await compared(one, of, score)).every if title == "small")
    turned = await compared(one, of, replace(score, arms=(large, small), only="worse"))
    assert [item.number for item in turned.items] == [3]
    assert [item.number for item in (await compared(one, of, replace(score, less=True, only="worse"))).items] == [3]
    query = TableQuery(filters=(ColumnFilter("cell:text", ("pear",)),))
    pear = await compared(one, of, score, query)
    assert [item.cells[1] for item in pear.items] == ["pear"]
    assert (pear.total, pear.arms[1].worse, pear.arms[1].better, pear.arms[1].mean) == (1, 1, 0, 3.0)


async def test_words_are_marked_where_they_differ(shop: tuple[Shop, JoinOrder]) -> None:
    """In a line, and in the item that is open."""
    one, of = shop
    found = await compared(one, of, Comparison(metric="field:why"), diff=True)
    assert not found.numbers
    assert (found.arms[1].same, found.arms[1].worse) == (0, 3)
    line = found.items[0].lines[1]
    assert ("gone", "small") in line.pieces
    assert ("new", "large") in line.pieces
    opened: OpenedItem = (await one.compute.run(ITEM, ItemAsked(TableAsked(of, "1"), Comparison(), line.batch, line.row))).value
    assert opened.cells == (("n", "1"), ("text", "apple"))
    assert [len(each.pieces) > 1 for each in opened.lines] == [False, True]
    gone = (await one.compute.run(ITEM, ItemAsked(TableAsked(of, "1"), Comparison(), "b-none", 0))).value
    assert gone == OpenedItem()


async def test_samples_are_repeats_or_arms(shop: tuple[Shop, JoinOrder]) -> None:
    """Beside another variant they are repeats with a line each; alone they are compared with one another."""
    one = Shop()
    table = await one.bring(CSV)
    await one.ask(table, ASK, tagged([Variant("small", ASK), Variant("large", replace(ASK, custom_id=""))][:1], 3))
    await one.batch(lambda id: said(id, "x" * int(id.rpartition("~")[2])))
    found = await compared(one, JoinOrder(dataset=table.id), Comparison(metric="length"))
    assert [arm.title for arm in found.arms] == ["small, sample 1", "small, sample 2", "small, sample 3"]
    assert [arm.worse for arm in found.arms] == [0, 4, 4]  # longer ones: less is better
    both = Shop()
    table = await both.bring(CSV)
    ways = tagged([Variant("a", ASK), Variant("b", replace(ASK, fields={**ASK.fields, "temperature": "1"}))], 2)
    await both.ask(table, ASK, ways)
    await both.batch(lambda id: said(id, "x" * int(id.rpartition("~")[2])))
    found = await compared(both, JoinOrder(dataset=table.id), Comparison(metric="length"))
    assert found.lines == (2, 2)
    assert [line.value for line in found.items[0].lines] == ["1", "2", "1", "2"]
    assert found.arms[1].same == 4


async def test_ids_that_look_like_variants_do_not_make_thousands_of_arms() -> None:
    """Of ids that a person chose each may have something behind the mark: so many arms are known, figures are made of those that are shown,
    and what is beyond keeps nothing back."""
    one = Shop()
    table = await one.bring(b"text\n" + b"".join(b"%d\n" % n for n in range(MOST_KNOWN + 50)))
    await one.ask(table, replace(ASK, custom_id="{{text}}~{{text}}"))
    batch = await one.batch(lambda id: said(id, "x"))
    of = JoinOrder(batches=(batch.id,))
    found = await compared(one, of, Comparison())
    assert (len(found.every), len(found.arms), found.total) == (MOST_KNOWN, MOST_ARMS, MOST_ARMS)
    last = await compared(one, of, Comparison(arms=(found.every[-1][0],)))
    assert [item.lines[0].id for item in last.items] == [f"{MOST_KNOWN - 1}~{MOST_KNOWN - 1}"]


async def test_a_kept_comparison_opens_other_answers(shop: tuple[Shop, JoinOrder]) -> None:
    """Its column may be one that these answers do not have: then another one decides, which is said."""
    one, of = shop
    for metric in ("field:none", "cell:none", "judge:none: score", "nothing"):
        assert (await compared(one, of, Comparison(metric=metric))).metric == "field:score"
    assert (await compared(one, of, Comparison(metric="cell:n"))).metric == "cell:n"


async def test_requests_of_a_file_are_compared_by_their_own_ids() -> None:
    """What Nightshift put behind them, since an id is unique in its file only, is no variant."""
    one = Shop()
    table = await one.bring(
        b"text\n" + b"".join(own_id("in", "a.jsonl", f"{n}{tag}").encode() + b"\n" for n in (1, 2) for tag in ("~a", "~b"))
    )
    await one.ask(table, replace(ASK, custom_id="{{text}}"))
    batch = await one.batch(lambda id: said(id, "x"))
    of = JoinOrder(batches=(batch.id,))
    found = await compared(one, of, Comparison())
    assert ([arm.title for arm in found.arms], found.total) == (["a", "b"], 2)
    plain: TableWindow = (await one.compute.run(ROWS, RowsAsked(TableAsked(of, "1"), 0, 9, ("variant",)))).value
    assert [row.cells for row in plain.rows] == [("a",), ("b",), ("a",), ("b",)]
    assert told_apart(own_id("in", "a.jsonl", "order-1")) == ("order-1", "")


async def test_many_rows_are_gone_through_in_parts() -> None:
    """With a rest after each for which it is time, in which a stop is heard."""

    class Resting:
        rests = 0

        def over(self, items: int) -> bool:
            return items == PART

        async def rest(self) -> None:
            self.rests += 1

    job = Resting()
    found = [one async for one in parts(cast("Job", job), 2 * PART + 1)]
    assert found == [(0, PART), (PART, 2 * PART), (2 * PART, 2 * PART + 1)]
    assert job.rests == 2
