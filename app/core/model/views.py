"""Views of tables of answers that a person keeps under a name."""

from __future__ import annotations

from app.core.model import stored_names
from app.core.model.records import Record


class SavedView(Record, frozen=True, kw_only=True, omit_defaults=True):
    """With which columns, widths, height of rows, order, filters, words and comparison a table of answers is seen, whichever it is."""

    stored = stored_names.SAVED_VIEW
    name: str
    address: str = ""
    """The part of an address that says so (core.results.query, core.results.layout)."""
    at: float = 0.0
    """Unix seconds."""
