"""What a table's answers are compared with, and how far two columns agree: the figures, label by label, and label against label."""

from __future__ import annotations

from simple_html import button, caption, div, h2, header, input_, p, section, span, strong, table, tbody, td, th, thead, tr

from app.core.base import text
from app.core.results.agreement import Agreement, LabelFigures, label_titles
from app.core.results.column_titles import column_title
from app.core.results.told_apart import value_label
from app.services.results.agreement_job import AgreementFound
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import checkbox, chosen, field, tool
from app.ui.base.results_state import AgreementState, ResultsState
from app.ui.results import addresses
from app.ui.results.agreement_actions import ChooseExpected, ChooseSides, FoldLabels, ShowAgreement, ShowPair

_HOW = [
    ("normalised", "ignoring case and punctuation around"),
    ("exact", "exactly"),
    ("number", "as numbers"),
    ("json", "as JSON"),
]
_NEVER = frozenset({"id", "prompt", "input_tokens", "output_tokens", "cost", "length", "attempts", "note", "correction"})
_LABEL = 24
"""Characters of a label in the head of the matrix."""
_MATRIX = 12
"""Labels up to which the matrix stands open."""


def agreement_card(here: ResultsState) -> Node:
    """The card above the table; nothing while it is closed."""
    one = here.agreement
    if one is None:
        return NOTHING
    return section(
        at("card", aria_label="Expected and agreement"),
        header({}, h2({}, "Expected and agreement"), span(at("row end"), tool("close", "Close", ShowAgreement()))),
        div(at("pad stack"), _expected(here), _sides(here, one), _found(one)),
    )


# --- what is expected


def _expected(here: ResultsState) -> Node:
    if addresses.named(here.scope)[0] != "table" or here.window is None:
        return p(at("dim"), "Open the answers of a table to compare them with one of its columns.")
    names = [column.name for column in here.window.columns]
    cells = [(name.removeprefix("cell:"), column_title(name)) for name in names if name.startswith("cell:")]
    fields = [(name.removeprefix("field:"), column_title(name)) for name in names if name.startswith("field:")]
    now = here.expectation
    return div(
        at("strip-fields"),
        field(
            "expected-column",
            "Expected",
            chosen("expected-column", now.column if now else "", [("", "none"), *cells], ChooseExpected("column")),
        ),
        [
            field("expected-how", "Compared", chosen("expected-how", now.how, _HOW, ChooseExpected("how"))),
            field(
                "expected-field",
                "Part of the answer",
                chosen("expected-field", now.field, [("", "All of it"), *fields], ChooseExpected("field")),
            ),
            field(
                "expected-tolerance",
                "Tolerance",
                lambda **tied: input_(
                    at(
                        id="expected-tolerance",
                        value=f"{now.tolerance:g}",
                        change=ChooseExpected("tolerance"),
                        inputmode="decimal",
                        autocomplete="off",
                        **tied,
                    )
                ),
            )
            if now.how == "number"
            else NOTHING,
        ]
        if now is not None
        else NOTHING,
    )


# --- which columns


def _sides(here: ResultsState, one: AgreementState) -> Node:
    names = [column.name for column in here.window.columns] if here.window is not None else []
    options = [("", "choose …"), *((name, _side(name)) for name in names if name not in _NEVER)]
    ways = here.window.ways if here.window is not None else ()
    listed = [("", "the same answer"), *((str(n), way) for n, way in enumerate(ways))]
    first, second = one.ways or ("", "")
    return div(
        at("strip-fields"),
        field("agree-one", "Reference", chosen("agree-one", one.one, options, ChooseSides("one"))),
        field("agree-other", "Compared with it", chosen("agree-other", one.other, options, ChooseSides("other"))),
        [
            field("agree-first", "Reference from", chosen("agree-first", str(first), listed, ChooseSides("first"))),
            field("agree-second", "Compared from", chosen("agree-second", str(second), listed, ChooseSides("second"))),
        ]
        if len(ways) > 1
        else NOTHING,
        checkbox("Ignore case and punctuation around labels", one.folded, FoldLabels()),
    )


def _side(name: str) -> str:
    """A column with where it is from: a field of answers may have the name of a column of the table."""
    kind = {"cell": "table", "field": "answer"}.get(name.partition(":")[0], "")
    return f"{kind}: {column_title(name)}" if kind else column_title(name)


# --- what was found


def _found(one: AgreementState) -> Node:
    if not one.one or not one.other:
        return p(at("dim"), "Choose two columns that label the same rows: expected and answered, your marks and a judge's.")
    if one.found is None:
        return p(at("dim", role="status"), "Counting …")
    found = one.found.agreement
    if not found.n:
        return p({}, "No row has a label in both.")
    return [
        _words(found),
        _matrix(one, one.found) if len(found.labels) > 1 else NOTHING,
        _labels(found) if len(found.labels) > 1 else NOTHING,
    ]


def _words(found: Agreement) -> Node:
    """In one sentence, each figure with its n."""
    alone = [
        f"in {text.count(found.only_one, 'row')} only the reference has a label" if found.only_one else "",
        f"in {text.number(found.only_other)} only the other" if found.only_other else "",
    ]
    left = "; ".join(one for one in alone if one)
    return p(
        at(role="status"),
        ["They agree in ", strong({}, _percent(found.accuracy)), f" of {text.count(found.n, 'row')}. "],
        ["Cohen's κ is ", strong({}, _kappa(found.kappa)), f" (n = {text.number(found.n)})"],
        f", with quadratic weights {_kappa(found.weighted)}" if found.weighted is not None else "",
        f". Not counted: {left}." if left else ".",
    )


def _kappa(value: float | None) -> str:
    return "undefined, since both use only one label" if value is None else text.decimal(value, 3)


def _percent(share: float) -> str:
    return text.percent(100 * share, 1)


def _matrix(chosen: AgreementState, found: AgreementFound) -> Node:
    """Rows: what is right; columns: what is compared with it. A figure lets its rows through."""
    one = found.agreement
    titles = label_titles(one)
    heads: list[Node] = [th(at("num", scope="col", title=title), text.shorten(title, _LABEL)) for title in titles]

    def cell(row: int, column: int, count: int) -> Node:
        words = f"{titles[row]} for {titles[column]}: {text.number(count)}"
        cls = "num same" if row == column < one.named else "num"
        label, other = one.labels[row], one.labels[column]
        whole = max(row, column) < one.named and found.ones.get(label) and found.others.get(other)
        if not count or chosen.ways is not None or not whole:
            return td(at(cls), text.number(count) if count else "·")
        return td(
            at(cls),
            button(at("btn link", type="button", click=ShowPair(label, other), title=f"Only these: {words}"), text.number(count)),
        )

    rows: list[Node] = [
        tr(
            {},
            th(at("clip", scope="row", title=title), text.shorten(title, _LABEL)),
            [cell(row, column, n) for column, n in enumerate(counts)],
        )
        for row, (title, counts) in enumerate(zip(titles, one.counts, strict=True))
    ]
    return div(
        at("wide"),
        table(
            at("table matrix"),
            caption({}, "Confusion matrix: reference (rows), compared (columns)"),
            thead({}, tr({}, td({}, ""), heads)),
            tbody({}, rows),
        ),
    )


def _labels(found: Agreement) -> Node:
    rows = [_figures(value_label(one.label), one) for one in found.figures]
    if found.macro is not None and found.average is not None:
        rows += [_figures("Macro average", found.macro), _figures("Weighted average", found.average)]
    more = p(at("dim"), f"{text.number(found.more)} rarer labels are counted but not listed.") if found.more else NOTHING
    heads = ("Precision", "Recall", "F1", "Support", "Predicted")
    return [
        div(
            at("wide"),
            table(
                at("table"),
                thead({}, tr({}, th(at(scope="col"), "Label"), [th(at("num", scope="col"), head) for head in heads])),
                tbody({}, rows),
            ),
        ),
        more,
    ]


def _figures(name: str, one: LabelFigures) -> Node:
    cells = [
        text.decimal(one.precision, 3),
        text.decimal(one.recall, 3),
        text.decimal(one.f1, 3),
        text.number(one.support),
        text.number(one.said),
    ]
    return tr({}, th(at("clip", scope="row", title=name), text.shorten(name, 60)), [td(at("num"), cell) for cell in cells])
