"""Charts: their figures are those of the columns' values, their words say them, and their drawings are well-formed whatever texts say."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from array import array

import pytest

from app.core.results.answerindex import AnswerIndex, AnswerState
from app.core.results.chart_drawing import Shape, drawn, height_of
from app.core.results.chart_file import markup, svg_file
from app.core.results.charts import Chart, ChartBar, column_chart, outcomes_chart, share, short
from app.core.results.columns import NumberColumn, TagColumn, WordColumn, both
from app.core.results.facets import facet
from app.core.results.query import ColumnFilter, TableQuery
from app.core.results.time_charts import BatchAnswers, BatchSpend, answers_chart, spend_chart, unpriced_note
from app.core.results.told_apart import OTHER_MODELS, value_label
from tests.hostile.corpus import CORPUS

DOLLAR = 10**12
DAY = 86_400.0
STATES = (AnswerState.GOOD, AnswerState.GOOD, AnswerState.ERROR, AnswerState.CUT)
COUNT = 240


def table() -> AnswerIndex:
    """Rows of which a quarter failed and a quarter was cut."""
    found = AnswerIndex(array("i", [0]) * COUNT, array("I", range(COUNT)), bytes(STATES * (COUNT // 4)))
    found.columns["outcome"] = WordColumn.of(["answered", "answered", "failed", "flawed"] * (COUNT // 4))
    found.columns["field:label"] = WordColumn.of(f"label {n % 17}" if n % 5 else "" for n in range(COUNT))
    found.columns["field:score"] = NumberColumn([n / 7 if n % 5 else float("nan") for n in range(COUNT)])
    found.columns["output_tokens"] = NumberColumn([float(n * n) for n in range(COUNT)])
    found.columns["tags"] = TagColumn.of(("a, b", "b", "")[n % 3] for n in range(COUNT))
    found.of_answers |= {"field:label", "field:score"}
    return found


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("name", ["outcome", "field:label", "field:score", "output_tokens", "tags"])
def test_a_bar_counts_what_its_filter_lets_through(name: str, half: bool) -> None:  # a parameter
    """Of every column, over all rows and over some: pressed, a bar leaves exactly its rows; they are the facet's figures."""
    index = table()
    mask = bytes(n % 2 for n in range(COUNT)) if half else None
    chart = column_chart(index, name, mask)
    assert chart is not None
    pressed = [one for one in chart.bars if one.filter is not None]
    for one in pressed:
        assert one.filter is not None
        let = index.masks(TableQuery(filters=(one.filter,)), mask)
        assert let is not None
        assert let.count(1) == one.value, one
    values = {one.value: one.count for one in facet(index, name, mask).values}
    assert all(one.value == values[one.label] for one in pressed if one.filter is not None and one.filter.values)
    if name != "tags" and not chart.upright:
        assert sum(one.value for one in chart.bars) == (COUNT // 2 if half else COUNT)
    if chart.upright:
        usual = index.usual(name) if mask is None else both(index.usual(name), mask)
        assert sum(one.value for one in chart.bars) == usual.count(1)


def test_words_say_what_the_bars_show() -> None:
    """The finding, what is rarer, and what is not in it, each with its figure."""
    index = table()
    outcomes = outcomes_chart(index, None)
    assert outcomes is not None
    assert outcomes.says == "50 % of 240 requests have a good answer; 60 flawed, 60 failed."
    assert [(one.label, one.tone) for one in outcomes.bars] == [("answered", "good"), ("flawed", "warn"), ("failed", "bad")]
    labels = column_chart(index, "field:label", None)
    assert labels is not None
    assert labels.bars[12].label == "(5 other values)"
    assert {one.label for one in labels.bars[13:]} == {"(blank)", "(error)", "(cut)"}
    tokens = column_chart(index, "output_tokens", None)
    assert tokens is not None
    assert tokens.says.startswith("240 rows, from 0 to 57,121: half have at most 14,161, nine of ten at most 46,225.")
    score = column_chart(index, "field:score", None)
    assert score is not None
    assert "(error)" in score.left_out
    assert column_chart(index, "tags", bytes(COUNT)) is None
    one = column_chart(index, "output_tokens", bytes([0, 0, 1]) + bytes(COUNT - 3))
    assert one is not None
    assert one.says == "All 1 have 4."


def test_shares_and_borders_are_short() -> None:
    """As people say them: never 100 % where one is missing, and no more digits than an axis has room for."""
    assert [share(n, 3_000) for n in (0, 1, 30, 1_500, 2_999, 3_000)] == ["0 %", "less than 0.1 %", "1.0 %", "50 %", "100.0 %", "100 %"]
    assert [short(value, "") for value in (0, 12, 9_999, 20_000, 3e6, 0.25, 1e-9)] == ["0", "12", "9,999", "20k", "3M", "0.25", "1e-09"]
    assert short(0.0005, "dollars") == "$0.0005"


# --- over time


def test_answers_stand_at_the_time_when_their_batches_came() -> None:
    """Each answer is in one bar, whose length fits the span; moments are those of the person's zone."""
    chart = answers_chart(
        [BatchAnswers(1.7e9 + 3_600 * n, 10) for n in range(30)] + [BatchAnswers(0.0, 5), BatchAnswers(1.7e9, 0)], zone=3_600
    )
    assert chart is not None
    assert sum(one.value for one in chart.bars) == 300
    assert chart.bars[0].label == "2023-11-14 23:00"
    assert chart.rows[-1][2] == "300"
    assert answers_chart([BatchAnswers(0.0, 5)]) is None
    far = answers_chart([BatchAnswers(1.0, 1), BatchAnswers(9e14, 1)])
    assert far is not None
    assert sum(one.value for one in far.bars) == 2
    assert len(far.bars) < 500


def test_spending_adds_up_and_nothing_is_made_up() -> None:
    """What is saved is of requests of which both prices are known; half of a price stands for none, and practice is not billed."""
    known = BatchSpend(3 * DAY, "a", 10, 2 * DOLLAR, 4 * DOLLAR)
    chart = spend_chart(
        [
            known,
            BatchSpend(3.5 * DAY, "b", 5, DOLLAR, None),
            BatchSpend(9 * DAY, "c", 7, None, 9 * DOLLAR),
            BatchSpend(0, "d", 2, None, None, True),
        ]
    )
    assert chart is not None
    assert chart.says == (
        "$3.00 for 15 requests. Answered at once, at the standard price, the same would have cost $4.00: $2.00 saved, "
        "as far as both prices are known ($2.00 of it)."
    )
    assert [(one.label, one.value, one.parts, one.over) for one in chart.bars] == [("1970-01-04", 3.0, (2.0, 1.0), 2.0)]
    assert chart.rows == (("1970-01-04", "a", "10", "$2.00", "$4.00", "$2.00"), ("1970-01-04", "b", "5", "$1.00", "not known", ""))
    assert "Of 7 requests no batch price is known" in chart.left_out
    assert "2 requests were simulated" in chart.left_out
    assert spend_chart([BatchSpend(0, "d", 2, None, None, True)]) is None
    assert unpriced_note([BatchSpend(0, "d", 2, None, None, True)]).endswith("2 requests were simulated and are not billed.")
    dear = spend_chart([BatchSpend(0, "a", 1, 3 * DOLLAR, DOLLAR)])
    assert dear is not None
    assert "would have cost $1.00: $2.00 less than it did." in dear.says


def test_many_models_and_days_stay_readable() -> None:
    """Eight colours at most, the last for all other models; more than forty days become months."""
    spends = [BatchSpend(n * DAY, f"m{n % 12}", 1, (1 + n % 12) * DOLLAR, 2 * (1 + n % 12) * DOLLAR) for n in range(90)]
    chart = spend_chart(spends)
    assert chart is not None
    assert len(chart.series) == 8
    assert chart.series[-1] == OTHER_MODELS
    assert len(chart.bars) == 3
    assert sum(one.value for one in chart.bars) * DOLLAR == pytest.approx(sum(one.cost or 0 for one in spends))


# --- drawings


def shapes(shape: Shape) -> list[Shape]:
    """A shape and all in it."""
    return [shape, *(deep for one in shape.inside if isinstance(one, Shape) for deep in shapes(one))]


def said(text: str) -> Chart:
    """A chart all of whose texts are this."""
    bars = tuple(ChartBar(text, n + 0.5, parts=(n + 0.5,), over=1.0, tick=text) for n in range(3))
    return Chart("spend", text, text, bars, (text,), ((text,),) * 3, upright=True, unit="dollars", series=(text,), over=text)


def test_a_file_is_well_formed_whatever_its_texts_say() -> None:
    """Read by a parser of XML: no text becomes an element, and what XML cannot have is replaced."""
    plain, _, height = svg_file(said("plain"))
    tags = [one.tag for one in ET.fromstring(plain).iter()]  # noqa: S314  # made here
    for text in CORPUS:
        for chart in (said(text), Chart("x", text, text, (ChartBar(text, 1.0),), (text,), ((text,),))):
            found, _, _ = svg_file(chart)
            root = ET.fromstring(found)  # noqa: S314
            assert {one.tag.rpartition("}")[2] for one in root.iter()} <= {"svg", "title", "desc", "rect", "line", "text"}, text
            assert not any("href" in name or name.startswith("on") or name == "style" for one in root.iter() for name in one.attrib)
    assert len(tags) > 20
    assert height > height_of(said("plain"))


def test_a_drawing_says_what_it_shows() -> None:
    """It is an image with a name, a title and a description; each bar is as long as its figure; parts are told apart by numbers too."""
    chart = outcomes_chart(table(), None)
    assert chart is not None
    shape = drawn(chart)
    assert (shape.attributes["role"], shape.attributes["aria-label"]) == ("img", f"{chart.title}. {chart.says}")
    assert [one.inside for one in shape.inside[:2] if isinstance(one, Shape)] == [(chart.title,), (chart.says,)]
    lengths = [float(one.attributes["width"]) for one in shapes(shape) if one.name == "rect"]
    assert lengths == [142.0, 71.0, 71.0]
    spend = spend_chart([BatchSpend(0, name, 1, DOLLAR, 2 * DOLLAR) for name in ("a", "b")])
    assert spend is not None
    numbers = [one.inside[0] for one in shapes(drawn(spend)) if one.attributes.get("class") == "c-on"]
    assert numbers == ["1", "2"]
    assert "c-s2" in markup(drawn(spend))
    assert 'fill="#0b62a8"' in svg_file(spend)[0]
    assert "class=" not in svg_file(spend)[0]


def test_nothing_leaves_the_drawing() -> None:
    """Bars of any number and size, empty ones and huge ones, stay within it."""
    for values in ([0.0], [1e300, 1e-300, 0.0], [float(n) for n in range(400)]):
        bars = tuple(ChartBar("x", value, filter=ColumnFilter("a", ("x",)), tick="tick") for value in values)
        for upright in (False, True):
            shape = drawn(Chart("a", "A", "says", bars, ("a",), (), upright=upright))
            boxes = [one.attributes for one in shapes(shape) if one.name == "rect"]
            assert all(float(one["x"]) >= 0 and float(one["x"]) + float(one["width"]) <= 360.5 for one in boxes)
            assert all(
                float(one["y"]) >= -0.5 and float(one["y"]) + float(one["height"]) <= float(shape.attributes["height"]) for one in boxes
            )


@pytest.mark.parametrize("said", ["(error)", "(others)", "(12 other values)", "“(blank)”", " (no value) ", "other models"])
def test_a_value_that_says_what_the_page_says_stands_in_quotation_marks(said: str) -> None:
    """In facets, charts and chips: so nobody takes it for a failure, or for the rest."""
    assert value_label(said) == f"“{said}”"
    found = AnswerIndex(array("i", [0] * 3), array("I", range(3)), bytes([AnswerState.GOOD] * 2 + [AnswerState.ERROR]))
    found.columns["field:label"] = WordColumn.of([said, said, ""])
    chart = column_chart(found, "field:label", None)
    assert chart is not None
    labels = [one.label for one in chart.bars]
    assert len(set(labels)) == len(labels)
    assert labels[0] == f"“{said}”"


def test_other_values_are_called_what_they_are() -> None:
    """Whatever else they hold."""
    for said in ("error", "(errors)", "others", "“quoted”", "(x other values)", "", "(error) " * 30):
        assert value_label(said) == said


def test_a_model_that_is_called_as_the_rest_has_a_colour_of_its_own() -> None:
    """Its money is not that of the models that have none."""
    spends = [BatchSpend(DAY, OTHER_MODELS, 1, 90 * DOLLAR, None), *(BatchSpend(DAY, f"m{n}", 1, DOLLAR, None) for n in range(12))]
    chart = spend_chart(spends)
    assert chart is not None
    assert (chart.series[0], chart.series[-1]) == (f"“{OTHER_MODELS}”", OTHER_MODELS)
    assert (chart.bars[0].parts[0], chart.bars[0].parts[-1]) == (90, 6)
