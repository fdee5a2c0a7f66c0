"""Data: the tables that were brought, and one of them in full."""

from __future__ import annotations

from simple_html import a, div, h1, h2, header, input_, label, li, nav, p, section, small, span, ul
from simple_html import details as fold
from simple_html import summary as fold_title

from app.core.base import text
from app.core.model.datasets import Column, Dataset, DatasetVersion
from app.services.datasets.rows import TableRow
from app.ui.base.data_state import OpenTable
from app.ui.base.markup import NOTHING, Node, area, at, join
from app.ui.base.parts import act, command, empty, few, field, note, tool, windowed
from app.ui.base.picking import pick_start
from app.ui.base.state import PARTS, State
from app.ui.datasets.actions import (
    ChooseTable,
    DeleteTable,
    DismissFault,
    PasteRows,
    RenameTable,
    RestoreTable,
    ScrollTable,
    ShowColumns,
    TypeRows,
    UseRows,
)
from app.ui.datasets.draft_view import draft
from app.ui.datasets.gathered import ROWS, TABLES, TEXTS
from app.ui.datasets.list_view import table_list
from app.ui.datasets.selection_view import chooser, planned
from app.ui.results.take_actions import OpenTakeAway

ACCEPTED = ",".join((*TABLES, *TEXTS, *ROWS))
COLUMNS = 30
"""Columns that are drawn at a time (ui.datasets.showing)."""
CELL = 300
"""Characters of a cell that are drawn."""
_NEXT = {"": ("prompt", "Write the prompt"), "prompt": ("check", "Next: check")}
"""By step: the one after it, and the words of the way there."""
_NAME = 80
_NARROW = 14
_WIDE = 42
"""Characters: how narrow and how wide a column is drawn beside the others."""


def data(state: State) -> Node:
    """The room; a file may be dropped anywhere in it."""
    here = state.data
    into = here.open.dataset.id if here.open is not None else ""
    return div(
        at("view room", id="data", drop=ChooseTable(into), paste=ChooseTable(into), data_read="blob"),
        _content(state),
    )


def _content(state: State) -> Node:
    here = state.data
    if here.draft is not None:
        return [_fault(state), draft(state, here.draft)]
    if here.open is not None:
        return [_fault(state), _table(state, here.open)]
    paste = _paste(state, here.pasted) if here.pasted is not None else NOTHING
    if state.route.id and here.missing == state.route.id:
        return [_missing(state), _fault(state), paste]
    if state.route.id:
        coming = next((one.name for one in here.all or () if one.id == state.route.id), "")
        return [header({}, div({}, h1({}, coming or "Table"), p(at(role="status"), "Reading the table …"))), _fault(state)]
    return [
        header(
            {},
            div({}, h1({}, "Data"), p({}, "Tables, kept in this browser")),
            div(
                at("actions"),
                _picker("Import a table", ""),
                _folder("Import a folder", ""),
                pick_start(state, "table"),
                act("Paste rows", PasteRows(), aria_expanded=str(here.pasted is not None).lower()),
            ),
        ),
        _fault(state),
        paste,
        table_list(state),
    ]


def _picker(words: str, into: str, kind: str = "primary") -> Node:
    chosen = at(
        id="table-file",
        type="file",
        multiple=not into,
        accept=ACCEPTED,
        change=ChooseTable(into),
        data_read="blob",
        aria_label=words,
    )
    return label(at(f"btn {kind}".strip()), words, input_(chosen))


def _folder(words: str, into: str) -> Node:
    """Files of a folder, a row each."""
    chosen = at(
        id="table-folder",
        type="file",
        multiple=True,
        webkitdirectory=True,
        change=ChooseTable(into, folder=True),
        data_read="blob",
        aria_label=words,
    )
    return label(at("btn"), words, input_(chosen))


def _fault(state: State) -> Node:
    return note("bad", *state.data.fault, tool("close", "Dismiss", DismissFault())) if state.data.fault else NOTHING


def _missing(state: State) -> Node:
    """The address names a table that is not there, or one that was deleted and can be had back."""
    tables = a(at("btn", href="#/data"), "All tables")
    deleted = next((one for one in state.data.all or () if one.id == state.route.id), None)
    if deleted is None:
        where, way = (
            "It is not in this browser: it was deleted here, or it is in another browser.",
            "The tables in this browser are under Data.",
        )
        return [header({}, div({}, h1({}, "Table not found"), p({}, where))), empty("What you can do", way, tables)]
    return [
        header(
            {},
            div(
                {},
                h1({}, "Table deleted"),
                p({}, f"“{text.shorten(deleted.name, _NAME)}” was deleted, and is kept until it is deleted permanently."),
            ),
        ),
        empty("What you can do", "Restore the table to open it.", act("Restore", RestoreTable(deleted.id), "primary"), tables),
    ]


def _paste(state: State, pasted: str) -> Node:
    return section(
        at("card"),
        header({}, h2({}, "Paste rows")),
        div(
            at("pad stack"),
            field(
                "pasted-rows",
                "Rows",
                lambda **tied: area(at("input mono", id="pasted-rows", rows="8", input=TypeRows(), spellcheck="false", **tied), pasted),
                hint="Copied from a spreadsheet, or CSV or JSON as text. The first row holds the column names.",
            ),
            div(at("row wrap"), command(state, UseRows(), "primary"), act("Cancel", PasteRows(), "quiet")),
        ),
    )


# --- one table


def _table(state: State, opened: OpenTable) -> Node:
    dataset = opened.dataset
    current = dataset.current or DatasetVersion(0, 0.0)
    return [
        header(
            {},
            div(
                {},
                h1(at("visually-hidden"), dataset.name),
                _name(dataset),
                p({}, join([text.count(current.rows, "row"), text.count(len(current.columns), "column"), _versions(dataset, current)])),
            ),
            div(
                at("actions"),
                a(at("btn", href=f"#/results/table/{dataset.id}"), "Results") if opened.queued else NOTHING,
                command(state, OpenTakeAway(dataset=dataset.id)) if opened.queued else NOTHING,
                _folder("Import the newer folder", dataset.id)
                if current.dialect.format == "files"
                else _picker("Import a newer file", dataset.id, ""),
                act("Delete", DeleteTable(dataset.id), "quiet danger"),
                _next(state.route.part, dataset),
            ),
        ),
        _tabs(state, dataset),
        _tab(state, opened, current),
    ]


def _tabs(state: State, dataset: Dataset) -> Node:
    """The steps from a table to its requests."""
    here = state.route.part
    return nav(
        at("tabs", aria_label="Steps"),
        [
            a(at(href=f"#/data/{dataset.id}{f'/{part}' if part else ''}", aria_current="page" if part == here else None), words)
            for part, words in PARTS.items()
        ],
    )


def _tab(state: State, opened: OpenTable, current: DatasetVersion) -> Node:
    match state.route.part:
        case "prompt":
            from app.ui.templates.view import prompt
            from app.ui.tries.view import tries

            return [prompt(state), tries(state)]
        case "check":
            from app.ui.plan.view import plan

            return [planned(opened.dataset), plan(state)]
        case "":
            return [
                _skipped(opened, current),
                planned(opened.dataset, show=True),
                chooser(state, opened, current),
                note("bad", "These rows can't be shown.", opened.lost) if opened.lost else _rows(opened, current),
            ]


def _name(dataset: Dataset) -> Node:
    """The table's name, to be changed where it is."""
    return input_(
        at(
            "title",
            id="table-name",
            value=dataset.name,
            change=RenameTable(dataset.id),
            aria_label="Table name",
            autocomplete="off",
            maxlength="200",
        )
    )


def _next(part: str, dataset: Dataset) -> Node:
    """The way to the step after this one."""
    if part not in _NEXT:
        return NOTHING
    step, words = _NEXT[part]
    return a(at("btn primary", href=f"#/data/{dataset.id}/{step}"), words)


def _versions(dataset: Dataset, current: DatasetVersion) -> str:
    if current.number < 2:
        return current.origin or (f"from {current.file}" if current.file else "pasted")
    how = f"by {dataset.key}" if dataset.key else "by whole rows"
    changed = f"{text.number(current.added)} new, {text.number(current.changed)} changed, {text.number(current.removed)} removed"
    return f"version {current.number}: {changed} ({how})"


def _skipped(opened: OpenTable, current: DatasetVersion) -> Node:
    """Rows of the file that were not taken."""
    if not current.faults:
        return NOTHING
    more = current.faults - len(opened.faults)
    return note(
        "",
        f"{text.count(current.faults, 'row')} of the file {'was' if current.faults == 1 else 'were'} skipped.",
        fold(
            {},
            fold_title({}, "Show them"),
            ul(
                {},
                few(
                    opened.faults,
                    lambda _n, one: li(
                        {}, f"Row {text.number(one.row)}: {one.sentence}", span(at("dim mono"), f" {one.text}") if one.text else NOTHING
                    ),
                    "skipped rows",
                ),
            ),
            p(at("dim"), f"{text.number(more)} more are not kept.") if more > 0 and opened.faults else NOTHING,
        ),
    )


def _rows(opened: OpenTable, current: DatasetVersion) -> Node:
    columns = current.columns[opened.column : opened.column + COLUMNS]
    total = len(opened.chosen.positions) if opened.chosen is not None else current.rows
    if opened.chosen is not None and not total:
        return p(at("pad dim", role="status"), "No row matches.")
    head = div(
        at("line line-head table-line", role="row"),
        span(at(role="columnheader"), "Row"),
        [_head(one, current.rows) for one in columns],
    )
    return section(
        at("card", aria_label="Rows"),
        _sideways(opened, current) if len(current.columns) > COLUMNS else NOTHING,
        div(
            at("wide", data_var_cols=str(len(columns)), data_var_grid=" ".join(f"minmax(0,{_share(one)}fr)" for one in columns)),
            windowed(
                "table",
                total,
                opened.first,
                [_row(opened.first + n, one, len(columns)) for n, one in enumerate(opened.rows)],
                ScrollTable(),
                title=f"Rows of {opened.dataset.name}",
                head=head,
            ),
        ),
    )


def _sideways(opened: OpenTable, current: DatasetVersion) -> Node:
    last = min(opened.column + COLUMNS, len(current.columns))
    return div(
        at("pad row wrap"),
        span(
            at("dim", role="status"),
            f"Columns {text.number(opened.column + 1)} to {text.number(last)} of {text.number(len(current.columns))}",
        ),
        act("Previous", ShowColumns(max(0, opened.column - COLUMNS)), "small", disabled=opened.column == 0),
        act("Next", ShowColumns(opened.column + COLUMNS), "small", disabled=last >= len(current.columns)),
    )


def _head(column: Column, rows: int) -> Node:
    return span(
        at("stack tight clip", role="columnheader", title=column.name),
        span(at("clip"), column.name),
        small(at("dim clip"), statistics(column, rows)),
    )


def _share(column: Column) -> int:
    """How wide a column is beside the others: as its longest cell, so that the head stays readable and there is room for the rest."""
    return min(max(column.longest, len(column.name), _NARROW), _WIDE)


def statistics(column: Column, rows: int) -> str:
    """What is in a column, in a few words."""
    if column.kind == "empty":
        return "empty"
    share = 100 * column.empty / rows if rows else 0.0
    found: list[str] = [column.kind]
    if column.empty:
        found.append(f"{text.percent(share)} empty" if share >= 1 else f"< {text.percent(1)} empty")
    found.append(f"{text.number(column.distinct)}{'+' if column.more else ''} distinct")
    found.append(f"longest {text.number(column.longest)}")
    return " · ".join(found)


def _row(n: int, row: TableRow, columns: int) -> Node:
    cells = [*row.cells, *[""] * (columns - len(row.cells))]
    return div(
        at("line table-line", role="row", id=f"table-row-{row.position}", aria_rowindex=str(n + 1)),
        span(at("dim mono", role="cell"), text.number(row.number)),
        [_cell(cell) for cell in cells[:columns]],
    )


def _cell(cell: str) -> Node:
    """Hundreds of them are drawn: none with more than can be seen, and a bit more under the pointer."""
    shown = text.shorten(cell, CELL)
    return span(at("clip", role="cell", title=shown or None), shown)
