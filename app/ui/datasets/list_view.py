"""The tables that were brought, as a list, and those that were deleted."""

from __future__ import annotations

from simple_html import a, div, h2, header, p, section, small, span

from app.core.base import text
from app.core.model.datasets import Dataset, DatasetVersion
from app.ui.base.actions import AskEnd
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, command, empty, few, tool
from app.ui.base.picking import pick_bar, pick_box
from app.ui.base.stars import first, star
from app.ui.base.state import State
from app.ui.base.times import ago
from app.ui.base.worked_view import examples
from app.ui.datasets import requests_view
from app.ui.datasets.actions import DeleteTable, RestoreTable, UseSample


def table_list(state: State) -> Node:
    """The tables; where there is none, how one comes here."""
    if state.data.all is None:
        return p(at("pad dim", role="status"), "Reading tables …")
    kept = first(state, "table", (one for one in state.data.all if not one.deleted), lambda one: one.id)
    binned = [one for one in state.data.all if one.deleted]
    if not kept and state.data.pasted is None and not state.data.files:
        shown: Node = [
            empty(
                "No tables yet",
                "Import a CSV, Excel, ODS, JSON or Parquet file, or a folder of texts, pictures or PDFs, drop it here, or paste rows. "
                "It stays in this browser; nothing is sent.",
                command(state, UseSample()),
            ),
            section(
                at("card pad stack", aria_label="Examples"),
                p({}, "Or open an example: a small table with its prompt, ready to run."),
                examples(state),
            ),
        ]
    elif kept:
        shown = [
            pick_bar(state, "table", [one.id for one in kept]),
            section(at("card", aria_label="Tables"), few(kept, lambda _n, one: _line(state, one), "tables")),
        ]
    else:
        shown = NOTHING
    return [shown, requests_view.files(state) if state.data.files else NOTHING, _bin(binned) if binned else NOTHING]


def _line(state: State, dataset: Dataset) -> Node:
    current = dataset.current or DatasetVersion(0, 0.0)
    facts = join(
        [
            text.count(current.rows, "row"),
            text.count(len(current.columns), "column"),
            text.size(current.stored),
            ago(state, dataset.updated),
            f"{text.count(current.faults, 'row')} skipped" if current.faults else NOTHING,
        ]
    )
    return div(
        at("thread-line"),
        div(
            at("grow starred"),
            pick_box(state, "table", dataset.id, dataset.name),
            span({}, a(at(href=f"#/data/{dataset.id}"), dataset.name), div({}, small({}, facts))),
        ),
        span({}),
        div(
            at("row"),
            star(state, "table", dataset.id, dataset.name),
            tool("close", f"Delete {dataset.name}", DeleteTable(dataset.id)),
        ),
    )


def _bin(binned: list[Dataset]) -> Node:
    return section(
        at("card"),
        header({}, h2({}, "Deleted"), act("Delete permanently …", AskEnd("tables"), "quiet danger end")),
        few(
            binned,
            lambda _n, one: div(
                at("thread-line"),
                span(at("clip dim", title=one.name), one.name),
                span({}),
                act("Restore", RestoreTable(one.id), "small", aria_label=f"Restore {one.name}"),
            ),
            "deleted tables",
        ),
    )
