"""What a worked example is, and how one is found by its name. Its module is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import msgspec

from app.core.model.lanes import CHAT
from app.core.model.templates import PromptContent, PromptMessage
from app.core.templates.recipes import FORMAT, Recipe, RecipeCheck

NAMES: Final = ("classify", "extract", "translate", "judge", "embed")
"""In the order in which they are offered; each is a module beside this one."""
KEY: Final = "id"
"""The column of each table that says which row is which."""
MODEL: Final = "gpt-5-mini"


class WorkedExample(msgspec.Struct, frozen=True):
    """A table as a file, and what is asked of its rows."""

    file: str
    """The file's name: by it a table is known to be this one."""
    rows: str
    """CSV with a header (RFC 4180)."""
    recipe: Recipe

    @property
    def table(self) -> str:
        """What the table is called."""
        return self.file.rpartition(".")[0]


def named(name: str) -> WorkedExample:
    """One of :data:`NAMES`. Raises LookupError for any other name."""
    if name not in NAMES:
        raise LookupError(name)
    found: WorkedExample = import_module(f"app.core.templates.worked.{name}").EXAMPLE
    return found


def chat(name: str, system: str, user: str, schema_name: str, schema: str, check: RecipeCheck | None = None) -> Recipe:
    """A recipe that asks for answers of a schema: one system message, one user message."""
    messages = (PromptMessage("m-1", "system", system), PromptMessage("m-2", "user", user))
    content = PromptContent(
        endpoint=CHAT, fields={"model": MODEL}, messages=messages, schema_on=True, schema_name=schema_name, schema_text=schema
    )
    return Recipe(FORMAT, name, content, check=check)
