"""To another address of the table of answers. What an address cannot say whole is not gone to, and the person is told why: nothing of what
is asked for is left out in silence."""

from __future__ import annotations

from app.core.results.layout import TableLayout
from app.core.results.query import MOST_ADDRESS, MOST_COLUMNS, MOST_FILTERS, TableQuery
from app.ui.base.context import Context
from app.ui.results import addresses

MANY_FILTERS = f"There are {MOST_FILTERS} filters, which is the maximum. Remove one first."
MANY_COLUMNS = f"There are {MOST_COLUMNS} columns, which is the maximum. Remove one first."
TOO_LONG = "These filters are too long for the page's address, which holds them. Remove a value or a filter first."


def go(context: Context, query: TableQuery, columns: tuple[str, ...], at: tuple[str, int] | None, laid: TableLayout | None = None) -> bool:
    """Go there; ``laid`` of None: laid out as it is. False where it is more than an address can say."""
    address = addresses.of(context.state.results, query, columns, at, laid)
    if len(query.filters) > MOST_FILTERS:
        why = MANY_FILTERS
    elif len(columns) > MOST_COLUMNS:
        why = MANY_COLUMNS
    elif len(address) > MOST_ADDRESS:
        why = TOO_LONG
    else:
        context.screen.go_to(address)
        return True
    context.toast(why)
    return False
