"""What is remembered of exports and imports of the whole workspace (services.workspace)."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record


class Hold(Record, frozen=True, kw_only=True, omit_defaults=True):
    """While ``until`` lies ahead no tab's engine works: a whole workspace is being put in place of another. One record, id ``engine``."""

    stored = stored_names.HOLD
    until: float


class Import(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An import that can be undone, or that did not come to its end (``done`` is false): id ``last``. ``files`` begins the ids of the byte
    runs that belong to it; ``keys`` are the profiles that got their key from the file.

    Under the id ``told`` stands what the page says once, in ``said``, after the reload that follows.
    """

    stored = stored_names.IMPORT
    at: float = 0.0
    mode: Literal["merge", "replace"] = "merge"
    name: str = ""
    files: str = ""
    done: bool = False
    keys: tuple[str, ...] = ()
    said: str = ""


class Marks(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The exports that this workspace made and took in, by id, with their times. One record, id ``workspace``."""

    stored = stored_names.MARKS
    exports: dict[str, float] = msgspec.field(default_factory=dict)
    imports: dict[str, float] = msgspec.field(default_factory=dict)
