"""Recipes: made of a table's prompt, read, and used on another table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command

if TYPE_CHECKING:
    from app.ui.base.state import State


def _no_prompt(state: State, _action: SaveRecipe | CopyRecipe) -> str | None:
    return None if state.prompt.template is not None else "No prompt is open."


class SaveRecipe(Action, frozen=True):
    """Hand over the open table's recipe as a file."""

    command = Command("Download recipe", hinders=_no_prompt)


class CopyRecipe(Action, frozen=True):
    """Copy a link that has it in it."""

    command = Command("Copy link", hinders=_no_prompt)


class ChooseRecipe(Action, frozen=True):
    """Read a recipe's file."""


class ChooseRecipeTable(Action, frozen=True):
    """On which table it is to be used."""


class MapRecipeColumn(Action, frozen=True):
    """Which column of that table stands for one of the recipe's."""

    column: str


def _cannot_use(state: State, _action: UseRecipe) -> str | None:
    here = state.recipe
    if here.recipe is None:
        return "There is no recipe."
    return None if here.dataset else "Choose a table first."


class UseRecipe(Action, frozen=True):
    """Make it the prompt of that table. Nothing is queued or sent."""

    command = Command("Use it on this table", hinders=_cannot_use)


RECIPES = (SaveRecipe, CopyRecipe, ChooseRecipe, ChooseRecipeTable, MapRecipeColumn, UseRecipe)
"""Their handlers come with the first of them."""
