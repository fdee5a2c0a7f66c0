"""What is shown of a recipe that came as a link or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from app.core.templates.recipes import Recipe


class RecipeState(msgspec.Struct):
    """A recipe that a person reads before it is used."""

    source: str = ""
    """What it was read of: the link's text, or the file's name."""
    recipe: Recipe | None = None
    """None: there is none, or it could not be read."""
    fault: str = ""
    """Why it could not be read: sentences."""
    dataset: str = ""
    """Id of the table that it is to be used on."""
    columns: dict[str, str] = {}
    """By a column of the recipe the one of that table; "": none."""
