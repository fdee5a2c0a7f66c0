"""What the list of commands finds beside commands: everything that has a name, and the searches of answers.

What it costs does not depend on what is stored: of each kind the newest are looked through, by their names alone. Answers are not read
here; the search of them is gone to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from app.core.base import text
from app.core.model.batches import Batch
from app.core.model.datasets import Dataset
from app.core.model.threads import Thread
from app.core.model.views import SavedView
from app.core.results.query import ColumnFilter, TableQuery, address
from app.core.threads import editing
from app.ui.base.actions_base import Action
from app.ui.base.parts import batch_title
from app.ui.base.stars import first
from app.ui.base.state import State

LOOKED_THROUGH: Final = 2_000
"""Of each kind, newest first."""
LISTED: Final = 6
"""Of each kind."""
_NAME: Final = 80
_ID: Final = re.compile(r"(?=\S*\d)[\w.:-]{6,200}")
T = TypeVar("T")


class Named(NamedTuple):
    """Something that has a name, and where it is, or what is done."""

    kind: str
    name: str
    address: str = ""
    action: Action | None = None


def named(state: State, typed: str, tables: Iterable[Dataset], views: Iterable[SavedView]) -> tuple[Named, ...]:
    """What has all the words that were typed in its name; of batches also by their ids and tags. Nothing before a word is typed."""
    words = text.words(typed)
    if not words:
        return ()
    batches = first(state, "batch", sorted(state.batches.all, key=lambda one: -one.created), lambda one: one.id)
    kept = first(state, "prompt", (one for one in state.threads.all if not one.deleted), lambda one: one.id)
    there = first(state, "table", (one for one in tables if not one.deleted), lambda one: one.id)
    return (
        *_found("Prompt", kept, words, editing.title, _of_thread),
        *_found("Table", there, words, lambda one: one.name, lambda one: f"#/data/{one.id}"),
        *_found("Batch", batches, words, lambda one: batch_title(one, state.zone), lambda one: f"#/batches/{one.id}", _ids),
        *_found("View of answers", views, words, lambda one: one.name, lambda one: f"#/results?{one.address}"),
        *(_searches(typed.strip()) if batches else ()),
    )


def _of_thread(one: Thread) -> str:
    return f"#/compose/{one.id}"


def _ids(one: Batch) -> str:
    return " ".join((one.id, one.remote.id if one.remote is not None else "", *one.tags))


def _found(
    kind: str,
    those: Iterable[T],
    words: list[str],
    name_of: Callable[[T], str],
    address_of: Callable[[T], str],
    more_of: Callable[[T], str] = lambda _one: "",
) -> Iterator[Named]:
    def fits(one: T) -> bool:
        known = f"{name_of(one)} {more_of(one)}".casefold()
        return all(word in known for word in words)

    for one in islice(filter(fits, islice(those, LOOKED_THROUGH)), LISTED):
        yield Named(kind, text.shorten(name_of(one), _NAME), address_of(one))


def _searches(typed: str) -> Iterator[Named]:
    said = text.shorten(typed, _NAME)
    if _ID.fullmatch(typed):
        query = TableQuery(filters=(ColumnFilter("id", (typed,)),))
        yield Named("Request", f"Find the request with the id {said}", f"#/results?{address(query)}")
    yield Named("Search", f"Search prompts and answers for “{said}”", f"#/results?{address(TableQuery(typed[:_SEARCHED]))}")


_SEARCHED: Final = 500
"""Characters that answers are searched for."""
