"""Tables of answers in every state that the page shows, all of whose texts are one."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import get_args

from msgspec.structs import replace

from app.core.model.annotations import Annotation
from app.core.model.judging import Expectation
from app.core.model.sendings import FollowUp
from app.core.model.steps import NextStep, StepState
from app.core.model.views import SavedView
from app.core.model.votes import BlindVotes
from app.core.openai.outcomes import Outcome
from app.core.openai.schema_faults import SchemaFault
from app.core.results.answer_parts import AnswerPart, CategoryScore, Citation, TokenChance, VectorFacts
from app.core.results.answerindex import AnswerIndex, AnswerState
from app.core.results.answers import Answer, ToolCall, Usage
from app.core.results.charts import column_chart, outcomes_chart
from app.core.results.columns import NumberColumn, TagColumn, WordColumn
from app.core.results.comparing import ArmFacts
from app.core.results.facets import ColumnFacet, ColumnSummary, FacetValue, NumberBin
from app.core.results.joining import RowlessRequests
from app.core.results.layout import Comparison, TableLayout
from app.core.results.outcome_report import OutcomeGroup, OutcomeReport
from app.core.results.query import SPECIALS, ColumnFilter, TableQuery
from app.core.results.time_charts import BatchAnswers, BatchSpend, answers_chart, spend_chart
from app.services.results.agreement_job import AgreementFound
from app.services.results.annotating import AnnotationChange
from app.services.results.charts_job import ChartsFound
from app.services.results.compare_jobs import ComparedItem, ComparedLine, ComparedWindow, OpenedItem
from app.services.results.following import FollowLink
from app.services.results.shown import Opened
from app.services.results.table_jobs import ColumnFacts, ResultRow, TableWindow
from app.ui.base.annotate_state import AnnotatingState
from app.ui.base.charts_state import ChartsState, ReportState
from app.ui.base.compare_state import BlindState, ComparingState
from app.ui.base.follow_state import FollowState
from app.ui.base.results_state import (
    AgreementState,
    ArrangingState,
    BesideState,
    FacetState,
    OutcomesState,
    PickingState,
    ResultsState,
)
from tests.kit.agreeing import agreement
from tests.states.joined import joined

BATCH = "b-11"
OUTCOMES = (
    "answered",
    "failed",
    "flawed",
    "expired",
    "missing",
    "unfound",
    "unread",
    "pending",
    "queued",
    "answered",
    "answered",
    "cancelled",
)


def window(said: str, columns: int = 5, *, searched: int = 3) -> TableWindow:
    """Rows of each outcome."""
    rows = tuple(
        ResultRow("" if one == "queued" else BATCH, n, n + 1, said, one, said, (said,) * (columns - n % 2))
        for n, one in enumerate(OUTCOMES)
    )
    names = (
        ColumnFacts("id"),
        ColumnFacts("outcome"),
        ColumnFacts("output_tokens", True),
        ColumnFacts(joined("field:", said)),
        ColumnFacts("answer"),
    )
    return TableWindow(2_000, 1_200, 0, rows, names, searched, 3)


def opened(said: str) -> Opened:
    """A request with everything that an answer may have."""
    answer = Answer(
        said, Outcome.ANSWERED, said, "text", said, said, (ToolCall(said, said),), said, said, said, Usage(5, 1, 7, 2), said, 200
    )
    tokens = (TokenChance(said, 0.5, ((said, 0.5), ("", 0.1))),)
    parts = (
        AnswerPart("text", 1, said, citations=(Citation(said, said),), tokens=tokens, more_tokens=3),
        *(AnswerPart(kind, 2, said) for kind in ("reasoning", "refusal", "audio")),
        AnswerPart("call", 0, said, said),
        AnswerPart("image", 0, said, said, address=said),
        AnswerPart("moderation", 0, said, scores=(CategoryScore(said, True, 0.5), CategoryScore(said, False))),
        AnswerPart("embedding", 0, said, vector=VectorFacts(3, (0.5, 1.0), 1.0)),
    )
    faults = (SchemaFault(said, said), SchemaFault(said, said))
    asked = (("user", said), ("assistant", said))
    return Opened(BATCH, 3, said, "answered", said, asked, said, answer, said, others=(said,), parts=parts, faults=faults)


def table(said: str, **more: object) -> ResultsState:
    """Rows under filters, with what their headers say."""
    filters = (
        ColumnFilter("outcome", (said, "failed"), ("blank",), True),
        ColumnFilter("output_tokens", low=3.0),
        ColumnFilter(joined("field:", said), (said,), tuple(SPECIALS)),
    )
    shown = ("id", "prompt", "answer", joined("field:", said), "output_tokens")
    made = ResultsState(
        scope=f"batch/{BATCH}",
        stamp="1",
        query=TableQuery(said, filters, "-output_tokens"),
        typed=said,
        columns=shown,
        shown=shown,
        window=window(said),
        summaries={
            "answer": ColumnSummary("answer", 2_000, 40, 1_900),
            "outcome": ColumnSummary("outcome", 2_000, 0, 3, top=(FacetValue(said, 1_900), FacetValue("failed", 90))),
            joined("field:", said): ColumnSummary(joined("field:", said), 2_000, 3, 4, top=(FacetValue(said, 700),)),
            "output_tokens": ColumnSummary("output_tokens", 2_000, 100, 311, 212.5, 60.25, 3, 800),
        },
        active=2,
        picking=PickingState({(BATCH, 1)}),
    )
    for name, value in more.items():
        setattr(made, name, value)
    return made


def _compared(said: str) -> Iterator[tuple[str, ResultsState]]:
    """Rows that were asked in several ways."""
    arms = (
        ArmFacts("a", said, 40, 42, 41, 3.25, 0, 0, 40, 0.0, 0.5, 211.4),
        ArmFacts("b", said, 39, 42, 40, 3.5, 12, 7, 20, 0.25, 1.25, 300.0),
        ArmFacts("c", said, 38, 42, 39, 2.0, 3, 30, 5, -1.25, 0.0, 90.0),
    )
    pieces = (("same", said), ("gone", said), ("new", said))
    lines = (
        ComparedLine(0, BATCH, 0, said, "answered", (("same", said),), said, None, 0.001, 211),
        ComparedLine(1, BATCH, 1, said, "answered", pieces, said, 1.5, 0.002, 300),
        ComparedLine(1, BATCH, 2, said, "answered", pieces, said, 0.0, None, 300),
        ComparedLine(2, BATCH, 3, said, "failed"),
    )
    items = tuple(ComparedItem(n, (said, said), lines) for n in range(1, 5))
    every = (("a", said), ("b", said), ("c", said), ("d", said))
    metrics = ((joined("field:", said), True), ("length", True))
    shown = ComparedWindow(arms, 42, 30, 0, items, (1, 2, 1), every, joined("field:", said), True, metrics)
    laid = TableLayout(compare=Comparison(against="b", only="worse", order="worse"), diff=True)
    yield "compared answers being read", ResultsState(scope="table/d-2", stamp="1", layout=laid)
    yield "compared answers that cannot be read", ResultsState(scope="table/d-2", stamp="1", layout=laid, fault=said, lacks=(said,))
    yield "compared answers", table(said, scope="table/d-2", layout=laid, comparing=ComparingState(shown))
    words = replace(shown, numbers=False, found=0, items=())
    yield "compared answers of which none fits", table(said, scope="table/d-2", layout=laid, comparing=ComparingState(words))
    opened = OpenedItem(((said, said),), lines)
    at = (BATCH, 1)
    yield "a compared row", table(said, scope="table/d-2", layout=laid, comparing=ComparingState(shown, opened), at=at)
    yield "a compared row that is gone", table(said, scope="table/d-2", layout=laid, comparing=ComparingState(shown, OpenedItem()), at=at)
    votes = BlindVotes(id="a|b", first="a", second="b", votes={said: "first", "r-2": "tie"})
    pair = BlindState((said, said), votes, 3, 42, "r-9", said, said, cells=((said, said),), revealed=True)
    yield "blind votes", table(said, scope="table/d-2", layout=laid, comparing=ComparingState(shown, blind=pair))
    none = BlindState((said, said), BlindVotes(id="a|b", first="a", second="b"), looking=True)
    yield "blind votes without a pair", table(said, scope="table/d-2", layout=laid, comparing=ComparingState(shown, blind=none))


def states(said: str) -> Iterator[tuple[str, ResultsState]]:
    """What the room shows."""
    yield "results being read", ResultsState(stamp="1", doing="rows")
    many = replace(window(said), more_columns=16_000)
    yield "results without answers", ResultsState(stamp="nothing")
    yield "results that cannot be read", ResultsState(stamp="1", fault=said, query=TableQuery(sort=said))
    yield "results with columns to choose", table(said, arranging=ArrangingState(columns_open=True), window=many, doing="reading", share=40)
    yield "results being searched", table(said, window=window(said, searched=1), doing="reading", share=33)
    none = TableWindow(2_000, 0, 0, (), (ColumnFacts("id"),))
    yield "results that nothing fits", table(said, window=none, summaries={})
    values = tuple(FacetValue(said if n else "", 900 - n) for n in range(12))
    special = tuple(FacetValue("", 7, one) for one in SPECIALS)
    words = FacetState("outcome", said, "count", 50, ColumnFacet("outcome", 90, 40, values, special))
    yield "results with the values of a column", table(said, facet=words)
    bins = tuple(NumberBin(n * 100.0, n * 100.0 + 100, 40 * n) for n in range(8))
    numbers = FacetState("output_tokens", found=ColumnFacet("output_tokens", 311, 311, (), special[:1], bins))
    yield "results with the numbers of a column", table(said, facet=numbers)
    yield "results with values being counted", table(said, facet=FacetState(joined("field:", said)))
    yield "results with a request open", table(said, at=(BATCH, 3), beside=BesideState(opened(said), place=3))
    yield "results with a request being read", table(said, at=(BATCH, 3))
    said_of = Annotation("good", 4, (said[:60], "second"), said, said, 5.0)
    judging = AnnotatingState(said_of, field="tags", tags=said, changes=[AnnotationChange({})])
    beside = BesideState(opened(said), place=3)
    yield "results with an annotated request", table(said, at=(BATCH, 3), beside=beside, annotating=judging)
    yield (
        "results with a request that is corrected",
        table(
            said,
            at=(BATCH, 3),
            beside=BesideState(opened(said), gone=True),
            annotating=AnnotatingState(Annotation(), field="correction"),
        ),
    )
    columns = ("prompt", "mark", "rating", "tags", "note")
    marks = tuple(
        ResultRow(BATCH, n, n + 1, said, "answered", "", (said, ("good", "bad", "")[n % 3], str(n % 5 + 1), said, said)) for n in range(9)
    )
    shown = TableWindow(2_000, 9, 0, marks, tuple(ColumnFacts(one, one == "rating") for one in columns), annotated=True)
    note = AnnotatingState(field="note", note=said)
    yield "results with marks and ratings", table(said, columns=columns, shown=columns, window=shown, annotating=note)
    yield "results with a request that is gone", table(said, at=(said, 3), beside=BesideState(lost=said))
    yield from _compared(said)
    laid = TableLayout(((joined("field:", said), 20), ("answer", 40)), 4)
    kept = (SavedView(id="v-1", name=said), SavedView(id="v-2", name="Mine"))
    yield "results in a layout of one's own", table(said, layout=laid, arranging=ArrangingState(True, True, kept, said))
    yield "results without kept views", table(said, layout=replace(laid, lines=2), arranging=ArrangingState(views_open=True, views=()))
    groups = tuple(OutcomeGroup(one, said, 9 - n, 0.5 * n, n % 2) for n, one in enumerate(OUTCOMES[1:6]))
    sums = {"answered": 1_900, "flawed": 40, "failed": 50, "missing": 10}
    yield "results with what went wrong", table(said, outcomes=OutcomesState(OutcomeReport(2_000, sums, groups, 1.25, 3, 2), True))
    few = OutcomeReport(2_000, sums, groups[:2], 1.25)
    flaws = tuple(OutcomeGroup("flawed", one, 9, 0.5, 1) for one in ("cut_off", "schema_ignored"))
    yield "results with flaws", table(said, outcomes=OutcomesState(OutcomeReport(2_000, sums, flaws, 1.25), True))
    yield (
        "results with rows that the table lacks",
        table(said, outcomes=OutcomesState(few), window=replace(window(said), rowless=RowlessRequests(7, (BATCH,)))),
    )
    yield from _held_against(said)
    yield "results of a table", table(said, scope="table/d-2")


def charts(said: str) -> Iterator[tuple[str, ChartsState]]:
    """The card with the charts."""
    index = AnswerIndex(array("i", [0]) * 60, array("I", range(60)), bytes([AnswerState.GOOD, AnswerState.ERROR, AnswerState.GOOD] * 20))
    index.columns["outcome"] = WordColumn.of(one for one in OUTCOMES * 5)
    index.columns["output_tokens"] = NumberColumn([float(n * n * n) for n in range(1, 61)])
    index.columns["rating"] = NumberColumn([float(n % 5 + 1) for n in range(60)])
    index.columns["tags"] = TagColumn.of(("first, second", "second", "")[n % 3] for n in range(60))
    field = joined("field:", said)
    index.columns[field] = WordColumn.of([said, said, "b"] * 19 + ["c"] * 3)
    index.of_answers.add(field)
    dollar = 10**12
    spent = [
        BatchSpend(1.7e9 + 86_400 * n, f"{said} {n % 9}", 50, dollar * (n + 1), 2 * dollar * (n + 1) if n % 3 else None) for n in range(12)
    ]
    spent += [BatchSpend(1.7e9, said, 7, None, None), BatchSpend(1.7e9, said, 9, None, None, True)]
    came = [BatchAnswers(1.7e9 + 3_600 * n * n, 40 + n) for n in range(9)]
    drawn = [outcomes_chart(index, None), *(column_chart(index, name, None) for name in (field, "output_tokens", "rating", "tags"))]
    drawn += [spend_chart(spent), answers_chart(came)]
    found = ChartsFound(60, tuple(one for one in drawn if one is not None), (said,))
    yield "charts being counted", ChartsState(open=True, counting=True)
    yield "charts", ChartsState(open=True, column=field, found=found, report=ReportState(said=("good", "Saved.", said)))
    writing = ReportState(doing="write", share=40)
    yield "a report being written", ChartsState(open=True, found=ChartsFound(60), report=writing)


def _held_against(said: str) -> Iterator[tuple[str, ResultsState]]:
    """The card of what is expected, and of how far two columns agree."""
    names = ("prompt", "answer", "matches", f"cell:{said}", joined("field:", said), f"judge:{said}: score", "rating")
    shown = TableWindow(2_000, 9, 0, (), tuple(map(ColumnFacts, names)), ways=(said, "sample 2"))
    expects = Expectation(id="d-2", column=said, how="number", field=said, tolerance=0.5)
    room = {"scope": "table/d-2", "window": shown, "expectation": expects}
    labels = (said, "ham", "spam")
    found = agreement({(one, other): 3 + n - m for n, one in enumerate(labels) for m, other in enumerate(labels)}, 4, 5)
    spelled: dict[str, tuple[str, ...]] = dict.fromkeys(labels, (said,))
    both = AgreementState(f"cell:{said}", joined("field:", said), found=AgreementFound(found, spelled, spelled))
    yield "results held against a column", table(said, agreement=both, **room)
    one_label = AgreementState("mark", f"judge:{said}: score", (0, 1), False, AgreementFound(agreement({("5", "5"): 2})))
    yield "results of two ways that agree", table(said, agreement=one_label, **room)
    yield "results whose agreement is counted", table(said, agreement=AgreementState("mark", "rating"))
    yield "results with columns to compare", table(said, agreement=AgreementState(), scope="table/d-2", window=shown)
    nothing = AgreementState("mark", "rating", found=AgreementFound(agreement({})))
    yield "results that nobody judged twice", table(said, agreement=nothing, **room)


def stepping(said: str) -> FollowState:
    """Steps in each of their states."""
    steps = tuple(
        NextStep(
            id=f"r-{n}",
            dataset="d-2",
            after="r-0" if n else said,
            run=f"r-{n}",
            follow=FollowUp(said),
            limit=5 * 10**11 * (n % 2),
            submit=state != "queued",
            requests=40,
            state=state,
            why=said if n % 2 else "",
        )
        for n, state in enumerate(("waits", *get_args(StepState)))
    )
    return FollowState(table="d-2", steps=steps, choosing=True)


def linked() -> FollowState:
    """A turn with one before it, and two behind it, one of which is in no batch yet."""
    behind = (FollowLink("r-1-1~turn-3", BATCH, 4), FollowLink("r-2-1~turn-3", "", -1))
    return FollowState((BATCH, 3), FollowLink("", BATCH, 2), behind)
