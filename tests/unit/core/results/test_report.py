"""Reports: one page without anything that runs or is asked for, and Markdown of the same, whatever the texts in them say."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from app.core.results.charts import Chart, ChartBar
from app.core.results.outcome_report import OutcomeGroup, OutcomeReport
from app.core.results.report import Report, ReportBatch
from app.core.results.report_html import html, policy
from app.core.results.report_markdown import fenced, inline, markdown
from tests.hostile.corpus import CORPUS
from tests.kit.agreeing import agreement
from tests.kit.screen import parse

TAGS = {
    *("head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "div", "figure", "details", "summary", "pre"),
    *("html", "table", "thead", "tbody", "tr", "th", "td", "svg", "desc", "rect", "line", "text"),
}


def report(said: str) -> Report:
    """Something of everything, all of whose texts are this."""
    bars = tuple(ChartBar(said, n + 1.0, tick=str(n)) for n in range(3))
    charts = (
        Chart("a", said, said, bars, (said, said), ((said, said),) * 3, upright=True, left_out=said),
        Chart("b", said, said, bars, (said,), ((said,),) * 3),
    )
    return Report(
        said,
        said,
        40,
        OutcomeReport(40, {"answered": 38, "failed": 2}, (OutcomeGroup("failed", said, 2, 0.5),), 1.25),
        (ReportBatch(said, said, said, 40, said, said, said),),
        ((said, said),),
        said,
        charts,
        (said,),
        agreement({(said, said): 3, (said, "b"): 1, ("b", "b"): 2}),
        (said, said),
        ("Outcome", said),
        (("answered", said), ("failed", said)),
    )


def test_the_page_says_what_is_in_it() -> None:
    """Title, sums that add up, kinds of problems, prompts, agreement, and which rows are listed."""
    page = "".join(html(report("Night train")))
    root = parse(page.removeprefix("<!doctype html>"))
    assert "40 requests = 38 answered + 2 failed. Cost: $1.25." in root.text
    assert "The first 2 of 40 rows, long cells cut." in root.text
    assert "agree in 83.3 % of 6 rows" in root.text
    assert [one.text for one in root.of("h2")] == [
        "Outcomes of the requests",
        "Kinds of problems",
        "Agreement",
        "Prompts",
        "Batches",
        "Rows",
    ]
    assert len(root.of("svg")) >= 2
    text = "".join(markdown(report("Night train")))
    assert "| Outcome | Night train |\n| --- | --- |\n| answered | Night train |" in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == [f"## {one.text}" for one in root.of("h2")]


@pytest.mark.slow
def test_no_text_is_more_than_text_in_the_page() -> None:
    """Each text of the corpus in every place: the elements are those of any other report, and nothing runs, loads or leads anywhere."""
    plain = [one.tag for one in parse("".join(html(report("plain"))).removeprefix("<!doctype html>"))]
    assert set(plain) <= TAGS
    for said in CORPUS:
        root = parse("".join(html(report(f"x{said}"))).removeprefix("<!doctype html>"))
        assert [one.tag for one in root] == plain, said
        names = {name for one in root for name in one.attributes}
        assert not any(name.startswith("on") or name in ("href", "src", "style", "action", "srcdoc") for name in names), said


def test_the_policy_lets_its_style_in_and_nothing_else() -> None:
    """The digest is that of the style as it stands in the page."""
    page = "".join(html(report("plain")))
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy() == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<body>")
    assert "<script" not in page
    assert "url(" not in page


@pytest.mark.slow
def test_no_text_is_markdown() -> None:
    """Every sign that could begin markup, a link, a table's cell or a list is escaped, and no text goes beyond its line."""
    for said in CORPUS:
        line = inline(said)
        assert "\n" not in line
        assert "\r" not in line
        bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", line)
        assert not set("`*_[]<>#|~&") & set(bare), said
        assert not re.search(r"(?i)https?:|www\.", bare), said
        rows = [one for one in "".join(markdown(report(f"x{said}"))).split("\n") if one.startswith("| answered")]
        assert len(rows) == 1, said
        assert len(re.findall(r"(?<!\\)\|", re.sub(r"\\\\", "", rows[0]))) == 3, said
    assert [inline(one) for one in ("- a", "1. a", "+1", "= b", "a - b")] == ["\\- a", "1\\. a", "\\+1", "\\= b", "a - b"]


def test_a_prompt_stands_between_fences_that_it_does_not_close() -> None:
    """As it was typed, line by line."""
    said = "Sort:\n```json\n{}\n```\n````` x"
    lines = fenced(said).split("\n")
    assert lines[0] == "``````text"
    assert lines[-2] == "``````"
    assert "\n".join(lines[1:-2]) == said
