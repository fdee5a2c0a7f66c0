"""Favourites: prompts, tables and batches with a star. They come first in lists, in the list of commands and on Home."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from app.core.model.settings import Starrable
from app.ui.base.actions_base import Action
from app.ui.base.markup import Node
from app.ui.base.parts import tool
from app.ui.base.state import State

T = TypeVar("T")


class Star(Action, frozen=True):
    """Make something a favourite, or none."""

    kind: Starrable
    id: str
    on: bool


STARRING: tuple[type[Action], ...] = (Star,)


def starred(state: State, kind: Starrable, id: str) -> bool:
    """Whether it is a favourite."""
    return f"{kind}:{id}" in state.preferences.starred


def star(state: State, kind: Starrable, id: str, name: str) -> Node:
    """The button that makes something a favourite. It keeps its place in the page by its id, wherever its line goes."""
    on = starred(state, kind, id)
    return tool(
        "star", f"Favourite: {name}", Star(kind, id, not on), kind="quiet star", id=f"star-{kind}-{id}", aria_pressed=str(on).lower()
    )


def first(state: State, kind: Starrable, those: Iterable[T], id_of: Callable[[T], str]) -> list[T]:
    """The favourites among these before the others, each in the order in which they came."""
    every = list(those)
    if not state.preferences.starred:
        return every
    here = set(state.preferences.starred)
    return sorted(every, key=lambda one: f"{kind}:{id_of(one)}" not in here)
