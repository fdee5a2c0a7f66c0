"""The table of answers: what is looked for, the rows, their headers, and beside them the values of a column or one request."""

from __future__ import annotations

import re
from itertools import islice

from simple_html import a, button, div, input_, mark, p, section, small, span

from app.core.base import text
from app.core.base.ids import without_file
from app.core.results.column_titles import column_title
from app.services.results.table_jobs import ResultRow, TableWindow
from app.ui.base.help_links import help_link
from app.ui.base.markup import LABEL, NOTHING, Node, at
from app.ui.base.parts import act, command, empty, identifier, keys_of, pill, windowed
from app.ui.base.results_state import ResultsState
from app.ui.base.state import State
from app.ui.results.agreement_actions import ShowAgreement
from app.ui.results.agreement_view import agreement_card
from app.ui.results.annotate_view import KEYS, of_picked
from app.ui.results.answers_view import OUTCOMES
from app.ui.results.charts_actions import ShowCharts
from app.ui.results.chips_view import chips
from app.ui.results.columns_view import columns_card, views_card
from app.ui.results.compare_actions import CompareRows
from app.ui.results.facet_view import facet_card
from app.ui.results.follow_actions import ToggleCarryOn
from app.ui.results.following_view import carry_on_card
from app.ui.results.judge_actions import AskJudge
from app.ui.results.layout_actions import ListViews
from app.ui.results.panel_view import panel
from app.ui.results.python_actions import ShowPython
from app.ui.results.python_view import python_card, python_columns, python_notes
from app.ui.results.report_view import report
from app.ui.results.room_view import fault_note, hidden_note, lacks_note, room_header, rowless_note
from app.ui.results.selection_actions import AskRetry, HidePicked
from app.ui.results.step_cards import steps_card
from app.ui.results.summary_view import header_summary
from app.ui.results.table_actions import (
    CloseResult,
    DropPicked,
    ListColumns,
    MoveRow,
    OpenFacet,
    OpenResult,
    PickFound,
    PickResult,
    ScrollResults,
    SearchResults,
    SortResults,
    StepResult,
    TypeWords,
)
from app.ui.results.take_actions import TakeChosen

_COLUMNS_SHOWN = 24
_SHARES = {"answer": 3, "prompt": 2}
"""How much wider than another column these are, where no width was chosen."""
_MARKS = 20


def results(state: State) -> Node:
    """The room."""
    here = state.results
    side = _side(state, here)
    return [
        room_header(state, here),
        fault_note(state, here),
        lacks_note(here),
        python_notes(state, here),
        hidden_note(state),
        rowless_note(here.window) if here.window is not None else NOTHING,
        steps_card(state),
        report(here) if here.window is not None else NOTHING,
        _content(state, here, side),
    ]


def _content(state: State, here: ResultsState, side: Node) -> Node:
    if here.window is None:
        if here.fault:
            return NOTHING
        if here.doing or not here.stamp:
            return p(at("pad dim", role="status"), "Reading answers …")
        return empty(
            "No answers yet",
            "Answers from all batches appear here together, to sort, filter, search and count.",
            a(at("btn primary", href="#/batches"), "Batches"),
            help_link("results", "How results work"),
        )
    return div(
        at("results with-side" if side != NOTHING else "results"),
        div(
            at("stack tight"),
            _tools(state, here),
            columns_card(here, here.window, python_columns(state)) if here.arranging.columns_open else NOTHING,
            views_card(state, here) if here.arranging.views_open else NOTHING,
            _charts(state, here) if state.charts.open else NOTHING,
            carry_on_card(state),
            agreement_card(here),
            python_card(state, here),
            chips(here),
            of_picked(state, here) if here.picking.rows and here.at is None else NOTHING,
            _table(state, here, here.window),
        ),
        side,
    )


def _charts(state: State, here: ResultsState) -> Node:
    """What draws them is loaded when someone wants to see them."""
    from app.ui.results.charts_view import charts_card

    return charts_card(state.charts, here)


def _side(state: State, here: ResultsState) -> Node:
    if here.at is not None:
        return panel(state, here)
    return facet_card(here, column_title(here.facet.column)) if here.facet is not None else NOTHING


# --- what is looked for


def _tools(state: State, here: ResultsState) -> Node:
    window = here.window
    counted = ""
    if window is not None:
        all_ = text.count(window.total, "row")
        counted = all_ if window.found == window.total else f"{text.number(window.found)} of {all_}"
    doing: Node = NOTHING
    if here.doing == "reading" or (here.doing == "rows" and 0 < here.share < 100):
        searching = window is not None and window.searched < window.to_search
        doing = [span(at("spin", aria_hidden="true")), f" {'Searching' if searching else 'Reading answers'}: {text.percent(here.share)}"]
    return div(
        at("row wrap"),
        input_(
            at(
                "input grow words",
                id="results-words",
                type="search",
                value=here.typed,
                input=TypeWords(),
                data_key=keys_of(SearchResults()),
                placeholder="Search prompts and answers",
                aria_label="Search prompts and answers",
                autocomplete="off",
            )
        ),
        act("Columns", ListColumns(), aria_expanded=str(here.arranging.columns_open).lower()),
        act("Views", ListViews(), "quiet", aria_expanded=str(here.arranging.views_open).lower()),
        command(state, CompareRows(), "quiet") if _several(here) else NOTHING,
        command(state, TakeChosen(), "quiet"),
        command(state, AskJudge(), "quiet"),
        command(state, ShowCharts(), "quiet", aria_expanded=str(state.charts.open).lower()),
        command(state, ToggleCarryOn(), "quiet", aria_expanded=str(state.follow.choosing).lower()),
        command(state, ShowAgreement(), "quiet", aria_expanded=str(here.agreement is not None).lower()),
        command(state, ShowPython(), "quiet", aria_expanded=str(state.python.draft is not None).lower()),
        span(at("dim", role="status"), counted),
        span(at("dim"), doing),
        _picked(state, here),
    )


def _several(here: ResultsState) -> bool:
    """Whether rows may have been asked in several ways: those of a table, or requests of variants."""
    return here.scope.startswith("table/") or any(one.name == "variant" for one in (here.window.columns if here.window else ()))


def _picked(state: State, here: ResultsState) -> Node:
    if not here.picking.rows:
        return NOTHING
    chosen = f"{text.number(len(here.picking.rows))} selected"
    return span(
        at("row wrap end"),
        span(at("dim", role="status"), chosen),
        act("Clear", DropPicked(), "quiet small"),
        command(state, HidePicked(), "quiet small"),
        command(state, AskRetry(), "small primary"),
    )


# --- rows


def _table(state: State, here: ResultsState, window: TableWindow) -> Node:
    shown = here.shown[:_COLUMNS_SHOWN]
    more = len(here.shown) - len(shown)
    rows = [_row(here, window.first + n, one, len(shown)) for n, one in enumerate(window.rows)]
    return section(
        at(
            "card",
            aria_label="Answers",
            data_key=keys_of(
                MoveRow(-1), MoveRow(1), StepResult(-1), StepResult(1), *([CloseResult()] if here.at is not None else []), *KEYS
            ),
        ),
        p(at("pad dim"), f"{text.number(more)} more columns are chosen than can be shown at once.") if more > 0 else NOTHING,
        div(
            at(
                "wide" if here.layout.lines == 1 else "wide tall",
                data_var_cols=str(len(shown)),
                data_var_grid=_grid(here, shown),
                data_var_sum=_widths(here, shown),
                data_var_row=f"{here.layout.row}px" if here.layout.lines > 1 else None,
                data_var_lines=str(here.layout.lines),
            ),
            windowed(
                "results", window.found, window.first, rows, ScrollResults(), title="Answers", head=_head(here, shown), row=here.layout.row
            ),
        )
        if window.found
        else div(at("pad dim", role="status"), _nothing(here, window)),
    )


def _grid(here: ResultsState, shown: tuple[str, ...]) -> str:
    """The columns' widths for the style sheet: the chosen ones, and shares of what is left, of which texts take most."""
    return " ".join(f"{width}rem" if (width := here.layout.width(name)) else f"minmax(0,{_SHARES.get(name, 1)}fr)" for name in shown)


def _widths(here: ResultsState, shown: tuple[str, ...]) -> str | None:
    """How wide the table is at least, in rem, where widths were chosen."""
    if not any(here.layout.width(name) for name in shown):
        return None
    return f"{sum(here.layout.width(name) or 9 for name in shown)}rem"


def _nothing(here: ResultsState, window: TableWindow) -> str:
    if window.searched < window.to_search:
        return "Nothing found yet …"
    return "No rows match." if here.query.filters or here.query.words else "There are no answers yet."


def _head(here: ResultsState, shown: tuple[str, ...]) -> Node:
    return div(
        at("line line-head result-line", role="row"),
        span(
            at(role="columnheader"),
            input_(at(type="checkbox", checked=bool(here.picking.rows), change=PickFound(), aria_label="Select all rows")),
        ),
        _column(here, "outcome"),
        [_column(here, name) for name in shown],
    )


def _column(here: ResultsState, name: str) -> Node:
    """A header: its name sorts, the sign lists its values, and below stands what is in it."""
    title = column_title(name)
    by, reverse = here.query.sorted_by
    order = ("descending" if reverse else "ascending") if by == name else None
    if name == "prompt":
        return span(at("stack tight clip", role="columnheader", title=title), span(at("clip"), title), small({}, " "))
    sign = {"ascending": " ↑", "descending": " ↓"}.get(order or "", "")
    filtered = not here.query.of(name).empty
    expanded = here.facet is not None and here.facet.column == name
    return span(
        at("stack tight", role="columnheader", aria_sort=order),
        span(
            at("row"),
            button(at("cell clip", type="button", click=SortResults(name), title=f"Sort by {title}"), [title, sign]),
            button(
                at(
                    "btn icon quiet small",
                    type="button",
                    click=OpenFacet(name),
                    title=f"Values of {title}",
                    aria_label=f"Values of {title}",
                    aria_expanded=str(expanded).lower(),
                    data_on=filtered,
                ),
                "▾",
            ),
        ),
        header_summary(name, here.summaries.get(name)),
    )


def _row(here: ResultsState, place: int, row: ResultRow, columns: int) -> Node:
    one = (row.batch, row.row)
    tone, word = OUTCOMES.get(row.outcome, ("wait", row.outcome or "pending"))
    opens = OpenResult(row.batch, row.row)
    cells = [*row.cells, *[""] * (columns - len(row.cells))][:columns]
    return div(
        at(
            "line result-line",
            role="row",
            id=f"result-{place}",
            aria_rowindex=str(place + 1),
            aria_selected="true" if here.at == one or (here.active == place and here.at is None) else None,
        ),
        span(
            at(role="cell"),
            input_(
                at(
                    type="checkbox",
                    checked=one in here.picking.rows,
                    change=PickResult(*one),
                    aria_label=f"Select row {text.number(place + 1)}",
                )
            )
            if row.batch
            else NOTHING,
        ),
        span(
            at("clip", role="cell"),
            button(
                at(
                    "cell clip",
                    type="button",
                    click=opens,
                    aria_label=f"Open row {text.number(place + 1)}, {word}",
                    data_autofocus=str(here.focus) if here.active == place and here.focus and here.at is None else None,
                ),
                pill(tone, word),
            ),
        ),
        [_cell(name, cell, here, opens) for name, cell in zip(here.shown, cells, strict=False)],
    )


def _cell(name: str, cell: str, here: ResultsState, opens: OpenResult) -> Node:
    number = name in ("input_tokens", "output_tokens", "cost", "length", "attempts", "rating")
    cls = "clip num" if number else "clip tail mono" if name == "id" else "clip"
    said = without_file(cell) if name == "id" else cell
    shown: Node = marked(said, here.query.words) if here.query.words else said
    if name == "id":
        shown = identifier(shown)
    if name in ("mark", "matches", "current") and cell:
        shown = pill("good" if cell in ("good", "match", "yes") else "bad", cell)
    if name in ("answer", "prompt"):
        shown = span(at("opens", click=opens), shown)
    return span(at(cls, role="cell", title=cell or None), shown)


def marked(said: str, words: str) -> Node:
    """A text in which the words are marked, whatever their case; of a large one its beginning."""
    wanted = words[:LABEL].strip()
    if not wanted:
        return said
    found: list[Node] = []
    start = 0
    for hit in islice(re.finditer(re.escape(wanted), said[:LABEL], re.IGNORECASE), _MARKS):
        found += [said[start : hit.start()], mark({}, hit[0])]
        start = hit.end()
    return [*found, said[start:]]
