"""Addresses of tables of answers: whose answers, what of them, and which request is open beside the table.

``#/results`` has everything, ``#/results/batch/<id>`` one batch, ``#/results/batches/<id>.<id>`` some, ``#/results/table/<id>`` what was
asked for the rows of a table. Behind it ``/at/<batch>/<row>`` names the open request, and ``?…`` is the query (core.results.query).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base.text import whole_number
from app.core.results import layout
from app.core.results.layout import TableLayout
from app.core.results.query import TableQuery, address, parsed

if TYPE_CHECKING:
    from app.ui.base.results_state import ResultsState

_MOST_ROWS = 10**9


def of_batch(id: str) -> str:
    """Of one batch's answers."""
    return f"#/results/batch/{id}"


def of_table(id: str) -> str:
    """Of the answers to a table's rows."""
    return f"#/results/table/{id}"


def of_batches(ids: tuple[str, ...]) -> str:
    """Of several batches' answers."""
    return f"#/results/batches/{'.'.join(ids)}"


def of(
    here: ResultsState,
    query: TableQuery,
    columns: tuple[str, ...],
    at: tuple[str, int] | None = None,
    laid: TableLayout | None = None,
) -> str:
    """Of the table that is open, with another query, columns or layout (None: as it is), and with a request open beside it."""
    path = f"#/results/{here.scope}" if here.scope else "#/results"
    opened = f"/at/{at[0]}/{at[1]}" if at is not None else ""
    behind = "&".join(filter(None, (address(query, columns), layout.address(here.layout if laid is None else laid))))
    return f"{path}{opened}{'?' + behind if behind else ''}"


def read(id: str, query: str) -> tuple[str, tuple[str, int] | None, TableQuery, tuple[str, ...]]:
    """The scope, the open request, the query and the columns that an address names (``Route.id``, ``Route.query``)."""
    before, _, at = f"/{id}".partition("/at/")
    batch, _, row = at.partition("/")
    number = whole_number(row, 0, _MOST_ROWS)
    return before.strip("/"), (batch, number) if batch and number is not None else None, *parsed(query)


def laid_out(query: str) -> TableLayout:
    """The layout that an address names (``Route.query``)."""
    return layout.parsed(query)


def named(scope: str) -> tuple[str, tuple[str, ...]]:
    """What a scope is of: ``all``, ``batches`` or ``table``, and the ids."""
    kind, _, ids = scope.partition("/")
    if kind in ("batch", "batches") and ids:
        return "batches", tuple(one for one in ids.split(".") if one)
    return ("table", (ids,)) if kind == "table" and ids else ("all", ())
